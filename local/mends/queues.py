"""A queue's messages come in batches as large as the function asks for, not ten at most."""

# ruff: noqa: SLF001, PLC0415 -- the engine is mended where it is, and is not typed
from __future__ import annotations

from typing import Any


def apply() -> None:
    """Give a function as many of the waiting messages as its batch may hold; none is waited for."""
    from ministack.services import sqs

    def receive(queue_url: str, most: int) -> Any:  # noqa: ANN401
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            hidden = int(queue["attributes"].get("VisibilityTimeout", "30"))
            sqs._expire_retained(queue)
            sqs._dlq_sweep(queue)
            return sqs._collect_msgs(queue, int(most or 1), hidden)

    sqs._receive_messages_for_esm = receive
