"""Deflates with words that both sides know; what is packed names them by their sum."""

from __future__ import annotations

import zlib

_HAS_DICTIONARY = 0x20  # of the second byte; the four behind it are the dictionary's sum


def deflated(data: bytes, known: bytes) -> bytes:
    """Write bytes in fewer; `known` is what most of them say, and can never be changed."""
    packer = zlib.compressobj(9, zdict=known)
    return packer.compress(data) + packer.flush()


def inflated(data: bytes, dictionaries: dict[int, bytes]) -> bytes:
    """Read what `deflated` wrote, or what was written without a dictionary."""
    if not data[1] & _HAS_DICTIONARY:
        return zlib.decompress(data)
    known = dictionaries[int.from_bytes(data[2:6])]
    return zlib.decompressobj(zdict=known).decompress(data)
