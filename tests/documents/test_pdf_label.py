"""The parcel label: read by people, by scanners, and honest about what it is."""

from __future__ import annotations

import pytest

from chalicelib.documents.code128 import bars
from chalicelib.documents.facts import Party, freeze
from chalicelib.documents.parcel_label import barcode_mm
from chalicelib.documents.pdf import render
from chalicelib.domain.errors import Permanent
from tests.documents import reading, samples

NUMBERS = (
    "LX7Q2M9K4T0B1XC",
    "LX0000000000000",
    "LXZZZZZZZZZZZZ~",
    "00123456789012345678",
    "A$=U*7",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("dpi", [203, 300])
def test_both_codes_can_be_scanned(number: str, dpi: int) -> None:
    """At the resolution of a thermal printer the barcode is the number, the QR code the link."""
    url = f"https://shop.example/t/{number}"
    facts = samples.label(tracking_number=number, tracking_url=url)
    found = reading.codes(render("label", freeze(facts)), dpi=dpi)
    assert found == {"Code128": number, "QRCode": url}


def test_a_label_is_one_page_of_a6() -> None:
    """It fits the roll: 105 by 148 mm, never a second page."""
    party = Party(
        company="Gesellschaft für Elektrizitätenhauptbetriebswerkbaubeamtenkunde mbH & Co. KG",
        name="Prof. Dr. Maximiliane-Alexandra Freifrau von und zu Großheppach-Oberndorfer",
        street="Straße des Siebzehnten Juni 1234, Hinterhof, Aufgang C",
        street2="4. Obergeschoss links, bei Schmidt-Rottluff",
        zip="1010",
        city="Wien",
        country="AT",
    )
    facts = samples.label(ship_to=party, phone="+43 1 2345678", weight_g=31000, parcels=3)
    pdf = render("label", freeze(facts))
    assert reading.sizes_mm(pdf) == [(105, 148)]
    text = " ".join(reading.text_of(pdf).split())
    assert "ÖSTERREICH" in text
    assert "1 / 3" in text


def test_a_label_does_not_pretend_to_be_a_carriers() -> None:
    """The merchant delivers; nobody believes a parcel service would come."""
    german = reading.text_of(render("label", freeze(samples.label())))
    english = reading.text_of(render("label", freeze(samples.label(language="en"))))
    assert "Eigenzustellung" in german
    assert "Kein Vertrag mit einem Paketdienst" in german
    assert "No contract with a parcel service" in english


@pytest.mark.parametrize(
    ("grams", "mark"),
    [
        (2_480, ""),
        (10_000, ""),
        (10_001, "über 10 kg"),
        (20_000, "über 10 kg"),
        (20_001, "über 20 kg"),
    ],
)
def test_heavy_parcels_are_marked(grams: int, mark: str) -> None:
    """Above 10 kg and above 20 kg whoever lifts it is warned."""
    text = reading.text_of(render("label", freeze(samples.label(weight_g=grams))))
    assert (mark in text) if mark else ("über" not in text)


def test_a_sample_says_so() -> None:
    """A label out of a trial account cannot be mistaken for a real one, and still scans."""
    pdf = render("label", freeze(samples.label(is_sample=True)))
    assert "MUSTER" in reading.text_of(pdf)
    assert set(reading.codes(pdf)) == {"Code128", "QRCode"}


@pytest.mark.parametrize("number", ["", "LXß", "A" * 40])
def test_a_number_that_cannot_be_scanned_is_refused(number: str) -> None:
    """No label leaves the printer with a barcode that is empty, wrong or wider than the paper."""
    with pytest.raises(Permanent):
        render("label", freeze(samples.label(tracking_number=number)))


def test_bars_are_whole_printer_dots() -> None:
    """A module is three dots of 1/203 inch, or two when the number is long."""
    short, long = sum(bars("LX7Q2M9K4T0B1XC")), sum(bars("A" * 25))
    assert barcode_mm(short) == pytest.approx(short * 3 * 25.4 / 203, abs=0.001)
    assert barcode_mm(long) == pytest.approx(long * 2 * 25.4 / 203, abs=0.001)


def test_every_symbol_is_eleven_modules_wide() -> None:
    """ISO/IEC 15417: eleven modules for each symbol and thirteen for the stop."""
    text = " ".join(map(chr, range(32, 127)))
    assert sum(bars(text)) == 11 * (len(text) + 2) + 13
