"""Klarna: unsigned calls that name an order, which is then read back from order management.

Amounts are whole minor units. An order is promised until it is captured or ends; each capture and
refund has a name of its own. Fees come with the payouts, so none is told here.
Format: docs.klarna.com, order management API (order, captures, refunds), callbacks of Klarna
Payments (`notification`), of the hosted payment page (`status_update`) and of checkout (`push`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import Field, read
from chalicelib.payment.amounts import in_minor
from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, needed
from chalicelib.payment.reading_back import call_key, read_back
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.domain.money import Money
    from chalicelib.payment.port import Way

HOSTS = {
    "production": "https://api.klarna.com",
    "playground": "https://api.playground.klarna.com",
}
ORDERS = "/ordermanagement/v1/orders"
NAME = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# How checkout names the order in the address that it calls with an empty body.
PUSHED = ("klarna_order_id", "order_id", "checkout_uri")
CREDENTIAL = re.compile(r"\S{6,}")
ENDED = frozenset({"CANCELLED", "EXPIRED"})
GONE = (404, 409)


def check(settings: Mapping[str, str], secrets: Secrets) -> None:
    """Raise Permanent(`not_set_up`) without the API credentials that orders are read back with."""
    if settings.get("environment"):
        needed(settings, "settings.environment", re.compile("|".join(HOSTS)), " or ".join(HOSTS))
    needed(secrets, "secrets.username", CREDENTIAL, "the API user name, as Klarna shows it")
    needed(secrets, "secrets.password", CREDENTIAL, "the API password, as Klarna shows it")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Leave to the worker what names an order; a payment page that has none yet says nothing."""
    del headers, secrets, now  # Klarna signs none of these calls
    try:
        if _named(raw)[0]:
            return Verdict.UNVERIFIED
        is_early = read(raw).at("session").at("session_id").text() != ""
    except Permanent:
        is_early = False
    return Verdict.PING if is_early else Verdict.FORGED


def confirm(delivery: Delivery, way: Way) -> Delivery:
    """Return the order as Klarna has it now, in place of a call that only names it."""
    check(way.settings, way.secrets)
    name, is_pushed = _named(delivery.body)
    if not name:
        raise Permanent("bad_payload", "order_id: must name an order of Klarna, is missing")
    host = HOSTS[way.settings.get("environment") or "production"]
    user = f"{way.secrets['username'].strip()}:{way.secrets['password'].strip()}"
    token = base64.b64encode(user.encode()).decode()
    api = way.call(host, fixed(Authorization=f"Basic {token}"))
    body = read_back(api, f"{ORDERS}/{name}", name=name, at="order_id")
    if is_pushed:  # else checkout tells the same again for two days
        api.call("POST", f"{ORDERS}/{name}/acknowledge", allow=GONE)
    return replace(delivery, body=body)


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return the order named and when: a call says that something is new, not what."""
    del headers
    try:
        name = _named(raw)[0]
    except Permanent:
        name = ""
    return call_key(name or hashlib.sha256(raw).hexdigest())


def translate(delivery: Delivery) -> tuple[Read, ...]:
    """Read an order that was read back: what was promised, captured, refunded, and if it ended."""
    return tuple(_movements(read(delivery.body), delivery.received_at))


def _movements(order: Field, now: datetime) -> Iterator[Read]:
    name, status = order.at("order_id").name(), order.at("status").text().upper()
    risk = order.at("fraud_status").text().upper()
    if risk in {"PENDING", "REJECTED"}:
        yield Ignored(reason=f"order {name} is {risk.lower()} by Klarna's check for fraud")
        return
    began = order.at("created_at").needed().moment()
    promised = order.at("original_order_amount")
    promised = order.at("order_amount") if promised.value is None else promised
    yield _notice(MovementKind.AUTHORIZED, order, name, promised, began)
    for capture in order.at("captures").each():
        named, at = capture.at("capture_id").name(), capture.at("captured_at").needed().moment()
        yield _notice(MovementKind.RECEIVED, order, named, capture.at("captured_amount"), at)
    for refund in order.at("refunds").each():
        named, at = refund.at("refund_id").name(), refund.at("refunded_at").needed().moment()
        told = _notice(MovementKind.REFUNDED, order, named, refund.at("refunded_amount"), at)
        ours = refund.at("reference").text()
        yield replace(told, refund=ours) if isinstance(told, Notice) else told
    if status in ENDED:
        # When it was cancelled Klarna does not say; not later than it was told.
        ended = order.at("expires_at").moment() if status == "EXPIRED" else now
        yield _notice(MovementKind.AUTHORIZATION_VOIDED, order, name, promised, ended or now)


def _notice(
    kind: MovementKind, order: Field, reference: str, amount: Field, at: datetime | None
) -> Read:
    money: Money = in_minor(amount, order.at("purchase_currency").currency())
    if not money:
        return Ignored(reason=f"{reference} is about nothing")
    if at is None:
        order.refuse("must say when")
    name = order.at("order_id").name()
    return Notice(
        kind=kind,
        reference=reference,
        order_reference=_order_reference(order),
        amount=money,
        booked_at=at,
        payer=_payer(order.at("billing_address")),
        payment=name,
    )


def _order_reference(order: Field) -> str:
    named = (order.at(f"merchant_reference{index}").text() for index in (1, 2))
    return next(filter(None, named), "").removeprefix("#")


def _payer(address: Field) -> str:
    return f"{address.at('given_name').text()} {address.at('family_name').text()}".strip()


def _named(raw: bytes) -> tuple[str, bool]:
    """Return the order that a call names, and whether it is a push of checkout.

    A push has no body; what it was called with stands in its place.
    """
    text = raw.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        pairs = dict(parse_qsl(text))
        named = (pairs.get(key, "").rstrip("/").rpartition("/")[2] for key in PUSHED)
        return next((name for name in named if NAME.fullmatch(name)), ""), True
    body = read(raw)
    told = (body.at("order_id").text(), body.at("session").at("order_id").text())
    return next((name for name in told if NAME.fullmatch(name)), ""), False
