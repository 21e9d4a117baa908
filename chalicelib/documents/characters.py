"""Text that the fonts can print: in PDF/A one missing glyph stops the whole document.

What no font holds is shown by name or code, so that nothing is lost: `:fire:`, `[U+1E900]`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chalicelib.documents.coverage import COVERED
from chalicelib.documents.fonts import far_ranges, ranges

PLACEHOLDER = "□"

# Read as line breaks or spaces wherever they come from; everything else below space is dropped.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Characters without a decomposition that people would write like this.
_WRITTEN = {
    "\u0149": "ʼn", "\u2714": "✓", "\u2715": "×", "\u2716": "×", "\u27a1": "→", "\u2b50": "★",
    "\ufffd": PLACEHOLDER,
}  # fmt: skip
_FLAG = "REGIONAL INDICATOR SYMBOL LETTER "


def printable(text: str) -> str:
    """Return the text on one line, in NFC and in covered characters only."""
    return " ".join(printable_lines(text).split())


def printable_lines(text: str) -> str:
    """Return the text with its line breaks, in NFC and in covered characters only."""
    if text.isascii() and text.isprintable():
        return text.strip()
    normal = unicodedata.normalize("NFC", _BREAKS.sub("\n", text).replace("\t", " "))
    shown = _uncovered().sub(lambda found: _replaced(found[0]), normal)
    if _far() and _far().search(shown):
        shown = unicodedata.normalize("NFC", "".join(_with_fitting_marks(shown)))
    lines = [" ".join(line.split()) for line in shown.split("\n")]
    kept = "\n".join(lines).strip("\n")
    return kept if kept or not _is_writing(normal) else PLACEHOLDER


@lru_cache(maxsize=1)
def _uncovered() -> re.Pattern[str]:
    spans = ranges(COVERED) + far_ranges()
    # Covered, but invisible: zero-width, directional and joining controls would spoil line breaks.
    return re.compile(f"[^\n{spans}]|[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f]")


@lru_cache(maxsize=1)
def _far() -> re.Pattern[str]:
    return re.compile(f"[{far_ranges()}]" if far_ranges() else r"(?!)")


def _with_fitting_marks(text: str) -> list[str]:
    """Keep a mark only behind a letter of its own alphabet: no font holds other pairs."""
    kept: list[str] = []
    before, is_far = "", False
    for sign in text:
        if unicodedata.category(sign)[0] != "M":
            before, is_far = _alphabet(sign), _far().match(sign) is not None
        elif (is_far or _far().match(sign)) and _alphabet(sign) != before:
            continue
        kept.append(sign)
    return kept


def _alphabet(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0]


@lru_cache(maxsize=4096)
def _replaced(character: str) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    category, name = unicodedata.category(character), unicodedata.name(character, "")
    if category in {"Cc", "Cf", "Mn", "Me", "Mc", "Sk", "Cs"}:
        return ""
    apart = unicodedata.normalize("NFKD", character)
    covered = "".join(part for part in apart if not _uncovered().match(part))
    if apart != character and covered.strip() and not unicodedata.combining(covered[0]):
        return unicodedata.normalize("NFC", covered)
    return " " if category == "Zs" else _named(character, name, is_picture=category == "So")


def _named(character: str, name: str, *, is_picture: bool) -> str:
    """Return what stands for a sign that no font holds."""
    if name.startswith(_FLAG):
        return name.removeprefix(_FLAG)
    if is_picture and name:
        return f":{name.lower().replace(' ', '_')}:"
    return f"[U+{ord(character):04X}]"


def _is_writing(text: str) -> bool:
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)
