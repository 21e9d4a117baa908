"""A batch of messages: each is worked on its own, and only the failed ones come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.commands import WakeUp
from chalicelib.runtime.batch import each, run_each, run_together, wake_up
from tests.runtime.steps import House, Inside, Scripted


class Event:
    """An SQS event as Chalice hands it over."""

    def __init__(self, *bodies: Any) -> None:
        self.bodies = bodies

    def to_dict(self) -> dict[str, Any]:
        """Return what Lambda was called with."""
        return {
            "Records": [
                {
                    "messageId": f"m{number}",
                    "body": body if isinstance(body, str) else json.dumps(body),
                    "eventSource": "aws:sqs",
                }
                for number, body in enumerate(self.bodies)
            ]
        }


def failed(answer: Any) -> list[str]:
    """Return the messages that come back."""
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_only_the_messages_that_failed_come_back() -> None:
    """One order in trouble does not repeat the work of the others."""
    seen = []

    def handle(body: dict[str, Any]) -> None:
        seen.append(body["order_id"])
        if body["order_id"] == "o2":
            raise ValueError("trouble")

    event = Event(*({"merchant_id": "demo", "order_id": f"o{n}"} for n in (1, 2, 3)))
    assert failed(each(event, "stock", handle)) == ["m1"]
    assert seen == ["o1", "o2", "o3"]


def test_a_batch_that_fails_as_a_whole_is_reported_message_by_message() -> None:
    """No exception escapes: each message has its own count of tries."""

    def handle(body: dict[str, Any]) -> None:
        raise ValueError("trouble")

    assert failed(each(Event({"a": 1}, {"a": 2}), "stock", handle)) == ["m0", "m1"]


@pytest.mark.parametrize("body", ["not json", "[]", "null", '{"unknown": 1}', '{"step": "stock"}'])
def test_a_message_that_says_nothing_we_know_comes_back_alone(body: str) -> None:
    """It ends with the dead letters; its neighbours are worked on."""
    house = House(Scripted((Inside(name="a"),)))
    good = {"step": "test", "merchant_id": "demo", "order_id": "o1"}
    assert failed(run_each(Event(body, good), house.step)) == ["m0"]
    assert house.script.tried == ["a"]


def test_the_same_order_twice_in_a_batch_is_worked_on_once() -> None:
    """The second message finds nothing left to do."""
    house = House(Scripted((Inside(name="a"),)))
    wake = {"step": "test", "merchant_id": "demo", "order_id": "o1"}
    assert failed(run_each(Event(wake, wake), house.step)) == []
    assert house.script.tried == ["a"]


def test_a_wake_up_is_read_as_it_was_sent() -> None:
    """Whatever JSON made of its names."""
    body = {"step": "stock", "merchant_id": "demo", "order_id": "o1"}
    assert wake_up(body) == WakeUp(step="stock", merchant_id="demo", order_id="o1")


def test_a_batch_is_handed_over_whole_and_each_order_once() -> None:
    """All messages of an order that must come back come back, and only those."""
    bodies = [{"step": "test", "merchant_id": "demo", "order_id": f"o{n}"} for n in (1, 2, 1, 3)]
    seen: list[WakeUp] = []

    def handle(wakes: list[WakeUp]) -> list[WakeUp]:
        seen.extend(wakes)
        return wakes[:1]

    assert failed(run_together(Event(*bodies), handle)) == ["m0", "m2"]
    assert [wake.order_id for wake in seen] == ["o1", "o2", "o3"]


@pytest.mark.parametrize("body", ["not json", "[]", "null", '{"unknown": 1}', '{"step": "stock"}'])
def test_a_message_that_cannot_be_read_is_left_out_of_the_batch(body: str) -> None:
    """It comes back alone, and in the end lies with the dead letters."""
    seen: list[WakeUp] = []

    def handle(wakes: list[WakeUp]) -> list[WakeUp]:
        seen.extend(wakes)
        return []

    good = {"step": "test", "merchant_id": "demo", "order_id": "o1"}
    assert failed(run_together(Event(body, good), handle)) == ["m0"]
    assert [wake.order_id for wake in seen] == ["o1"]


def test_jobs_among_the_orders_of_a_batch_are_worked_at() -> None:
    """After the orders; only those that raise come back."""
    done: list[str] = []

    def work(body: dict[str, object]) -> None:
        if body["job_id"] == "j2":
            raise ValueError
        done.append(str(body["job_id"]))

    jobs = [json.dumps({"step": "s", "merchant_id": "m", "job_id": f"j{n}"}) for n in (1, 2)]
    wake = json.dumps({"step": "s", "merchant_id": "m", "order_id": "o1"})
    seen: list[str] = []

    def handle(wakes: list[WakeUp]) -> list[WakeUp]:
        seen.extend(one.order_id for one in wakes)
        return []

    assert failed(run_together(Event(*jobs, wake), handle, work)) == ["m1"]
    assert (seen, done) == (["o1"], ["j1"])
