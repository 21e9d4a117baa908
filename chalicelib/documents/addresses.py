"""How an address is written on an envelope in Germany, per country of destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.countries import country_name

if TYPE_CHECKING:
    from chalicelib.documents.facts import Language, Party, Sender

# Where the place is written as "city region zip", and where the code has a line of its own.
_REGION_THEN_ZIP = frozenset({"US", "CA", "AU"})
_ZIP_ON_ITS_OWN = frozenset({"GB", "IE", "GG", "JE", "IM", "GI", "IN", "HK"})
# Where a parcel needs the province; elsewhere a shop's region only repeats what the code says.
_WITH_REGION = frozenset({"IT", "BR", "MX", "CN", "JP", "IN", "KR", "TH", "ID", "MY", "CO", "AR"})


def address_lines(party: Party, home: str, language: Language) -> list[str]:
    """Return the lines, the country in capitals at the end unless it is the sender's own."""
    abroad = party.country and party.country.upper() != home.upper()
    country = country_name(party.country, language).upper() if abroad else ""
    place = _place(party)
    lines = [party.company, party.name, party.street, party.street2, *place, country]
    return [line for line in lines if line]


def one_line(party: Party | Sender) -> str:
    """Return name, street and place in a row, for the line above the address window."""
    return " · ".join(
        part for part in (party.name, party.street, f"{party.zip} {party.city}".strip()) if part
    )


def _place(party: Party) -> list[str]:
    code, region = party.country.upper(), party.region.rpartition("-")[2]
    if code in _REGION_THEN_ZIP:
        comma = ", " if code == "US" and region else " "
        return [" ".join(f"{party.city}{comma}{region} {party.zip}".split())]
    if code in _ZIP_ON_ITS_OWN:
        return [party.city, party.zip]
    shown = f" {region}" if region and code in _WITH_REGION else ""
    return [f"{party.zip} {party.city}{shown}".strip()]
