"""A batch of queue messages: each is worked on its own, and only the failed ones come back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.runtime.putting_off import put_off
from chalicelib.runtime.step import Step, run
from chalicelib.store.hints import hinted, hinted_delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.order import Order


T = TypeVar("T")

# A queue that is behind brings versions that somebody has surely appended to.
FRESH = timedelta(minutes=1)


def wake_up(message: dict[str, Any]) -> WakeUp:
    """Read a wake-up from a message's body."""
    return WakeUp(**{name: str(value) for name, value in message.items()})


def each(event: Any, name: str, handle: Callable[[dict[str, Any]], None]) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Hand every message's JSON body to `handle`; what raises is reported as a failed item.

    One that the outside wants to be asked about later comes back then.
    """
    failed = [
        record["messageId"]
        for record in event.to_dict()["Records"]
        if not _handled(record, name, handle)
    ]
    return _reported(failed)


def _handled(record: dict[str, Any], name: str, handle: Callable[[dict[str, Any]], None]) -> bool:
    log.append_keys(step=name, merchant=None, order=None)
    try:
        body = _body(record)
        log.append_keys(merchant=body.get("merchant_id"), order=body.get("order_id"))
        handle(body)
    except Exception as error:  # noqa: BLE001 - reported as failed, so that its message comes back
        log.exception("failed, comes back")
        if isinstance(error, Retryable) and error.after is not None:
            put_off(record, name, error.after)
        return False
    return True


def _reported(failed: list[str]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _body(record: dict[str, Any]) -> dict[str, Any]:
    """Read a message; a hint counts only while it is fresh and comes for the first time."""
    body: dict[str, Any] = json.loads(record["body"])
    if "hint" in body and not _is_fresh(record.get("attributes", {})):
        del body["hint"]
    return body


def _is_fresh(attributes: dict[str, str]) -> bool:
    age = clock.now().timestamp() - int(attributes.get("SentTimestamp", 0)) / 1000
    return attributes.get("ApproximateReceiveCount") == "1" and age < FRESH.total_seconds()


def order_in(wake: WakeUp) -> Order | None:
    """Return the order that a wake-up hints at, None where it must be read."""
    return _read(hinted, wake.merchant_id, wake.order_id, wake.hint)


def delivery_in(wake: WakeUp) -> Delivery | None:
    """Return the delivery that a wake-up brings, None where it must be read."""
    return _read(hinted_delivery, wake.merchant_id, wake.delivery_id, wake.hint)


def _read(read: Callable[[str, str, str], T], merchant_id: str, name: str, hint: str) -> T | None:
    try:
        return read(merchant_id, name, hint) if hint and name else None
    except Exception:  # noqa: BLE001 - it is a hint
        log.exception("cannot read a hint")
        return None


def run_each(event: Any, step: Step) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Run a step for the order of every message."""

    def handle(body: dict[str, Any]) -> None:
        wake = wake_up(body)
        run(step, wake.merchant_id, wake.order_id, order_in(wake))

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
            body = _body(record)
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
    return _reported(failed)


def _worked(work: Callable[[dict[str, Any]], None], body: dict[str, Any]) -> bool:
    try:
        work(body)
    except Exception:  # noqa: BLE001 - reported as failed, so that its message comes back
        log.exception("failed, comes back")
        return False
    return True
