"""Packing: bodies of shops are small with the words they share, which never change."""

from __future__ import annotations

import hashlib
import json
import zlib

import pytest

from bench.journey import HEADERS, STRIPE, order_body, payment_body
from chalicelib.store import packing
from chalicelib.store.inbox import short
from chalicelib.store.inbox_words import SPOKEN

SUMS = {zlib.adler32(SPOKEN): SPOKEN}
UNIT, ROOM = 1024, 160  # bytes: what a write unit holds, and what the row has beside the body


@pytest.mark.parametrize(
    ("headers", "body"),
    [(HEADERS, order_body(1)), (STRIPE, payment_body(1))],
    ids=["shop", "money"],
)
def test_a_delivery_of_the_reference_order_fits_into_one_write_unit(
    headers: dict[str, str], body: bytes
) -> None:
    """Without the known words the order takes two kilobytes, and is written as three units."""
    told = json.dumps(headers).encode() + b"\n" + body
    packed = packing.deflated(told, SPOKEN)
    assert packing.inflated(packed, SUMS) == told
    assert len(packed) < UNIT - ROOM < len(zlib.compress(told, 9))


def test_the_known_words_stay_as_they_are() -> None:
    """Whoever changes a letter makes every delivery unreadable that was packed with it."""
    assert hashlib.sha256(SPOKEN).hexdigest()[:16] == "ee6de4a1dd236784"


def test_a_hash_is_kept_in_fewer_signs_and_any_other_name_as_it_is() -> None:
    """128 bits tell all deliveries of a connection apart."""
    one, other = (hashlib.sha256(text).hexdigest() for text in (b"1", b"2"))
    assert len(short(one)) == len(short(other)) == 22
    assert short(one) != short(other)
    assert [short(name) for name in ("evt_1", one[:32], one.upper())] == [
        "evt_1", one[:32], one.upper(),
    ]  # fmt: skip
