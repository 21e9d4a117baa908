"""How the buyer is invoiced: what the order's page says of it, asks, and does with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.api import wishes
from chalicelib.api.problems import Problem
from chalicelib.domain import bills, states
from chalicelib.domain.events import InvoicingChosen
from chalicelib.domain.forms import FORMS
from chalicelib.runtime import clock

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

FIELDS = ("buyer_reference", "order_reference", "vat_id", "form")


def invoicing_context(
    order: Order, view: Mapping[str, Any], sent: Mapping[str, str] | None, field: str
) -> dict[str, Any]:
    """Return what the form holds: what was sent if that was refused, else what the order says.

    Nothing once the invoice is issued or the order is called off, for then it changes nothing.
    """
    if bills.standing(order) or states.is_cancelled(order):
        return {}
    is_refused = bool(sent) and field in FIELDS
    said = {name: view["invoice_form" if name == "form" else name] for name in FIELDS}
    given = {name: (sent or {}).get(name, "") for name in said} if is_refused else said
    return {
        **given,
        "forms": FORMS,
        "is_chosen": any(said.values()),
        "wrong": field if is_refused else "",
    }


def choose(order: Order, form: Mapping[str, str], by: str) -> Order:
    """Note how the buyer is invoiced; Problem names the field that is wrong."""
    said = {name: form.get(name, "") for name in FIELDS}
    if said["form"] not in {"", *FORMS}:
        raise Problem(400, "bad_field", f"form: one of {', '.join(FORMS)}.", field="form")
    return wishes.choose_invoicing(order, InvoicingChosen(at=clock.now(), by=by, **said))
