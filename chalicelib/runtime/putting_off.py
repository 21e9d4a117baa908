"""Messages that come back when the outside wants to be asked again, and not before."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.runtime.logging import log
from chalicelib.store import session

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST = 60.0  # seconds at least after a first refusal; four times as many after each further one
LONG = 3600.0
# As long as a message may be hidden; later tries wait an hour at most, so that even thirty of them
# are over before the queue forgets the message.
LONGEST, LONG_TRIES = 12 * 3600.0 - 60, 4


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    return session.client("sqs")


def wait_of(after: float, tries: int) -> int:
    """Return for how many seconds to leave a message that was given out so often.

    At least for as long as the outside wants; longer, if it has been asked in vain before.
    """
    growing = min(FIRST * 4 ** (min(tries, 9) - 1), LONG)
    return int(min(max(after, growing), LONGEST if tries <= LONG_TRIES else LONG))


def put_off(record: Mapping[str, Any], step: str, after: float) -> None:
    """Hide a message of a step's queue for now; if that fails it comes back as any other."""
    tries = int((record.get("attributes") or {}).get("ApproximateReceiveCount") or 1)
    wait = wait_of(after, tries)
    try:
        _client().change_message_visibility(
            QueueUrl=os.environ[f"{step.upper()}_QUEUE"],
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=wait,
        )
    except (BotoCoreError, ClientError):
        log.warning("not put off", step=step, exc_info=True)
