"""The sums below an invoice's lines: charges, total, taxes, and what is left to be paid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.documents import sheet
from chalicelib.documents.wording import WORDS
from chalicelib.domain import formats
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.documents.facts import InvoiceFacts, Language

# How it is set (plain, muted, total, due), what it is, and the amount.
Row = list[str]


def _money(minor: int, currency: str, language: Language) -> str:
    return formats.money(Money(minor=minor, currency=currency), language)


def rows(kind: str, facts: InvoiceFacts) -> Iterator[Row]:
    """Yield the sums in the order in which they are printed."""
    words, language, currency = WORDS[facts.language], facts.language, facts.currency

    def row(style: str, label: str, amount: int) -> Row:
        return [style, label, _money(amount, currency, language)]

    if any(not charge.is_money for charge in facts.charges):
        yield row("plain", words["subtotal"], sum(line.total for line in facts.lines))
    for charge in facts.charges:
        if not charge.is_money or not facts.totals.redeemed:
            yield row("plain", _charge_name(charge.kind, charge.name, words), charge.amount)
    if not facts.prices_include_tax:
        yield row("plain", words["net_total"], facts.totals.net)
        yield from _taxes(facts, "tax_added", "plain")
    yield row("total", words[f"{kind}_total"], facts.totals.gross)
    if facts.prices_include_tax and any(group.tax for group in facts.taxes):
        yield row("muted", words["net_within"], facts.totals.net)
        yield from _taxes(facts, "tax_within", "muted")
    yield from _home_tax(facts)
    yield from _settled(kind, facts)


def _settled(kind: str, facts: InvoiceFacts) -> Iterator[Row]:
    """Yield what gift cards and payments leave to be paid."""
    words, language, currency = WORDS[facts.language], facts.language, facts.currency

    def row(style: str, label: str, amount: int) -> Row:
        return [style, label, _money(amount, currency, language)]

    for card in facts.charges if facts.totals.redeemed else ():
        if card.is_money:
            yield row("plain", _charge_name(card.kind, card.name, words), card.amount)
    if (facts.totals.paid or facts.totals.redeemed) and facts.totals.due:
        if facts.totals.paid:
            yield row("plain", words[f"{kind}_paid"], -facts.totals.paid)
        yield row("due", words[f"{kind}_due"], facts.totals.due)


def _home_tax(facts: InvoiceFacts) -> Iterator[Row]:
    """Yield the tax in the seller's own currency, which the law wants beside another."""
    if facts.home_tax is None:
        return
    label = WORDS[facts.language]["home_tax"].format(
        rate=formats.number(Decimal(facts.exchange_rate), facts.language), currency=facts.currency
    )
    yield ["muted", label, _money(facts.home_tax, facts.home_currency, facts.language)]


def _charge_name(kind: str, name: str, words: dict[str, str]) -> str:
    word = words[kind]
    if not name or name.casefold() == word.casefold():
        return word
    return f"{word} ({sheet.breakable(name)})"


def _taxes(facts: InvoiceFacts, wording: str, style: str) -> Iterator[Row]:
    if facts.tax_treatment == "small_business":
        return
    language, currency = facts.language, facts.currency
    for group in facts.taxes:
        if group.rate == "0" and facts.tax_treatment != "standard":
            continue
        label = WORDS[language][wording].format(
            rate=formats.rate(Decimal(group.rate), language),
            net=_money(group.net, currency, language),
        )
        yield [style, label, _money(group.tax, currency, language)]
