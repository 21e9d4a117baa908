"""Shopware 6: webhooks of our app in the shop, and orders searched through the Admin API.

Amounts are JSON numbers, gross or net by `taxStatus`. An event names an order and may bring it
along, whole or in parts: what is not whole is a hint to read the order itself. Format: Shopware
developer documentation, app system and Admin API.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.port import Hint, Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, deleted, header, read
from chalicelib.intake.shopware_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.domain.deliveries import Delivery, Secrets

# The shop stamps an event when it first tries, and tries for some hours.
OLDEST = timedelta(days=1)
LIVE = "0fa91ce3e96a4bc2be4bd9ce752c3425"  # the version of an order that is no draft of an edit
WHOLE = ("currency", "orderCustomer", "stateMachineState", "lineItems", "deliveries")
PAID = frozenset({"paid", "refunded_partially"})
REMARKS = {
    "paid_partially": "The shop says that a part of the payment came, but not how much.",
    "refunded_partially": "The shop gave a part of the money back.",
    "chargeback": "The shop says that the payment was charged back.",
}
CALL = "a call of the app"  # not an event: the shop asks for a payment, say
NONE = datetime.fromtimestamp(0, UTC)


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check hex(HMAC-SHA256) over the raw body, and the time that is signed in it."""
    given = header(headers, "shopware-shop-signature")
    if not given or not is_signed(given, raw, secrets, encoding="hex"):
        return Verdict.FORGED
    stamp = _member(_document(raw), "timestamp")
    if isinstance(stamp, int) and now.timestamp() - stamp > OLDEST.total_seconds():
        return Verdict.STALE
    return Verdict.GENUINE


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of the event's own id, else of the body."""
    document = _document(raw)
    event = header(headers, "x-shopware-event-id") or _member(document, "source", "eventId")
    if not event:
        return hashlib.sha256(raw).hexdigest()
    return hashlib.sha256(f"{event}\0{_member(document, 'data', 'event')}".encode()).hexdigest()


def _document(raw: bytes) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(raw)
    return None


def _member(document: object, *way: str) -> object:
    for name in way:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def translate(delivery: Delivery) -> Snapshot | Ignored | Hint:
    """Read an order as it stands, or find out which one an event is about."""
    body = read(delivery.body)
    if body.at("source").value is None and body.at("data").value is None:
        return _snapshot(body, delivery)
    event = body.at("data").at("event").text()
    payload = body.at("data").at("payload")
    if event == "app.deleted":
        text = "The app was removed from the shop: no order comes in until it is installed again."
        raise Permanent("app_removed", text)
    if isinstance(payload.value, list) and payload.value:
        return _written(payload, event, delivery)
    order = payload.at("order") if event else body.at("order")
    if order.value is None:
        return Ignored(reason=f"{event or CALL} is not about orders")
    if missing := _missing(order):
        return Hint(external_id=order.at("id").name(), reason=f"{event or CALL}: without {missing}")
    return _snapshot(order, delivery)


def _written(payload: Field, event: str, delivery: Delivery) -> Snapshot | Ignored | Hint:
    """Read an event that only names what was written or deleted."""
    live = [
        entry
        for entry in payload.each()
        if entry.at("entity").text() == "order" and entry.at("versionId").text() in {"", LIVE}
    ]
    if not live:
        return Ignored(reason=f"{event} is about no order, or the draft of an edit")
    names = [entry.at("primaryKey").name() for entry in live]
    if all(entry.at("operation").text() != "delete" for entry in live):
        return Hint(external_id=names[0], reason=event)
    if len(names) > 1:
        text = f"data.payload: several orders were deleted at once: {', '.join(names)}"
        raise Permanent("bad_payload", text)
    return deleted(Field("data.payload[0]", {"id": names[0]}), delivery)


def _missing(order: Field) -> str:
    """Name the first thing without which this is not an order; empty when it is whole."""
    parts = [order.at(name) for name in (*WHOLE, "transactions")]
    parts += [each.at("stateMachineState") for each in order.at("transactions").each()]
    for each in order.at("deliveries").each():
        parts += [each.at("stateMachineState"), each.at("shippingOrderAddress").at("country")]
    parts.append(_billing(order).at("country"))
    return next((part.path for part in parts if part.value is None), "")


def _snapshot(order: Field, delivery: Delivery) -> Snapshot:
    for name in WHOLE:
        if order.at(name).value is None:
            order.at(name).refuse("must be given")
    bought = _bought(order, delivery)
    state = _state(order)
    payments = sorted(order.at("transactions").each(), key=_created)
    states = [_state(payment) for payment in payments]
    received = [each for each, status in zip(payments, states, strict=True) if status in PAID]
    is_refunded = "refunded" in states and not received
    is_cancelled = state == "cancelled" or is_refunded
    reason = "refunded in the shop" if is_refunded else "cancelled in the shop"
    paid = _paid(received, bought.currency)
    names = "+".join(each.at("id").text() for each in received)
    return Snapshot(
        bought=bought,
        paid=paid,
        payment_reference=f"shopware:{names or bought.external_id}" if paid else "",
        fulfilled=state == "completed" or _is_sent(order),
        cancelled=is_cancelled,
        cancel_reason=reason if is_cancelled else "",
        remarks=() if is_cancelled else tuple(_remarks(order, states)),
    )


def _remarks(order: Field, states: list[str]) -> Iterator[str]:
    yield from (REMARKS[state] for state in dict.fromkeys(states) if state in REMARKS)
    places = {_address(each.at("shippingOrderAddress")) for each in _parcels(order)}
    if len(places) > 1:
        yield f"The shop wants this order sent to {len(places)} different addresses."


def _paid(received: list[Field], currency: str) -> Money | None:
    sums = (each.at("amount").at("totalPrice").needed().number() for each in received)
    found = Money.of(sum(sums), currency)
    return found if found.minor > 0 else None


def _state(field: Field) -> str:
    return field.at("stateMachineState").at("technicalName").text()


def _created(field: Field) -> datetime:
    return field.at("createdAt").moment() or NONE


def _parcels(order: Field) -> list[Field]:
    """Return the real deliveries; one with negative costs is a discount on the carriage."""
    return [
        each
        for each in order.at("deliveries").each()
        if each.at("shippingCosts").at("totalPrice").number() >= 0
    ]


def _is_sent(order: Field) -> bool:
    parcels = _parcels(order)
    return bool(parcels) and all(_state(each) == "shipped" for each in parcels)


def _bought(order: Field, delivery: Delivery) -> Bought:
    currency = order.at("currency").at("isoCode").currency()
    placed = order.at("orderDateTime").moment() or delivery.received_at
    billing = _address(_billing(order))
    goes_to = [_address(each.at("shippingOrderAddress")) for each in _parcels(order)]
    shipping = next((each for each in goes_to if each != Address()), billing)
    external_id = order.at("id").name()
    customer = order.at("orderCustomer")
    lines, total = lines_of(order, currency)
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=order.at("orderNumber").text()[:LONGEST_NAME] or external_id,
        placed_at=placed,
        modified_at=max(_moments(order), default=placed),
        currency=currency,
        total=Money(minor=total, currency=currency),
        prices_include_tax=order.at("taxStatus").text() == "gross",
        lines=lines,
        billing=billing,
        shipping=shipping,
        email=customer.at("email").email(),
        phone=billing.phone or shipping.phone,
        locale=order.at("language").at("locale").at("code").text(),
        note=order.at("customerComment").lines(),
        payment_method=_payment_method(order),
        vat_id=_vat_id(order),
    )


def _moments(order: Field) -> Iterator[datetime]:
    """Yield when any part of the order was written: a payment leaves the order's own time alone."""
    parts = [order, order.at("orderCustomer"), _billing(order)]
    for name in ("lineItems", "deliveries", "transactions", "addresses"):
        parts += order.at(name).each()
    parts += [each.at("shippingOrderAddress") for each in order.at("deliveries").each()]
    for part in parts:
        for name in ("createdAt", "updatedAt"):
            if moment := part.at(name).moment():
                yield moment


def _billing(order: Field) -> Field:
    if order.at("billingAddress").value is not None:
        return order.at("billingAddress")
    wanted = order.at("billingAddressId").text()
    known = order.at("addresses").each()
    return next((each for each in known if each.at("id").text() == wanted), Field("", None))


def _address(field: Field) -> Address:
    names = (field.at("firstName").text(), field.at("lastName").text())
    more = ("department", "additionalAddressLine1", "additionalAddressLine2")
    return Address(
        name=" ".join(filter(None, names)),
        company=field.at("company").text(),
        street=field.at("street").text(),
        street2=", ".join(filter(None, (field.at(name).text() for name in more))),
        zip=field.at("zipcode").text(),
        city=field.at("city").text(),
        region=field.at("countryState").at("shortCode").text(),
        country=field.at("country").at("iso").text().upper(),
        phone=field.at("phoneNumber").text(),
    )


def _payment_method(order: Field) -> str:
    """Return the name of the newest try to pay."""
    tries = sorted(order.at("transactions").each(), key=_created)
    method = tries[-1].at("paymentMethod") if tries else Field("", None)
    fields = (method.at("translated").at("name"), method.at("name"), method.at("technicalName"))
    return next(filter(None, (field.text() for field in fields)), "")


def _vat_id(order: Field) -> str:
    given = [*order.at("orderCustomer").at("vatIds").each(), _billing(order).at("vatId")]
    return next(filter(None, (field.text() for field in given)), "")
