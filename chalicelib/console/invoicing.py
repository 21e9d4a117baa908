"""How the buyer is invoiced: what the order's page says of it, asks, and does with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.api import actions
from chalicelib.api.problems import Problem
from chalicelib.domain import bills, states
from chalicelib.domain.forms import FORMS

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

REFERENCE, FORM = "buyer_reference", "form"


def invoicing_context(
    order: Order, view: Mapping[str, Any], sent: Mapping[str, str] | None, field: str
) -> dict[str, Any]:
    """Return what the form holds: what was sent if that was refused, else what the order says.

    Nothing once the invoice is issued or the order is called off, for then it changes nothing.
    """
    if bills.standing(order) or states.is_cancelled(order):
        return {}
    is_refused = bool(sent) and field in {REFERENCE, FORM}
    said = {REFERENCE: view["buyer_reference"], FORM: view["invoice_form"]}
    given = {name: (sent or {}).get(name, "") for name in said} if is_refused else said
    return {
        **given,
        "forms": FORMS,
        "is_chosen": any(said.values()),
        "wrong": field if is_refused else "",
    }


def choose(order: Order, form: Mapping[str, str], by: str) -> Order:
    """Note how the buyer is invoiced; Problem names the field that is wrong."""
    chosen = form.get(FORM, "")
    if chosen not in {"", *FORMS}:
        raise Problem(400, "bad_field", f"form: one of {', '.join(FORMS)}.", field=FORM)
    return actions.choose_invoicing(order, form.get(REFERENCE, ""), chosen, by)
