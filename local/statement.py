"""A bank statement as a bank hands it out: camt.053, with what customers transferred."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money that came to the merchant's account."""

    amount: str
    payer: str
    iban: str
    text: str
    currency: str = "EUR"


def camt053(account: str, day: date, *transfers: Transfer) -> bytes:
    """Return the statement of an account for a day."""
    entries = "".join(_entry(one, day) for one in transfers)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{SPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>S{day:%Y%m%d}</MsgId><CreDtTm>{day}T21:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{day:%Y%m%d}</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>{entries}</Stmt>"
        "</BkToCstmrStmt></Document>"
    ).encode()


def _entry(one: Transfer, day: date) -> str:
    return (
        f'<Ntry><Amt Ccy="{one.currency}">{one.amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{escape(one.payer)}</Nm></Pty></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{one.iban}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
