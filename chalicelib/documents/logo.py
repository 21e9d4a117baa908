"""The merchant's logo as SVG: given as SVG markup or as a PNG in a data URI."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.documents.port import Archive

_PNG = "data:image/png;base64,"
_MOST_PIXELS = 16_000_000  # a small file may unpack to gigabytes
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Logos:
    """Keeps each logo once beside the documents, which freeze only its hash.

    A logo may be as long as a hundred invoices; frozen into every one it would cost as much.
    """

    def __init__(self, archive: Archive) -> None:
        """Take the archive of the documents."""
        self._archive = archive
        self._kept: set[str] = set()

    def keep(self, merchant_id: str, logo: str, keep_until: datetime) -> str:
        """File a logo unless this process did, and return its mark; none for no logo."""
        if not logo:
            return ""
        mark = hashlib.sha256(logo.encode()).hexdigest()
        key = _key(merchant_id, mark)
        if key not in self._kept:
            data = logo.encode()
            self._archive.write(key, data, content_type="text/plain", keep_until=keep_until)
            self._kept.add(key)
        return mark

    def find(self, merchant_id: str, mark: str) -> str:
        """Return the logo of a mark."""
        return self._archive.read(_key(merchant_id, mark)).decode() if mark else ""


def _key(merchant_id: str, mark: str) -> str:
    return f"{merchant_id}/logos/{mark}"


def with_logo(facts: dict[str, Any], logo: str) -> dict[str, Any]:
    """Return a document's facts with another logo, or with the mark of one."""
    return {**facts, "sender": {**facts["sender"], "logo": logo}}


def logo_svg(logo: str) -> str:
    """Return SVG markup, empty for no logo; ValueError for anything that is neither."""
    text = logo.strip()
    if not text or text.endswith(("</svg>", "/>")):
        return text
    if not text.startswith(_PNG):
        msg = "a logo is SVG markup or a PNG as a data URI"
        raise ValueError(msg)
    width, height = _png_size(text.removeprefix(_PNG))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><image width="{width}" height="{height}" '
        f'href="{text}"/></svg>'
    )


def _png_size(encoded: str) -> tuple[int, int]:
    try:
        head = base64.b64decode(encoded[:64], validate=True)
    except binascii.Error:
        head = b""
    if not head.startswith(_SIGNATURE):
        msg = "the logo's data URI does not hold a PNG"
        raise ValueError(msg)
    # The IHDR chunk comes first: length and name, then width and height.
    width, height = struct.unpack(">II", head[16:24].ljust(8, b"\0"))
    if not 0 < width * height <= _MOST_PIXELS:
        msg = f"the logo has {width} x {height} pixels, at most {_MOST_PIXELS} are drawn"
        raise ValueError(msg)
    return width, height
