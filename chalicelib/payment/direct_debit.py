"""Writes SEPA direct debits as banks take them: ISO 20022 pain.008, versions 8 and 2.

Format: ISO 20022 CustomerDirectDebitInitiation, in the shape of the German banks' DFÜ agreement
(annex 3): a block for each scheme and sequence, each debit booked by itself.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from chalicelib.domain.money import total
from chalicelib.domain.sepa import compact, plain
from chalicelib.payment.credit_transfer import NAME, SPACE, TEXT, Payer, texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.store.debits import Debit

V8, V2 = "pain.008.001.08", "pain.008.001.02"
FORMATS = (V8, V2)


def write(
    debits: Sequence[Debit],
    creditor: Payer,
    *,
    creditor_id: str,
    name: str,
    version: str,
    made_at: datetime,
    collect_on: date,
) -> bytes:
    """Return the file of these debits in euro; `name` is its message's, in SEPA's signs."""
    root = Element("Document", {"xmlns": f"{SPACE}{version}"})
    body = SubElement(root, "CstmrDrctDbtInitn")
    head = SubElement(body, "GrpHdr")
    texts(head, MsgId=name, CreDtTm=made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _sum(head, debits)
    texts(SubElement(head, "InitgPty"), Nm=plain(creditor.name, NAME))
    ordered = sorted(debits, key=_kind)
    for number, ((scheme, sequence), some) in enumerate(groupby(ordered, key=_kind), start=1):
        mine = list(some)
        block = SubElement(body, "PmtInf")
        texts(block, PmtInfId=f"{name}-{number}", PmtMtd="DD", BtchBookg="false")
        _sum(block, mine)
        _type(block, scheme, sequence)
        texts(block, ReqdColltnDt=collect_on.isoformat())
        _creditor(block, creditor, creditor_id, version)
        for one in mine:
            _debit(block, one, creditor.purpose, version)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _kind(debit: Debit) -> tuple[str, str]:
    return debit.mandate.scheme, debit.mandate.sequence


def _type(block: Element, scheme: str, sequence: str) -> None:
    kind = SubElement(block, "PmtTpInf")
    texts(SubElement(kind, "SvcLvl"), Cd="SEPA")
    texts(SubElement(kind, "LclInstrm"), Cd=scheme)
    texts(kind, SeqTp=sequence)


def _creditor(block: Element, creditor: Payer, creditor_id: str, version: str) -> None:
    texts(SubElement(block, "Cdtr"), Nm=plain(creditor.name, NAME))
    texts(SubElement(SubElement(block, "CdtrAcct"), "Id"), IBAN=compact(creditor.iban))
    _bank(SubElement(block, "CdtrAgt"), creditor.bic, version)
    texts(block, ChrgBr="SLEV")
    scheme = SubElement(SubElement(SubElement(block, "CdtrSchmeId"), "Id"), "PrvtId")
    other = SubElement(scheme, "Othr")
    texts(other, Id=compact(creditor_id))
    texts(SubElement(other, "SchmeNm"), Prtry="SEPA")


def _debit(block: Element, one: Debit, purpose: str, version: str) -> None:
    entry, mandate = SubElement(block, "DrctDbtTxInf"), one.mandate
    texts(SubElement(entry, "PmtId"), EndToEndId=one.id)
    amount = SubElement(entry, "InstdAmt", {"Ccy": one.amount.currency})
    amount.text = str(one.amount.amount)
    about = SubElement(SubElement(entry, "DrctDbtTx"), "MndtRltdInf")
    texts(about, MndtId=mandate.reference, DtOfSgntr=mandate.signed_on.isoformat())
    _bank(SubElement(entry, "DbtrAgt"), "", version)
    texts(SubElement(entry, "Dbtr"), Nm=plain(mandate.holder, NAME))
    texts(SubElement(SubElement(entry, "DbtrAcct"), "Id"), IBAN=compact(mandate.iban))
    texts(SubElement(entry, "RmtInf"), Ustrd=plain(f"{purpose} {one.number}", TEXT))


def _bank(agent: Element, bic: str, version: str) -> None:
    bank = SubElement(agent, "FinInstnId")
    if bic:
        texts(bank, **{"BIC" if version == V2 else "BICFI": compact(bic)})
    else:
        texts(SubElement(bank, "Othr"), Id="NOTPROVIDED")


def _sum(parent: Element, debits: Sequence[Debit]) -> None:
    whole = total((one.amount for one in debits), "EUR")
    texts(parent, NbOfTxs=str(len(debits)), CtrlSum=str(whole.amount))
