"""An order as its customer sees it: how far it is, what is in it, and nothing of our worries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.money_views import money
from chalicelib.api.view import promised_ship_date
from chalicelib.console.pages import day
from chalicelib.console.words import say
from chalicelib.domain import balance, credit, dunning, events, formats, goods, states, waiting
from chalicelib.domain.money import total
from chalicelib.domain.order import LineKind, Order
from chalicelib.notification import letter
from chalicelib.notification.girocode import girocode
from chalicelib.store.merchants import Settings

# What a customer may open; delivery notes and labels are ours.
THEIRS = frozenset(
    f"{kind}{form}" for kind in ("invoice", "credit_note", "cancellation") for form in ("", "_xml")
) | {"return_slip", credit.LETTER, *dunning.LETTERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way; exactly one of those not done is `now`."""

    name: str
    at: datetime | None
    state: str  # done | now | later


def status_view(order: Order, now: datetime, settings: Settings) -> dict[str, Any]:
    """Return what the customer's page shows."""
    bought, language = order.bought, order.bought.language
    is_cancelled = states.is_cancelled(order)
    return {
        "number": bought.number,
        "placed_at": bought.placed_at,
        "steps": [] if is_cancelled else steps(order),
        "is_cancelled": is_cancelled,
        "message": message(order, now),
        "extra": list(_extra(order, language)),
        "city": bought.shipping.city if bought.physical() and not is_cancelled else "",
        "items": [
            {"name": line.name, "quantity": line.quantity, "total": money(line.total)}
            for line in bought.of_kind(LineKind.PRODUCT)
        ],
        "sums": [
            {"kind": line.kind.value, "total": money(line.total)}
            for line in bought.lines
            if line.kind is not LineKind.PRODUCT
        ],
        "total": money(bought.total),
        "tax": money(total((line.tax for line in bought.lines), bought.currency)),
        "parcels": _parcels(order),
        "documents": [
            {"index": index, "kind": fact.kind, "number": fact.number}
            for index, fact in enumerate(order.all(events.DocumentIssued), 1)
            if fact.kind in THEIRS
        ],
        "payment": {} if is_cancelled else letter.payment(order, settings),
        "qr": "" if is_cancelled else qr(order, settings),
    }


def steps(order: Order) -> list[Step]:
    """Return the steps from received to on its way, with the moment each was done."""
    paid = order.last(events.PaymentReceived)
    notes, parcels = goods.delivery_notes(order), goods.shipments(order)
    done: list[tuple[str, bool, datetime | None]] = [
        ("received", True, order.received.at),
    ]
    if not balance.is_void(order):
        done.append(("paid", balance.is_paid(order), paid.at if paid else None))
    if order.bought.physical():
        packed = min((note.at for note in notes.values()), default=None)
        gone = max((parcel.at for parcel in parcels.values()), default=None)
        done += [
            ("packed", bool(notes), packed),
            ("shipped", goods.is_all_shipped(order), gone),
        ]
    else:
        done.append(("done", balance.is_paid(order), paid.at if paid else None))
    first = next((name for name, is_done, _ in done if not is_done), "")
    return [
        Step(
            name=name,
            at=at if is_done else None,
            state="done" if is_done else "now" if name == first else "later",
        )
        for name, is_done, at in done
    ]


def message(order: Order, now: datetime) -> str:
    """Return the one sentence that says what is going on."""
    language = order.bought.language
    key = _message_key(order, now)
    promised = promised_ship_date(order)
    if key == "preparing" and promised and promised >= now.date().isoformat():
        return say(language, "shopper.promised", day=day(language, promised))
    return say(language, f"shopper.{key}")


def _message_key(order: Order, now: datetime) -> str:
    if states.is_cancelled(order):
        return "cancelled"
    coming_back = states.returns(order)
    if coming_back in {states.Return.AUTHORIZED, states.Return.RECEIVED}:
        return f"return_{coming_back}"
    if not order.bought.physical() and balance.is_paid(order):
        return "done"
    fulfillment = states.fulfillment(order)
    if fulfillment is states.Fulfillment.RETURNED:
        return "done"
    if goods.is_all_shipped(order) and order.bought.physical():
        return "shipped"
    return _waiting_key(order, now, fulfillment)


def _waiting_key(order: Order, now: datetime, fulfillment: states.Fulfillment) -> str:
    if fulfillment is states.Fulfillment.PARTLY_SHIPPED:
        return "partly_shipped"
    if not balance.is_paid(order) and order.policy.ship_on == "payment":
        return "partly_paid" if balance.received_amount(order) else "unpaid"
    if waiting.worklist(order, now) == "on_hold":
        return "unclear"
    return "packed" if goods.delivery_notes(order) else "preparing"


def _extra(order: Order, language: str) -> Iterator[str]:
    refunded = total((x.amount for x in balance.refunds(order)), order.bought.currency)
    edits = [fact for fact in order.all(events.OrderRevised) if fact.is_about_goods]
    if edits and not states.is_cancelled(order):
        yield say(language, "shopper.changed", day=day(language, edits[-1].at))
    if refunded:
        yield say(language, "shopper.refunded", amount=formats.money(refunded, language))


def _parcels(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "carrier": parcel.carrier,
            "number": parcel.tracking_number,
            "url": parcel.tracking_url if letter.is_web(parcel.tracking_url) else "",
            "at": parcel.at,
        }
        for parcel in goods.shipments(order).values()
    ]


def qr(order: Order, settings: Settings) -> str:
    """Return the payment as a QR code for banking apps as SVG; empty where none."""
    code = girocode(order, letter.payment(order, settings))
    if code is None:
        return ""
    svg: str = code.svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=True)
    return svg
