"""QR codes: of a link, and the Girocode (EPC069-12) that fills in a bank transfer."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.documents.characters import printable
from chalicelib.documents.code128 import modules_svg
from chalicelib.domain.formats import is_iban

# EPC069-12: the most a SEPA credit transfer can carry.
MOST_CENTS = 99_999_999_999
_MASK = 3


def qr_svg(text: str) -> str:
    """Draw a QR code with medium error correction."""
    import segno  # noqa: PLC0415 - most documents need no QR code

    # One mask for all: weighing the eight of them is four fifths of the work, and any one scans.
    return modules_svg(segno.make_qr(text, error="m", mask=_MASK).matrix)


def girocode(*, name: str, iban: str, bic: str, cents: int, purpose: str) -> str:
    """Return the payload of a transfer in euro; empty if it cannot be one (IBAN, amount)."""
    if not is_iban(iban) or not 1 <= cents <= MOST_CENTS:
        return ""
    fields = (
        "BCD", "002", "1", "SCT", bic.replace(" ", "").upper(), printable(name)[:70],
        "".join(iban.split()).upper(), f"EUR{Decimal(cents).scaleb(-2)}", "", "", purpose[:140],
    )  # fmt: skip
    return "\n".join(fields)
