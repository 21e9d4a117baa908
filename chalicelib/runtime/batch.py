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
from chalicelib.runtime.logging import log
from chalicelib.runtime.step import Step, run

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def wake_up(message: dict[str, Any]) -> WakeUp:
    """Read a wake-up from a message's body."""
    return WakeUp(**{name: str(value) for name, value in message.items()})


def each(event: Any, name: str, handle: Callable[[dict[str, Any]], None]) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Hand every message's JSON body to `handle`; what raises is reported as a failed item."""

    def handler(record: dict[str, Any]) -> None:
        body: dict[str, Any] = json.loads(record["body"])
        log.append_keys(step=name, merchant=body.get("merchant_id"), order=body.get("order_id"))
        try:
            handle(body)
        except Exception:
            log.exception("failed, comes back")
            raise

    return process_partial_response(
        event=event.to_dict(),
        record_handler=handler,
        processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        context=None,
    )


def run_each(
    event: Any,  # noqa: ANN401 - Chalice is untyped
    step: Step,
    work: Callable[[dict[str, Any]], None] | None = None,
) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Run a step for the order of every message; `work` does the jobs that name none."""

    def handle(body: dict[str, Any]) -> None:
        if work and "job_id" in body:
            work(body)
            return
        wake = wake_up(body)
        run(step, wake.merchant_id, wake.order_id)

    return each(event, step.name, handle)


def run_together(
    event: Any,  # noqa: ANN401 - Chalice is untyped
    handle: Callable[[list[WakeUp]], Collection[WakeUp]],
) -> dict[str, list[dict[str, str]]]:
    """Hand the wake-ups of all messages over at once; those it returns come back."""
    wakes: dict[str, WakeUp] = {}
    failed: list[str] = []
    for record in event.to_dict()["Records"]:
        try:
            wakes[record["messageId"]] = wake_up(json.loads(record["body"]))
        except (ValueError, TypeError, AttributeError):
            log.exception("cannot be read, comes back")
            failed.append(record["messageId"])
    back = handle(list(dict.fromkeys(wakes.values())))
    failed += [message for message, wake in wakes.items() if wake in back]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
