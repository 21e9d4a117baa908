"""Orders whose last deadline is over, as rows of the list that a collection agency gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.api.view import document_id
from chalicelib.domain import balance, bills, dunning, events
from chalicelib.domain.dunning import LETTERS, day
from chalicelib.domain.money import Money, total
from chalicelib.runtime.settings import public_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.order import Order

COLUMNS = (
    "order_number", "ordered_on", "invoice_number", "invoice_date", "due_on", "company", "name",
    "street", "street2", "zip", "city", "country", "email", "phone", "currency", "total",
    "corrected", "paid", "fees", "open", "payment_reminder_on", "dunning_1_on", "dunning_2_on",
    "last_deadline", "documents",
)  # fmt: skip
CODE = "collection_due"


def rows(order: Order) -> Iterator[list[str]]:
    """Yield the row of one order; amounts with a decimal comma, days as 2026-11-23."""
    bought, invoice = order.bought, bills.standing(order)
    to = bought.billing if bought.billing.street else bought.shipping
    last, due = dunning.deadline(order), dunning.due_on(order)
    said = {
        "order_number": bought.number,
        "ordered_on": day(bought.placed_at).isoformat(),
        "invoice_number": invoice.number if invoice else "",
        "invoice_date": invoice.issued_on.isoformat() if invoice else "",
        "due_on": due.isoformat() if due else "",
        **{name: str(getattr(to, name, "")) for name in COLUMNS if hasattr(to, name)},
        "email": bought.email,
        "phone": bought.phone or to.phone,
        "currency": bought.currency,
        "total": _amount(bought.total),
        "corrected": _amount(total(balance.corrections(order)[0].values(), bought.currency)),
        "paid": _amount(balance.kept(order)),
        "fees": _amount(dunning.fees_amount(order)),
        "open": _amount(balance.outstanding(order)),
        **{
            f"{LETTERS[fact.level]}_on": day(fact.at).isoformat()
            for fact in order.all(events.DunningRaised)
        },
        "last_deadline": last.isoformat() if last else "",
        "documents": " ".join(_documents(order)),
    }
    yield [said.get(name, "") for name in COLUMNS]


def _documents(order: Order) -> Iterator[str]:
    """Yield where invoice, corrections and letters are to be had, with the merchant's token."""
    for index, fact in enumerate(order.all(events.DocumentIssued), 1):
        if fact.kind in {"invoice", "credit_note", *LETTERS}:
            yield f"{public_url()}/v1/documents/{document_id(order, index)}"


def _amount(amount: Money) -> str:
    return str(amount.amount).replace(".", ",")
