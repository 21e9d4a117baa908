"""Bins: where a product lies at a location, as `A-03-2` or `main: A-03-2, wien: B-1`."""

from __future__ import annotations

import re

LONGEST = 200
_AT = re.compile(r"\s*([a-z0-9][a-z0-9-]{0,39})\s*:\s*(\S[^,]*?)\s*")


def bin_at(text: str, location: str) -> str:
    """Return the bin at a location; one without a location counts for all that name none."""
    everywhere = []
    for part in text.split(","):
        found = _AT.fullmatch(part)
        if found and found[1] == location:
            return found[2]
        if not found and part.strip():
            everywhere.append(part.strip())
    return ", ".join(everywhere)
