"""Letters and slips as their templates print them: credit balances, reminders, return slips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.documents import layout, sheet
from chalicelib.documents.wording import LANGUAGES, WORDS

if TYPE_CHECKING:
    from chalicelib.documents.papers import Item, LetterFacts, ReturnSlipFacts


def letter(kind: str, facts: LetterFacts) -> dict[str, Any]:
    """Return the data of a letter about money."""
    words = WORDS[facts.language]
    info = [
        [words["letter_number"], facts.number],
        [words["letter_date"], layout.day(facts.issued_on, facts.language)],
        [words["invoice_number"], facts.invoice_number],
        [words["invoice_date"], layout.day(facts.invoice_date, facts.language)],
        [words["order_number"], facts.order_number],
        [words["ordered_on"], layout.day(facts.ordered_on, facts.language)],
        [words["customer_number"], facts.customer_number],
    ]
    title = sheet.breakable(facts.title) or words[kind]
    return {
        **sheet.frame(kind, facts, facts.to, info),
        "document_title": f"{title} {facts.number}",
        "headline": title,
        "running": f"{title} {facts.number}",
        "salutation": sheet.breakable(facts.salutation) or words["salutation"],
        "intro": sheet.breakable(facts.intro) or words[f"intro_{kind}"],
        "columns": [words[name] for name in ("letter_item", "letter_day", "amount")],
        "lines": [_item(item, facts) for item in facts.items],
        "totals": [
            ["total", words[f"{kind}_total"], layout.money(facts.total, facts)],
        ],
        "paragraphs": [sheet.breakable(text) for text in facts.paragraphs],
        "payment": _payment(kind, facts),
        "regards": words["regards"],
        "signature": sheet.breakable(facts.sender.name),
    }


def return_slip(kind: str, facts: ReturnSlipFacts) -> dict[str, Any]:
    """Return the data of a return slip: what may come back, with reasons to tick."""
    words = WORDS[facts.language]
    info = [
        [words["return_number"], facts.number],
        [words["letter_date"], layout.day(facts.issued_on, facts.language)],
        [words["order_number"], facts.order_number],
        [words["ordered_on"], layout.day(facts.ordered_on, facts.language)],
        [words["returned_by"], facts.customer.name or facts.customer.company],
    ]
    return {
        **sheet.frame(kind, facts, facts.send_to, info),
        "code": sheet.order_code(facts.number, facts.language),
        "intro": sheet.breakable(facts.intro) or words["intro_return_slip"],
        "columns": [words[name] for name in ("position", "article", "quantity", "reason_no")],
        "lines": [layout.article(line, words) for line in facts.lines],
        "reasons_title": words["reasons_title"],
        "reasons": LANGUAGES[facts.language]["return_reasons"],
        "reason": words["reason"].format(reason=facts.reason) if facts.reason else "",
        "how": words["return_how_open" if facts.is_open else "return_how"],
    }


def _item(item: Item, facts: LetterFacts) -> dict[str, str]:
    return {
        "name": sheet.breakable(item.text),
        "small": sheet.breakable(item.detail),
        "date": layout.day(item.date, facts.language),
        "total": layout.money(item.amount, facts),
    }


def _payment(kind: str, facts: LetterFacts) -> dict[str, Any] | None:
    """Return how to pay a reminder, or where a credit balance goes."""
    if kind == "credit_balance" or facts.total <= 0 or facts.payment.state != "due":
        return None
    return layout.transfer(facts, facts.total)
