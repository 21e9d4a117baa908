"""How fast one series gives numbers, and how often those who draw stand in each other's way.

Five drawers, as many as functions may run, share 900 invoices in batches of 45, as the documents
function does; between two batches each rests for as long as rendering one takes here. A transaction
keeps its rows for 10 ms, and who comes in between is refused, as on AWS.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import stack

if TYPE_CHECKING:
    from collections.abc import Callable

MERCHANT, SERIES = "numbers", "RE-2026"
INVOICES = 900
DRAWERS = 5
RENDERING = 1.0  # seconds for a batch
TRANSACTION_MS = "10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series under load."""

    invoices: int
    per_second: float  # one drawer after the other, without a rest
    refused: int  # transactions of five drawers side by side
    gaps: int

    def conflicts(self) -> float:
        """Return the refused transactions for each invoice."""
        return self.refused / self.invoices


def measure(home: Path) -> Series:
    """Draw numbers on an engine of its own."""
    os.environ["KONTOR_TRANSACTION_MS"] = TRANSACTION_MS
    try:
        with stack.engine(home, forget=True) as engine:
            os.environ |= {
                "AWS_ENDPOINT_URL": engine.url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "eu-central-1",
                "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
            }
            return _drawn()
    finally:
        del os.environ["KONTOR_TRANSACTION_MS"]


def _drawn() -> Series:
    # Only now, for the tables' client is made for the engine that the environment names.
    from chalicelib.domain.errors import Conflict  # noqa: PLC0415
    from chalicelib.store.documents import AT_ONCE, DocumentRow, Numbers  # noqa: PLC0415

    class Counted(Numbers):
        """Numbers that count how often they were refused."""

        refused = 0

        def _write(self, *given: Any) -> None:  # noqa: ANN401 - as the real one takes
            try:
                super()._write(*given)
            except Conflict:
                Counted.refused += 1
                raise

    DocumentRow.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    numbers, batches = Counted(), INVOICES // AT_ONCE

    def draw(series: str) -> Callable[[int], None]:
        def batch(number: int) -> None:
            drafts = [_draft(f"{series}-{number}-{at}") for at in range(AT_ONCE)]
            now = datetime.now(UTC)
            numbers.draw_many(MERCHANT, series=series, drafts=drafts, now=now)

        return batch

    began = time.monotonic()
    for number in range(batches):
        draw(f"A{SERIES}")(number)
    seconds = time.monotonic() - began
    alone = Counted.refused

    def with_rest(number: int) -> None:
        time.sleep(RENDERING * (number % DRAWERS) / DRAWERS)  # they do not begin together
        draw(SERIES)(number)
        time.sleep(RENDERING)

    with ThreadPoolExecutor(DRAWERS) as pool:
        list(pool.map(with_rest, range(batches)))
    last = int(DocumentRow.get(MERCHANT, f"SERIES#{SERIES}").last)
    return Series(
        invoices=INVOICES,
        per_second=INVOICES / seconds,
        refused=Counted.refused - alone,
        gaps=last - INVOICES,
    )


def _draft(name: str) -> Any:  # noqa: ANN401 - a draft, whose module is not imported yet
    from chalicelib.store.documents import Draft  # noqa: PLC0415

    line = {"name": "A thing with a name of some length", "quantity": 1, "total": 1290}

    def freeze(count: int) -> dict[str, Any]:
        prefix = name.rpartition("-")[0].rpartition("-")[0]
        return {"number": f"{prefix}-{count:05}", "issued_on": "2026-11-23", "lines": [line] * 12}

    return Draft(order_id=name, kind="invoice", about="", freeze=freeze)
