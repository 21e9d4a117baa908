"""One order as staff see it: the public view, told in words, with what may be done about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.api.dunning import view as dunning_view
from chalicelib.api.money_views import money
from chalicelib.api.refunds import ways
from chalicelib.api.view import order_view
from chalicelib.console.correcting import change_context, correcting_context
from chalicelib.console.invoicing import invoicing_context
from chalicelib.console.reasons import reason
from chalicelib.console.tell import OURS, history, pieces
from chalicelib.console.words import named, say
from chalicelib.domain import (
    balance,
    credit,
    dunning,
    events,
    formats,
    goods,
    refunding,
    states,
    waiting,
)
from chalicelib.domain.money import Money, total
from chalicelib.domain.order import LineKind, Order
from chalicelib.domain.waiting import BESIDE

# How good or bad news a state is, for its colour; those that are not here are neither.
TONES = {
    **dict.fromkeys(
        ("payment.paid", "stock.reserved", "fulfillment.shipped", "fulfillment.delivered"), "good"
    ),
    **dict.fromkeys(("invoice.issued", "order.completed", "return.refunded"), "good"),
    **dict.fromkeys(
        ("payment.unpaid", "payment.partially_paid", "payment.overpaid", "stock.partly_reserved"),
        "warn",
    ),
    **dict.fromkeys(("fulfillment.partly_shipped", "return.authorized", "return.received"), "warn"),
    **dict.fromkeys(("payment.charged_back", "stock.short", "order.cancelled"), "bad"),
}
RECENT = 12


def order_context(
    order: Order,
    now: datetime,
    *,
    base_url: str,
    language: str,
    sent: Mapping[str, str] | None = None,
    wrong: str = "",
) -> dict[str, Any]:
    """Return what the page of one order shows; `sent` was refused for its field `wrong`."""
    view = order_view(order, now, base_url=base_url)
    reasons = [reason(one, order, language) for one in waiting.blockers(order, now)]
    told = history(order, language)
    return {
        "order": view,
        "now": now,
        "is_same_address": replace(order.bought.billing, phone="")
        == replace(order.bought.shipping, phone=""),
        "badges": badges(view["states"]),
        "reasons": reasons,
        "is_about_shipping": any(one.code not in BESIDE for one in reasons)
        and not goods.is_all_shipped(order),
        "items": [line for line in view["lines"] if line["kind"] == LineKind.PRODUCT],
        "sums": [line for line in view["lines"] if line["kind"] != LineKind.PRODUCT],
        "subtotal": money(_products(order)),
        "recent": told[:RECENT],
        "earlier": told[RECENT:],
        "may": may(order),
        "returnable": returnable(order),
        "returns": [_return(order, fact) for fact in order.all(events.ReturnAuthorized)],
        "refundable": money(_due(order)),
        "ways": _ways(order, language),
        "dunning": dunning_context(order, now),
        "invoicing": invoicing_context(order, view, sent, wrong),
        "correcting": correcting_context(order, view, sent, wrong, language),
        "change": change_context(order, language),
        "may_tell_credit": credit.held(order).minor > 0 and not credit.is_told(order),
        "ours": OURS,
        "once": f"{OURS}{secrets.token_hex(8)}",
    }


def dunning_context(order: Order, now: datetime) -> dict[str, Any]:
    """Return how far the letters are and what may be done; nothing while nothing is late."""
    due = dunning.due_on(order)
    is_late = due is not None and dunning.day(now) > due and balance.outstanding(order).minor > 0
    if not order.has(events.DunningRaised) and not is_late:
        return {}
    allowed = {
        "remind": is_late
        and not dunning.stopped_by(order)
        and dunning.next_level(order) is not None,
        "stop": is_late and not order.is_held(dunning.EFFECT) and dunning.is_in_hand(order),
        "resume": order.is_held(dunning.EFFECT),
        "waive": bool(dunning.fees(order)),
        "hand_over": is_late and dunning.is_collectable(order),
    }
    return {**dunning_view(order), "may": [name for name, is_so in allowed.items() if is_so]}


def badges(found: dict[str, str]) -> list[dict[str, str]]:
    """Return every axis of the state with its tone."""
    return [
        {"axis": axis, "value": value, "tone": TONES.get(f"{axis}.{value}", "plain")}
        for axis, value in found.items()
        if not (axis == "return" and value == "none")
    ]


def may(order: Order) -> dict[str, bool]:
    """Tell which actions make sense now."""
    is_cancelled = states.is_cancelled(order)
    has_left = bool(goods.shipments(order))
    return {
        "hold": not is_cancelled
        and not goods.is_all_shipped(order)
        and all(one.code != "manual" for one in order.holds()),
        "payment": not is_cancelled and balance.outstanding(order).minor > 0,
        "cancel": not is_cancelled and not has_left,
        "return": bool(returnable(order)),
        "refund": bool(refunding.refundable(order)),
    }


def returnable(order: Order) -> list[dict[str, Any]]:
    """Return the pieces that have left and are not on a return yet."""
    left = goods.sent(order)
    for fact in order.all(events.ReturnAuthorized):
        for line in fact.lines:
            left[line.line_id] = left.get(line.line_id, 0) - line.quantity
    return _named(order, left)


def _named(order: Order, count: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"id": line.id, "name": line.name, "quantity": count[line.id]}
        for line in order.bought.lines
        if count.get(line.id, 0) > 0
    ]


def _return(order: Order, fact: events.ReturnAuthorized) -> dict[str, Any]:
    due = [x.amount for x in order.all(events.RefundDue) if x.return_id == fact.return_id]
    agreed: dict[str, int] = {}
    for line in fact.lines:
        agreed[line.line_id] = agreed.get(line.line_id, 0) + line.quantity
    return {
        "id": fact.return_id,
        "state": states.return_of(order, fact.return_id).value,
        "reason": fact.reason,
        "at": fact.at,
        "text": pieces(fact.lines, order),
        "lines": _named(order, agreed),
        "due": money(balance.due_back(order, fact.return_id) or due[0]) if due else None,
    }


def _due(order: Order) -> Money:
    """Return what a person most likely wants to pay back: what was paid too much, else all."""
    most = refunding.refundable(order)
    surplus = balance.surplus(order) - refunding.promised(order)
    is_off = states.is_cancelled(order)
    return min(surplus, most) if surplus.minor > 0 and not is_off else most


def _ways(order: Order, language: str) -> list[dict[str, str]]:
    """Return how money can go back, the best first: we pay it, or it was paid already."""
    found = []
    for way, (most, names) in (ways(order) if refunding.refundable(order) else {}).items():
        named_ = ", ".join(named(language, "source", name) for name in names)
        text = say(language, f"refund.way.{way}", names=named_, most=formats.money(most, language))
        found.append({"way": way, "text": text})
    if order.bought.currency == "EUR" and all(one["way"] != "transfer" for one in found):
        found.append({"way": "transfer", "text": say(language, "refund.way.transfer_other")})
        found.sort(key=lambda one: one["way"])
    record = {"way": "record", "text": say(language, "refund.way.record")}
    is_able = any(one["text"] != say(language, "refund.way.transfer_other") for one in found)
    return [*found, record] if is_able else [record, *found]


def _products(order: Order) -> Money:
    products = order.bought.of_kind(LineKind.PRODUCT)
    return total((line.total for line in products), order.bought.currency)
