"""The merchant's logo as SVG: given as SVG markup or as a PNG in a data URI."""

from __future__ import annotations

import base64
import binascii
import struct

_PNG = "data:image/png;base64,"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


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
    width, height = struct.unpack(">II", head[16:24])
    return width, height
