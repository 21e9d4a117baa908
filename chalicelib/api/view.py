"""An order as the API, the console and the customer's page show it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.api.money_views import money, payment_view, refund_view
from chalicelib.api.relations import UNRELATED, related
from chalicelib.domain import (
    balance,
    buyer,
    events,
    goods,
    refunding,
    revision,
    scarcity,
    states,
    waiting,
)
from chalicelib.domain.blocker import Blocker
from chalicelib.domain.money import Money, total
from chalicelib.domain.order import LineKind
from chalicelib.notification.labels import LABELS
from chalicelib.store import codec
from chalicelib.store.bucket import Bucket
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.order import Address, LineItem, Order

FRIDAY = 4


def order_view(order: Order, now: datetime, *, base_url: str) -> dict[str, Any]:
    """Return everything about an order in the shape of the public API."""
    bought = order.bought
    return {
        "id": order.id,
        "number": bought.number,
        "external_id": bought.external_id,
        "connection_id": bought.connection_id,
        "currency": bought.currency,
        "placed_at": stamp(bought.placed_at),
        "received_at": stamp(order.received.at),
        "worklist": waiting.worklist(order, now),
        "states": states_view(order),
        "totals": totals_view(order),
        "lines": [{**_line(line), "parts": _parts(order, line)} for line in bought.lines],
        "billing_address": _address(bought.billing),
        "shipping_address": _address(bought.shipping),
        "customer": {"email": bought.email, "phone": bought.phone, "language": bought.language},
        **_invoicing(order),
        "note": bought.note,
        "payment_method": bought.payment_method,
        "payments": [payment_view(order, fact) for fact in order.all(events.Movement)],
        "refunds": [refund_view(order, fact) for fact in order.all(events.RefundRequested)],
        "refundable": money(refunding.refundable(order)),
        "outstanding": money(balance.outstanding(order)),
        "documents": documents_view(order, base_url=base_url),
        "shipments": [_shipment(order, fact) for fact in order.all(events.ShipmentRegistered)],
        "messages": messages_view(order),
        "returns": [_return(order, fact) for fact in order.all(events.ReturnAuthorized)],
        "blockers": [_blocker(blocker) for blocker in waiting.blockers(order, now)],
        "pending_change": _pending_change(order),
        "remarks": [fact.text for fact in order.all(events.ShopRemarked)],
        "holds": [hold.code for hold in order.holds()],
        "notes": [_note(fact) for fact in order.all(events.NoteAdded)],
        "tags": list(tags.tags) if (tags := order.last(events.TagsChanged)) else [],
        "assigned_to": given.to if (given := order.last(events.OrderAssigned)) else "",
        "promised_ship_date": promised_ship_date(order),
        "customer_url": f"{base_url}/s/{order.customer_token}",
    }


def _invoicing(order: Order) -> dict[str, str]:
    """Return how the buyer is invoiced: a person's word, else the shop's."""
    return {
        "vat_id": buyer.vat_id(order),
        "buyer_reference": buyer.reference(order),
        "order_reference": buyer.own_order(order),
        "invoice_form": buyer.form(order),
    }


def _pending_change(order: Order) -> dict[str, Any] | None:
    """Return what the shop has changed and a person has not answered; `obstacle` is a code."""
    report = revision.open_report(order)
    if report is None or order.reported is None:
        return None
    return {
        "changes": list(report.changes),
        "reported_at": stamp(report.at),
        "total": money(order.reported.total),
        "obstacle": revision.obstacle(order, order.reported),
    }


def states_view(order: Order) -> dict[str, str]:
    """Return every axis of the order's state."""
    return {
        "order": states.lifecycle(order),
        "payment": states.payment(order),
        "stock": states.stock(order),
        "fulfillment": states.fulfillment(order),
        "invoice": states.invoice(order),
        "return": states.returns(order),
    }


def totals_view(order: Order) -> dict[str, Any]:
    """Return the sums; `tax` is contained in `total`, `discount` is what was saved."""
    bought, currency = order.bought, order.bought.currency
    saved = [line.discount for line in bought.lines if line.discount]
    saved += [-line.total for line in bought.of_kind(LineKind.DISCOUNT)]
    return {
        "total": money(bought.total),
        "tax": money(total((line.tax for line in bought.lines), currency)),
        "shipping": money(
            total((line.total for line in bought.of_kind(LineKind.SHIPPING)), currency)
        ),
        "discount": money(total(saved, currency)),
        "difference": money(bought.difference()),
    }


def documents_view(order: Order, *, base_url: str) -> list[dict[str, Any]]:
    """Return the documents; `url` opens for a while, `permalink` always gives a new one."""
    told = related(order)
    return [
        {
            "id": document_id(order, index),
            "kind": fact.kind,
            "number": fact.number,
            **told.get(fact.number, UNRELATED),
            "issued_at": stamp(fact.at),
            "sha256": fact.sha256,
            "url": link_of(fact, order.bought.language),
            "permalink": f"{base_url}/v1/documents/{document_id(order, index)}",
        }
        for index, fact in enumerate(order.all(events.DocumentIssued), 1)
    ]


def link_of(document: events.DocumentIssued, language: str, shop: str = "") -> str:
    """Return a link to the file that opens for a quarter of an hour, with a name that speaks."""
    parts = (title_of(document.kind, language), document.number, shop)
    name = " ".join(part for part in parts if part)
    ending = document.key.rpartition(".")[2]
    kind = "application/xml" if ending == "xml" else "application/pdf"
    return Bucket().link(document.key, filename=f"{name}.{ending}", kind=kind)


def title_of(kind: str, language: str) -> str:
    """Return what a kind of document is called."""
    return LABELS[language].get(f"{kind}_file") or kind.replace("_", " ").capitalize()


def document_id(order: Order, index: int) -> str:
    """Name the n-th document of an order."""
    return f"{order.id}-{index}"


def messages_view(order: Order) -> list[dict[str, Any]]:
    """Return the mails: sent, or on their way with no answer yet."""
    sent = [
        {"kind": fact.kind, "to": fact.to, "state": "sent", "sent_at": stamp(fact.at)}
        for fact in order.all(events.MessageSent)
    ]
    done = {f"mail:{fact.kind}:{fact.refers_to}" for fact in order.all(events.MessageSent)}
    waiting = {
        fact.effect: fact
        for fact in order.all(events.EffectIntended)
        if fact.effect.startswith("mail:") and fact.effect not in done
    }
    return sent + [
        {
            "kind": effect.split(":")[1],
            "to": order.bought.email,
            "state": "unknown",
            "sent_at": None,
        }
        for effect in waiting
    ]


def timeline_view(order: Order, at: datetime | None = None) -> list[dict[str, Any]]:
    """Return every fact in order, up to a moment."""
    return [
        {"at": stamp(fact.at), "fact": type(fact).__name__, **_details(fact)}
        for fact in order.facts
        if at is None or fact.at <= at
    ]


def _details(fact: events.Fact) -> dict[str, Any]:
    # The access token opens the customer's page, so it is nobody else's business.
    hidden = {"at", "access_token", "policy"}
    details = {name: value for name, value in codec.plain(fact).items() if name not in hidden}
    for name in ("amount",):
        if isinstance(value := getattr(fact, name, None), Money):
            details[name] = money(value)
    return {"details": details}


def promised_ship_date(order: Order) -> str | None:
    """Return the working day by which the parcel leaves; None where nobody can say."""
    if goods.is_all_shipped(order) or not order.has(events.OrderAccepted):
        return None
    due = scarcity.expected_on(order)
    if states.is_cancelled(order) or (goods.unreserved(order) and not due):
        return None
    paid = order.last(events.PaymentReceived)
    if order.policy.ship_on == "payment" and not balance.is_paid(order):
        return None
    start = paid.at if paid and order.policy.ship_on == "payment" else order.received.at
    day, left = max(start.date(), due or start.date()), order.policy.handling_days
    while left > 0 or day.weekday() > FRIDAY:
        day += timedelta(days=1)
        left -= day.weekday() <= FRIDAY
    return day.isoformat()


def _line(line: LineItem) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": line.kind,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price),
        "discount": money(line.discount) if line.discount else None,
        "total": money(line.total),
        "tax": money(line.tax),
        "tax_rate": str(line.tax_rate),
    }


def _parts(order: Order, line: LineItem) -> list[dict[str, Any]]:
    """Return what one piece of a bundle takes from the shelf; nothing for other lines."""
    found = goods.parts(order, line.sku or "")
    return [codec.plain(part) for part in found if part.sku != line.sku]


def _address(address: Address) -> dict[str, str]:
    plain: dict[str, str] = codec.plain(address)
    return plain


def _shipment(order: Order, fact: events.ShipmentRegistered) -> dict[str, Any]:
    note = goods.delivery_notes(order).get(fact.shipment)
    return {
        "id": str(fact.shipment),
        "carrier": fact.carrier,
        "tracking_number": fact.tracking_number,
        "tracking_url": fact.tracking_url,
        "weight_g": fact.weight_g,
        "location": note.lines[0].location if note and note.lines else "",
        "lines": [_piece(line) for line in note.lines] if note else [],
        "state": "registered",
        "shipped_at": stamp(fact.at),
    }


def _piece(line: events.LineQuantity) -> dict[str, Any]:
    return {"line_id": line.line_id, "quantity": line.quantity}


def _return(order: Order, fact: events.ReturnAuthorized) -> dict[str, Any]:
    due = [x.amount for x in order.all(events.RefundDue) if x.return_id == fact.return_id]
    return {
        "id": fact.return_id,
        "state": states.return_of(order, fact.return_id),
        "reason": fact.reason,
        "authorized_at": stamp(fact.at),
        "lines": [codec.plain(line) for line in fact.lines],
        "refund_due": money(balance.due_back(order, fact.return_id) or due[0]) if due else None,
    }


def _blocker(blocker: Blocker) -> dict[str, Any]:
    return {
        "code": blocker.code,
        "text": blocker.text,
        "owner": blocker.owner,
        "since": stamp(blocker.since),
        "next": blocker.next,
        "effect": blocker.effect,
    }


def _note(fact: events.NoteAdded) -> dict[str, str]:
    return {"text": fact.text, "by": fact.by, "at": stamp(fact.at)}
