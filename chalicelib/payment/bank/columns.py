"""CSV exports of German banks' online banking: which column means what.

There is no standard: banks differ in names, order, encoding and lines before the head. The head is
the first line that names a day, an amount and a text; its names are compared without case,
umlauts, marks and blanks. Names as exported by Sparkasse, VR banks, DKB, ING, Commerzbank,
Deutsche Bank, Postbank, comdirect, HypoVereinsbank and N26.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

from chalicelib.domain.bank import BankTransaction, EntryProblem, Source, Statement, numbered
from chalicelib.domain.errors import Permanent
from chalicelib.payment.bank.parts import Unreadable, clean, day, decimal_comma, money
from chalicelib.runtime.texts import delimiter_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.domain.money import Money

HEAD_WITHIN = 30  # lines
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
ANNOUNCED = frozenset({"vorgemerkt", "umsatzvorgemerkt", "pending", "offen"})

NAMES = {
    "account": "auftragskonto ibanauftragskonto ibanauftraggeberkonto kontonummerauftragskonto",
    "booked_on": "buchungstag buchungsdatum buchung bookingdate datum buchungstagdatum",
    "value_on": "valutadatum valuta wertstellung wertstellungsdatum wertstellungvaluta wert"
    " valuedate",
    "name": "beguenstigterzahlungspflichtiger namezahlungsbeteiligter auftraggeberempfaenger"
    " beguenstigterauftraggeber auftraggeberbeguenstigter partnername payee empfaenger1"
    " auftraggeberzahlungsempfaenger zahlungsbeteiligter",
    "payer": "zahlungspflichtiger auftraggeber",
    "payee": "zahlungsempfaengerin zahlungsempfaenger empfaenger",
    "iban": "kontonummeriban ibanzahlungsbeteiligter iban ibankontonummer partneriban"
    " kontonummer accountnumber",
    "text": "verwendungszweck verwendungszweck1 paymentreference buchungsdetails",
    "posting": "buchungstext umsatzart umsatztyp vorgang type",
    "amount": "betrag betrageur amounteur amount umsatz umsatzineur umsatzeur betragineur",
    "debit": "soll",
    "credit": "haben",
    "currency": "waehrung currency betragwaehrung",
    "end_to_end_id": "kundenreferenzendtoend kundenreferenz endtoendreferenz",
    "mandate_id": "mandatsreferenz",
    "state": "status info",
    "fee": "auslagenersatzruecklastschrift",
    "original": "lastschriftursprungsbetrag",
}
MEANINGS = {name: role for role, names in NAMES.items() for name in names.split()}
FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def fold(name: str) -> str:
    """Return a column's name as it is compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower().translate(FOLDED))


def read(text: str) -> list[Statement]:
    """Read one export; Permanent(`bad_statement`) says what is missing to understand it."""
    rows = list(csv.reader(StringIO(text), delimiter=delimiter_of(text, HEAD_WITHIN)))
    for index, row in enumerate(rows[:HEAD_WITHIN]):
        roles = _roles(row)
        if "booked_on" in roles and ("amount" in roles or "credit" in roles):
            return [_statement(rows[:index], rows[index + 1 :], roles, index + 2, row)]
    raise Permanent(
        "bad_statement",
        "CSV: no line names a booking day and an amount (Buchungstag, Betrag); "
        f"the first line is {' | '.join(rows[0])[:200] if rows else 'empty'}.",
    )


def _roles(head: Sequence[str]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for index, name in enumerate(head):
        role = MEANINGS.get(fold(name))
        if role:
            roles.setdefault(role, index)
    return roles


def _statement(
    before: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    roles: Mapping[str, int],
    first_line: int,
    head: Sequence[str],
) -> Statement:
    own = _account(before)
    in_name = re.search(r"\b(EUR|USD|CHF|GBP)\b", " ".join(head).upper().replace("€", "EUR"))
    transactions: list[BankTransaction] = []
    problems: list[EntryProblem] = []
    pending = 0
    for line, row in enumerate(rows, start=first_line):
        cells = {role: row[at].strip() if at < len(row) else "" for role, at in roles.items()}
        if not cells["booked_on"] and not cells.get("amount"):
            continue  # an empty line, or the bank's sums at the end
        if fold(cells.get("state", "")) in ANNOUNCED:
            pending += 1
            continue
        cells.setdefault("currency", in_name.group(1) if in_name else "EUR")
        try:
            transactions.append(_transaction(cells, own))
        except Unreadable as error:
            problems.append(error.at(f"line {line}", separator_join(row)))
    # A bank lists the newest first; alike transactions are counted in the order of their days.
    transactions.sort(key=lambda one: one.booked_on)
    return Statement(
        account=transactions[0].account if transactions else own,
        number="",
        source=Source.STATEMENT,
        currency=transactions[0].amount.currency if transactions else "",
        transactions=numbered(transactions),
        pending=pending,
        problems=tuple(problems),
    )


def separator_join(row: Sequence[str]) -> str:
    """Return a row as it is shown to a person."""
    return " | ".join(row)


def _account(before: Sequence[Sequence[str]]) -> str:
    for row in before:
        found = IBAN.search(" ".join(row).upper())
        if found:
            return found.group().replace(" ", "")
    return ""


def _transaction(cells: Mapping[str, str], own: str) -> BankTransaction:
    currency = clean(cells["currency"]) or "EUR"
    amount = _amount(cells, currency)
    booked = _day(cells["booked_on"], "booked_on")
    name = cells.get("name") or cells.get("payer" if amount.minor >= 0 else "payee", "")
    return BankTransaction(
        account=clean(cells.get("account")) or own,
        booked_on=booked,
        value_on=_day(cells["value_on"], "value_on") if cells.get("value_on") else booked,
        amount=amount,
        name=clean(name),
        iban="".join(clean(cells.get("iban")).split()),
        pieces=(clean(cells.get("text")),) if cells.get("text") else (),
        end_to_end_id=clean(cells.get("end_to_end_id")),
        mandate_id=clean(cells.get("mandate_id")),
        posting_text=clean(cells.get("posting")),
        fee=_optional(cells.get("fee"), currency, "fee"),
        original=_optional(cells.get("original"), currency, "original"),
    )


def _amount(cells: Mapping[str, str], currency: str) -> Money:
    if cells.get("amount"):
        return money(decimal_comma(cells["amount"]), currency, "amount")
    credit, debit = cells.get("credit", ""), cells.get("debit", "")
    if credit:
        return money(decimal_comma(credit), currency, "credit")
    taken = money(decimal_comma(debit), currency, "debit")
    return taken if taken.minor < 0 else -taken


def _optional(text: str | None, currency: str, field: str) -> Money | None:
    if not text:
        return None
    found = money(decimal_comma(text), currency, field)
    return found or None


def _day(text: str, field: str) -> date:
    """Read `31.12.2026`, `31.12.26`, `2026-12-31` or `31/12/2026`."""
    found = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})", text)
    if found:
        dd, mm, year = (int(part) for part in found.groups())
        return day(lambda: date(year + 2000 * (year < 100), mm, dd), field, text)  # noqa: PLR2004
    return day(lambda: date.fromisoformat(text), field, text)
