"""Facts in plain words, one sentence each, with what else is worth knowing below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.console.changes import told_changes
from chalicelib.console.remarks import told_remarks
from chalicelib.console.words import named, say
from chalicelib.domain import events, formats
from chalicelib.domain.order import Order
from chalicelib.writeback.perform import NOT_OFFERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of the history; `tone` says what it is about, for its colour."""

    at: datetime
    text: str
    note: str
    by: str
    tone: str


Values = Mapping[str, object]
# How the reference of a movement begins that a form of ours gave for want of another.
OURS = "console-"

# What each fact puts into its sentence `fact.<name>`; those that are not here put in nothing.
VALUES: Mapping[str, Callable[[Any, Order, str], Values]] = {
    "OrderReceived": lambda _, order, __: {"number": order.bought.number},
    "EffectIntended": lambda fact, _, lang: {
        "effect": effect(fact.effect, lang),
        "attempt": fact.attempt,
    },
    "HoldPlaced": lambda fact, _, lang: {"title": named(lang, "hold", fact.code)},
    "HoldReleased": lambda fact, _, lang: {"title": named(lang, "hold", fact.code)},
    "StockIssued": lambda fact, _, __: {"shipment": fact.shipment},
    "StockReturned": lambda fact, _, __: {"return_id": fact.return_id},
    "StockArrived": lambda fact, _, __: {"sku": fact.sku},
    "PaymentReceived": lambda fact, _, lang: _money(fact, lang),
    "PaymentAuthorized": lambda fact, _, lang: _money(fact, lang),
    "ChargebackRecorded": lambda fact, _, lang: _money(fact, lang),
    "ChargebackReversed": lambda fact, _, lang: _money(fact, lang),
    "RefundRecorded": lambda fact, _, lang: _money(fact, lang),
    **dict.fromkeys(
        (
            "RefundFailed",
            "AuthorizationVoided",
            "VoucherRedeemed",
            "FeeCharged",
            "DunningFeeCharged",
        ),
        lambda fact, _, lang: _money(fact, lang),
    ),
    "RefundRequested": lambda fact, _, lang: {"amount": formats.money(fact.amount, lang)},
    "CreditBalanceTold": lambda fact, _, lang: {"amount": formats.money(fact.amount, lang)},
    "DunningRaised": lambda fact, _, lang: {
        "level": say(lang, f"dunning.{fact.level}"),
        "due_on": formats.day(fact.due_on, lang),
    },
    "WriteOffRecorded": lambda fact, _, lang: {
        "amount": formats.money(fact.amount, lang),
        "kind": named(lang, "write_off", fact.kind),
    },
    "MovementUndone": lambda fact, _, lang: {"source": named(lang, "source", fact.of_source)},
    "DocumentIssued": lambda fact, _, lang: {
        "document": named(lang, "document", fact.kind),
        "number": fact.number,
    },
    "InvoiceWithdrawn": lambda fact, _, __: {"number": fact.number},
    "ShipmentRegistered": lambda fact, _, lang: {
        "shipment": fact.shipment,
        "carrier": named(lang, "carrier", fact.carrier),
    },
    "ShopTold": lambda fact, _, lang: {"what": told(fact.what, lang)},
    "MessageSent": lambda fact, _, lang: {"mail": named(lang, "mail", fact.kind)},
    "ReturnAuthorized": lambda fact, _, __: {"return_id": fact.return_id},
    "ReturnReceived": lambda fact, _, __: {"return_id": fact.return_id},
    **dict.fromkeys(
        ("RefundDue", "ReturnCredited"),
        lambda fact, _, lang: {
            "return_id": fact.return_id,
            "amount": formats.money(fact.amount, lang),
        },
    ),
}

# What is worth knowing below the sentence.
NOTES: Mapping[str, Callable[[Any, Order, str], str]] = {
    "OrderCancelled": lambda fact, _, __: fact.reason,
    "OrderRevised": lambda fact, _, lang: told_changes(fact.changes, lang),
    "ShopChangeReported": lambda fact, _, lang: told_changes(fact.changes, lang),
    "ShopRemarked": lambda fact, _, lang: told_remarks(fact.text, lang),
    "HoldPlaced": lambda fact, _, __: fact.text,
    "StockReserved": lambda fact, order, __: units(fact.units, order),
    "BundleOpened": lambda fact, *_: f"{fact.sku}: {parts(fact.parts)}",
    "StockReleased": lambda fact, order, __: units(fact.units, order),
    "StockIssued": lambda fact, order, __: units(fact.units, order),
    "StockReturned": lambda fact, order, lang: (
        say(lang, "restocked", units=units(fact.units, order))
        if fact.units
        else say(lang, "not_restocked")
    ),
    "StockShort": lambda fact, _, lang: "; ".join(_shortage(x, lang) for x in fact.missing),
    "PaymentReceived": lambda fact, _, __: reference(fact),
    "PaymentAuthorized": lambda fact, _, __: reference(fact),
    "ChargebackRecorded": lambda fact, _, __: reference(fact),
    "ChargebackReversed": lambda fact, _, __: reference(fact),
    "RefundRecorded": lambda fact, _, __: reference(fact),
    "RefundFailed": lambda fact, _, __: reference(fact),
    "AuthorizationVoided": lambda fact, _, __: reference(fact),
    "VoucherRedeemed": lambda fact, _, __: reference(fact),
    "FeeCharged": lambda fact, _, __: reference(fact),
    "RefundRequested": lambda fact, _, __: fact.reason,
    "WriteOffRecorded": lambda fact, _, __: fact.reason,
    "MovementUndone": lambda fact, _, __: fact.reason,
    "ShipmentRegistered": lambda fact, _, __: fact.tracking_number,
    "ShopTold": lambda fact, _, lang: (
        say(lang, "told.not_offered") if fact.reference == NOT_OFFERED else fact.reference
    ),
    "MessageSent": lambda fact, _, __: fact.to,
    "ReturnAuthorized": lambda fact, order, __: _and(pieces(fact.lines, order), fact.reason),
    "ReturnReceived": lambda fact, order, lang: _and(
        pieces(fact.lines, order), _deducted(fact, lang)
    ),
    "CollectionHandedOver": lambda fact, _, __: fact.reference,
    "NoteAdded": lambda fact, _, __: fact.text,
    "InvoiceWithdrawn": lambda fact, _, __: fact.reason,
    "BillingCorrected": lambda fact, _, lang: told_changes(fact.changes, lang),
    "InvoicingChosen": lambda fact, _, __: _and(
        fact.buyer_reference, fact.order_reference, fact.vat_id, fact.form
    ),
    "TagsChanged": lambda fact, _, __: ", ".join(fact.tags) or "–",
    "OrderAssigned": lambda fact, _, lang: fact.to or say(lang, "nobody"),
}

TONES: Mapping[str, str] = {
    **dict.fromkeys(("OrderCancelled", "ChargebackRecorded", "RefundFailed"), "bad"),
    **dict.fromkeys(("HoldPlaced", "StockShort", "PaymentOverdue", "DunningRaised"), "warn"),
    **dict.fromkeys(("ShopChangeReported", "ShopRemarked", "OrderRevised"), "warn"),
    **dict.fromkeys(("PaymentReceived", "ShipmentRegistered", "OrderAccepted"), "good"),
    **dict.fromkeys(("EffectIntended", "StockArrived", "TagsChanged"), "quiet"),
}


def tell(fact: events.Fact, order: Order, language: str) -> Told:
    """Say what happened."""
    name, agreed = type(fact).__name__, ""
    if isinstance(fact, events.OrderRevised) and not fact.changes:
        agreed = ".agreed"
    values = VALUES[name](fact, order, language) if name in VALUES else {}
    return Told(
        at=fact.at,
        text=say(language, f"fact.{name}{agreed}", **values),
        note=NOTES[name](fact, order, language) if name in NOTES else "",
        by=person(getattr(fact, "by", ""), language),
        tone=TONES.get(name, "plain"),
    )


def history(order: Order, language: str) -> list[Told]:
    """Tell everything that happened, the newest first."""
    return [tell(fact, order, language) for fact in reversed(order.facts)]


def person(who: str, language: str) -> str:
    """Say who did it; nothing when nobody did."""
    if not who:
        return ""
    known = named(language, "by", who)
    return known if known != who else say(language, "by", who=who)


def effect(key: str, language: str) -> str:
    """Name an effect by its key, such as `mail:order_confirmation:` or `shipment:1`."""
    kind, _, rest = key.partition(":")
    if kind == "mail":
        return named(language, "mail", rest.partition(":")[0])
    if kind == "shipment":
        return say(language, "effect.shipment", about=rest)
    if kind == "refund":
        return say(language, "effect.refund")
    if kind == "tell":
        return say(language, "effect.tell", what=told(rest, language))
    return say(language, "effect.other", about=key)


def told(what: str, language: str) -> str:
    """Say what a shop is told: `shipped:1` or `cancelled`."""
    kind, _, number = what.partition(":")
    if kind == "shipped":
        return say(language, "told.shipped", shipment=number)
    return named(language, "told", kind)


def reference(fact: events.Movement) -> str:
    """Return the source's own name of a movement; nothing where only we have named it."""
    return "" if fact.reference.startswith(OURS) else fact.reference


def units(found: Iterable[events.Units], order: Order) -> str:
    """Count pieces by their article's name, or its SKU if the order does not name it."""
    names = {line.sku: line.name for line in order.bought.lines}
    return ", ".join(f"{one.quantity} × {names.get(one.sku, one.sku)}" for one in found)


def parts(found: Iterable[events.Part]) -> str:
    """Count what one bundle is made of."""
    return ", ".join(f"{one.quantity} × {one.name or one.sku}" for one in found)


def pieces(found: Iterable[events.LineQuantity], order: Order) -> str:
    """Count pieces of lines by their names."""
    names = {line.id: line.name for line in order.bought.lines}
    return ", ".join(f"{one.quantity} × {names.get(one.line_id, one.line_id)}" for one in found)


def _money(fact: events.Movement, language: str) -> Values:
    amount = formats.money(fact.amount, language)
    return {"amount": amount, "source": named(language, "source", fact.source)}


def _shortage(missing: events.Shortage, language: str) -> str:
    if missing.available is None:
        return say(language, "missing_unknown", sku=missing.sku)
    return say(
        language,
        "missing",
        sku=missing.sku,
        wanted=missing.wanted,
        available=missing.available,
    )


def _deducted(fact: events.ReturnReceived, language: str) -> str:
    if fact.deduction is None:
        return ""
    amount = formats.money(fact.deduction, language)
    return say(language, "deducted", amount=amount, reason=fact.deduction_reason)


def _and(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
