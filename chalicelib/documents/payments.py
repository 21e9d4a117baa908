"""How an electronic invoice says it is paid (BG-16, BT-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.documents.wording import WORDS, method_name
from chalicelib.domain import cash_discount, formats
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from chalicelib.documents.facts import InvoiceFacts, Language, Payment

# UNTDID 4461: cash, credit transfer, SEPA credit transfer, online payment service, as agreed.
_CASH, _TRANSFER, _SEPA, _ONLINE, _AGREED = "10", "30", "58", "68", "ZZZ"
_BY_TRANSFER = frozenset({"", "bank", "bank_transfer", "bacs", "invoice"})
_AS_AGREED = frozenset({"cod", "sepa_debit", "manual"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """A way to pay; account, holder and bank only where the buyer is to transfer something."""

    code: str
    text: str = ""
    reference: str = ""
    iban: str = ""
    holder: str = ""
    bic: str = ""


def means(facts: InvoiceFacts) -> Means:
    """Return how the sum was or is to be paid."""
    payment, sender = facts.payment, facts.sender
    reference = payment.reference or facts.number
    if payment.state == "due" and sender.iban:
        return Means(
            code=_SEPA if facts.currency == "EUR" else _TRANSFER,
            reference=reference,
            iban="".join(sender.iban.split()).upper(),
            holder=sender.account_holder or sender.name,
            bic=sender.bic.replace(" ", "").upper(),
        )
    name = method_name(payment.method, facts.language, "{method}")
    return Means(code=_code(payment.method.lower()), text=name, reference=reference)


def _code(method: str) -> str:
    if method == "cash":
        return _CASH
    # Without the account or the mandate that the codes of their own ask for.
    return _AGREED if method in _BY_TRANSFER | _AS_AGREED else _ONLINE


def terms(facts: InvoiceFacts) -> str:
    """Say until when what is due is to be paid; nothing where nothing is due."""
    words, payment, language = WORDS[facts.language], facts.payment, facts.language
    if facts.totals.due <= 0 or payment.state not in {"due", "collected"}:
        return ""
    if payment.state == "collected":
        amount = formats.money(Money(minor=facts.totals.due, currency=facts.currency), language)
        method = method_name(payment.method, language, words["method"])
        return words["collected"].format(amount=amount, method=method)
    return asked(payment, facts.totals.due, facts.currency, language) + _code_line(facts)


def asked(payment: Payment, due: int, currency: str, language: Language) -> str:
    """Ask for a transfer of what is due: until when, and what may be taken off who is early."""
    words, discount = WORDS[language], payment.discount
    by = formats.day(date.fromisoformat(payment.due_on), language) if payment.due_on else ""
    amount = formats.money(Money(minor=due, currency=currency), language)
    if discount is None:
        return words["due" if by else "due_soon"].format(amount=amount, due_on=by)
    left = Money(minor=cash_discount.reduced(due, discount.rate), currency=currency)
    off = words["cash_discount"].format(
        rate=formats.rate(Decimal(discount.rate), language),
        until=formats.day(date.fromisoformat(discount.until), language),
        amount=formats.money(left, language),
    )
    return f"{words['due' if by else 'due_now'].format(amount=amount, due_on=by)} {off}"


def _code_line(facts: InvoiceFacts) -> str:
    """Return the line of an XRechnung from which machines read the discount (BR-DE-18).

    It ends as a line; it names the sum where that is not the whole invoice. Nothing is said of a
    rate with more decimals than it has.
    """
    discount, due = facts.payment.discount, facts.totals.due
    if discount is None or not facts.einvoice.startswith("xrechnung"):
        return ""
    rate = Decimal(discount.rate)
    if rate != round(rate, 2):
        return ""
    amount = Money(minor=due, currency=facts.currency).amount
    base = f"BASISBETRAG={amount:.2f}#" if due != facts.totals.gross else ""
    return f"\n#SKONTO#TAGE={discount.days}#PROZENT={rate:.2f}#{base}\n"
