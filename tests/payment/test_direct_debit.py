"""The files of direct debits: valid by the schema, a block for each sequence, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import pytest
import xmlschema

from chalicelib.domain import sepa
from chalicelib.payment.credit_transfer import Payer
from chalicelib.payment.direct_debit import FORMATS, V2, V8, write
from chalicelib.store.debits import Debit, Mandate
from tests.events import NOW, eur

MADE = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
CREDITOR = Payer(
    name="Blattwerk & Söhne GmbH", iban="DE02 1203 0000 0000 2020 51", bic="BYLADEM1001",
    purpose="Blattwerk Bestellung",
)  # fmt: skip
MANDATE = Mandate(
    reference="M-1", signed_on=date(2026, 10, 1), iban="AT611904300234573201",
    holder="Jürgen Weiß", email="j@example.com",
)  # fmt: skip


def debit(name: str = "KD1-1042", amount: str = "12.34", mandate: Mandate = MANDATE) -> Debit:
    """Return a debit."""
    return Debit(
        id=name, order_id="o1", number="#1042", amount=eur(amount), mandate=mandate, file_id="KD1",
        drawn_at=NOW,
    )  # fmt: skip


@cache
def schema(version: str) -> Any:
    """Return the scheme's own description of a message."""
    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{version}.xsd"))


def read(*debits: Debit, version: str = V8, creditor: Payer = CREDITOR) -> Any:
    """Write a file, check it against the schema, and read it."""
    data = write(
        debits, creditor, creditor_id="DE98ZZZ09999999999", name="KD1", version=version,
        made_at=MADE, collect_on=date(2026, 12, 7),
    )  # fmt: skip
    schema(version).validate(BytesIO(data))
    return schema(version).decode(BytesIO(data))["CstmrDrctDbtInitn"]


@pytest.mark.parametrize("version", FORMATS)
@pytest.mark.parametrize("bic", ["BYLADEM1001", ""])
def test_a_file_is_what_the_schema_says(version: str, bic: str) -> None:
    """In both versions, with the bank's code and without it; first and later debits apart."""
    again = replace(MANDATE, reference="M-2", used=3)
    found = read(
        debit(), debit("KD1-1043", "0.01", again), debit("KD1-1044", "1.00"),
        version=version, creditor=replace(CREDITOR, bic=bic),
    )  # fmt: skip
    assert (found["GrpHdr"]["NbOfTxs"], str(found["GrpHdr"]["CtrlSum"])) == ("3", "13.35")
    first, later = found["PmtInf"]
    assert [one["PmtTpInf"]["SeqTp"] for one in (first, later)] == ["FRST", "RCUR"]
    assert [one["PmtId"]["EndToEndId"] for one in first["DrctDbtTxInf"]] == ["KD1-1042", "KD1-1044"]
    assert str(first["CtrlSum"]) == "13.34"
    assert first["ReqdColltnDt"] == "2026-12-07"
    [other] = later["DrctDbtTxInf"]
    about = other["DrctDbtTx"]["MndtRltdInf"]
    assert (about["MndtId"], about["DtOfSgntr"]) == ("M-2", "2026-10-01")
    assert other["Dbtr"]["Nm"] == "Juergen Weiss"


def test_both_versions_name_banks_as_their_schemas_do() -> None:
    """BIC became BICFI."""
    assert read(debit(), version=V2)["PmtInf"][0]["CdtrAgt"]["FinInstnId"]["BIC"]
    assert read(debit(), version=V8)["PmtInf"][0]["CdtrAgt"]["FinInstnId"]["BICFI"]


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("DE98ZZZ09999999999", True),
        ("DE98 ABC 0999 9999 999", True),  # the business code does not count
        ("DE97ZZZ09999999999", False),
        ("DE98ZZZ", False),
        ("", False),
    ],
)
def test_a_creditor_identifier_is_checked_by_its_digits(text: str, *, is_good: bool) -> None:
    """One wrong digit, and the bank would refuse the whole file."""
    assert sepa.is_creditor_id(text) is is_good
