"""The forms that an invoice may have, and the mark by which public buyers route theirs."""

from __future__ import annotations

import re

FORMS = ("pdf", "zugferd", "xrechnung_cii", "xrechnung_ubl")
_LEITWEG_ID = re.compile(r"[0-9]{2,12}(-[0-9A-Za-z]{1,30})?-[0-9]{2}")


def is_leitweg_id(text: str) -> bool:
    """Tell whether a text is a Leitweg-ID: address, own part and two check digits (mod 97)."""
    if not _LEITWEG_ID.fullmatch(text):
        return False
    signs = text.replace("-", "")
    return int("".join(str(int(sign, 36)) for sign in signs)) % 97 == 1
