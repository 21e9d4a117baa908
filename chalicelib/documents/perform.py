"""Issues documents: number and facts first, then the same bytes from them, then the archive."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from chalicelib.documents import drafts, settling
from chalicelib.documents.cancelling import cancellation, is_whole, replacing
from chalicelib.documents.electronic import separate
from chalicelib.documents.facts import freeze
from chalicelib.documents.filed import amount_of, as_filed, both
from chalicelib.documents.filing import outdated
from chalicelib.documents.logo import Logos, with_logo
from chalicelib.documents.numbers import series_of
from chalicelib.documents.pdf import check, render
from chalicelib.documents.unnumbered import paper
from chalicelib.domain import balance, bills, by_delivery, states
from chalicelib.domain.commands import (
    Command,
    FinishCancellation,
    FinishInvoice,
    IssueCancellation,
    IssueCreditNote,
    IssueInvoice,
    IssuePartialInvoice,
)
from chalicelib.domain.credit import LETTER
from chalicelib.domain.dunning import LETTERS
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import (
    DocumentIssued,
    Fact,
    LineQuantity,
)
from chalicelib.store.bucket import retain_until
from chalicelib.store.documents import Draft, Filed, facts_key, xml_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.documents.numbers import Series
    from chalicelib.documents.port import Archive, NumberSeries
    from chalicelib.domain.order import Order
    from chalicelib.store.documents import Numbered
    from chalicelib.store.merchants import Settings

    # What was issued (picture and file), and the facts that its number was drawn for.
    _Issued = tuple[tuple[DocumentIssued, ...], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A document that is to be numbered: its facts by the count of its series."""

    kind: str
    series: str
    facts: Callable[[int], dict[str, Any]]
    about: str = ""


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
                yield from self._invoice(order, self._wanted_invoice(order, settings, now), now)
            case IssuePartialInvoice(shipment=parcel):
                wanted = self._wanted_invoice(order, settings, now, parcel)
                yield from self._invoice(order, wanted, now)
            case FinishInvoice():
                about = bills.name_of(bills.next_number(order))
                if found := self._drawn(order, "invoice", about):
                    yield from self._written(order, "invoice", about, found, now)
            case FinishCancellation():
                for issued, _ in filter(None, [self._cancelled(order, now)]):
                    yield from issued
            case IssueCreditNote() | IssueCancellation():
                yield from self._correction(order, settings, command, now)[0]
            case _:
                if plain := paper(order, settings, command, now):
                    yield self._file(
                        order, plain.kind, plain.frozen, now, about=plain.about, lines=plain.lines
                    )

    def invoice(self, order: Order, now: datetime) -> tuple[str, Draft]:
        """Return the invoice that an order wants, ready to be numbered, and its series."""
        wanted = self._wanted_invoice(order, self._settings_of(order.merchant_id), now)
        return wanted.series, self._draft(order, wanted, now)[0]

    def _invoice(self, order: Order, wanted: _Wanted, now: datetime) -> Iterator[Fact]:
        issued, frozen = self._numbered(order, wanted, now)
        yield from issued
        # The number may have been drawn before a crash, and the order changed after it.
        if _says(frozen) != _says(wanted.facts(0)):
            yield outdated(issued[0].number, now)

    @staticmethod
    def _wanted_invoice(
        order: Order, settings: Settings, now: datetime, shipment: int = 0
    ) -> _Wanted:
        series = _series(order, settings, "invoice", now)

        def facts(count: int) -> dict[str, Any]:
            number = series.number(count)
            invoice = drafts.invoice(order, settings, number=number, now=now, shipment=shipment)
            return freeze(invoice if shipment else replacing(order, invoice))

        name = by_delivery.name_of(shipment)
        about = name if shipment else bills.name_of(bills.next_number(order))
        return _Wanted(kind="invoice", series=series.name, facts=facts, about=about)

    def _correction(
        self,
        order: Order,
        settings: Settings,
        command: IssueCreditNote | IssueCancellation,
        now: datetime,
    ) -> _Issued:
        if isinstance(command, IssueCancellation):
            return self._cancellation(order, settings, now)
        # A cancellation whose writer died has taken the refund's part back already.
        finished = self._cancelled(order, now) if bills.may_be_cancelled(order) else None
        return finished or self._credit_note(order, settings, command.refund, now)

    def _credit_note(
        self, order: Order, settings: Settings, reference: str, now: datetime
    ) -> _Issued:
        series = _series(order, settings, "credit_note", now)
        cause = balance.cause_of(order, reference)

        def facts(count: int) -> dict[str, Any]:
            number = series.number(count)
            return freeze(drafts.credit_note(order, settings, cause, number=number, now=now))

        wanted = _Wanted(kind="credit_note", series=series.name, about=reference, facts=facts)
        return self._numbered(order, wanted, now)

    def _cancellation(self, order: Order, settings: Settings, now: datetime) -> _Issued:
        bill = bills.last(order)
        invoice = self._drawn(order, "invoice", bill.invoice.refers_to) if bill else None
        if bill is None or invoice is None:
            raise NeedsHuman("no_invoice", "There is no invoice that could be cancelled.")
        # Money that came in since the number was drawn does not change what it was drawn for.
        if finished := self._cancelled(order, now):
            return finished
        series, frozen = _series(order, settings, "credit_note", now), invoice.frozen
        if bills.replaced(order) and not states.is_cancelled(order):
            # Nobody shall be left without an invoice: one that cannot be drawn stops both.
            check("invoice", self._wanted_invoice(order, settings, now).facts(0))

        def facts(count: int) -> dict[str, Any]:
            number = series.number(count)
            return freeze(cancellation(order, settings, bill, frozen, number=number, now=now))

        kind = "cancellation" if is_whole(order, bill, frozen) else "credit_note"
        wanted = _Wanted(kind=kind, series=series.name, about=bill.cancelled, facts=facts)
        return self._numbered(order, wanted, now)

    def _cancelled(self, order: Order, now: datetime) -> _Issued | None:
        """Write the cancellation of the newest invoice, if its number was drawn before."""
        bill = bills.last(order)
        for kind in ("cancellation", "credit_note") if bill else ():
            if bill and (found := self._drawn(order, kind, bill.cancelled)):
                return self._written(order, kind, bill.cancelled, found, now), found.frozen
        return None

    def _draft(self, order: Order, wanted: _Wanted, now: datetime) -> tuple[Draft, str, str]:
        """Return what is numbered, the logo, and its mark; raises for what cannot be printed."""
        # A document that cannot be printed must not use up a number.
        whole = wanted.facts(0)
        check(wanted.kind, whole)
        logo = whole["sender"]["logo"]
        mark = self._logos.keep(order.merchant_id, logo, retain_until(now.date()))
        draft = Draft(
            order_id=order.id,
            kind=wanted.kind,
            about=wanted.about,
            freeze=lambda count: with_logo(wanted.facts(count), mark),
        )
        return draft, logo, mark

    def _numbered(self, order: Order, wanted: _Wanted, now: datetime) -> _Issued:
        draft, logo, mark = self._draft(order, wanted, now)
        [document] = self._numbers.draw_many(
            order.merchant_id, series=wanted.series, drafts=[draft], now=now
        )
        known = {mark: logo}
        issued = self._written(order, wanted.kind, wanted.about, document, now, logos=known)
        return issued, document.frozen

    def _drawn(self, order: Order, kind: str, about: str = "") -> Numbered | None:
        return self._numbers.drawn(order.merchant_id, facts_key(order.id, kind, about))

    def _written(
        self,
        order: Order,
        kind: str,
        about: str,
        document: Numbered,
        now: datetime,
        *,
        logos: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[DocumentIssued, ...]:
        """Write and file a document that has its number; `logos` are those at hand, by mark."""
        if document.filed:
            # Written before and not recorded: what the archive holds is never written anew.
            return as_filed(kind, about, document, document.filed, now)
        mark = document.frozen["sender"]["logo"]
        logo = logos[mark] if mark in logos else self._logos.find(order.merchant_id, mark)
        picture = self._file(order, kind, with_logo(document.frozen, logo), now, about=about)
        digest = self._xml(picture, document.frozen)
        filed = Filed(key=picture.key, sha256=picture.sha256, xml_sha256=digest)
        self._numbers.file(order.merchant_id, picture.number, filed, now)
        return both(picture, digest)

    def _xml(self, picture: DocumentIssued, frozen: dict[str, Any]) -> str:
        """File what is an XRechnung beside its picture; return its SHA-256, empty if it is none."""
        text = separate(picture.kind, frozen)
        return text and self._archive.write(
            xml_key(picture.key),
            text.encode(),
            content_type="application/xml",
            keep_until=retain_until(picture.issued_on),
        )

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
        if kind in {"delivery_note", LETTER, *LETTERS}:
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
            treatment=frozen.get("tax_treatment", ""),
            form=frozen.get("einvoice", ""),
            amount=amount_of(frozen),
            discount=settling.granted(frozen),
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


def _series(order: Order, settings: Settings, kind: str, now: datetime) -> Series:
    on = date.fromisoformat(settling.day_of(now))
    return series_of(settings, kind, order.bought.connection_id, on)
