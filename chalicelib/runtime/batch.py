"""A batch of queue messages: each is worked on its own, and only the failed ones come back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.runtime.logging import log
from chalicelib.runtime.putting_off import put_off
from chalicelib.runtime.step import Step, run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def wake_up(message: dict[str, Any]) -> WakeUp:
    """Read a wake-up from a message's body."""
    return WakeUp(**{name: str(value) for name, value in message.items()})


def each(event: Any, name: str, handle: Callable[[dict[str, Any]], None]) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Hand every message's JSON body to `handle`; what raises is reported as a failed item.

    One that the outside wants to be asked about later comes back then.
    """

    def handler(record: dict[str, Any]) -> None:
        body: dict[str, Any] = json.loads(record["body"])
        log.append_keys(step=name, merchant=body.get("merchant_id"), order=body.get("order_id"))
        try:
            handle(body)
        except Exception as error:
            log.exception("failed, comes back")
            if isinstance(error, Retryable) and error.after is not None:
                put_off(record, name, error.after)
            raise

    return process_partial_response(
        event=event.to_dict(),
        record_handler=handler,
        processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        context=None,
    )


def run_each(event: Any, step: Step) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Run a step for the order of every message."""

    def handle(body: dict[str, Any]) -> None:
        wake = wake_up(body)
        run(step, wake.merchant_id, wake.order_id)

    return each(event, step.name, handle)


def run_together(
    event: Any,  # noqa: ANN401 - Chalice is untyped
    handle: Callable[[list[WakeUp]], Collection[WakeUp]],
    work: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, list[dict[str, str]]]:
    """Hand the wake-ups of all messages over at once; those it returns come back.

    `work` then does the jobs of the messages that name one.
    """
    wakes: dict[str, WakeUp] = {}
    jobs: dict[str, dict[str, Any]] = {}
    failed: list[str] = []
    for record in event.to_dict()["Records"]:
        try:
            body = json.loads(record["body"])
            if work and "job_id" in body:
                jobs[record["messageId"]] = body
            else:
                wakes[record["messageId"]] = wake_up(body)
        except (ValueError, TypeError, AttributeError):
            log.exception("cannot be read, comes back")
            failed.append(record["messageId"])
    back = handle(list(dict.fromkeys(wakes.values())))
    failed += [message for message, wake in wakes.items() if wake in back]
    failed += [message for message, body in jobs.items() if work and not _worked(work, body)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _worked(work: Callable[[dict[str, Any]], None], body: dict[str, Any]) -> bool:
    try:
        work(body)
    except Exception:  # noqa: BLE001 - reported as failed, so that its message comes back
        log.exception("failed, comes back")
        return False
    return True
