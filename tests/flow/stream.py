"""Stream records and queues to test the flow with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable


def appended(pk: str, version: int = 1, *, number: int = 0) -> dict[str, Any]:
    """Return the record of an order's new row."""
    image = {"pk": {"S": pk}, "sk": {"S": f"EVENT#{version:04}"}, "wakes": {"N": "1"}}
    return record(image, number or version)


def delivered(pk: str, key: str, step: str, *, number: int = 1) -> dict[str, Any]:
    """Return the record of a new delivery."""
    return record({"pk": {"S": pk}, "sk": {"S": key}, "step": {"S": step}}, number)


def record(image: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a record of DynamoDB Streams, as Lambda gets it."""
    return {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": str(number), "NewImage": image},
    }


class Sent:
    """Queues that remember what they were given, and refuse when they are told to."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.wakes: list[WakeUp] = []
        self.refuses = refuses

    def send(self, wakes: Iterable[WakeUp]) -> None:
        """Take wake-ups."""
        taken = list(wakes)
        if self.refuses and taken:
            raise Retryable("queue", "not taken")
        self.wakes += taken

    @property
    def names(self) -> set[tuple[str, str]]:
        """Which step was woken for which order or delivery."""
        return {(wake.step, wake.order_id or wake.delivery_id) for wake in self.wakes}
