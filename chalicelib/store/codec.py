"""Facts and frozen documents to bytes and back; the format is JSON, packed where it is long."""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec

from chalicelib.domain.events import FACTS, Fact

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
    return _deflated(text.encode())


def unpack_facts(data: bytes) -> tuple[Fact, ...]:
    """Read what `pack_facts` wrote."""
    return facts_from_json(inflated(data).decode())


def _rows(text: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(text, type=list[dict[str, Any]])


def pack(value: object) -> bytes:
    """Write any dataclass or plain value as deflated JSON."""
    return _deflated(msgspec.json.encode(value))


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zdict=KNOWN)
    return packer.compress(data) + packer.flush()


def inflated(data: bytes) -> bytes:
    """Return the JSON of what `pack` wrote."""
    return zlib.decompressobj(zdict=KNOWN).decompress(data)


def unpack(data: bytes, kind: type[T]) -> T:
    """Read what `pack` wrote as a value of `kind`."""
    return msgspec.json.decode(inflated(data), type=kind, strict=False)


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is any
    """Turn a dataclass into plain dicts, lists, strings and numbers."""
    return msgspec.to_builtins(value)


def shaped(value: object, kind: type[T]) -> T:
    """Read plain dicts as a dataclass; msgspec.ValidationError names the field."""
    return msgspec.convert(value, kind, strict=False)
