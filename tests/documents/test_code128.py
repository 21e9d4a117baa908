"""Barcodes say what they are made of, as narrow as figures allow."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image

from chalicelib.documents.code128 import bars


def picture(widths: list[int]) -> Image.Image:
    """Draw bars, three dots a module, with quiet zones."""
    dots = [255] * 30
    for place, width in enumerate(widths):
        dots += [0 if place % 2 == 0 else 255] * (3 * width)
    line = bytes([*dots, *[255] * 30])
    return Image.frombytes("L", (len(line), 60), line * 60)


@pytest.mark.parametrize(
    "text",
    [
        "1", "42", "123", "1004", "10042", "100421", "A1234", "A12345", "1234A", "12345A", "A1234B",
        "AB123456CD", "AB1234567CD", "B2B-2026-000000000000123456789", "SHOP-2026-000123", "R 1/2~",
        "20261123-0815", "00" * 9,
    ],
)  # fmt: skip
def test_a_scanner_reads_back_what_was_written(text: str) -> None:
    """Wherever figures are written two by two, the code is that of the same text."""
    assert [found.text for found in zxingcpp.read_barcodes(picture(bars(text)))] == [text]


def test_figures_make_a_code_narrow() -> None:
    """A long number among letters still fits on paper at a width that scanners read."""
    assert sum(bars("B2B-2026-000000000000123456789")) < sum(bars("B2B-2026-" + "X" * 13))
    assert sum(bars("SHOP-2026-000123")) < sum(bars("SHOP-2026-ABCDEF"))
