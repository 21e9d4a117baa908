"""Mollie's payments as Mollie has them now, where a delivery only names one or tells a sum of it.

An event tells how much of a payment is captured, not the captures it is made of.
Format: docs.mollie.com, webhooks (next-gen and classic), payments API (`embed`), orders API.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import read
from chalicelib.payment.port import needed
from chalicelib.payment.reading_back import read_back
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.fields import Field
    from chalicelib.payment.port import Way
    from chalicelib.runtime.http import Api

ADDRESS = "https://api.mollie.com"
PAYMENTS, ORDERS = "/v2/payments", "/v2/orders"
WHOLE = {"embed": "captures,refunds,chargebacks"}
# The older call: a form with one field, and no signature.
CALL = re.compile(rb"id=([a-z]{2,6}_[A-Za-z0-9]{4,40})")
NAME = re.compile(r"(tr|ord)_[A-Za-z0-9]{4,40}")
KEY = re.compile(r"(live|test|access)_\S{8,}")


def thing_of(body: Field) -> Field:
    """Return what an event is about, or the body if that was read back."""
    if body.at("resource").text() != "event":
        return body
    thing = body.at("_embedded").at("entity")
    if thing.value is None:
        thing.refuse("must be given (subscribe to events with their full payload)")
    return thing


def lacks(delivery: Delivery) -> bool:
    """Tell whether an event is about what is captured in parts, of which it tells only the sum."""
    thing = thing_of(read(delivery.body))
    resource, mode = thing.at("resource").text(), thing.at("captureMode").text()
    if resource != "payment":
        return resource == "capture"
    return thing.at("amountCaptured").value is not None and mode != "automatic"


def confirm(delivery: Delivery, way: Way) -> Delivery:
    """Return the payment as Mollie has it now, in place of what only names it or tells its sum.

    An order of the older interface, which is called for in place of its payments, with all of them.
    """
    name = _named(delivery)
    if "api_key" not in way.secrets and _is_all(delivery):
        return delivery
    needed(way.secrets, "secrets.api_key", KEY, "a key like live_…")
    sign = fixed(Authorization=f"Bearer {way.secrets['api_key'].strip()}")
    api = way.call(ADDRESS, sign)
    return replace(delivery, body=_order(api, name) if name[0] == "o" else _whole(api, name))


def _named(delivery: Delivery) -> str:
    """Return the payment, or the order, that a delivery is about."""
    if delivery.is_unverified:
        found = CALL.fullmatch(delivery.body.strip())
        name = found.group(1).decode() if found else ""
    else:
        thing = thing_of(read(delivery.body))
        is_capture = thing.at("resource").text() == "capture"
        name = thing.at("paymentId" if is_capture else "id").text()
    if not NAME.fullmatch(name):
        text = f"id: must be a payment (tr_…) or an order (ord_…), is {name or 'missing'}"
        raise Permanent("bad_payload", text)
    return name


def _is_all(delivery: Delivery) -> bool:
    """Tell whether an event tells of all that can ever be captured, so that its sum will do."""
    if delivery.is_unverified:
        return False
    thing = thing_of(read(delivery.body))
    captured = thing.at("amountCaptured")
    return captured.value is not None and captured.value == thing.at("amount").value


def _whole(api: Api, name: str) -> bytes:
    return read_back(api, f"{PAYMENTS}/{name}", name=name, query=WHOLE)


def _order(api: Api, name: str) -> bytes:
    """Read an order and each of its payments, which the order itself has without their parts."""
    raw = read_back(api, f"{ORDERS}/{name}", name=name, query={"embed": "payments"})
    order = json.loads(raw)
    names = [each.at("id").name() for each in read(raw).at("_embedded").at("payments").each()]
    order["_embedded"] = {"payments": [json.loads(_whole(api, each)) for each in names]}
    return json.dumps(order).encode()
