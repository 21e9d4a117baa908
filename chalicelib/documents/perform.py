"""Issues documents: number and facts first, then the same bytes from them, then the archive."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.documents import drafts, parcel_papers
from chalicelib.documents.facts import freeze
from chalicelib.documents.filing import outdated
from chalicelib.documents.logo import Logos, with_logo
from chalicelib.documents.pdf import check, render
from chalicelib.domain import goods
from chalicelib.domain.commands import (
    Command,
    DrawLabel,
    IssueCreditNote,
    IssueDeliveryNote,
    IssueInvoice,
)
from chalicelib.domain.events import DocumentIssued, Fact, LineQuantity, RefundRecorded
from chalicelib.store.bucket import retain_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.documents.port import Archive, NumberSeries
    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings

    # What was issued, and the facts that its number was drawn for.
    _Issued = tuple[DocumentIssued, dict[str, Any]]


class Desk:
    """Writes, numbers and files the documents of an order."""

    def __init__(
        self, *, archive: Archive, numbers: NumberSeries, settings_of: Callable[[str], Settings]
    ) -> None:
        """Take the archive, the number series and the merchants' settings."""
        self._archive, self._numbers, self._settings_of = archive, numbers, settings_of
        self._logos = Logos(archive)

    def perform(self, order: Order, command: Command, now: datetime) -> Iterator[Fact]:
        """Issue one document; a repeat gives the same number, the same bytes, the same place."""
        settings = self._settings_of(order.merchant_id)
        match command:
            case IssueInvoice():
                yield from self._invoice(order, settings, now)
            case IssueCreditNote():
                yield self._credit_note(order, settings, command.refund, now)[0]
            case IssueDeliveryNote():
                number = f"{order.bought.number}-{command.shipment}"
                facts = parcel_papers.delivery_note(
                    order, settings, command.lines, number=number, now=now
                )
                yield self._file(
                    order,
                    "delivery_note",
                    freeze(facts),
                    now,
                    about=str(command.shipment),
                    lines=command.lines,
                )
            case DrawLabel():
                shipment = goods.shipments(order)[command.shipment]
                facts_of_label = parcel_papers.label(order, settings, shipment)
                about = str(command.shipment)
                yield self._file(order, "label", freeze(facts_of_label), now, about=about)

    def _invoice(self, order: Order, settings: Settings, now: datetime) -> Iterator[Fact]:
        series = _series(settings.invoice_series, now)

        def facts(number: int) -> dict[str, Any]:
            name = f"{series}-{number:05}"
            return freeze(drafts.invoice(order, settings, number=name, now=now))

        issued, frozen = self._numbered(
            order, "invoice", series=series, about="", facts=facts, now=now
        )
        yield issued
        # The number may have been drawn before a crash, and the order changed after it.
        if _says(frozen) != _says(facts(0)):
            yield outdated(issued.number, now)

    def _credit_note(
        self, order: Order, settings: Settings, reference: str, now: datetime
    ) -> _Issued:
        series = _series(settings.credit_note_series, now)
        refund = next(x for x in order.all(RefundRecorded) if x.reference == reference)

        def facts(number: int) -> dict[str, Any]:
            name = f"{series}-{number:05}"
            return freeze(drafts.credit_note(order, settings, refund, number=name, now=now))

        return self._numbered(
            order, "credit_note", series=series, about=reference, facts=facts, now=now
        )

    def _numbered(
        self,
        order: Order,
        kind: str,
        *,
        series: str,
        about: str,
        facts: Callable[[int], dict[str, Any]],
        now: datetime,
    ) -> _Issued:
        # A document that cannot be printed must not use up a number.
        whole = facts(0)
        check(kind, whole)
        logo = whole["sender"]["logo"]
        mark = self._logos.keep(order.merchant_id, logo, retain_until(now.date()))
        document = self._numbers.draw(
            order.merchant_id,
            series=series,
            order_id=order.id,
            kind=kind,
            about=about,
            now=now,
            freeze=lambda number: with_logo(facts(number), mark),
        )
        drawn = document.frozen["sender"]["logo"]
        logo = logo if drawn == mark else self._logos.find(order.merchant_id, drawn)
        frozen = with_logo(document.frozen, logo)
        return self._file(order, kind, frozen, now, about=about), document.frozen

    def _file(
        self,
        order: Order,
        kind: str,
        frozen: dict[str, Any],
        now: datetime,
        *,
        about: str,
        lines: tuple[LineQuantity, ...] = (),
    ) -> DocumentIssued:
        issued_on = date.fromisoformat(frozen["issued_on"])
        key = archive_key(order, kind, about, issued_on)
        if kind == "delivery_note":
            # Written, lost before it was recorded, and written anew of a changed order.
            key = key.removesuffix(".pdf") + f"-{_digest(frozen)}.pdf"
        digest = self._archive.write(
            key,
            render(kind, frozen),
            content_type="application/pdf",
            keep_until=retain_until(issued_on),
        )
        return DocumentIssued(
            at=now,
            kind=kind,
            number=frozen["number"],
            issued_on=issued_on,
            key=key,
            sha256=digest,
            refers_to=about,
            lines=lines,
        )


def _says(frozen: dict[str, Any]) -> str:
    """Return what a bill says of the order, whatever its number and its day."""
    said = {name: frozen[name] for name in ("bill_to", "vat_id", "lines", "charges", "taxes")}
    return json.dumps(said, sort_keys=True)


def _digest(frozen: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(frozen, sort_keys=True).encode()).hexdigest()[:12]


def archive_key(order: Order, kind: str, about: str, issued_on: date) -> str:
    """Return where a document lies; `about` may hold any sign, so only its hash is in the key."""
    which = f"-{hashlib.sha256(about.encode()).hexdigest()[:12]}" if about else ""
    return f"{order.merchant_id}/{issued_on.year}/{order.id}/{kind}{which}.pdf"


def _series(prefix: str, now: datetime) -> str:
    return f"{prefix}-{drafts.day_of(now)[:4]}"
