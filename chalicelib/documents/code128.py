"""Code 128 (ISO/IEC 15417) as bar widths, and any bars or modules as SVG."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Widths of bar, space, bar, space, bar, space by symbol value; the last two are Start C and Stop.
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
)
_WIDTHS = tuple(_TABLE.split())
_START_B, _START_C, _STOP = 104, 105, 106
_TO_C, _TO_B = 99, 100
# Figures that are narrower two by two, though it takes a symbol to change to pairs and back.
_PAIRED = re.compile(r"(^(?:\d\d){2,}|(?:\d\d){3,}(?!\d)|(?:\d\d){2,}$)")


def bars(text: str) -> list[int]:
    """Return the widths in modules, bars and spaces in turn; ValueError for unprintable ASCII."""
    values = _values(text)
    check = (values[0] + sum(i * value for i, value in enumerate(values))) % 103
    return [int(width) for value in [*values, check, _STOP] for width in _WIDTHS[value]]


def _values(text: str) -> list[int]:
    if not text or not text.isascii() or not text.isprintable():
        msg = f"Code 128 cannot hold {text!r}"
        raise ValueError(msg)
    values: list[int] = []
    for place, run in enumerate(_PAIRED.split(text)):
        is_paired = place % 2 == 1  # what the pattern found stands between what it did not
        if run and not values:
            values.append(_START_C if is_paired else _START_B)
        elif run:
            values.append(_TO_C if is_paired else _TO_B)
        if is_paired:
            values += [int(run[i : i + 2]) for i in range(0, len(run), 2)]
        else:
            values += [ord(character) - 32 for character in run]
    return values


def barcode_svg(widths: Iterable[int]) -> str:
    """Draw bars as an SVG one unit high and one unit wide for each module."""
    x, path = 0, []
    for i, width in enumerate(widths):
        if i % 2 == 0:
            path.append(f"M{x} 0h{width}v1h-{width}z")
        x += width
    return _svg(x, 1, path)


def modules_svg(rows: Sequence[Sequence[int]]) -> str:
    """Draw a square of dark (true) and light modules, as of a QR code, without a quiet zone."""
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                path.append(f"M{x} {y}h{end - x}v1h{x - end}z")
            x = end + 1
    return _svg(len(rows[0]), len(rows), path)


def _svg(width: int, height: int, path: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" preserveAspectRatio="none">'
        f'<path d="{"".join(path)}"/></svg>'
    )
