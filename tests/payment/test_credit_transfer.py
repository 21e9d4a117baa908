"""The files that banks take: valid by the schema, in SEPA's signs, to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import pytest
import xmlschema

from chalicelib.domain import sepa
from chalicelib.payment.credit_transfer import FORMATS, V3, V9, Payer, write
from chalicelib.store.transfers import Transfer
from tests.events import NOW, eur

MADE = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
PAYER = Payer(
    name="Blattwerk & Söhne GmbH", iban="DE02 1203 0000 0000 2020 51", bic="BYLADEM1001",
    purpose="Blattwerk Erstattung Bestellung",
)  # fmt: skip


def transfer(name: str = "KR1", amount: str = "12.34", holder: str = "Anna Müller") -> Transfer:
    """Return a refund to transfer."""
    return Transfer(
        refund_id=name, order_id="o1", number="#1042", amount=eur(amount),
        iban="AT611904300234573201", holder=holder, since=NOW,
    )  # fmt: skip


def written(*transfers: Transfer, version: str = V9, payer: Payer = PAYER) -> bytes:
    """Write a file."""
    return write(
        transfers, payer, name="KT1", version=version, made_at=MADE, pay_on=date(2026, 11, 24)
    )


@cache
def schema(version: str) -> Any:
    """Return the scheme's own description of a message."""
    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{version}.xsd"))


def read(data: bytes, version: str = V9) -> Any:
    """Check a file against the schema, and read it."""
    schema(version).validate(BytesIO(data))
    found = schema(version).decode(BytesIO(data))
    return found["CstmrCdtTrfInitn"]


@pytest.mark.parametrize("version", FORMATS)
@pytest.mark.parametrize("bic", ["BYLADEM1001", ""])
def test_a_file_is_what_the_schema_says(version: str, bic: str) -> None:
    """In both versions, with the bank's code and without it."""
    payer = Payer(name=PAYER.name, iban=PAYER.iban, bic=bic, purpose=PAYER.purpose)
    found = read(
        written(transfer(), transfer("KR2", "0.01"), version=version, payer=payer), version
    )
    head, (block,) = found["GrpHdr"], found["PmtInf"]
    assert (head["NbOfTxs"], str(head["CtrlSum"])) == ("2", "12.35")
    assert [one["PmtId"]["EndToEndId"] for one in block["CdtTrfTxInf"]] == ["KR1", "KR2"]
    assert block["DbtrAcct"]["Id"]["IBAN"] == "DE02120300000000202051"
    assert block["BtchBookg"] is False
    day = block["ReqdExctnDt"]
    assert (day if version == V3 else day["Dt"]) == "2026-11-24"


def test_names_are_written_in_the_signs_of_sepa() -> None:
    """What has no counterpart becomes a point, and what is too long is cut."""
    found = read(written(transfer(holder="Žofie Łęcka-Öztürk 田中 " + "x" * 90)))
    (block,) = found["PmtInf"]
    assert block["Dbtr"]["Nm"] == "Blattwerk + Soehne GmbH"
    (one,) = block["CdtTrfTxInf"]
    assert one["Cdtr"]["Nm"].startswith("Zofie Lecka-Oeztuerk .. xxx")
    assert len(one["Cdtr"]["Nm"]) == 70
    assert one["RmtInf"]["Ustrd"] == ["Blattwerk Erstattung Bestellung 1042"]


def test_two_hundred_transfers_add_up() -> None:
    """As many as one file holds."""
    found = read(written(*(transfer(f"KR{n}", "0.10") for n in range(200))))
    assert str(found["GrpHdr"]["CtrlSum"]) == "20.00"


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("DE02120300000000202051", True),
        ("de02 1203 0000 0000 2020 51", True),
        ("FR1420041010050500013M02606", True),
        ("NO9386011117947", True),
        ("DE02120300000000202052", False),  # a digit is wrong
        ("DE0212030000000020205", False),  # one is missing
        ("BR1800360305000010009795493C1", False),  # no country of SEPA
        ("", False),
        ("DE021203000000002020５1", False),
    ],
)
def test_an_iban_is_checked_by_its_digits_and_length(text: str, *, is_good: bool) -> None:
    """Of the countries that SEPA reaches."""
    assert sepa.is_iban(text) is is_good
