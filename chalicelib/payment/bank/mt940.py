"""MT940 customer statements as German banks write them.

The package `mt-940` finds the fields; field 86 is read here, because its subfields `?20` to `?29`,
`?60` to `?63` hold one text cut after 27 characters, in which `EREF+`, `SVWZ+` and the like open
parts. Format: DFÜ agreement of the German banks, annex 3, chapter 8.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib.domain.bank import BankTransaction, EntryProblem, Source, Statement, numbered
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.payment.bank.parts import Unreadable, clean, day, money

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN = re.compile(r"^:20:", re.MULTILINE)
ENTRY = re.compile(r"^:61:", re.MULTILINE)
DETAILS = re.compile(r"(\d{3})\?00")
SUBFIELD = re.compile(r"\?(\d\d)")
PART = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)\+")
TEXTS = (*range(20, 30), *range(60, 64))
WIDTH = 27
RETURNED = frozenset({"108", "109", "159", "181", "182", "183", "184"})


def looks_like(text: str) -> bool:
    """Tell whether a file is MT940: it begins a statement and names an account."""
    return bool(BEGIN.search(text)) and ":25:" in text


def read(text: str) -> list[Statement]:
    """Read every statement of a file; Permanent(`bad_statement`) if there is none."""
    starts = [match.start() for match in BEGIN.finditer(text)]
    if not starts:
        raise Permanent("bad_statement", "MT940: no field :20: begins a statement.")
    ends = [*starts[1:], len(text)]
    return [_statement(text[a:b]) for a, b in zip(starts, ends, strict=True)]


def _statement(text: str) -> Statement:
    """Read one statement; if an entry cannot be read, the others are read without it."""
    transactions: list[BankTransaction] = []
    problems: list[EntryProblem] = []
    cuts = [match.start() for match in ENTRY.finditer(text)]
    head = text[: cuts[0]] if cuts else text
    for number, start in enumerate(cuts, start=1):
        raw = text[start : cuts[number] if number < len(cuts) else len(text)]
        try:
            transactions.append(_transaction(head, raw))
        except Unreadable as error:
            problems.append(error.at(f"entry {number}", raw))
    about = _fields(head if len(cuts) == 0 else head + _tail(text[cuts[-1] :]))
    opening = _balance(about, "final_opening_balance", "intermediate_opening_balance")
    closing = _balance(about, "final_closing_balance", "intermediate_closing_balance")
    return Statement(
        account=_account(about),
        number=f"{about.get('statement_number') or ''}/{about.get('sequence_number') or ''}",
        source=Source.STATEMENT,
        currency=opening.currency if opening else "",
        opening=opening,
        closing=closing,
        transactions=numbered(transactions),
        problems=tuple(problems),
    )


def _tail(text: str) -> str:
    found = re.search(r"^:6[24]", text, re.MULTILINE)
    return text[found.start() :] if found else ""


def _fields(text: str) -> dict[str, Any]:
    """Read the fields around the entries."""
    return dict(_parsed(text).data)


def _parsed(text: str) -> Any:  # noqa: ANN401 - the package's own collection
    from mt940.models import Transactions  # noqa: PLC0415 - only who reads a statement pays for it

    found = Transactions(processors={"post_transaction_details": []})
    try:
        found.parse(text)
    except (ValueError, ArithmeticError, RuntimeError, KeyError, AttributeError) as error:
        raise Unreadable("MT940", str(error) or type(error).__name__) from None
    return found


def _account(about: Mapping[str, Any]) -> str:
    return clean(about.get("account_identification"))


def _balance(about: Mapping[str, Any], *names: str) -> Money | None:
    for name in names:
        if (found := about.get(name)) is not None:
            try:
                return money(str(found.amount.amount), found.amount.currency or "", name)
            except Unreadable:
                return None
    return None


def _transaction(head: str, raw: str) -> BankTransaction:
    found = _parsed(head + raw)
    if len(found) != 1:
        raise Unreadable(":61:", "is no entry of MT940")
    data = found[0].data
    details = _subfields(str(data.get("transaction_details") or ""))
    parts = _parts(details)
    amount = money(str(data["amount"].amount), data["amount"].currency or "", ":61:")
    booked, value = data.get("entry_date") or data["date"], data["date"]
    code = details.get(0, "")
    is_return = code in RETURNED
    original = _inner(parts.get("OAMT"), amount.currency)
    return BankTransaction(
        account=_account(found.data),
        booked_on=_day(booked),
        value_on=_day(value),
        amount=amount,
        name=_name(details),
        iban="".join(details.get(31, "").split()),
        ultimate_name=parts.get("ABWA", "") or parts.get("ABWE", ""),
        pieces=_pieces(details, parts),
        end_to_end_id=parts.get("EREF", "").strip(),
        mandate_id=parts.get("MREF", "").strip(),
        bank_reference=clean(data.get("bank_reference")) or clean(data.get("customer_reference")),
        code=code,
        posting_text=details.get(100, ""),
        return_reason=details.get(34, "") if is_return else "",
        fee=_fee(amount, original) if is_return else None,
        original=original,
    )


def _day(value: date) -> date:
    return day(lambda: date(value.year, value.month, value.day), ":61:", str(value))


def _subfields(text: str) -> dict[int, str]:
    """Return the subfields by number; 0 is the business code, 100 the booking text.

    Banks break the line anywhere, even within `?2` and `0`, so line ends go first.
    """
    flat = text.replace("\r", "").replace("\n", "")
    if not DETAILS.match(flat):
        return {0: flat[:3] if flat[:3].isdigit() else "", 20: flat}
    result: dict[int, str] = {0: flat[:3]}
    pieces = SUBFIELD.split(flat[3:])
    for number, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        key = int(number) or 100
        result[key] = result.get(key, "") + piece
    return result


def _text(details: Mapping[int, str]) -> str:
    """Join the remittance; a piece shorter than its width ended with a blank that was lost."""
    pieces = [details[n] for n in TEXTS if n in details]
    text = ""
    for piece in pieces:
        is_new = bool(PART.match(piece))
        text += (" " if text and is_new and not text.endswith(" ") else "") + piece
    return text


def _parts(details: Mapping[int, str]) -> dict[str, str]:
    """Return the parts of a SEPA remittance by their names; what stands before is `""`."""
    split = PART.split(_text(details))
    parts = {"": split[0]}
    for name, text in zip(split[1::2], split[2::2], strict=True):
        parts[name] = parts.get(name, "") + text
    return parts


def _pieces(details: Mapping[int, str], parts: Mapping[str, str]) -> tuple[str, ...]:
    if "SVWZ" in parts:
        return tuple(text for text in (parts[""].strip(), parts["SVWZ"].strip()) if text)
    if len(parts) > 1:
        return tuple(text for text in (parts[""].strip(),) if text)
    return tuple(details[n] for n in TEXTS if details.get(n, "").strip())


def _name(details: Mapping[int, str]) -> str:
    first, second = details.get(32, ""), details.get(33, "")
    # A name that fills its line goes on in the next; otherwise a blank was lost between them.
    blank = "" if len(first) >= WIDTH else " "
    return clean(" ".join(f"{first}{blank}{second}".split()))


def _inner(text: str | None, currency: str) -> Money | None:
    if not text or not text.strip():
        return None
    try:
        return money(text.strip().replace(",", "."), currency, "OAMT")
    except Unreadable:
        return None


def _fee(amount: Money, original: Money | None) -> Money | None:
    if original is None or original.currency != amount.currency:
        return None
    kept = abs(amount.minor) - original.minor
    return Money(minor=kept, currency=amount.currency) if kept > 0 else None
