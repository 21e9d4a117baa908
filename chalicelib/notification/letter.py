"""The parts a mail may show: pieces, sums, how to pay, parcel, addresses, links, and the look."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain import balance, colours, credit, dunning, events, formats, goods, transfers
from chalicelib.domain.commands import SendMail
from chalicelib.domain.countries import country_name
from chalicelib.domain.money import Money, total
from chalicelib.domain.order import Address, LineItem, LineKind, Order
from chalicelib.notification.labels import CARRIERS
from chalicelib.notification.port import Enclosure, Sender

LOGO = re.compile(r"data:image/(png|jpeg|gif);base64,([A-Za-z0-9+/=\s]+)")
CALM = "#1f4e5f"


def sections(
    order: Order, command: SendMail, *, sender: Sender, base_url: str, label: Mapping[str, str]
) -> dict[str, Any]:
    """Return what this mail shows below its paragraphs; empty where it shows nothing."""
    kind, parcel = command.kind, parcel_of(order, command)
    is_whole = kind in {*PROMISES, "payment_received"}
    return {
        "number": order.bought.number,
        "items_title": label[ITEMS_TITLE.get(kind, "items")],
        "items": list(_items(order, command, label)),
        "sums": list(_sums(order, label)) if is_whole else [],
        "total": formats.money(order.bought.total, order.bought.language) if is_whole else "",
        "taxes": list(_taxes(order, label)) if is_whole else [],
        "payment": payment(order, sender) if kind in ASKING else {},
        "parcel": _parcel(parcel, order.bought.language) if parcel else {},
        "addresses": list(_addresses(order, command, sender, label)),
        "status_url": status_url(order, base_url),
    }


def status_url(order: Order, base_url: str) -> str:
    """Return the address of the customer's page; empty where nothing can be reached."""
    return f"{base_url}/s/{order.customer_token}" if base_url else ""


# The mails that say what the customer will get, where, and how to pay for it.
PROMISES = frozenset(
    {"order_confirmation", "order_changed", "order_reinstated", "invoice_corrected"}
)
# The mails that ask for money, of which some only of who has not paid yet.
ASKING = PROMISES | {"shipping_confirmation", "return_credited", *dunning.LETTERS}
ITEMS_TITLE = {
    "shipping_confirmation": "items_parcel",
    "return_authorized": "items_return",
    "return_credited": "items_back",
}
NO_ITEMS = frozenset({"order_cancelled", "refund_confirmation", credit.LETTER, *dunning.LETTERS})


def parcel_of(order: Order, command: SendMail) -> events.ShipmentRegistered | None:
    """Return the shipment a mail is about."""
    if command.kind != "shipping_confirmation":
        return None
    return goods.shipments(order).get(int(command.refers_to))


def refund_of(order: Order, command: SendMail) -> events.RefundRecorded | None:
    """Return the refund a mail is about."""
    if command.kind != "refund_confirmation":
        return None
    found = (x for x in order.all(events.RefundRecorded) if x.reference == command.refers_to)
    return next(found, None)


def return_of(order: Order, command: SendMail) -> events.ReturnReceived | None:
    """Return the goods that came back and that a mail about money is about."""
    refund = refund_of(order, command)
    name = refund.return_id if refund else command.refers_to
    if command.kind not in {"refund_confirmation", "return_credited"} or not name:
        return None
    return next((x for x in order.all(events.ReturnReceived) if x.return_id == name), None)


def credit_of(order: Order, command: SendMail) -> Money | None:
    """Return what need not be paid any more because of the return a mail is about."""
    for fact in order.all(events.ReturnCredited):
        if command.kind == "return_credited" and fact.return_id == command.refers_to:
            return balance.corrections(order)[0][balance.correction_name(fact)]
    return None


def carrier(name: str, language: str) -> str:
    """Return a carrier's name as it reads in a sentence."""
    ours = {"de": "unseren Lieferdienst", "en": "our delivery service"}
    other = {"de": "den Versanddienst", "en": "the carrier"}
    if name == "local":
        return ours[language]
    return other[language] if name == "manual" else CARRIERS.get(name, name)


def _items(order: Order, command: SendMail, label: Mapping[str, str]) -> Iterator[dict[str, str]]:
    language = order.bought.language
    if command.kind in NO_ITEMS:
        return
    some = _pieces(order, command)
    for line in order.bought.of_kind(LineKind.PRODUCT):
        quantity = line.quantity if some is None else some.get(line.id, 0)
        if quantity:
            yield {
                "name": line.name,
                "quantity": str(quantity),
                "amount": formats.money(line.total, language) if some is None else "",
                "detail": _reduced(line, label, language) if some is None else "",
            }


def _pieces(order: Order, command: SendMail) -> dict[str, int] | None:
    """Return how many pieces of each line this mail is about; None for the whole order."""
    lines: tuple[events.LineQuantity, ...] = ()
    if command.kind == "shipping_confirmation":
        note = goods.delivery_notes(order).get(int(command.refers_to))
        lines = note.lines if note else ()
    elif command.kind == "return_authorized":
        found = order.all(events.ReturnAuthorized)
        lines = next((x.lines for x in found if x.return_id == command.refers_to), ())
    elif command.kind == "return_credited":
        back = order.all(events.ReturnReceived)
        lines = next((x.lines for x in back if x.return_id == command.refers_to), ())
    else:
        return None
    count: dict[str, int] = {}
    for line in lines:
        count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def _reduced(line: LineItem, label: Mapping[str, str], language: str) -> str:
    if not line.discount:
        return ""
    off = Money(minor=abs(line.discount.minor), currency=line.discount.currency)
    return label["reduced"].replace("{amount}", formats.money(off, language))


def _sums(order: Order, label: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    bought, language = order.bought, order.bought.language
    others = [line for line in bought.lines if line.kind is not LineKind.PRODUCT]
    if others:
        goods = total((x.total for x in bought.of_kind(LineKind.PRODUCT)), bought.currency)
        yield label["subtotal"], formats.money(goods, language)
    for line in others:
        name = label[line.kind.value]
        full = f"{name} ({line.name})" if line.name and line.name != name else name
        yield full, formats.money(line.total, language)


def _taxes(order: Order, label: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    bought, language = order.bought, order.bought.language
    by_rate: dict[Any, Money] = {}
    for line in bought.lines:
        by_rate[line.tax_rate] = by_rate.get(line.tax_rate, Money.zero(bought.currency)) + line.tax
    for tax_rate, tax in sorted(by_rate.items(), reverse=True):
        if tax:
            text = label["tax"].replace("{rate}", formats.rate(tax_rate, language))
            yield text, formats.money(tax, language)


def payment(order: Order, sender: Sender) -> dict[str, str]:
    """Show the bank account to those who pay by bank transfer and still have to.

    Who buys on account has nothing to pay before the invoice is there.
    """
    left, last, language = (
        balance.outstanding(order),
        dunning.deadline(order),
        order.bought.language,
    )
    is_asked = left.minor > 0 and last is not None and transfers.is_by_transfer(order)
    if not is_asked or last is None or not sender.iban:
        return {}
    return {
        "amount": formats.money(left, language),
        "fees": formats.money(fees, language) if (fees := dunning.fees_amount(order)) else "",
        "due_on": formats.day(last, language),
        "holder": sender.bank_holder or sender.name,
        "iban": formats.iban(sender.iban),
        "bic": sender.bic,
        "bank": sender.bank,
        "purpose": order.bought.number,
    }


def _parcel(parcel: events.ShipmentRegistered, language: str) -> dict[str, str]:
    return {
        "carrier": CARRIERS.get(parcel.carrier, "") or carrier(parcel.carrier, language),
        "number": parcel.tracking_number,
        "url": parcel.tracking_url if is_web(parcel.tracking_url) else "",
    }


def is_web(url: str) -> bool:
    """Tell whether an address may be a link."""
    return url.startswith(("https://", "http://"))


def _addresses(
    order: Order, command: SendMail, sender: Sender, label: Mapping[str, str]
) -> Iterator[tuple[str, list[str]]]:
    language, home = order.bought.language, sender.country
    if command.kind == "return_authorized":
        lines = [sender.name, sender.street, f"{sender.zip} {sender.city}".strip()]
        abroad = sender.country != order.bought.shipping.country
        lines += [country_name(sender.country, language)] if abroad else []
        yield label["return_to"], [line for line in lines if line]
    elif command.kind in {*PROMISES, "shipping_confirmation"}:
        shipping, billing = order.bought.shipping, order.bought.billing
        there, bill = (address_lines(one, home, language) for one in (shipping, billing))
        if order.bought.physical() and shipping.street:
            yield label["ship_to"], there
        if command.kind in PROMISES and billing.street and bill != there:
            yield label["bill_to"], bill


def address_lines(address: Address, home: str, language: str) -> list[str]:
    """Return an address line by line; the country only when it is another than `home`."""
    place = f"{address.zip} {address.city}".strip()
    abroad = country_name(address.country, language) if address.country not in {"", home} else ""
    lines = [address.company, address.name, address.street, address.street2, place, abroad]
    return [line for line in lines if line]


def logo(sender: Sender) -> Enclosure | None:
    """Return the shop's logo as a picture inside the mail; SVG and broken data are left out."""
    found = LOGO.fullmatch(sender.logo.strip())
    if not found:
        return None
    try:
        data = base64.b64decode(found[2], validate=False)
    except binascii.Error:
        return None
    kind = found[1]
    return Enclosure(name=f"logo.{kind}", media_type=f"image/{kind}", data=data, content_id="logo")


def look(colour: str) -> dict[str, str]:
    """Return the accent and a text colour that can be read on it."""
    accent = colours.or_else(colour, CALM)
    is_dark = colours.is_readable_on_white(accent)
    return {"accent": accent, "on_accent": "#ffffff" if is_dark else "#111111"}
