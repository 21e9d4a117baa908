"""What staff send by a form, read and done: the same actions that the API offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from chalicelib.api import actions, by_hand, credit_balances, dunning
from chalicelib.api.actions import ReturnLine
from chalicelib.api.orders import Amount
from chalicelib.api.problems import Problem
from chalicelib.api.refunds import NewRefund, give_back, take_back
from chalicelib.console import correcting, invoicing
from chalicelib.domain import events
from chalicelib.domain.money import Money
from chalicelib.runtime import clock

if TYPE_CHECKING:
    from chalice.app import Request

    from chalicelib.domain.order import Order

STAFF = "staff"
LONGEST = 2000
Form = Mapping[str, str]


def read(request: Request) -> Form:
    """Read a form's fields; the last of several with one name counts."""
    body = request.raw_body
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return {name: value.strip()[:LONGEST] for name, value in parse_qsl(text)}


def decimal(text: str, currency: str = "EUR") -> Decimal | None:
    """Read a number as people type it: 1.234,56 or 1,234.56 or 12; None if it is none."""
    plain = "".join(text.replace("€", "").replace("%", "").replace(currency, "").split())
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma > point:
        plain = plain.replace(".", "").replace(",", ".")
    elif point > comma:
        plain = plain.replace(",", "")
    try:
        return Decimal(plain) if plain.isascii() else None
    except InvalidOperation:
        return None


def amount(text: str, currency: str) -> Money:
    """Read an amount above zero as people type it; Problem if it is none."""
    number = decimal(text, currency)
    try:
        found = None if number is None else Money.of(number, currency)
    except ValueError:
        found = None
    if found is None or found.minor <= 0:
        raise Problem(400, "bad_amount", "Not an amount above zero.", field="amount")
    return found


def hold(order: Order, form: Form) -> Order:
    """Stop the next parcel."""
    return actions.hold(order, _words(form, "text"))


def release(order: Order, form: Form) -> Order:
    """Go on in spite of a problem."""
    return actions.release(order, STAFF, form.get("code", ""), form.get("effect", ""))


def take_over(order: Order, form: Form) -> Order:
    """Make the shop's newest version the order."""
    del form
    return actions.take_over(order, STAFF)


def cancel(order: Order, form: Form) -> Order:
    """Call the order off."""
    return actions.cancel(order, STAFF, form.get("text", ""))


def note(order: Order, form: Form) -> Order:
    """Write something down."""
    fact = events.NoteAdded(at=clock.now(), text=_words(form, "text"), by=STAFF)
    return actions.add(order, [fact])


def pay(order: Order, form: Form) -> Order:
    """Book money that came in; sending the same form twice books it once."""
    source = form.get("source", "bank")
    return by_hand.book_payment(
        order,
        amount(form.get("amount", ""), order.bought.currency),
        source=source if source in {"bank", "cash", "manual"} else "manual",
        reference=form.get("reference") or form.get("once", ""),
        booked_at=None,
    )


def refund(order: Order, form: Form) -> Order:
    """Pay money back or book that it was; sending the same form twice does it once."""
    reference = form.get("reference") or form.get("once", "")
    if reference and any(x.reference == reference for x in order.all(events.RefundRecorded)):
        return order
    found = amount(form.get("amount", ""), order.bought.currency)
    wanted = NewRefund(
        amount=Amount(amount=str(found.amount), currency=found.currency),
        way=form.get("way", "record"),
        reference=reference,
        return_id=form.get("return_id", ""),
        reason=form.get("text", ""),
        iban=form.get("iban", ""),
        holder=form.get("holder", ""),
        once=form.get("once", ""),
        by=STAFF,
    )
    return give_back(order, wanted, found)


def withdraw(order: Order, form: Form) -> Order:
    """Take back a refund that nobody has paid."""
    return take_back(order, form.get("refund_id", ""), by=STAFF, reason=form.get("text", ""))


def authorize(order: Order, form: Form) -> Order:
    """Agree that pieces come back."""
    return actions.authorize_return(order, _pieces(form), reason=form.get("text", ""), by=STAFF)[0]


def receive(order: Order, form: Form) -> Order:
    """Note what came back, and what it has lost in value."""
    lost = form.get("deduction", "")
    off = lost and actions.Deduction(
        amount=amount(lost, order.bought.currency), reason=form.get("deduction_reason", "")
    )
    return_id = form.get("return_id", "")
    return actions.receive_return(order, return_id, _pieces(form), by=STAFF, deduction=off or None)


def dun(order: Order, form: Form) -> Order:
    """Remind, stop, resume, waive fees, or hand over for collection."""
    wish = dunning.Wish(do=form.get("do", ""), text=form.get("text", ""), by=STAFF)
    return dunning.done(order, wish)


def invoice(order: Order, form: Form) -> Order:
    """Say how the buyer is invoiced."""
    return invoicing.choose(order, form, STAFF)


def correct(order: Order, form: Form) -> Order:
    """Put the invoice right."""
    return correcting.send(order, form, STAFF)


# The last part of the address, and what it does.
ACTIONS: Mapping[str, Callable[[Order, Form], Order]] = {
    "hold": hold,
    "release": release,
    "take-over": take_over,
    "cancel": cancel,
    "note": note,
    "payment": pay,
    "refund": refund,
    "withdraw": withdraw,
    "return": authorize,
    "receive": receive,
    "dunning": dun,
    "invoicing": invoice,
    "correct-invoice": correct,
    "credit-balance": lambda order, _: credit_balances.tell(order, STAFF),
}


def _words(form: Form, name: str) -> str:
    text = form.get(name, "")
    if not text:
        raise Problem(400, "no_text", "Write a few words.", field=name)
    return text


def _pieces(form: Form) -> list[ReturnLine]:
    found = []
    for name, value in form.items():
        line_id = name.removeprefix("pieces:")
        if line_id == name or value in {"", "0"}:
            continue
        if not (value.isascii() and value.isdecimal()):
            raise Problem(422, "bad_quantity", "Not a number of pieces.", field=name)
        restock = form.get(f"restock:{line_id}") == "yes"
        found.append(ReturnLine(line_id=line_id, quantity=int(value[:9]), restock=restock))
    if not found:
        raise Problem(400, "no_pieces", "Name at least one piece.", field="pieces")
    return found
