"""ISO 20022 account messages: camt.052, camt.053 and camt.054, versions 2 to 8.

Elements are found by their local names, because the versions differ in little but the namespace:
`Sts` holds the text or a `Cd`, parties lie in `Pty` or not. Only entries with status BOOK count.
Format: ISO 20022 message definitions and the German banks' DFÜ agreement, annex 3.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from chalicelib.domain.bank import (
    BankTransaction,
    EntryProblem,
    Source,
    Statement,
    batch_name,
    numbered,
)
from chalicelib.domain.errors import Permanent
from chalicelib.payment.bank.parts import Unreadable, clean, day, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.money import Money

MESSAGES = {"Stmt": Source.STATEMENT, "Rpt": Source.REPORT, "Ntfctn": Source.NOTICE}
SIGNS = {"CRDT": 1, "DBIT": -1}
BOOKED = "BOOK"


def read(data: bytes) -> list[Statement]:
    """Read every statement of one XML document.

    Permanent(`bad_statement`) if it is no XML, carries a document type or is no camt message.
    """
    statements: list[Statement] = []
    draft: _Draft | None = None
    try:
        for event, element in _events(data):
            if event == "start" and element.tag in MESSAGES:
                draft = _Draft(MESSAGES[element.tag])
            elif event == "end" and draft is not None:
                if element.tag in MESSAGES:
                    statements.append(draft.finish(element))
                    draft = None
                elif element.tag == "Ntry":
                    draft.entry(element)
                    element.clear()
    except ParseError as error:
        raise Permanent("bad_statement", f"XML: {error}") from None
    if not statements:
        raise Permanent("bad_statement", "XML: no camt.052, camt.053 or camt.054 statement in it.")
    return statements


def _events(data: bytes) -> Iterator[tuple[str, Element]]:
    from defusedxml import ElementTree  # noqa: PLC0415 - only who reads a statement pays for it
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    try:
        for event, element in ElementTree.iterparse(
            BytesIO(data), events=("start", "end"), forbid_dtd=True
        ):
            element.tag = element.tag.rpartition("}")[2]
            yield event, element
    except DefusedXmlException as error:
        text = f"XML: document types and entities are refused ({type(error).__name__})."
        raise Permanent("bad_statement", text) from None
    except (UnicodeError, LookupError, ValueError) as error:
        raise Permanent("bad_statement", f"XML: {error}") from None


class _Draft:
    """A statement while its entries go by; an entry is read and let go at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.transactions: list[BankTransaction] = []
        self.problems: list[EntryProblem] = []
        self.pending = 0
        self.count = 0

    def entry(self, entry: Element) -> None:
        """Read one entry; the account is filled in at the end, where it is surely known."""
        self.count += 1
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status != BOOKED:
            self.pending += 1
            return
        try:
            self.transactions.extend(_transactions(entry))
        except Unreadable as error:
            raw = " ".join(" ".join(entry.itertext()).split())
            self.problems.append(error.at(f"entry {self.count}", raw))

    def finish(self, statement: Element) -> Statement:
        """Return the statement with its account and balances."""
        account = _text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id")
        own = (replace(one, account=clean(account)) for one in self.transactions)
        opening, closing = _balance(statement, "OPBD", "PRCD"), _balance(statement, "CLBD")
        return Statement(
            account=clean(account),
            number=clean(_text(statement, "ElctrncSeqNb") or _text(statement, "Id")),
            source=self.source,
            currency=_text(statement, "Acct/Ccy") or (opening.currency if opening else ""),
            opening=opening,
            closing=closing,
            transactions=numbered(own),
            pending=self.pending,
            problems=tuple(self.problems),
        )


def _text(element: Element, path: str) -> str:
    return clean(element.findtext(path))


def _balance(statement: Element, *codes: str) -> Money | None:
    for balance in statement.findall("Bal"):
        if _text(balance, "Tp/CdOrPrtry/Cd") in codes:
            try:
                return _amount(balance, "Bal/Amt")
            except Unreadable:
                return None
    return None


def _amount(element: Element, field: str, path: str = "Amt", sign: int = 0) -> Money:
    found = element.find(path)
    if found is None or not (found.text or "").strip():
        raise Unreadable(field, "is missing")
    amount = money(found.text or "", found.get("Ccy", ""), field)
    if not sign:
        sign = _sign(element, field)
    return amount if sign > 0 else -amount


def _sign(element: Element, field: str) -> int:
    indicator = _text(element, "CdtDbtInd")
    if indicator not in SIGNS:
        field = f"{field}/CdtDbtInd"
        raise Unreadable(field, f"must be CRDT or DBIT, got {indicator!r}")
    return SIGNS[indicator]


def _transactions(entry: Element) -> list[BankTransaction]:
    """Split an entry into its payments where their amounts are told and add up to it."""
    whole = _amount(entry, "Ntry/Amt")
    details = entry.findall("NtryDtls/TxDtls")
    if len(details) > 1:
        parts = _parts(entry, details)
        if parts and sum(one.amount.minor for one in parts) == whole.minor:
            batch = batch_name(_transaction(entry, None, whole))
            return [replace(part, batch=batch) for part in parts]
    one = _transaction(entry, details[0] if len(details) == 1 else None, whole)
    told = (_text(batch, "NbOfTxs") for batch in entry.findall("NtryDtls/Btch"))
    count = max(len(details), *(int(text) for text in told if text.isdigit()), 1)
    one = replace(one, batch=batch_name(_transaction(entry, None, whole)))
    if count == 1:
        return [one]
    texts = tuple(piece for detail in details for piece in _pieces(detail))
    return [replace(one, batch_of=count, pieces=one.pieces if len(details) == 1 else texts)]


def _parts(entry: Element, details: list[Element]) -> list[BankTransaction]:
    """Return one transaction for each detail; nothing if one of them tells no amount."""
    sign, parts = _sign(entry, "Ntry"), []
    for detail in details:
        own = SIGNS.get(_text(detail, "CdtDbtInd"), sign)
        for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
            if detail.find(path) is not None:
                amount = _amount(detail, f"TxDtls/{path}", path, own)
                parts.append(_transaction(entry, detail, amount))
                break
        else:
            return []
    return parts


def _transaction(entry: Element, detail: Element | None, amount: Money) -> BankTransaction:
    at = detail if detail is not None else Element("TxDtls")
    booked = _day(entry, "BookgDt")
    other = "Dbtr" if amount.minor >= 0 else "Cdtr"
    is_return = at.find("RtrInf") is not None
    if is_return and not _party(at, other):
        other = "Cdtr" if other == "Dbtr" else "Dbtr"
    return BankTransaction(
        account="",
        booked_on=booked,
        value_on=_day(entry, "ValDt", booked),
        amount=amount,
        name=_party(at, other),
        iban=_text(at, f"RltdPties/{other}Acct/Id/IBAN"),
        ultimate_name=_party(at, f"Ultmt{other}"),
        pieces=_pieces(at) or _fallback(entry),
        end_to_end_id=_text(at, "Refs/EndToEndId"),
        mandate_id=_text(at, "Refs/MndtId"),
        creditor_reference=_text(at, "RmtInf/Strd/CdtrRefInf/Ref"),
        bank_reference=_text(at, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef"),
        code=_code(at) or _code(entry),
        posting_text=_text(entry, "AddtlNtryInf"),
        return_reason=_text(at, "RtrInf/Rsn/Cd") or _text(at, "RtrInf/Rsn/Prtry"),
        fee=_fee(at, entry, amount),
        original=_original(at, amount),
    )


def _day(entry: Element, name: str, default: date | None = None) -> date:
    text = _text(entry, f"{name}/Dt") or _text(entry, f"{name}/DtTm")
    if not text and default is not None:
        return default
    return day(lambda: date.fromisoformat(text[:10]), f"Ntry/{name}", text)


def _party(detail: Element, role: str) -> str:
    return _text(detail, f"RltdPties/{role}/Nm") or _text(detail, f"RltdPties/{role}/Pty/Nm")


def _pieces(detail: Element) -> tuple[str, ...]:
    texts = [*detail.findall("RmtInf/Ustrd"), *detail.findall("RmtInf/Strd/AddtlRmtInf")]
    # Blanks at the ends may belong to the text: the bank cuts it at any character.
    return tuple(text.text for text in texts if text.text and text.text.strip())


def _fallback(entry: Element) -> tuple[str, ...]:
    text = _text(entry, "AddtlNtryInf")
    return (text,) if text else ()


def _code(element: Element) -> str:
    domain = [_text(element, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return "/".join(part for part in domain if part) or _text(element, "BkTxCd/Prtry/Cd")


def _fee(detail: Element, entry: Element, amount: Money) -> Money | None:
    for element in (detail, entry):
        for path in ("Chrgs/Rcrd/Amt", "Chrgs/Amt", "Chrgs/TtlChrgsAndTaxAmt"):
            found = element.find(path)
            if found is not None and Decimal(clean(found.text) or 0):
                return money(found.text or "", found.get("Ccy", amount.currency), path)
    return None


def _original(detail: Element, amount: Money) -> Money | None:
    """Return what was meant to be paid, where that differs: a return's amount without its fee."""
    found = detail.find("AmtDtls/InstdAmt/Amt")
    if found is None:
        return None
    told = money(found.text or "", found.get("Ccy", ""), "AmtDtls/InstdAmt/Amt")
    return told if abs(amount.minor) != told.minor or amount.currency != told.currency else None
