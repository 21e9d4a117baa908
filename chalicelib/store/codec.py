"""Facts and frozen documents to bytes and back; the format is JSON, packed where it is long."""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec

from chalicelib.domain.events import FACTS, Fact
from chalicelib.store import packing

T = TypeVar("T")

# What every order's JSON says, so that it need not be kept with each. It can never be changed:
# what was packed with it is read with it. Rows from before name none, and are read all the same.
KNOWN = (
    b'{"fact":"OrderAccepted","at":"2026-11-23T08:00:00Z","by":"kontor"}]{"fact":"OrderReceived",'
    b'"delivery_id":"policy":{"ship_on":"acceptance","invoice_on":"shipment","partial_reservation":'
    b'true,"partial_shipments":true,"ship_on":"payment","invoice_on":"payment",'
    b'"partial_reservation":false,"partial_shipments":false,"payment_days":7,'
    b'"merge_payment_mail":true,"carrier":"local","routing":"priority","split":false,'
    b'"fallback":true,"reservation_days":0,"handling_days":1,"mail_on_change":true,'
    b'"dunning_levels":3,"reminder_days":3,"dunning_days":7,"dunning_fee_1":0,"dunning_fee_2":250,'
    b'"cancel_unpaid":true,"waive_fees_on_payment":true},"access_token":"tells":["ship","cancel"]},'
    b'{"connection_id":"external_id":"number":"placed_at":"2026-11-23T08:00:00Z","modified_at":'
    b'"currency":"EUR","prices_include_tax":true,"lines":[{"id":"sku":null,"name":"quantity":1,'
    b'"unit_price":{"minor":0,"currency":"EUR"},"total":{"minor":0,"currency":"EUR"},"tax":'
    b'{"minor":0,"currency":"EUR"},"tax_rate":"7","discount":null,"kind":"shipping","ships":false,'
    b'"part_of":""}],"tax_rate":"19","discount":null,"kind":"product","ships":true,"part_of":""},'
    b'"billing":{"name":"company":"","street":"street2":"","zip":"city":"region":"","country":"DE",'
    b'"phone":""},"shipping":{"name":"","company":"","street":"","street2":"","zip":"","city":"",'
    b'"region":"","country":"DE","phone":""},"email":"@example.com","phone":"+49 ",'
    b'"locale":"de-DE","note":"","payment_method":"vat_id":""}'
)
# The same for the frozen facts of numbered documents; as unchangeable, and told apart by its sum.
PAPERS = (
    b'"ship_to":{"name":"","company":"","street":"","street2":"","zip":"","city":"","region":"",'
    b'"country":"DE"},"tax_treatment":"small_business","oss","export","reverse_charge",'
    b'"intra_community","einvoice":"xrechnung_ubl","xrechnung_cii","pdf","number":"RK-2026-00",'
    b'"original":{"number":"RE-2026-00","issued_on":"2026-","state":"due","collected","method":'
    b'"invoice","prepayment","paypal","stripe","currency":"CHF","name":"Versandkosten","language":'
    b'"en","country":"AT"},{"kind":"payment","{"rate":"20","details":"","net":0,"tax":0,"gross":0'
    b'{"number":"RE-2026-00","issued_on":"2026-12-","currency":"EUR","sender":{"name":" GmbH",'
    b'"street":"stra\xc3\x9fe 1","zip":"","city":"","country":"DE","managing_director":"",'
    b'"register":"HRB Amtsgericht ","tax_number":"","vat_id":"DE","email":"info@","phone":"+49 ",'
    b'"website":"https://www.","account_holder":"","iban":"DE","bic":"","bank":"","logo":"",'
    b'"accent":"#1f4e5f"},"bill_to":{"name":"","company":"","street":"","street2":"","zip":"",'
    b'"city":"","region":"","country":"DE"},"lines":[{"position":1,"name":"","quantity":1,"sku":"",'
    b'"details":"","unit_price":0,"total":0,"discount":0,"tax_rate":"7"},{"position":2,"name":"",'
    b'"quantity":1,"sku":"","details":"","unit_price":0,"total":0,"discount":0,"tax_rate":"19"}],'
    b'"taxes":[{"rate":"19","net":0,"tax":0,"gross":0},{"rate":"7","net":0,"tax":0,"gross":0}],'
    b'"totals":{"net":0,"tax":0,"gross":0,"redeemed":0,"paid":0,"due":0},"supplied_on":"2026-",'
    b'"language":"de","order_number":"","ordered_on":"2026-","customer_reference":"",'
    b'"customer_number":"","vat_id":"","ship_to":null,"charges":[{"kind":"shipping","amount":0,'
    b'"tax_rate":"19","name":""}],"prices_include_tax":true,"tax_treatment":"standard","payment":'
    b'{"state":"paid","method":"","on":"2026-","due_on":"","reference":""},"original":null,'
    b'"reason":"","intro":"","notes":[],"small_print":"","hidden":[],"layout":1,"einvoice":'
    b'"zugferd","supplied_until":"","buyer_reference":"","customer_e'
)
_DICTIONARIES = {zlib.adler32(known): known for known in (KNOWN, PAPERS)}


def facts_to_json(facts: tuple[Fact, ...]) -> str:
    """Write facts as a JSON list of `{"fact": …, …}`."""
    rows = [{"fact": type(fact).__name__, **msgspec.to_builtins(fact)} for fact in facts]
    return msgspec.json.encode(rows).decode()


def facts_from_json(text: str) -> tuple[Fact, ...]:
    """Read what `facts_to_json` wrote; fields added later take their defaults."""
    rows = [_undunned(row) for row in _rows(text)]
    return tuple(msgspec.convert(row, FACTS[row["fact"]], strict=False) for row in rows)


def _undunned(row: dict[str, Any]) -> dict[str, Any]:
    """Send no letters for what was stored before there were any: nobody has agreed to them."""
    policy = row.get("policy")
    if isinstance(policy, dict):
        policy.setdefault("dunning_levels", 0)
    return row


def settings_from(stored: dict[str, Any], kind: type[T]) -> T:
    """Read a merchant's settings, which hold a policy as orders do; fields added later too."""
    return shaped(_undunned(dict(stored)), kind)


def pack_facts(text: str) -> bytes:
    """Write what `facts_to_json` wrote in fewer bytes."""
    return packing.deflated(text.encode(), KNOWN)


def unpack_facts(data: bytes) -> tuple[Fact, ...]:
    """Read what `pack_facts` wrote."""
    return facts_from_json(inflated(data).decode())


def _rows(text: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(text, type=list[dict[str, Any]])


def pack(value: object, known: bytes = KNOWN) -> bytes:
    """Write any dataclass or plain value as deflated JSON."""
    return packing.deflated(msgspec.json.encode(value), known)


def inflated(data: bytes) -> bytes:
    """Return the JSON of what `pack` wrote."""
    return packing.inflated(data, _DICTIONARIES)


def unpack(data: bytes, kind: type[T]) -> T:
    """Read what `pack` wrote as a value of `kind`."""
    return msgspec.json.decode(inflated(data), type=kind, strict=False)


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is any
    """Turn a dataclass into plain dicts, lists, strings and numbers."""
    return msgspec.to_builtins(value)


def shaped(value: object, kind: type[T]) -> T:
    """Read plain dicts as a dataclass; msgspec.ValidationError names the field."""
    return msgspec.convert(value, kind, strict=False)
