"""What the buyer wants on the invoice, as a person says it: checked, then kept as a fact."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.api.actions import add, checked
from chalicelib.api.problems import Problem
from chalicelib.domain import bills, buyer, vat_ids
from chalicelib.domain.forms import is_leitweg_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.events import InvoicingChosen
    from chalicelib.domain.order import Order

LONGEST_REFERENCE = 46  # as a Leitweg-ID


@checked
def choose_invoicing(order: Order, said: InvoicingChosen) -> Order:
    """Keep what the buyer wants; Problem names the field that is mistyped."""
    if bills.standing(order):
        raise Problem(409, "already_invoiced", "The invoice is issued; correct it instead.")
    return add(order, [read(said)])


def read(said: InvoicingChosen) -> InvoicingChosen:
    """Return what a person wrote as it is kept; Problem names the field that is mistyped."""
    wanted = replace(
        said,
        buyer_reference="".join(said.buyer_reference.split()),
        order_reference=" ".join(said.order_reference.split()),
        vat_id=vat_ids.compact(said.vat_id),
    )
    for field, text in _mistyped(wanted):
        raise Problem(400, "bad_field", f"{field}: {text}", field=field)
    return wanted


def _mistyped(said: InvoicingChosen) -> Iterator[tuple[str, str]]:
    found, own = said.buyer_reference, said.order_reference
    if found[:2].isdecimal() and "-" in found and not is_leitweg_id(found):
        yield "buyer_reference", "the check digits of the Leitweg-ID do not fit."
    if len(found) > LONGEST_REFERENCE:
        yield "buyer_reference", f"at most {LONGEST_REFERENCE} characters."
    if len(own) > buyer.LONGEST_ORDER:
        yield "order_reference", f"at most {buyer.LONGEST_ORDER} characters."
    if said.vat_id and vat_ids.is_mistyped(said.vat_id):
        yield "vat_id", "does not have the form of its country's VAT ids."
