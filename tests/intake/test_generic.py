"""The generic order: what the published schema allows, and what its reader makes of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import Bought, LineItem
from chalicelib.intake import generic, schema
from chalicelib.intake.port import Snapshot
from tests.recorded.reading import NOW, SECRET, delivery, recorded

LINE = {"name": "Kanne", "quantity": 2, "unit_price": "10.00"}


def order(**more: Any) -> dict[str, Any]:
    """Return a small order; a field that is None is left out."""
    whole = {"external_id": "1", "currency": "EUR", "tax_rate": 19, "lines": [dict(LINE)]} | more
    return {name: value for name, value in whole.items() if value is not None}


def read(**more: Any) -> Snapshot:
    """Translate a small order."""
    found = generic.translate(delivery("generic", order(**more)))
    assert isinstance(found, Snapshot)
    return found


def refusal(**more: Any) -> str:
    """Return why a small order is refused."""
    with pytest.raises(Permanent) as caught:
        read(**more)
    assert caught.value.code == "bad_payload"
    return caught.value.text


def lines(bought: Bought) -> list[tuple[str, str, int, int]]:
    """Return id, kind, total and tax of every line."""
    return [(x.id, x.kind.value, x.total.minor, x.tax.minor) for x in bought.lines]


def line(**more: Any) -> LineItem:
    """Translate one line."""
    return read(lines=[LINE | more]).bought.lines[0]


def test_a_discount_on_the_order_is_shared_out_among_the_rates() -> None:
    """The tax office gets what each rate is owed: 35.00 at 19 %, 9.90 at 7 %."""
    bought = generic_order("gross-two-rates-discount").bought
    assert lines(bought) == [
        ("1", "product", 3150, 503),
        ("2", "product", 990, 65),
        ("shipping", "shipping", 490, 78),
        ("discount-1-19", "discount", -380, -61),
        ("discount-1-7", "discount", -120, -8),
    ]
    assert bought.lines[0].discount is not None
    assert (bought.lines[0].unit_price.minor, bought.lines[0].discount.minor) == (1750, 350)


def generic_order(name: str) -> Snapshot:
    """Translate a recorded order."""
    found = generic.translate(delivery("generic", recorded("generic", name)))
    assert isinstance(found, Snapshot)
    return found


def test_net_prices_are_taxed_and_settled_to_the_total() -> None:
    """Screws at 0.0731 net: the cents are settled once, for the whole order."""
    bought = generic_order("b2b-net-vat-id").bought
    assert (bought.total.minor, bought.difference().minor) == (5563, 0)
    assert not bought.prices_include_tax
    assert (bought.vat_id, bought.note) == ("DE123456789", "Bitte über den Hof.\nDanke!")


def test_a_missing_total_is_what_the_lines_add_up_to() -> None:
    """And what was paid in full is exactly that."""
    cash = generic_order("computed-total-paid-cash")
    assert cash.bought.total.minor == 1950
    assert cash.paid == cash.bought.total
    assert cash.payment_reference == "generic:TEL-1"
    assert cash.bought.billing == cash.bought.shipping


def test_deposits_are_taxed_and_gift_cards_are_not() -> None:
    """A deposit takes the rate of the dearest goods; a download goes into no parcel."""
    found = generic_order("deposit-gift-card-digital")
    kinds = {x.id: (x.total.minor, str(x.tax_rate), x.ships) for x in found.bought.lines}
    assert kinds["deposit-1"] == (90, "19", False)
    assert kinds["gift-card-1"] == (-1000, "0", False)
    assert kinds["2"] == (400, "7", False)
    assert (found.paid and found.paid.minor, found.payment_reference) == (1014, "PP-77")


def test_the_total_of_a_line_counts_and_the_rest_was_discount() -> None:
    """Two at 10.00 for 18.00 are two of 10.00 with 2.00 off."""
    found = line(total="18.00")
    assert (found.total.minor, found.unit_price.minor) == (1800, 1000)
    assert found.discount is not None
    assert found.discount.minor == 200
    assert line(tax="3.20").tax.minor == 320
    off = read(lines=[LINE, LINE | {"kind": "discount", "quantity": 1}]).bought.lines[1]
    assert (off.total.minor, off.tax.minor, off.ships) == (-1000, -160, False)


def test_states_say_what_happened() -> None:
    """A bare cancellation names the order and nothing else."""
    assert not read().cancelled
    assert read(state="fulfilled").fulfilled
    bare = generic.translate(
        delivery("generic", {"external_id": "7", "state": "cancelled", "cancel_reason": "typo"})
    )
    assert isinstance(bare, Snapshot)
    assert (bare.cancelled, bare.cancel_reason, bare.bought.lines) == (True, "typo", ())
    assert bare.is_bare
    assert read(state="cancelled").bought.lines


@pytest.mark.parametrize(
    ("payment", "paid"),
    [
        ({}, None),
        ({"state": "unpaid", "paid": "5.00"}, None),
        ({"state": "authorized"}, None),
        ({"state": "paid"}, 2000),
        ({"paid": "5.00"}, 500),
        ({"state": "partially_paid", "paid": {"amount": 5, "currency": "EUR"}}, 500),
        ({"paid": "0.00"}, None),
        ({"paid": True}, 2000),
        ({"paid": False}, None),
    ],
)
def test_what_has_been_paid(payment: dict[str, Any], paid: int | None) -> None:
    """A sum, or the whole total by its state."""
    found = read(payment=payment).paid
    assert (found.minor if found else None) == paid


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"external_id": None},
            "external_id: must be given, in at most 200 characters, is missing",
        ),
        ({"currency": None}, "currency: must be given, is missing"),
        ({"currency": "EURO"}, 'currency: must be a currency of ISO 4217, is "EURO"'),
        ({"lines": None}, "lines: must be given, is missing"),
        ({"lines": "x"}, 'lines: must be a list, is "x"'),
        ({"lines": [LINE] * 1001}, "lines: must be at most 1000 lines, is a list"),
        ({"state": "shipped"}, 'state: must be one of open, cancelled, fulfilled, is "shipped"'),
        ({"tax_rate": "ten"}, 'tax_rate: must be a number, is "ten"'),
        (
            {"tax_rate": 119},
            "tax_rate: must be a tax rate in per cent, from 0 to below 100, is 119",
        ),
        (
            {"tax_rate": None},
            "lines[0].tax_rate: must be given, here or for the whole order, is missing",
        ),
        ({"total": "-1"}, 'total: must not be negative, is "-1"'),
        ({"total": "12,34"}, 'total: must be a number, is "12,34"'),
        (
            {"total": {"amount": "20", "currency": "CHF"}},
            'total.currency: must be EUR like the order, is "CHF"',
        ),
        ({"total": {"currency": "EUR"}}, "total.amount: must be given, is missing"),
        (
            {"gift_cards": [{"amount": "99"}]},
            "total: must not be negative: more is taken off than there is, is missing",
        ),
        ({"shipping": {"name": "DHL"}}, "shipping.amount: must be given, is missing"),
        ({"fees": [{"amount": "x"}]}, 'fees[0].amount: must be a number, is "x"'),
        (
            {"placed_at": "23.11.2026"},
            'placed_at: must be a date and time of ISO 8601, is "23.11.2026"',
        ),
        (
            {"billing_address": {"country": "X1"}},
            'billing_address.country: must be a code of ISO 3166-1 with two letters, is "X1"',
        ),
        ({"payment": {"state": "partially_paid"}}, "payment.paid: must be given, is missing"),
        ({"payment": "cash"}, 'payment: must be an object, is "cash"'),
    ],
)
def test_every_refusal_names_the_field_and_the_reason(more: dict[str, Any], said: str) -> None:
    """So that whoever sent it can put it right; `None` leaves a field out."""
    assert refusal(**more) == said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"quantity": 1.5}, "quantity: must be a whole number above 0, is 1.5"),
        ({"quantity": 0}, "quantity: must be a whole number above 0, is 0"),
        ({"unit_price": None}, "unit_price: must be given, is missing"),
        ({"unit_price": -1}, "unit_price: must not be negative, is -1"),
        ({"discount": 21}, "discount: must not be more than the line costs, is 21"),
        ({"name": ""}, 'name: must be given, is ""'),
        ({"kind": "toy"}, f'kind: must be one of {", ".join(schema.KINDS)}, is "toy"'),
    ],
)
def test_every_refusal_of_a_line_names_the_line(more: dict[str, Any], said: str) -> None:
    """The fourth line is `lines[3]`."""
    assert refusal(lines=[LINE, LINE, LINE, LINE | more]) == f"lines[3].{said}"


def test_a_time_without_an_offset_is_utc_and_text_is_made_printable() -> None:
    """Emoji stay, what breaks a page goes, HTML is only text."""
    bought = read(
        placed_at="2026-11-23T09:30:00",
        note="a\u202eb\x00c 🎁",
        lines=[LINE | {"name": "<b>Kanne</b>\n\u2028blau", "quantity": "2"}],
    ).bought
    assert bought.placed_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert bought.note == "abc 🎁"
    assert (bought.lines[0].name, bought.lines[0].quantity) == ("<b>Kanne</b> blau", 2)


BODY = json.dumps(order()).encode()


def stamped(at: datetime, body: bytes = BODY) -> dict[str, str]:
    """Return the header that signs a body at a moment."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Kontor-Signature": f"t={stamp},v1={digest}"}


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, Verdict.GENUINE),
        (299, Verdict.GENUINE),
        (-299, Verdict.GENUINE),
        (301, Verdict.STALE),
        (-301, Verdict.STALE),
    ],
)
def test_a_stamped_signature_is_good_for_five_minutes(seconds: int, verdict: Verdict) -> None:
    """Before and after: clocks differ, but an old delivery cannot be sent again."""
    headers = stamped(NOW + timedelta(seconds=seconds))
    assert generic.verify(BODY, headers, {"webhook_secret": SECRET}, NOW) is verdict


def test_a_plain_signature_is_hex_or_base64() -> None:
    """For senders that can only hash a body; a wrong stamp is not healed by a plain one."""
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha256)
    secrets = {"webhook_secret": SECRET}
    for given_signature in (
        digest.hexdigest(),
        f"sha256={digest.hexdigest()}",
        b64encode(digest.digest()).decode(),
    ):
        plain = {"X-Signature": given_signature}
        assert generic.verify(BODY, plain, secrets, NOW) is Verdict.GENUINE
        assert generic.verify(BODY + b" ", plain, secrets, NOW) is Verdict.FORGED
        both = plain | {"Kontor-Signature": "t=1,v1=0"}
        assert generic.verify(BODY, both, secrets, NOW) is Verdict.FORGED
