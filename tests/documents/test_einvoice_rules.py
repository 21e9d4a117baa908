"""Electronic invoices of every kind, judged by the official rules and kept as golden files.

`python -m tests.documents.test_einvoice_rules` writes the golden files anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.documents import einvoices, official

GOLDEN = Path(__file__).parent.parent / "golden" / "documents"
HYBRID = "<ram:GrandTotalAmount>"
ACCOUNT = "DE02120300000000202051"
# What breaks an invoice, and the rule that has to notice.
BUYER_ID = '<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">ATU12345675</ram:ID>'
REGISTERED = "</ram:SpecifiedTaxRegistration>"
REASON = (
    "<ram:ExemptionReason>Steuerbefreiung für Kleinunternehmer nach § 19 UStG: "
    "Es wird keine Umsatzsteuer ausgewiesen.</ram:ExemptionReason>"
)
PHONE = (
    "<ram:TelephoneUniversalCommunication><ram:CompleteNumber>+49 40 1234567"
    "</ram:CompleteNumber></ram:TelephoneUniversalCommunication>"
)
ROUTE = f"<ram:BuyerReference>{einvoices.LEITWEG}</ram:BuyerReference>"
BROKEN: dict[str, tuple[str, str, str, str]] = {
    "a sum that is wrong": ("mixed-7-19", HYBRID, f"{HYBRID}1", "BR-CO-15"),
    "no kind of document": ("mixed-7-19", "<ram:TypeCode>380</ram:TypeCode>", "", "XSD"),
    "no end": ("mixed-7-19", "</rsm:CrossIndustryInvoice>", "", "XML"),
    "an unknown unit": ("mixed-7-19", "H87", "PCX", "BR-CL-23"),
    "a rate without its tax": ("mixed-7-19", ">18.31<", ">28.31<", "BR-CO-17"),
    "a line that is a cent off": ("mixed-7-19", ">92.27<", ">92.28<", "BR-CO-10"),
    "no seller": ("mixed-7-19", "<ram:Name>Teehaus Nordlicht GmbH</ram:Name>", "", "BR-06"),
    "no VAT id of the buyer": ("intra-community", f"{BUYER_ID}{REGISTERED}", "", "BR-IC-02"),
    "an exemption without reason": ("small-business", REASON, "", "BR-E-10"),
    "no Leitweg-ID": ("public-cii", ROUTE, "", "BR-DE-15"),
    "no Leitweg-ID in UBL": ("public-ubl", ROUTE.replace("ram:", "cbc:"), "", "BR-DE-15"),
    "a mistyped account": ("public-ubl", ACCOUNT, ACCOUNT.replace("02", "03", 1), "BR-DE-19"),
    "another sum in UBL": ("public-ubl", "</cbc:PayableAmount>", "1</cbc:PayableAmount>", "BR-DEC"),
    "a discount as people write it": ("public-discounted-early-cii", "=2.50#", "=2,5#", "BR-DE-18"),
    "no telephone": ("public-cii", PHONE, "", "BR-DE-6"),
}


@cache
def judged() -> dict[str, list[str]]:
    """Ask the rules about all cases and all broken ones at once, in one process."""
    cases = {name: einvoices.xml_of(name) for name in einvoices.CASES}
    broken = {
        name: cases[case].replace(old, new, 1) for name, (case, old, new, _) in BROKEN.items()
    }
    return official.found_by(cases | broken)


@pytest.mark.parametrize("name", einvoices.CASES)
def test_the_official_rules_find_nothing_wrong(name: str) -> None:
    """XSD, EN 16931, and Factur-X or XRechnung: no error, and no warning either."""
    assert judged()[name] == []


@pytest.mark.parametrize("name", BROKEN)
def test_the_official_rules_notice_what_is_broken(name: str) -> None:
    """The judges are awake: each mutation is found by the rule that is there for it."""
    case, old, _, rule = BROKEN[name]
    assert old in einvoices.xml_of(case)
    found = judged()[name]
    assert any(re.match(rf"{rule}\b", finding) for finding in found), found


@pytest.mark.parametrize("name", einvoices.CASES)
def test_an_invoice_is_the_same_bytes_as_ever(name: str) -> None:
    """What a release changes in the XML is seen by whoever makes it."""
    golden = (GOLDEN / f"{name}.xml").read_bytes()
    assert einvoices.xml_of(name).encode() == golden


def test_every_golden_file_has_its_case() -> None:
    """No file is left of a case that is gone."""
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(einvoices.CASES)


if __name__ == "__main__":
    for each in einvoices.CASES:
        (GOLDEN / f"{each}.xml").write_text(einvoices.xml_of(each), encoding="utf-8")
