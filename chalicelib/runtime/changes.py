"""Word that levels have changed, on its way to the shops: one queue, in order for each shop."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Retryable
from chalicelib.store import session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AT_ONCE = 10  # what SQS takes in one call
TOGETHER = 50  # SKUs in one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """SKUs of which a shop shall hear; `again` tells also what it should know already."""

    merchant_id: str
    connection_id: str
    skus: tuple[str, ...]
    again: bool = False


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    return session.client("sqs")


def announce(changes: Iterable[Change], occasion: str) -> None:
    """Send word of changes; the same occasion again within minutes is not sent twice.

    Raises Retryable if the queue did not take one of them.
    """
    entries = [_entry(change, occasion) for change in changes]
    rest = iter(entries)
    while chunk := list(islice(rest, AT_ONCE)):
        batch = [{"Id": str(index), **entry} for index, entry in enumerate(chunk)]
        try:
            answer = _client().send_message_batch(
                QueueUrl=os.environ["AVAILABILITY_QUEUE"], Entries=batch
            )
        except (BotoCoreError, ClientError) as error:
            raise Retryable("queue", f"SQS: {error}") from error
        if answer.get("Failed"):
            raise Retryable("queue", f"SQS did not take {len(answer['Failed'])} messages")


def changes_of(
    merchant_id: str, connection_id: str, skus: Iterable[str], *, again: bool = False
) -> Iterator[Change]:
    """Return the changes of one shop, each SKU once and so many to a message."""
    rest = iter(dict.fromkeys(skus))
    while chunk := tuple(islice(rest, TOGETHER)):
        yield Change(merchant_id=merchant_id, connection_id=connection_id, skus=chunk, again=again)


def change_of(body: str) -> Change:
    """Read a change from a message's body."""
    told = json.loads(body)
    return Change(
        merchant_id=told["merchant_id"],
        connection_id=told["connection_id"],
        skus=tuple(told["skus"]),
        again=bool(told.get("again")),
    )


def _entry(change: Change, occasion: str) -> dict[str, str]:
    body: dict[str, Any] = {
        "merchant_id": change.merchant_id,
        "connection_id": change.connection_id,
        "skus": change.skus,
    }
    if change.again:
        body["again"] = True
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    # Without the occasion the next change of the same SKU would be taken for this one.
    name = hashlib.sha256(f"{occasion}\n{text}".encode()).hexdigest()
    # A whole catalogue goes beside the changes of the moment, or they would wait behind it.
    group = f"{change.connection_id}-again" if change.again else change.connection_id
    return {
        "MessageBody": text,
        "MessageGroupId": group,
        "MessageDeduplicationId": name,
    }
