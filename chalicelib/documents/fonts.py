"""The fonts of documents: Inter beside the templates, and far alphabets in the typesetter's layer.

The layer brings them as Python packages; where one is missing its alphabet is shown by code.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

NEAR = Path(__file__).parent / "templates" / "fonts"
# Chinese, Japanese and Korean; Arabic; Thai; Devanagari; Hebrew.
PACKAGES = (
    "noto_cjk_sans_jp_regular",
    "fontpkg_noto_sans_arabic",
    "fontpkg_noto_sans_thai",
    "fontpkg_noto_sans_devanagari",
    "fontpkg_heebo",
)


@lru_cache(maxsize=1)
def far() -> tuple[Path, ...]:
    """Return the folders of the far fonts; none unless all are there."""
    found = [find_spec(name) for name in PACKAGES]
    folders = tuple(Path(spec.origin).parent for spec in found if spec and spec.origin)
    return folders if len(folders) == len(PACKAGES) else ()


def ranges(text: str) -> str:
    """Return ranges in hexadecimal (`20-7E A0`) as the inside of a character class."""
    parts = (part.partition("-") for part in text.split())
    return "".join(
        f"\\U{int(first, 16):08x}-\\U{int(last or first, 16):08x}" for first, _, last in parts
    )


@lru_cache(maxsize=1)
def far_ranges() -> str:
    """Return what the far fonts hold beyond Inter, as the inside of a character class."""
    return ranges((NEAR / "far.txt").read_text(encoding="ascii")) if far() else ""
