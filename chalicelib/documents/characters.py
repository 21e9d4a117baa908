"""Text that the bundled fonts can print: in PDF/A one missing glyph stops the whole document."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chalicelib.documents.coverage import COVERED

PLACEHOLDER = "□"

# Read as line breaks or spaces wherever they come from; everything else below space is dropped.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Characters without a decomposition that people would write like this.
_WRITTEN = {
    "\u0149": "ʼn", "\u2714": "✓", "\u2715": "×", "\u2716": "×", "\u27a1": "→", "\u2b50": "★",
    "\u3001": ", ", "\u3002": ". ", "\u30fb": "·", "\ufffd": PLACEHOLDER,
}  # fmt: skip


def printable(text: str) -> str:
    """Return the text on one line, in NFC and in covered characters only."""
    return " ".join(printable_lines(text).split())


def printable_lines(text: str) -> str:
    """Return the text with its line breaks, in NFC and in covered characters only."""
    if text.isascii() and text.isprintable():
        return text.strip()
    normal = unicodedata.normalize("NFC", _BREAKS.sub("\n", text).replace("\t", " "))
    shown = _uncovered().sub(lambda found: _replaced(found[0]), normal)
    lines = [" ".join(line.split()) for line in shown.split("\n")]
    kept = "\n".join(lines).strip("\n")
    return kept if kept or not _is_writing(normal) else PLACEHOLDER


@lru_cache(maxsize=1)
def _uncovered() -> re.Pattern[str]:
    ranges = (part.partition("-") for part in COVERED.split())
    spans = "".join(
        f"\\U{int(first, 16):08x}-\\U{int(last or first, 16):08x}" for first, _, last in ranges
    )
    # Covered, but invisible: zero-width, directional and joining controls would spoil line breaks.
    return re.compile(f"[^\n{spans}]|[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f]")


@lru_cache(maxsize=4096)
def _replaced(character: str) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Mn", "Me", "Sk"}:
        return ""
    apart = unicodedata.normalize("NFKD", character)
    covered = "".join(part for part in apart if not _uncovered().match(part))
    if apart != character and covered.strip() and not unicodedata.combining(covered[0]):
        return unicodedata.normalize("NFC", covered)
    if category == "Zs":
        return " "
    # Pictographs are decoration and leave; a letter that cannot be shown leaves a mark.
    return "" if category == "So" else PLACEHOLDER


def _is_writing(text: str) -> bool:
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)
