"""From an uploaded file to statements, whatever form the bank gave it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.payment.bank import camt, columns, mt940
from chalicelib.runtime.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.bank import Statement

MEGABYTE = 1024 * 1024
LARGEST = 40 * MEGABYTE  # bytes of one document, unpacked
LARGEST_IN_ALL = 100 * MEGABYTE
MOST_FILES = 200
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
ZIP = b"PK\x03\x04"


def read(data: bytes, name: str = "") -> list[Statement]:
    """Read camt.052/.053/.054, MT940 or CSV, alone or several in a ZIP.

    Permanent(`bad_statement`) says which file, and what is wrong with it.
    """
    statements: list[Statement] = []
    for inner, document in _documents(data, name):
        try:
            statements += _document(document)
        except Permanent as error:
            where = f"{inner}: " if inner else ""
            raise Permanent(error.code, f"{where}{error.text}") from None
    if not statements:
        raise Permanent("bad_statement", "The file holds no statement.")
    return statements


def _documents(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    if not data.strip():
        raise Permanent("bad_statement", "The file is empty.")
    if not data.startswith(ZIP):
        if len(data) > LARGEST:
            raise Permanent("bad_statement", f"The file is larger than {LARGEST // MEGABYTE} MB.")
        yield name, data
        return
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MOST_FILES:
            raise Permanent("bad_statement", f"ZIP: more than {MOST_FILES} files in it.")
        left = LARGEST_IN_ALL
        for entry in entries:
            document = _unpacked(archive, entry, min(LARGEST, left))
            left -= len(document)
            yield entry.filename, document
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Permanent("bad_statement", f"ZIP: {error}") from None


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Unpack one file; what the archive says of its size is not believed."""
    with archive.open(entry) as file:
        document = file.read(most + 1)
    if len(document) > most:
        text = f"ZIP: {entry.filename} unpacks to more than {most // MEGABYTE} MB."
        raise Permanent("bad_statement", text)
    return document


def _document(data: bytes) -> list[Statement]:
    begin = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    is_wide = data.startswith(BYTE_ORDER_MARKS)
    if begin.startswith(b"<") or (is_wide and "<" in _text(data)[:5]):
        return camt.read(data.lstrip(b"\xef\xbb\xbf \t\r\n") if not is_wide else data)
    text = _text(data)
    return mt940.read(text) if mt940.looks_like(text) else columns.read(text)


def _text(data: bytes) -> str:
    """Decode as UTF-16 with its mark, as UTF-8, else as what German banks used before."""
    try:
        return decoded(data, perhaps_dos=True)[0]
    except UnicodeDecodeError as error:
        raise Permanent("bad_statement", f"The text is no UTF-16: {error}") from None
