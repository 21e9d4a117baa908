"""Seller, buyer and receiver as an electronic invoice names them (BG-4, BG-7, BG-13)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.documents.facts import Party
from chalicelib.domain.forms import is_leitweg_id
from chalicelib.domain.vat_ids import compact, is_vat_id

if TYPE_CHECKING:
    from chalicelib.documents.facts import InvoiceFacts, Sender

# ISO 6523 and the list of electronic addresses: e-mail, and the German public buyers' own.
EMAIL = "EM"
LEITWEG = "0204"
_ENTRY = re.compile(r"\b(HR[AB]|GnR|PR|VR|GsR)\s*\d+(\s?[A-Z]{1,2})?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trader:
    """One side of the trade; `address` is its electronic one, in the scheme `address_scheme`."""

    name: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    legal: str = ""
    legal_id: str = ""
    vat_id: str = ""
    tax_number: str = ""
    id: str = ""
    address: str = ""
    address_scheme: str = EMAIL
    place: Party = field(default_factory=Party)


def seller(sender: Sender) -> Trader:
    """Return the merchant; who answers questions is the manager, else the company itself."""
    own = compact(sender.vat_id)
    return Trader(
        name=sender.name,
        contact=sender.managing_director or sender.name,
        phone=sender.phone,
        email=sender.email,
        legal=sender.register,
        legal_id=_registered(sender.register),
        vat_id=own if is_vat_id(own) else "",
        tax_number=sender.tax_number,
        # Whoever has no VAT id needs another mark to be known by (BR-CO-26).
        id="" if is_vat_id(own) else sender.tax_number,
        address=sender.email,
        place=Party(street=sender.street, zip=sender.zip, city=sender.city, country=sender.country),
    )


def buyer(facts: InvoiceFacts) -> Trader:
    """Return who is billed; a VAT id only where it reads like one."""
    party, vat_id = facts.bill_to, compact(facts.vat_id)
    is_public = is_leitweg_id(facts.buyer_reference)
    return Trader(
        name=party.company or party.name,
        contact=party.name if party.company else "",
        email="",
        vat_id=vat_id if is_vat_id(vat_id) else "",
        address=facts.buyer_reference if is_public else facts.customer_email,
        address_scheme=LEITWEG if is_public else EMAIL,
        place=_at(party, facts.sender.country),
    )


def receiver(facts: InvoiceFacts) -> Trader:
    """Return where the goods went, which is to the buyer where no other place is named."""
    party = facts.ship_to or facts.bill_to
    return Trader(name=party.company or party.name, place=_at(party, facts.sender.country))


def _registered(register: str) -> str:
    """Return the number of a register's entry (BT-30): "HRB 12345"."""
    found = _ENTRY.search(register)
    return " ".join(found[0].split()) if found else ""


def _at(party: Party, home: str) -> Party:
    return Party(
        street=party.street,
        street2=party.street2,
        zip=party.zip,
        city=party.city,
        region=party.region,
        country=(party.country or home).upper(),
    )
