"""What a shop may tell of an order, to test intake with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.intake.port import Snapshot
from tests.events import NOW, bought, eur


def snapshot(
    *lines: Any,
    minutes: int = 0,
    paid: str = "",
    reference: str = "r1",
    fulfilled: bool = False,
    cancelled: bool = False,
    **what: Any,
) -> Snapshot:
    """Return an order of one line as a shop tells it, so many minutes after it was placed."""
    return Snapshot(
        bought=bought(*lines, modified_at=NOW + timedelta(minutes=minutes), **what),
        paid=eur(paid) if paid else None,
        payment_reference=reference if paid else "",
        fulfilled=fulfilled,
        cancelled=cancelled,
        cancel_reason="cancelled in the shop" if cancelled else "",
    )
