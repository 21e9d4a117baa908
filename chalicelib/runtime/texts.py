"""How files of people, shops and banks write their text: its encoding, and what parts its cells."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice

DELIMITERS = (";", ",", "\t", "|")
ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
             (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
CP437_UMLAUTS = frozenset(b"\x81\x84\x94\x8e\x99\x9a\xe1")


def decoded(data: bytes, *, perhaps_dos: bool = False) -> tuple[str, str]:
    """Return a file's text and the name of its encoding: by its mark, UTF-8, or Windows' old one.

    Banks, not shops, still write that of DOS, which its umlauts tell; in a shop's file the same
    bytes are quotation marks. UnicodeDecodeError only for UTF-16 that is none.
    """
    marked = next((name for mark, name in ENCODINGS if data.startswith(mark)), "")
    try:
        return data.decode(marked or "utf-8"), marked.removesuffix("-sig") or "utf-8"
    except UnicodeDecodeError:
        if marked == "utf-16":
            raise
    # The five bytes without a sign in Windows-1252 are no reason to lose the others.
    if perhaps_dos and _is_dos(data):
        return data.decode("cp437"), "cp437"
    return data.decode("cp1252", "replace"), "windows-1252"


def _is_dos(data: bytes) -> bool:
    """Tell whether the umlauts are those of DOS: they outnumber those of Windows."""
    dos = sum(data.count(bytes([sign])) for sign in CP437_UMLAUTS)
    windows = sum(data.count(sign.encode("cp1252")) for sign in "äöüÄÖÜß")
    return dos > windows


def delimiter_of(text: str, within: int = 1) -> str:
    """Return what parts most cells of the first rows; a delimiter within quotes parts none."""
    found = {}
    for sign in DELIMITERS:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
        try:
            found[sign] = sum(len(row) for row in islice(rows, within) if len(row) > 1)
        except csv.Error:
            found[sign] = 0
    return max(found, key=lambda sign: found[sign])
