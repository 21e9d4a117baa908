"""Whom an order is billed to, and how a wrong invoice is put right: asked on the order's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from chalicelib.api.corrections import NewBilling, NewCorrection, Plan, correct, planned, preview
from chalicelib.api.problems import Problem
from chalicelib.console.words import WORDS, say
from chalicelib.domain import bills, formats, revision
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

PLACE = tuple(one.name for one in fields(NewBilling))
WANTED = ("vat_id", "buyer_reference", "order_reference")
FIELDS = (*PLACE, *WANTED)
# What a person can do nothing about here, so that nothing is shown.
SILENT = frozenset({"order_cancelled"})


def correcting_context(
    order: Order, view: Mapping[str, Any], sent: Mapping[str, str] | None, field: str, language: str
) -> dict[str, Any]:
    """Return what the form holds, what sending it does, and why it is not offered, if it is not."""
    invoice = bills.standing(order)
    # Who gave no address of their own for the invoice is billed where the goods go.
    which = "billing_address" if order.bought.billing.street else "shipping_address"
    said = {name: view[which].get(name, "") for name in PLACE}
    said |= {name: view[name] for name in WANTED}
    wrong = field.removeprefix("billing_address.")
    is_refused = bool(sent) and wrong in FIELDS and "correction" in (sent or {})
    why = _refusal(order)
    if why in SILENT:
        return {}
    return {
        "fields": {name: (sent or {}).get(name, "") for name in said} if is_refused else said,
        "invoice": invoice.number if invoice else "",
        "why_not": "" if why == "nothing_to_correct" else say(language, f"problem.{why}"),
        "wrong": wrong if is_refused else "",
        "mail": order.bought.email,
    }


def change_context(order: Order, language: str) -> dict[str, Any]:
    """Return what it would do to take the shop's version over in spite of the invoice."""
    if revision.open_report(order) is None or bills.standing(order) is None:
        return {}
    try:
        plan = planned(order, NewCorrection(take_over=True))
    except Problem as problem:
        words = WORDS[language]
        return {"why_not": words.get(f"problem.{problem.code}", problem.detail), "does": ""}
    return {"why_not": "", "does": _told(plan, language)}


def send(order: Order, form: Mapping[str, str], by: str) -> Order:
    """Put the invoice right as a form says; Problem names the field that is wrong."""
    if form.get("take_over"):
        return correct(order, NewCorrection(take_over=True, by=by))
    given = {name: form.get(name, "") for name in PLACE}
    # Before there is an invoice, what else is on it has a form of its own.
    is_all = form.get("correction") == "invoice"
    wanted: dict[str, Any] = {name: form.get(name, "") if is_all else None for name in WANTED}
    wish = NewCorrection(
        billing_address=NewBilling(**given), reason=form.get("text", ""), by=by, **wanted
    )
    return correct(order, wish)


def _refusal(order: Order) -> str:
    """Return why nothing can be corrected now, as the code of the problem."""
    try:
        planned(order, NewCorrection())
    except Problem as problem:
        return problem.code
    return "nothing_to_correct"


def _told(plan: Plan, language: str) -> str:
    """Say what a correction would do, with what is to be paid or paid back."""
    seen = preview(plan)
    total = _sum(seen, "new_total", language)
    told = say(language, "correcting.does", number=seen["cancels"], total=total)
    for name in ("to_be_paid", "to_be_refunded"):
        if float(seen[name]["amount"]):
            told += " " + say(language, f"correcting.{name}", amount=_sum(seen, name, language))
    return told


def _sum(seen: Mapping[str, Any], name: str, language: str) -> str:
    amount = seen[name]
    return formats.money(Money.of(amount["amount"], amount["currency"]), language)
