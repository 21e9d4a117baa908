"""The reminder and the dunning letters: what is open, why, until when, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents import drafts, settling
from chalicelib.documents.facts import Payment
from chalicelib.documents.papers import Item, LetterFacts
from chalicelib.documents.wording import WORDS
from chalicelib.domain import balance, bills, dunning, formats, states
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import DunningRaised, ReturnCredited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings


def kind_of(letter: DunningRaised) -> str:
    """Return what a letter is called among the documents."""
    return dunning.LETTERS[letter.level]


def draft(order: Order, settings: Settings, letter: DunningRaised) -> LetterFacts:
    """Return what a letter says; NeedsHuman where nobody could pay it."""
    if not (settings.name and settings.iban):
        raise NeedsHuman("bank_missing", "Your name and bank account are not set.")
    bought, invoice = order.bought, bills.standing(order)
    words = WORDS[bought.language]
    name = bought.billing.name or bought.shipping.name
    return LetterFacts(
        number=f"{bought.number}-M{letter.level}",
        issued_on=settling.day_of(letter.at),
        currency=bought.currency,
        sender=drafts.sender(settings),
        to=drafts.party(bought.billing if bought.billing.street else bought.shipping),
        items=tuple(_items(order, words)),
        total=balance.outstanding(order).minor,
        language=drafts.language(order),
        salutation=words["dunning_hello"].format(name=name) if name else "",
        intro=_intro(order, letter, words),
        paragraphs=tuple(_paragraphs(order, letter, words)),
        order_number=bought.number,
        ordered_on=settling.day_of(bought.placed_at),
        invoice_number=invoice.number if invoice else "",
        invoice_date=invoice.issued_on.isoformat() if invoice else "",
        payment=Payment(state="due", due_on=letter.due_on.isoformat(), reference=bought.number),
    )


def _intro(order: Order, letter: DunningRaised, words: dict[str, str]) -> str:
    earlier = [fact.at for fact in order.all(DunningRaised) if fact.level < letter.level]
    due, language = dunning.due_on(order), order.bought.language
    return words[f"intro_{kind_of(letter)}"].format(
        due=_day(due, language), last=_day(max(earlier, default=letter.at), language)
    )


def _paragraphs(order: Order, letter: DunningRaised, words: dict[str, str]) -> Iterator[str]:
    """Say what follows the last letter, and when there is nothing to do."""
    if consequence := dunning.consequence(order):
        day = _day(letter.due_on, order.bought.language)
        yield words[f"then_{consequence}"].format(due_on=day)
    yield words["dunning_crossed"]


def _items(order: Order, words: dict[str, str]) -> Iterator[Item]:
    """Yield what is owed and what came in; together they are what is open."""
    invoice, bought = bills.standing(order), order.bought
    number, on = (
        (f"{words['invoice']} {invoice.number}", invoice.issued_on.isoformat())
        if invoice
        else (
            words["dunning_order"].format(number=bought.number),
            settling.day_of(bought.placed_at),
        )
    )
    yield Item(text=number, amount=bought.total.minor, date=on)
    for fact in order.all(ReturnCredited):
        note = states.document(order, "credit_note", balance.correction_name(fact))
        part = balance.corrections(order)[0][balance.correction_name(fact)]
        if part:
            text = f"{words['credit_note']} {note.number}" if note else words["credit_note"]
            yield Item(text=text, amount=-part.minor, date=settling.day_of(fact.at))
    back = balance.surplus_back(order) - balance.fees_back(order)
    if paid := balance.received_amount(order) - back:
        yield Item(text=words["invoice_paid"], amount=-paid.minor)
    if off := balance.forgiven(order):
        yield Item(text=words["discount"], amount=-off.minor)
    for fee in dunning.fees(order):
        name = words[dunning.LETTERS[int(fee.reference.rpartition("-")[2])]]
        text = words["dunning_fee"].format(letter=name)
        yield Item(text=text, amount=fee.amount.minor, date=settling.day_of(fee.at))


def _day(when: date | None, language: str) -> str:
    return formats.day(when, language) if when else ""
