"""A letter that tells a customer of money that is theirs: what was paid, and what it was for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents import drafts, settling
from chalicelib.documents.papers import Item, LetterFacts
from chalicelib.documents.wording import WORDS
from chalicelib.domain import balance, bills
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.transfers import is_by_transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.events import CreditBalanceTold
    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings


def draft(order: Order, settings: Settings, letter: CreditBalanceTold) -> LetterFacts:
    """Return what the letter says; NeedsHuman where nobody could be asked about it."""
    if not (settings.name and settings.street):
        raise NeedsHuman("sender_missing", "settings.name: your name and address are not set.")
    bought, invoice = order.bought, bills.standing(order)
    words = WORDS[drafts.language(order)]
    name = bought.billing.name or bought.shipping.name
    how = "credit_by_transfer" if is_by_transfer(order) else "credit_as_paid"
    return LetterFacts(
        number=f"{bought.number}-G{letter.number}",
        issued_on=settling.day_of(letter.at),
        currency=bought.currency,
        sender=drafts.sender(settings),
        to=drafts.party(bought.billing if bought.billing.street else bought.shipping),
        items=tuple(_items(order, words, letter)),
        total=letter.amount.minor,
        language=drafts.language(order),
        salutation=words["dunning_hello"].format(name=name) if name else "",
        paragraphs=(words[how],),
        order_number=bought.number,
        ordered_on=settling.day_of(bought.placed_at),
        invoice_number=invoice.number if invoice else "",
        invoice_date=invoice.issued_on.isoformat() if invoice else "",
    )


def _items(order: Order, words: dict[str, str], letter: CreditBalanceTold) -> Iterator[Item]:
    """Yield what the customer paid, and what of it is for the goods; the rest is the balance."""
    kept = balance.kept(order)
    used = kept - letter.amount
    invoice, bought = bills.standing(order), order.bought
    yield Item(text=words["credit_paid"], amount=kept.minor)
    text = (
        f"{words['invoice']} {invoice.number}"
        if invoice
        else words["dunning_order"].format(number=bought.number)
    )
    on = invoice.issued_on.isoformat() if invoice else settling.day_of(bought.placed_at)
    is_all = used == bought.total
    yield Item(
        text=text, amount=-used.minor, date=on, detail="" if is_all else words["credit_rest"]
    )
