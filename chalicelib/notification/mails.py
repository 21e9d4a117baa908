"""One mail from an order: the same facts as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.domain import (
    balance,
    bills,
    by_delivery,
    credit,
    dunning,
    events,
    formats,
    goods,
    states,
)
from chalicelib.domain.commands import SendMail
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import Order
from chalicelib.notification import girocode, letter
from chalicelib.notification.decide import is_told_with_confirmation
from chalicelib.notification.dunning_words import Words
from chalicelib.notification.labels import LABELS
from chalicelib.notification.port import Enclosure, Mail, Sender
from chalicelib.notification.words import MAILS

if TYPE_CHECKING:
    from jinja2 import Environment

ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+\.[^\s@<>()\[\]\\,;:\".]{2,}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def compose(
    order: Order,
    command: SendMail,
    *,
    sender: Sender,
    base_url: str,
    enclosures: tuple[Enclosure, ...] = (),
    tags: Mapping[str, str] | None = None,
) -> Mail:
    """Write a mail; Permanent(`bad_address`) when there is nobody it could be sent to."""
    values = _values(order, command, sender, order.bought.language)
    words = MAILS[order.bought.language][_variant(order, command)]
    context = _context(order, command, words, values, sender=sender, base_url=base_url)
    context["notes"] = [*_notes(order, command, context["label"], is_attached=bool(enclosures))]
    pictures = (letter.logo(sender), girocode.picture(order, context["payment"]))
    shown = [one for one in pictures if one]
    context["pictures"] = {one.content_id for one in shown}
    return Mail(
        sender_name=one_line(sender.name) or sender.email,
        sender=address(sender.email),
        to_name=one_line(order.bought.billing.name or order.bought.shipping.name),
        to=address(order.bought.email),
        subject=one_line(words.subject.format_map(values)),
        text=_templates().get_template("mail.txt").render(context),
        html=_templates().get_template("mail.html").render(context),
        enclosures=(*shown, *enclosures),
        tags=tags or {},
    )


def _context(
    order: Order,
    command: SendMail,
    words: Words,
    values: Mapping[str, str],
    *,
    sender: Sender,
    base_url: str,
) -> dict[str, Any]:
    """Return what the templates print."""
    language = order.bought.language
    said = {name: text.format_map(values) for name, text in LABELS[language].items()}
    return {
        "language": language,
        "label": said,
        "title": words.title.format_map(values),
        "preview": words.preview.format_map(values),
        "paragraphs": [text.format_map(values) for text in words.paragraphs],
        "greeting": said["hello"] if values["name"] else said["hello_nobody"],
        "sender": sender,
        "look": letter.look(sender.colour),
        **letter.sections(order, command, sender=sender, base_url=base_url, label=said),
    }


def one_line(text: str) -> str:
    """Return text that is safe in a header: one line, no control or direction signs, not long."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())[:200]


def address(text: str) -> str:
    """Return an address as it may stand in an envelope; Permanent(`bad_address`) if it is none."""
    local, _, domain = text.strip().rpartition("@")
    try:
        found = f"{local}@{domain.encode('idna').decode('ascii')}"
        found.encode("ascii")
    except UnicodeError:
        found = ""
    if not ADDRESS.fullmatch(found):
        shown = one_line(text)[:80]
        raise Permanent("bad_address", f"{shown!r} is not an e-mail address we can write to.")
    return found


def enclosed(order: Order, command: SendMail) -> events.DocumentIssued | None:
    """Return the document that travels with this mail, if it is issued."""
    if command.kind == "refund_confirmation":
        return states.document(order, "credit_note", balance.refund_name(command.refers_to))
    if command.kind == "return_credited":
        return states.document(order, "credit_note", f"return:{command.refers_to}")
    if command.kind == "order_cancelled":
        return _cancellation(order)
    paper = {"return_authorized": "return_slip", credit.LETTER: credit.LETTER}.get(command.kind)
    if paper:
        return states.document(order, paper, command.refers_to)
    if command.kind in dunning.LETTERS:
        return states.document(order, command.kind, str(dunning.LETTERS.index(command.kind)))
    return _invoice(order, command)


def _cancellation(order: Order) -> events.DocumentIssued | None:
    """Return what took back the invoice of a cancelled order, unless it was told of before."""
    bill = bills.last(order)
    if bill is None or (bill.is_ended and not bills.replaced(order)):
        return None
    found = bills.corrections_of(order, bill)
    return next((x for x in found if x.refers_to == bill.cancelled), None)


def _invoice(order: Order, command: SendMail) -> events.DocumentIssued | None:
    """Return the invoice if it travels with this mail, and not with one of its own."""
    bill, invoice = bills.last(order), bills.standing(order)
    if bill is None or command.kind == "invoice_corrected":
        return invoice
    own = SendMail(kind="invoice_corrected", refers_to=str(bill.number))
    if any(fact.effect == own.key for fact in order.all(events.EffectIntended)):
        return None
    if bill.parcels:
        is_parcel = command.kind == "shipping_confirmation"
        about = by_delivery.name_of(int(command.refers_to)) if is_parcel else ""
        return states.document(order, "invoice", about)
    first = min(goods.shipments(order), default=0)
    is_first_parcel = command.kind == "shipping_confirmation" and command.refers_to == str(first)
    is_digital = command.kind == "payment_received" and not order.bought.physical()
    return invoice if is_first_parcel or is_digital else None


def beside(order: Order, command: SendMail) -> events.DocumentIssued | None:
    """Return what travels beside the document of a mail: what took back the invoice before it."""
    known = bills.every(order) if command.kind == "invoice_corrected" else []
    ended = [bill for bill in known if bill.is_ended]
    taken_back = bills.corrections_of(order, ended[-1]) if ended else []
    return next((x for x in taken_back if x.refers_to == ended[-1].cancelled), None)


def electronic(order: Order, document: events.DocumentIssued) -> events.DocumentIssued | None:
    """Return the XML of which a document is only the picture, if it has one."""
    return states.document(order, f"{document.kind}_xml", document.refers_to)


def file_name(document: events.DocumentIssued, language: str) -> str:
    """Return what the enclosed file is called, in plain ASCII."""
    title = LABELS[language][f"{document.kind}_file"]
    number = re.sub(r"[^A-Za-z0-9._-]+", "-", document.number)
    return f"{title}-{number}.{document.key.rpartition('.')[2]}"


def _variant(order: Order, command: SendMail) -> str:
    is_paid = command.kind == "order_confirmation" and is_told_with_confirmation(order)
    if command.kind == "return_authorized" and balance.wanted(order):
        return "return_authorized_unpaid"
    return "order_confirmation_paid" if is_paid else command.kind


def _values(order: Order, command: SendMail, sender: Sender, language: str) -> dict[str, str]:
    bought = order.bought
    document, second = enclosed(order, command), beside(order, command)
    refund = letter.refund_of(order, command)
    amount = refund.amount if refund else letter.credit_of(order, command)
    if command.kind == credit.LETTER and (told := credit.letter(order)):
        amount = told.amount
    parcel = letter.parcel_of(order, command)
    back = letter.return_of(order, command)
    lost = back.deduction if back else None
    return {
        "number": bought.number,
        "shop": sender.name or sender.email,
        "name": one_line(bought.billing.name or bought.shipping.name),
        "date": formats.day(bought.placed_at, language),
        "paid": formats.money(balance.received_amount(order), language),
        "open": formats.money(balance.outstanding(order), language),
        "amount": formats.money(amount, language) if amount else "{amount}",
        "carrier": letter.carrier(parcel.carrier, language) if parcel else "",
        "reference": command.refers_to,
        "document": document.number if document else "",
        "second": second.number if second else "",
        "due_on": formats.day(last, language) if (last := dunning.deadline(order)) else "",
        "fees": formats.money(dunning.fees_amount(order), language),
        "rate": "{rate}",
        "deducted": formats.money(lost, language) if lost else "",
        "why": one_line(back.deduction_reason).rstrip(".") if back else "",
    }


def _notes(
    order: Order, command: SendMail, label: Mapping[str, str], *, is_attached: bool
) -> Iterator[str]:
    document = enclosed(order, command)
    if command.kind in dunning.LETTERS:
        yield from _of_letter(order, label, has_document=document is not None and is_attached)
    elif beside(order, command):
        yield label["both" if is_attached else "both_linked"]
    elif document:
        has_file = electronic(order, document) is not None
        attached = f"{document.kind}_xml" if has_file else document.kind
        yield label[attached if is_attached else f"{document.kind}_linked"]
    if command.kind == "shipping_confirmation" and not goods.is_all_shipped(order):
        yield label["rest_follows"]
    is_new = command.kind in {"order_changed", "invoice_corrected"}
    if is_new and (left := balance.outstanding(order)):
        is_part = left.minor > 0 and balance.received_amount(order)
        yield from [label["too_much"]] if left.minor < 0 else [label["too_little"]] * bool(is_part)
    back = letter.return_of(order, command)
    if back and back.deduction:
        yield label["deducted"]
    if command.kind == "return_credited":
        left = balance.outstanding(order)
        yield label["still_open" if left.minor > 0 else "nothing_open"]
        yield from [label["too_much"]] if balance.surplus(order) else []
    is_owed = states.payment(order) not in {states.Payment.UNPAID, states.Payment.REFUNDED}
    if command.kind == "order_cancelled" and is_owed and balance.received_amount(order):
        yield label["money_back"]


def _of_letter(order: Order, label: Mapping[str, str], *, has_document: bool) -> Iterator[str]:
    """Say what is in the sum, what happens after the last deadline, and when to do nothing."""
    if dunning.fees(order):
        yield label["with_fees"]
    if consequence := dunning.consequence(order):
        yield label[f"then_{consequence}"]
    yield label["crossed"]
    if has_document:
        yield label["letter"]


@cache
def _templates() -> Environment:
    """Load Jinja2 when the first mail is written, not when the function starts."""
    from jinja2 import (  # noqa: PLC0415
        Environment,
        FileSystemLoader,
        StrictUndefined,
        select_autoescape,
    )

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, disabled_extensions=("txt",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
