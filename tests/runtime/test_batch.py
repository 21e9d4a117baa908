"""A batch of messages: each is worked on its own, and only the failed ones come back."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.runtime import putting_off
from chalicelib.runtime.batch import each, order_in, run_each, run_together, wake_up
from chalicelib.runtime.putting_off import wait_of
from chalicelib.store.hints import hint_of
from tests.runtime.steps import House, Inside, Scripted


class Event:
    """An SQS event as Chalice hands it over."""

    def __init__(self, *bodies: Any, tries: int = 1, age: float = 0.0) -> None:
        self.bodies, self.tries, self.age = bodies, tries, age

    def to_dict(self) -> dict[str, Any]:
        """Return what Lambda was called with."""
        return {
            "Records": [
                {
                    "messageId": f"m{number}",
                    "body": body if isinstance(body, str) else json.dumps(body),
                    "eventSource": "aws:sqs",
                    "receiptHandle": f"r{number}",
                    "attributes": {
                        "ApproximateReceiveCount": str(self.tries),
                        "SentTimestamp": str(int((time.time() - self.age) * 1000)),
                    },
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


class Hiding:
    """SQS, as far as it hides messages; it may refuse to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.hidden, self.error = list[tuple[str, str, int]](), error

    def change_message_visibility(self, **wanted: Any) -> None:
        """Hide a message of a queue for some seconds."""
        if self.error:
            raise self.error
        url, handle, wait = (
            wanted[x] for x in ("QueueUrl", "ReceiptHandle", "VisibilityTimeout")
        )  # fmt: skip
        self.hidden.append((url, handle, wait))


def raising(error: Exception) -> Any:
    """Return work that fails for the second message only."""

    def handle(body: dict[str, Any]) -> None:
        if body["order_id"] == "o2":
            raise error

    return handle


TWO = ({"merchant_id": "demo", "order_id": "o1"}, {"merchant_id": "demo", "order_id": "o2"})


@pytest.mark.parametrize(("tries", "wait"), [(1, 1800), (3, 1800), (4, 3600)])
def test_who_wants_to_be_asked_later_is_asked_later(
    monkeypatch: pytest.MonkeyPatch, tries: int, wait: int
) -> None:
    """The message still counts as failed, or it would be forgotten; the others are not put off."""
    sqs = Hiding()
    monkeypatch.setattr(putting_off, "_client", lambda: sqs)
    monkeypatch.setenv("PAYMENT_QUEUE", "https://sqs/payment")
    busy = Retryable("outside_down", "too many", after=1800.0)
    assert failed(each(Event(*TWO, tries=tries), "payment", raising(busy))) == ["m1"]
    assert sqs.hidden == [("https://sqs/payment", "r1", wait)]


@pytest.mark.parametrize("error", [Retryable("x", "x"), Conflict("x", "x"), ValueError("x")])
def test_what_names_no_time_comes_back_as_its_queue_says(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Nothing is put off."""
    sqs = Hiding()
    monkeypatch.setattr(putting_off, "_client", lambda: sqs)
    assert failed(each(Event(*TWO), "payment", raising(error))) == ["m1"]
    assert sqs.hidden == []


def test_a_message_that_cannot_be_put_off_comes_back_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first error is the one that counts."""
    away = ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibility")
    monkeypatch.setattr(putting_off, "_client", lambda: Hiding(away))
    monkeypatch.setenv("PAYMENT_QUEUE", "https://sqs/payment")
    busy = Retryable("outside_down", "too many", after=0.0)
    assert failed(each(Event(*TWO), "payment", raising(busy))) == ["m1"]


def test_five_tries_at_somebody_busy_take_longer_than_an_hour() -> None:
    """Thirty with the longest waits end before the queue forgets the message after four days."""
    assert sum(wait_of(0.0, tries) for tries in range(1, 5)) > 60 * 60
    assert wait_of(86400.0, 1) <= 12 * 60 * 60
    assert sum(wait_of(86400.0, tries) for tries in range(1, 31)) < 4 * 24 * 60 * 60


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


def hinting(house: House, **more: Any) -> dict[str, Any]:
    """Return a message that hints at the order as it is now."""
    hint = hint_of(house.order)
    house.fuse.touches.clear()
    return {"step": "test", "merchant_id": "demo", "order_id": "o1", "hint": hint, **more}


def test_a_fresh_hint_spares_the_first_read() -> None:
    """The order is worked on as it came with the message."""
    house = House(Scripted((Inside(name="a"),)))
    assert failed(run_each(Event(hinting(house)), house.step)) == []
    assert house.fuse.touches == ["orders.put"]
    assert house.script.tried == ["a"]


@pytest.mark.parametrize("late", [{"tries": 2}, {"age": 61.0}])
def test_a_message_that_comes_again_or_late_is_read_afresh(late: dict[str, Any]) -> None:
    """Its hint is surely old by now, and a read is cheaper than a refused write."""
    house = House(Scripted((Inside(name="a"),)))
    assert failed(run_each(Event(hinting(house), **late), house.step)) == []
    assert house.fuse.touches == ["orders.load", "orders.put"]


@pytest.mark.parametrize("hint", ["no base64!", "AAAA", ""])
def test_a_hint_that_cannot_be_read_costs_a_read(hint: str) -> None:
    """It is a hint: nothing depends on it."""
    house = House(Scripted((Inside(name="a"),)))
    assert failed(run_each(Event(hinting(house, hint=hint)), house.step)) == []
    assert house.fuse.touches == ["orders.load", "orders.put"]


@pytest.mark.parametrize(("tries", "kept"), [(1, True), (2, False)])
def test_the_hints_of_a_batch_are_handed_over_while_they_are_fresh(
    tries: int, *, kept: bool
) -> None:
    """And tell no two wake-ups of one order apart."""
    house, seen = House(Scripted(())), list[WakeUp]()

    def handle(wakes: list[WakeUp]) -> list[WakeUp]:
        seen.extend(wakes)
        return []

    bare = {"step": "test", "merchant_id": "demo", "order_id": "o1"}
    run_together(Event(hinting(house), bare, tries=tries), handle)
    [wake] = seen
    assert order_in(wake) == (house.order if kept else None)
