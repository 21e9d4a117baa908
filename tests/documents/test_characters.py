"""Text reduced to what the fonts hold, losing as little as possible."""

from __future__ import annotations

import textwrap
import unicodedata

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.characters import printable, printable_lines
from chalicelib.documents.coverage import COVERED
from chalicelib.documents.fonts import NEAR, far
from chalicelib.documents.pdf import TEMPLATES


def as_ranges(points: set[int]) -> str:
    """Write code points as `coverage.py` does."""
    ranges: list[list[int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in ranges)


def covered() -> set[int]:
    """Read the two tables back into code points."""
    points: set[int] = set()
    for part in f"{COVERED} {(NEAR / 'far.txt').read_text()}".split():
        first, _, last = part.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return points


def test_the_coverage_is_that_of_every_font() -> None:
    """A font that is exchanged changes what may be printed, in all weights alike."""
    fonts = sorted((TEMPLATES / "fonts").glob("*.ttf"))
    assert len(fonts) == 3
    for font in fonts:
        ranges = as_ranges(set(TTFont(font).getBestCmap()))
        assert ranges == COVERED, "\n" + "\n".join(textwrap.wrap(ranges, 90))


def in_far_fonts() -> set[int]:
    """Return what the fonts of the layer hold beyond Inter."""
    held: set[int] = set()
    for folder in far():
        for font in [*folder.rglob("*.ttf"), *folder.rglob("*.otf")]:
            held |= set(TTFont(font, lazy=True).getBestCmap())
    near = TTFont(NEAR / "Inter-Regular.ttf").getBestCmap()
    return {point for point in held - set(near) if is_letter_of_its_own(chr(point))}


def is_letter_of_its_own(sign: str) -> bool:
    """Tell what is no other letter in another shape, and no control."""
    return unicodedata.normalize("NFKC", sign) == sign and unicodedata.category(sign)[0] not in "CZ"


def test_the_far_fonts_hold_what_the_table_says() -> None:
    """`python -m tests.documents.test_characters` writes the table anew."""
    assert (NEAR / "far.txt").read_text().strip() == as_ranges(in_far_fonts())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Jürgen Größmann", "Jürgen Größmann"),
        ("Żółć Ελληνικά Кириллица Tiếng Việt ₺", "Żółć Ελληνικά Кириллица Tiếng Việt ₺"),
        ("Zoe\u0308", "Zoë"),
        ("ﬁnanz", "finanz"),
        ("Ｔｅａ①㎏", "Tea①kg"),
        ("a\u200bb\u00adc\ufeffd\u202ee", "abcde"),
        ("a\x00\x07b", "ab"),
        ("eins\ttwo\r\nthree\u2028vier", "eins two three vier"),
        ("Tee 🔥🇩🇪👨‍👩 heiß", "Tee :fire:DE:man::woman: heiß"),
        ("王小明 김철수 山田", "王小明 김철수 山田"),
        ("שלום محمد สมชาย अमित", "שלום محمد สมชาย अमित"),
        ("x\u0e31 王\u0301", "x 王"),
        ("\U0001e900\U0001e901", "[U+1E900][U+1E901]"),
        ("🔥🔥", ":fire::fire:"),
        ("\ufffd\ue000", "□[U+E000]"),
        ("  weit   weg  ", "weit weg"),
        ("\u00a0", ""),
        ("", ""),
    ],
)
def test_text_keeps_what_can_be_kept(text: str, shown: str) -> None:
    """Composed, compatible and known letters stay; decoration leaves; the rest leaves a mark."""
    assert printable(text) == shown


def test_line_breaks_stay_where_they_are_wanted() -> None:
    """A note keeps its lines, a name has only one."""
    assert printable_lines("eins\r\nzwei\n\ndrei ") == "eins\nzwei\n\ndrei"


@given(st.text())
def test_every_text_becomes_printable(text: str) -> None:
    """Whatever anybody types, only covered and visible characters in NFC are left."""
    shown = printable(text)
    assert {ord(character) for character in shown} <= covered()
    assert unicodedata.is_normalized("NFC", shown)
    assert all(unicodedata.category(character) not in {"Cc", "Cf"} for character in shown)
    assert printable(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1))
def test_writing_never_vanishes(text: str) -> None:
    """A name that cannot be shown leaves at least a placeholder."""
    assert printable(text)


if __name__ == "__main__":
    (NEAR / "far.txt").write_text(as_ranges(in_far_fonts()) + "\n", encoding="ascii")
