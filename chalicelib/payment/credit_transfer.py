"""Writes SEPA credit transfers as banks take them: ISO 20022 pain.001, versions 9 and 3.

Format: ISO 20022 CustomerCreditTransferInitiation, in the shape of the German banks' DFÜ agreement
(annex 3): one debtor, service level SEPA, each transfer booked by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from chalicelib.domain.money import Money, total
from chalicelib.domain.sepa import compact, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.store.transfers import Transfer

V9, V3 = "pain.001.001.09", "pain.001.001.03"
FORMATS = (V9, V3)
SPACE = "urn:iso:std:iso:20022:tech:xsd:"
NAME, TEXT = 70, 140  # how long these may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose account is debited; `purpose` is what the recipient reads before the order's number."""

    name: str
    iban: str
    bic: str
    purpose: str


def write(
    transfers: Sequence[Transfer],
    payer: Payer,
    *,
    name: str,
    version: str,
    made_at: datetime,
    pay_on: date,
) -> bytes:
    """Return the file of these transfers in euro; `name` is its message's, in SEPA's signs."""
    root = Element("Document", {"xmlns": f"{SPACE}{version}"})
    body = SubElement(root, "CstmrCdtTrfInitn")
    head = SubElement(body, "GrpHdr")
    texts(head, MsgId=name, CreDtTm=made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _sum(head, transfers)
    texts(SubElement(head, "InitgPty"), Nm=plain(payer.name, NAME))
    block = SubElement(body, "PmtInf")
    # Booked one by one, for the statement then tells the end-to-end id of each.
    texts(block, PmtInfId=name, PmtMtd="TRF", BtchBookg="false")
    _sum(block, transfers)
    texts(SubElement(SubElement(block, "PmtTpInf"), "SvcLvl"), Cd="SEPA")
    if version == V3:
        texts(block, ReqdExctnDt=pay_on.isoformat())
    else:
        texts(SubElement(block, "ReqdExctnDt"), Dt=pay_on.isoformat())
    texts(SubElement(block, "Dbtr"), Nm=plain(payer.name, NAME))
    texts(SubElement(SubElement(block, "DbtrAcct"), "Id"), IBAN=compact(payer.iban))
    bank = SubElement(SubElement(block, "DbtrAgt"), "FinInstnId")
    if payer.bic:
        texts(bank, **{"BIC" if version == V3 else "BICFI": compact(payer.bic)})
    else:
        texts(SubElement(bank, "Othr"), Id="NOTPROVIDED")
    texts(block, ChrgBr="SLEV")
    for one in transfers:
        _transfer(block, one, payer.purpose)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _transfer(block: Element, one: Transfer, purpose: str) -> None:
    entry = SubElement(block, "CdtTrfTxInf")
    texts(SubElement(entry, "PmtId"), EndToEndId=one.refund_id)
    amount = SubElement(SubElement(entry, "Amt"), "InstdAmt", {"Ccy": one.amount.currency})
    amount.text = str(one.amount.amount)
    texts(SubElement(entry, "Cdtr"), Nm=plain(one.holder, NAME))
    texts(SubElement(SubElement(entry, "CdtrAcct"), "Id"), IBAN=compact(one.iban))
    texts(SubElement(entry, "RmtInf"), Ustrd=plain(f"{purpose} {one.number}", TEXT))


def _sum(parent: Element, transfers: Sequence[Transfer]) -> None:
    whole: Money = total((one.amount for one in transfers), "EUR")
    texts(parent, NbOfTxs=str(len(transfers)), CtrlSum=str(whole.amount))


def texts(parent: Element, **said: str) -> None:
    """Write elements with their texts, in this order."""
    for name, text in said.items():
        SubElement(parent, name).text = text
