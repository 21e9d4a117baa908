"""Queues: wake-ups go to their step's queue, ten to a call, each once, or are reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.flow import queues


class Sqs:
    """A client that keeps what it is given; told so, it refuses entries or is away."""

    def __init__(self, *, refuses: int = 0, is_away: bool = False) -> None:
        self.calls: list[tuple[str, list[dict[str, Any]]]] = []
        self.refuses, self.is_away = refuses, is_away

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        """Take a batch as SQS does."""
        if self.is_away:
            raise EndpointConnectionError(endpoint_url=QueueUrl)
        self.calls.append((QueueUrl, Entries))
        return {"Failed": [{"Id": entry["Id"]} for entry in Entries[: self.refuses]]}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    """Stand in for SQS, with two queues."""
    return install(Sqs(), monkeypatch)


def install(client: Sqs, monkeypatch: pytest.MonkeyPatch) -> Sqs:
    """Let the queues use this client."""
    monkeypatch.setenv("STOCK_QUEUE", "https://queue/stock")
    monkeypatch.setenv("INTAKE_QUEUE", "https://queue/intake")
    monkeypatch.setattr(queues, "_client", lambda: client)
    return client


def wake(number: int, step: str = "stock") -> WakeUp:
    """Return a wake-up for an order."""
    return WakeUp(step=step, merchant_id="demo", order_id=f"o{number}")


def test_a_wake_up_names_its_order_and_nothing_else(sqs: Sqs) -> None:
    """The message holds no data and no command; empty names are left out."""
    delivery = WakeUp(step="intake", merchant_id="demo", delivery_id="demo-woo/k1")
    queues.StepQueues().send([wake(1), delivery])
    [(first, [stock]), (second, [intake])] = sqs.calls
    assert (first, second) == ("https://queue/stock", "https://queue/intake")
    assert json.loads(stock["MessageBody"]) == {
        "step": "stock", "merchant_id": "demo", "order_id": "o1",
    }  # fmt: skip
    assert json.loads(intake["MessageBody"]) == {
        "step": "intake", "merchant_id": "demo", "delivery_id": "demo-woo/k1",
    }  # fmt: skip


def test_many_wake_ups_travel_ten_to_a_call(sqs: Sqs) -> None:
    """What SQS takes at once, with names that are unique within the call."""
    queues.StepQueues().send(wake(number) for number in range(23))
    assert [len(entries) for _, entries in sqs.calls] == [10, 10, 3]
    for _, entries in sqs.calls:
        assert len({entry["Id"] for entry in entries}) == len(entries)


def test_the_same_wake_up_is_sent_once(sqs: Sqs) -> None:
    """Two rows of one order ask for the same step: one message is enough."""
    queues.StepQueues().send([wake(1), wake(1), wake(2), wake(1)])
    [(_, entries)] = sqs.calls
    assert len(entries) == 2


def test_nothing_to_send_is_no_call(sqs: Sqs) -> None:
    """Quiet costs nothing."""
    queues.StepQueues().send([])
    assert sqs.calls == []


@pytest.mark.parametrize("client", [Sqs(refuses=1), Sqs(is_away=True)], ids=["refused", "away"])
def test_what_was_not_taken_is_reported(client: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS may take a part of a batch only; nothing of it may be lost in silence."""
    install(client, monkeypatch)
    with pytest.raises(Retryable):
        queues.StepQueues().send([wake(1), wake(2)])
