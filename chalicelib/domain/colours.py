"""Colours as merchants choose them, and whether text can be read on or in them (WCAG 2.2)."""

from __future__ import annotations

import re

# WCAG 2.2, 1.4.3: the least contrast between text and its ground.
READABLE = 4.5
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LINEAR_BELOW = 0.04045


def or_else(colour: str, default: str) -> str:
    """Return the colour if it reads `#rrggbb`, else the default."""
    return colour if _COLOUR.fullmatch(colour) else default


def is_readable_on_white(colour: str) -> bool:
    """Tell whether text of this colour can be read on white, and so white text on it."""
    return contrast_on_white(colour) >= READABLE


def contrast_on_white(colour: str) -> float:
    """Return the WCAG contrast ratio of `#rrggbb` on white, 1 to 21."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (_linear(part) for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= _LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4
