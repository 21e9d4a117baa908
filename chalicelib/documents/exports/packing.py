"""ZIP files written front to back: each file as it comes, the directory at the end.

Files are stored as they are, for PDFs are compressed already; beyond 4 GB and 65,535 files they use
ZIP64 (APPNOTE 6.3.10, 4.3 and 4.5).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

UTF8 = 1 << 11
VERSION, VERSION_64 = 20, 45
MOST_16, MOST_32 = 0xFFFF, 0xFFFFFFFF


def stored(name: str, *, size: int, crc: int, offset: int, at: datetime) -> tuple[bytes, bytes]:
    """Return what stands before a file's bytes at `offset`, and its entry in the directory."""
    when, encoded = _when(at), name.encode()
    head = struct.pack(
        "<4sHHHHHIIIHH", b"PK\x03\x04", VERSION, UTF8, 0, *when, crc, size, size,
        len(encoded), 0,
    )  # fmt: skip
    is_far = offset >= MOST_32
    extra = struct.pack("<HHQ", 1, 8, offset) if is_far else b""
    version = VERSION_64 if is_far else VERSION
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", version, version, UTF8, 0, *when, crc, size, size,
        len(encoded), len(extra), 0, 0, 0, 0, min(offset, MOST_32),
    )  # fmt: skip
    return head + encoded, entry + encoded + extra


def end(*, count: int, size: int, offset: int) -> bytes:
    """Return the end of a ZIP file whose directory has so many entries and begins at `offset`."""
    far = b""
    if count > MOST_16 or offset + size > MOST_32:
        far = struct.pack(
            "<4sQHHIIQQQQ", b"PK\x06\x06", 44, VERSION_64, VERSION_64, 0, 0, count, count, size,
            offset,
        )  # fmt: skip
        far += struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    return far + struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, min(count, MOST_16), min(count, MOST_16),
        min(size, MOST_32), min(offset, MOST_32), 0,
    )  # fmt: skip


def _when(at: datetime) -> tuple[int, int]:
    """Return time and day as ZIP files hold them."""
    return (
        at.hour << 11 | at.minute << 5 | at.second // 2,
        (at.year - 1980) << 9 | at.month << 5 | at.day,
    )
