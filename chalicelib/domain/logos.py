"""Whether a logo is a picture that can be printed: SVG markup, or a PNG as a data URI.

The typesetter refuses the same and more, but only when a number is drawn already.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from xml.parsers import expat

from chalicelib.domain import svg
from chalicelib.domain.svg import PNG

MOST = 64 * 1024  # characters of markup or of the data URI
MOST_SIDE = 4000  # pixels
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type


def fault(logo: str) -> str:
    """Return what is wrong with a logo in English, nothing if it can be printed or is empty."""
    text = logo.strip()
    if not text:
        return ""
    if len(text) > MOST:
        return f"at most {MOST} bytes"
    if text.startswith(PNG):
        return _png_fault(text.removeprefix(PNG))
    if text.startswith("<"):
        return _svg_fault(text)
    return "must be SVG markup or a PNG as a data URI"


def _svg_fault(text: str) -> str:
    try:
        read = svg.Reading(text)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        return f"the SVG is broken: {error}"
    if not read.wrong and read.root != "svg":
        return f"must be an SVG, but its root is {read.root[:40]!r}"
    pictures = (_png_fault(uri.removeprefix(PNG)) for uri in read.pictures)
    return next((wrong for wrong in (*read.wrong, *pictures) if wrong), "")


def _png_fault(encoded: str) -> str:
    try:
        data = base64.b64decode(encoded, validate=True)
        return _picture_fault(data)
    except (binascii.Error, struct.error, zlib.error):
        return "the PNG is broken"


def _picture_fault(data: bytes) -> str:
    """Check each chunk's sum and that the pixels are all there, unpacking no more than they are."""
    if not data.startswith(_SIGNATURE):
        return "the data URI does not hold a PNG"
    at, header, packed, last = len(_SIGNATURE), b"", b"", b""
    while at < len(data) and last != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        body, last = data[at + 8 : at + 8 + length], data[at + 4 : at + 8]
        (crc,) = struct.unpack_from(">I", data, at + 8 + length)
        if crc != zlib.crc32(last + body):
            return "the PNG is broken"
        header = body if last == b"IHDR" else header
        packed += body if last == b"IDAT" else b""
        at += 12 + length
    if last != b"IEND" or not packed:
        return "the PNG is broken"
    return _pixels_fault(header, packed)


def _pixels_fault(header: bytes, packed: bytes) -> str:
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE):
        return f"the PNG must have 1 to {MOST_SIDE} pixels on each side"
    if colour not in _CHANNELS:
        return "the PNG is broken"
    needed = height * (1 + (width * depth * _CHANNELS[colour] + 7) // 8)
    found = len(zlib.decompressobj().decompress(packed, needed + 1))
    # An interlaced picture has more rows, each with a byte of its own.
    is_whole = found >= needed if interlaced else found == needed
    return "" if is_whole else "the PNG is broken"
