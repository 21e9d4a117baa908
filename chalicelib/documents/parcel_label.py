"""The data of an A6 parcel label of the merchant's own delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.documents import sheet
from chalicelib.documents.addresses import address_lines
from chalicelib.documents.code128 import barcode_svg, bars
from chalicelib.documents.qr import qr_svg
from chalicelib.documents.wording import WORDS
from chalicelib.domain import formats

if TYPE_CHECKING:
    from chalicelib.documents.facts import LabelFacts, Sender

# Thermal printers have 203 dots an inch: a module of two or three whole dots prints sharply.
_DOT_MM = 25.4 / 203
_WIDEST_MM = 89.0


def label(kind: str, facts: LabelFacts) -> dict[str, Any]:
    """Return the data; ValueError if the tracking number cannot be a barcode of this width."""
    words, widths = WORDS[facts.language], bars(facts.tracking_number)
    lines = address_lines(facts.ship_to, facts.sender.country, facts.language)
    return {
        **sheet.basics(kind, facts),
        "words": words,
        "sender": _sender_lines(facts.sender, facts),
        "recipient": [sheet.breakable(line, 27) for line in lines],
        "place": _place(facts),
        "phone": f"{words['phone']} {facts.phone}" if facts.phone else "",
        "note": sheet.breakable(facts.note),
        "heavy": _heavy(facts),
        "facts": _facts(facts),
        "barcode": barcode_svg(widths),
        "barcode_mm": barcode_mm(sum(widths)),
        "barcode_alt": words["barcode_alt"].format(number=facts.tracking_number),
        "tracking_number": facts.tracking_number,
        "qr": qr_svg(facts.tracking_url),
        "is_sample": facts.is_sample,
    }


def barcode_mm(modules: int) -> float:
    """Return the width of so many modules: three printer dots each if that fits, else two."""
    for dots in (3, 2):
        width = modules * dots * _DOT_MM
        if width <= _WIDEST_MM:
            return round(width, 3)
    msg = f"a barcode of {modules} modules is too wide for the label"
    raise ValueError(msg)


def _place(facts: LabelFacts) -> str:
    """Return the line with the place, which the driver reads first."""
    lines = address_lines(facts.ship_to, facts.ship_to.country, facts.language)
    return sheet.breakable(lines[-1], 27) if lines else ""


def _sender_lines(sender: Sender, facts: LabelFacts) -> list[str]:
    abroad = facts.ship_to.country.upper() != sender.country.upper()
    place = f"{sender.zip} {sender.city}".strip()
    return [sender.name, sender.street, f"{sender.country}-{place}" if abroad else place]


def _heavy(facts: LabelFacts) -> str:
    """Mark parcels above 10 kg and above 20 kg, as § 73 PostG asks of parcel services."""
    limit = next((limit for limit in (20, 10) if facts.weight_g > limit * 1000), 0)
    return WORDS[facts.language]["heavy"].format(limit=limit) if limit else ""


def _facts(facts: LabelFacts) -> list[list[str]]:
    words = WORDS[facts.language]
    parcel = f"{facts.parcel} / {facts.parcels}" if facts.parcels > 1 else ""
    rows = [
        [words["order_number"], facts.order_number],
        [words["delivery_note"], "" if facts.number == facts.tracking_number else facts.number],
        [words["weight"], formats.weight(facts.weight_g, facts.language)],
        [words["parcel"], parcel],
    ]
    return [row for row in rows if row[1]]
