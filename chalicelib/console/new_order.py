"""The page for orders by phone: it makes the same document that the API takes."""

from __future__ import annotations

import json
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api.new_orders import place, source
from chalicelib.api.problems import Problem
from chalicelib.console import forms
from chalicelib.console.pages import go_to
from chalicelib.console.row_words import reason
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import named, say
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.console.session import Session
    from chalicelib.domain.product import Product

bp = Blueprint(__name__)
ROWS, MORE, MOST = 5, 5, 200
OFFERED = 200  # SKUs that the browser completes
RATE = "19"
PARTS = ("sku", "item", "quantity", "price", "rate")
KNOWN = {"no_lines": "new.no_lines", "idempotency_mismatch": "new.made"}
ADDRESS = ("name", "company", "street", "street2", "zip", "city", "country")


@bp.route("/console/new-order", methods=["GET"])
@at_the_console
def blank(who: Session) -> Response:
    """Show an empty form."""
    once = secrets.token_hex(3).upper()
    number = f"T-{clock.now():%y%m%d}-{once}"
    form = {"once": secrets.token_hex(12), "country": "DE", "currency": "EUR", "number": number}
    return _form(who, form, ROWS)


@bp.route("/console/new-order", methods=["POST"], content_types=FORM)
@at_the_console
def make(who: Session) -> Response:
    """Make the order, or show the form again with names looked up or with more rows."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    rows = _count(form)
    if form.get("do") == "more":
        return _form(who, form, min(rows + MORE, MOST))
    if form.get("do") == "look":
        return _form(who, form, rows, is_asked=True)
    try:
        raw = json.dumps(document(form, rows), ensure_ascii=False).encode()
        order, _ = place(source(who.merchant_id), raw, f"form {form.get('once', '')}")
    except Problem as problem:
        trouble = _trouble(problem, language_of(who))
        return _form(who, form, rows, trouble=trouble, status=problem.status)
    return go_to(path_of(f"/orders/{order.id}?done=new"))


def document(form: Mapping[str, str], rows: int) -> dict[str, Any]:
    """Return what was typed in as an order in the published shape."""
    billing = {name: form.get(name, "") for name in ADDRESS}
    shipping = {name: form.get(f"to_{name}", "") for name in ADDRESS}
    is_elsewhere = any(text for name, text in shipping.items() if name != "country")
    if is_elsewhere:
        shipping["country"] = shipping["country"] or billing["country"]
    method = form.get("payment", "prepayment")
    whole: dict[str, Any] = {
        "external_id": f"form-{form.get('once', '')}",
        "number": form.get("number", ""),
        "currency": form.get("currency", "").upper(),
        "prices_include_tax": not form.get("net"),
        "lines": [line for place in range(rows) if (line := _line(form, place))],
        "billing_address": billing,
        "shipping_address": shipping if is_elsewhere else None,
        "email": form.get("email", ""),
        "phone": form.get("phone", ""),
        "vat_id": form.get("vat_id", ""),
        "note": form.get("note", ""),
        "payment": {"method": method, "state": "paid" if method == "cash" else "unpaid"},
        "shipping": _charge(form, "shipping"),
        "discounts": [off] if (off := _charge(form, "discount")) else None,
    }
    if not whole["lines"]:
        raise Problem(422, "no_lines", "Name at least one item.", field="lines")
    return {name: value for name, value in whole.items() if value not in ("", None)}


def _line(form: Mapping[str, str], place: int) -> dict[str, Any] | None:
    typed = {name: form.get(f"{name}:{place}", "") for name in PARTS}
    if not any(typed[name] for name in ("sku", "item", "price")):
        return None
    return {
        "id": str(place + 1),
        "sku": typed["sku"],
        "name": typed["item"] or typed["sku"],
        "quantity": typed["quantity"] or "1",
        "unit_price": _amount(typed["price"]),
        "tax_rate": _amount(typed["rate"] or RATE),
    }


def _charge(form: Mapping[str, str], name: str) -> dict[str, str] | None:
    amount = _amount(form.get(name, ""))
    return {"amount": amount} if amount else None


def _amount(text: str) -> str:
    """Return an amount as the document has it; what is none stays, for the reader to refuse."""
    found: Decimal | None = forms.decimal(text)
    return text if found is None else f"{found:f}"


def _count(form: Mapping[str, str]) -> int:
    text = form.get("rows", "")
    return min(int(text), MOST) if text.isascii() and text.isdecimal() else ROWS


def _form(
    who: Session,
    form: Mapping[str, str],
    rows: int,
    *,
    is_asked: bool = False,
    trouble: str = "",
    status: int = 200,
) -> Response:
    skus = [sku for place in range(rows) if (sku := form.get(f"sku:{place}", ""))]
    places = [one.id for one in settings_of(who.merchant_id).locations] if is_asked else []
    known = Shelf().products(who.merchant_id, skus, places) if is_asked and skus else {}
    return page(
        "new_order.html",
        who=who,
        status=status,
        form=form,
        rows=[_row(form, place, known, is_asked=is_asked) for place in range(rows)],
        products=Products().page(who.merchant_id, limit=OFFERED),
        trouble=trouble,
    )


def _row(
    form: Mapping[str, str], place: int, known: Mapping[str, Product], *, is_asked: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {name: form.get(f"{name}:{place}", "") for name in PARTS}
    row["rate"] = row["rate"] or RATE
    product = known.get(row["sku"])
    row["known"] = bool(product) if is_asked and row["sku"] else None
    row["available"] = product.available if product else 0
    row["item"] = row["item"] or (product.name if product else "")
    return row


def _trouble(problem: Problem, language: str) -> str:
    """Say what is wrong, and in which field of the form."""
    if problem.code in KNOWN:
        return say(language, KNOWN[problem.code])
    field, _, words = problem.detail.rstrip(".").partition(": ")
    if not words:
        return problem.detail
    last = field.replace("_address.", "_").rpartition(".")[2]
    place = field.partition("[")[2].partition("]")[0]
    label = named(language, "import_field", last)
    line = f"{say(language, 'new.lines')} {int(place) + 1}, " if place.isdecimal() else ""
    return say(language, "new.wrong", field=f"{line}{label}", reason=reason(language, words))
