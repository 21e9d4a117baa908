"""Many orders at once: their invoices are numbered in one write, then each order runs alone.

Nothing is lost if the numbering fails or the process dies in it: each order's own run draws what is
not drawn yet, and finds what is (ADR 0016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.commands import IssueInvoice
from chalicelib.runtime.logging import log
from chalicelib.runtime.step import run
from chalicelib.store.documents import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from chalicelib.documents.port import NumberSeries
    from chalicelib.domain.commands import WakeUp
    from chalicelib.domain.order import Order
    from chalicelib.runtime.step import Step
    from chalicelib.store.documents import Draft

    # Whose series, and what is to be numbered in it.
    _Groups = dict[tuple[str, str], list[Draft]]


class Invoices(Protocol):
    """Who writes invoices."""

    def invoice(self, order: Order, now: datetime) -> tuple[str, Draft]:
        """Return the series of an order's invoice, and the invoice ready to be numbered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The documents step for many orders."""

    step: Step
    desk: Invoices
    numbers: NumberSeries

    def run(self, wakes: Collection[WakeUp]) -> list[WakeUp]:
        """Do what the step asks of these orders; return the wake-ups that must come back."""
        if len(wakes) > 1:
            self._number(wakes)
        return [*self._each_alone(wakes)]

    def _number(self, wakes: Iterable[WakeUp]) -> None:
        """Draw the numbers of all invoices that are due, each series in one write."""
        now = self.step.now()
        for (merchant_id, series), drafts in self._groups(wakes, now).items():
            for start in range(0, len(drafts), AT_ONCE):
                part = drafts[start : start + AT_ONCE]
                try:
                    self.numbers.draw_many(merchant_id, series=series, drafts=part, now=now)
                except Exception:  # noqa: BLE001 - what this cannot say, each order's own run can
                    log.exception("not numbered together", step="documents", merchant=merchant_id)

    def _groups(self, wakes: Iterable[WakeUp], now: datetime) -> _Groups:
        found: _Groups = {}
        for wake in wakes:
            try:
                order = self.step.orders.load(wake.merchant_id, wake.order_id)
                if order and self._is_due(order, now):
                    series, draft = self.desk.invoice(order, now)
                    found.setdefault((wake.merchant_id, series), []).append(draft)
            except Exception:  # noqa: BLE001 - its own run says what is wrong with it
                log.info("not numbered with the others", step="documents", order=wake.order_id)
        return found

    def _is_due(self, order: Order, now: datetime) -> bool:
        return any(
            isinstance(command, IssueInvoice) and not order.is_held(command.key)
            for command in self.step.decide(order, now)
        )

    def _each_alone(self, wakes: Iterable[WakeUp]) -> Iterator[WakeUp]:
        for wake in wakes:
            log.append_keys(step="documents", merchant=wake.merchant_id, order=wake.order_id)
            try:
                run(self.step, wake.merchant_id, wake.order_id)
            except Exception:  # noqa: BLE001 - reported as failed, so that its message comes back
                log.exception("failed, comes back")
                yield wake
