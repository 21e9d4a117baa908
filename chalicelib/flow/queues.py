"""Wake-ups on their way: one queue per step."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.store import session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AT_ONCE = 10  # what SQS takes in one call


class Queues(Protocol):
    """Carries wake-ups to the steps."""

    def send(self, wakes: Iterable[WakeUp]) -> None:
        """Send each wake-up to its step's queue."""
        ...


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    return session.client("sqs")


class StepQueues:
    """The queues of this stage."""

    def send(self, wakes: Iterable[WakeUp]) -> None:
        """Send wake-ups, ten to a call; Retryable if one of them was not taken."""
        by_step: dict[str, list[WakeUp]] = {}
        for wake in dict.fromkeys(wakes):
            by_step.setdefault(wake.step, []).append(wake)
        for step, mine in by_step.items():
            for chunk in _chunks(mine):
                _send(os.environ[f"{step.upper()}_QUEUE"], chunk)


def _send(queue: str, wakes: list[WakeUp]) -> None:
    entries = [
        {"Id": str(index), "MessageBody": json.dumps(_message(wake), separators=(",", ":"))}
        for index, wake in enumerate(wakes)
    ]
    try:
        answer = _client().send_message_batch(QueueUrl=queue, Entries=entries)
    except (BotoCoreError, ClientError) as error:
        raise Retryable("queue", f"SQS: {error}") from error
    if answer.get("Failed"):
        raise Retryable("queue", f"SQS did not take {len(answer['Failed'])} messages")


def _message(wake: WakeUp) -> dict[str, str]:
    return {name: value for name, value in asdict(wake).items() if value}


def _chunks(wakes: list[WakeUp]) -> Iterator[list[WakeUp]]:
    rest = iter(wakes)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
