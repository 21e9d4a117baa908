"""The names that electronic invoices bear for what they keep (BT-23, BT-24)."""

from __future__ import annotations

EN16931 = "urn:cen.eu:en16931:2017"
XRECHNUNG_3 = f"{EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
# The scheme of EANs and other article numbers of GS1 (ISO 6523).
GTIN = "0160"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


def guideline(*, is_xrechnung: bool) -> str:
    """Return the specification that an invoice keeps."""
    return XRECHNUNG_3 if is_xrechnung else EN16931
