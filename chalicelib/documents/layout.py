"""Frozen facts turned into what the templates print: every amount, date and word as text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.documents import sheet, sums
from chalicelib.documents.addresses import address_lines
from chalicelib.documents.payments import asked
from chalicelib.documents.qr import girocode, qr_svg
from chalicelib.documents.treatments import exemption
from chalicelib.documents.wording import WORDS, method_name
from chalicelib.domain import formats
from chalicelib.domain.forms import is_leitweg_id
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.documents.facts import DeliveryNoteFacts, InvoiceFacts, Language, Line
    from chalicelib.documents.papers import LetterFacts

Row = list[str]


def invoice(kind: str, facts: InvoiceFacts) -> dict[str, Any]:
    """Return the data of an invoice or a credit note (`kind`)."""
    words = WORDS[facts.language]
    title = words["partial_invoice"] if facts.parcel and kind == "invoice" else words[kind]
    has_tax = _has_rates(facts)
    net = "" if facts.prices_include_tax or not _is_taxed(facts) else "_net"
    columns = ["position", "article", "quantity", f"unit_price{net}", "tax_column"]
    return {
        **sheet.frame(kind, facts, facts.bill_to, _invoice_info(kind, facts)),
        **dict.fromkeys(("headline", "running", "document_title"), f"{title} {facts.number}"),
        "has_tax": has_tax,
        "has_position": "position" not in facts.hidden,
        "columns": [words[name] for name in [*columns, f"line_total{net}"]],
        "lines": [*_priced_lines(facts)],
        "carried": words["carried"],
        "intro": sheet.breakable(facts.intro) or _intro(kind, facts),
        "reason": words["reason"].format(reason=facts.reason) if facts.reason else "",
        "ship_to": _ship_to(facts),
        "totals": [*sums.rows(kind, facts)],
        "payment": _payment(facts),
        "legal": exemption(facts).text,
    }


def delivery_note(kind: str, facts: DeliveryNoteFacts) -> dict[str, Any]:
    """Return the data of a delivery note or a packing slip (`kind`, unless it names its form)."""
    kind = facts.form or kind
    words = WORDS[facts.language]
    info = [
        [words[f"{kind}_number"], facts.number],
        [words[f"{kind}_date"], day(facts.issued_on, facts.language)],
        [words["order_number"], facts.order_number],
        [words["ordered_on"], day(facts.ordered_on, facts.language)],
        [words["customer_number"], facts.customer_number],
        [words["customer_reference"], facts.customer_reference],
        [words["carrier"], facts.carrier],
        [words["tracking_number"], facts.tracking_number],
        [words["weight"], formats.weight(facts.weight_g, facts.language)],
    ]
    return {
        **sheet.frame(kind, facts, facts.ship_to, info),
        "code": sheet.order_code(facts.order_number, facts.language),
        "columns": [words[name] for name in ("position", "article", "quantity")],
        "has_position": "position" not in facts.hidden,
        "lines": [article(line, words, facts.hidden) for line in facts.lines],
        "intro": sheet.breakable(facts.intro) or words[f"intro_{kind}"],
        "gift_title": words["gift_title"],
        "gift": sheet.breakable(facts.gift_message),
        "open_title": words["open_title"],
        "open_lines": [
            [sheet.breakable(line.name), _sku(line.sku, words), f"{line.quantity}"]
            for line in facts.open_lines
        ],
    }


def _invoice_info(kind: str, facts: InvoiceFacts) -> list[Row]:
    words, original = WORDS[facts.language], facts.original
    return [
        [words[f"{kind}_number"], facts.number],
        [words[f"{kind}_date"], day(facts.issued_on, facts.language)],
        _supplied(facts),
        [words["original"], original.number if original else ""],
        [
            words["original_date"],
            day(original.issued_on, facts.language) if original else "",
        ],
        [words["order_number"], facts.order_number],
        [words["ordered_on"], day(facts.ordered_on, facts.language)],
        [words["customer_number"], facts.customer_number],
        [words["customer_reference"], facts.customer_reference],
        [words["customer_vat_id"], facts.vat_id],
        [
            words["leitweg_id" if is_leitweg_id(facts.buyer_reference) else "customer_reference"],
            facts.buyer_reference,
        ],
    ]


def _supplied(facts: InvoiceFacts) -> Row:
    words, language = WORDS[facts.language], facts.language
    first = day(facts.supplied_on, language)
    if not facts.supplied_until:
        return [words["supplied_on"], first]
    return [words["supplied_between"], f"{first} – {day(facts.supplied_until, language)}"]


def _intro(kind: str, facts: InvoiceFacts) -> str:
    words = WORDS[facts.language]
    if facts.original is None:
        return words["intro_partial_invoice" if facts.parcel else f"intro_{kind}"].format(
            parcel=facts.parcel
        )
    on = day(facts.original.issued_on, facts.language)
    return words[f"intro_{kind}"].format(number=facts.original.number, date=on)


def day(iso: str, language: Language) -> str:
    """Return a day as its readers write it; nothing for none."""
    return formats.day(date.fromisoformat(iso), language) if iso else ""


def _money(minor: int, currency: str, language: Language) -> str:
    return formats.money(Money(minor=minor, currency=currency), language)


def money(minor: int, facts: InvoiceFacts | LetterFacts) -> str:
    """Return an amount of a document in its currency and language."""
    return _money(minor, facts.currency, facts.language)


def _ship_to(facts: InvoiceFacts) -> Row:
    if facts.ship_to is None or facts.ship_to == facts.bill_to:
        return []
    lines = address_lines(facts.ship_to, facts.sender.country, facts.language)
    return [WORDS[facts.language]["ship_to"], ", ".join(lines)]


def _sku(sku: str, words: dict[str, str]) -> str:
    return f"{words['sku']} {sheet.breakable(sku)}" if sku else ""


def article(line: Line, words: dict[str, str], hidden: tuple[str, ...] = ()) -> dict[str, str]:
    """Return a line without its prices."""
    sku = "" if "sku" in hidden else line.sku
    ean = f"{words['ean']} {line.ean}" if line.ean else ""
    small = [_sku(sku, words), ean, sheet.breakable(line.details)]
    return {
        "position": f"{line.position}",
        "name": sheet.breakable(line.name),
        "small": " · ".join(text for text in small if text),
        "quantity": f"{line.quantity}".replace("-", formats.MINUS),
    }


def _has_rates(facts: InvoiceFacts) -> bool:
    """Tell whether lines show their rates: they must where there are several (§ 14 (4) UStG)."""
    rates = {line.tax_rate for line in facts.lines} | {one.tax_rate for one in facts.charges}
    is_wanted = "tax_rate" not in facts.hidden or len(rates) > 1
    return is_wanted and _is_taxed(facts)


def _is_taxed(facts: InvoiceFacts) -> bool:
    """Tell whether rates mean something: 0 % would be wrong of what is sold by its margin."""
    is_silent = facts.tax_treatment.startswith(("small_business", "margin"))
    return not is_silent or any(group.tax for group in facts.taxes)


def _priced_lines(facts: InvoiceFacts) -> Iterator[dict[str, str]]:
    """Yield the lines, each with what all up to it amount to."""
    so_far = 0
    for line in facts.lines:
        so_far += line.total
        yield _priced(line, facts) | {"carried": _money(so_far, facts.currency, facts.language)}


def _priced(line: Line, facts: InvoiceFacts) -> dict[str, str]:
    words, language, currency = WORDS[facts.language], facts.language, facts.currency
    data, price = article(line, words, facts.hidden), line.unit_price
    if "discount" in facts.hidden and line.total % line.quantity == 0:
        price = line.total // line.quantity  # what was really paid for a piece
    elif line.discount:
        saved = _money(-line.discount, currency, language)
        data["small"] = " · ".join(
            filter(None, [data["small"], f"{words['line_discount']} {saved}"])
        )
    return {
        **data,
        "unit_price": _money(price, currency, language),
        "rate": formats.rate(Decimal(line.tax_rate), language),
        "total": _money(line.total, currency, language),
    }


def _payment(facts: InvoiceFacts) -> dict[str, Any] | None:
    """Say what was paid or what to do; a part payment is named in the totals."""
    words, payment = WORDS[facts.language], facts.payment
    if payment.state == "none":
        return None
    if payment.state == "due":
        return transfer(facts, facts.totals.due) if facts.totals.due > 0 else None
    settled = payment.state in {"paid", "refunded"}
    amount = facts.totals.paid if settled else facts.totals.due
    on = words["on"].format(date=day(payment.on, facts.language)) if payment.on else ""
    text = words[payment.state].format(
        amount=_money(amount or facts.totals.gross, facts.currency, facts.language),
        on=on if settled else "",
        method=method_name(payment.method, facts.language, words["method"]),
    )
    is_new = payment.reference not in {"", facts.number, facts.order_number}
    rows = [[words["reference"], sheet.breakable(payment.reference)]] if is_new else []
    title = words[f"{payment.state}_title"]
    return {"title": title, "text": text, "rows": rows, "qr": "", "is_settled": settled}


def transfer(facts: InvoiceFacts | LetterFacts, due: int) -> dict[str, Any]:
    """Return how to pay so much by bank transfer, with a Girocode where it is in euro."""
    words, sender, payment = WORDS[facts.language], facts.sender, facts.payment
    amount = money(due, facts)
    purpose = payment.reference or facts.number
    holder = sender.account_holder or sender.name
    rows = [
        [words["recipient"], sheet.breakable(holder)],
        [words["iban"], sheet.iban(sender.iban)],
        [words["bic"], " · ".join(filter(None, [sender.bic, sender.bank]))],
        [words["purpose"], sheet.breakable(purpose)],
    ]
    code = (
        ""
        if facts.currency != "EUR"
        else girocode(name=holder, iban=sender.iban, bic=sender.bic, cents=due, purpose=purpose)
    )
    return {
        "title": words["due_title"],
        "text": asked(payment, due, facts.currency, facts.language),
        "rows": [row for row in rows if row[1]],
        "qr": qr_svg(code) if code else "",
        "qr_alt": words["qr_alt"].format(amount=amount),
        "qr_caption": words["scan_to_pay"],
        "is_settled": False,
    }
