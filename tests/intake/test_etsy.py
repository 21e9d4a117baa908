"""Receipts and notices of Etsy."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.deliveries import OWN_RATE, Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import LineKind
from chalicelib.intake import etsy
from chalicelib.intake.port import Hint, Ignored, Snapshot
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded, signed

ADDRESS = "https://openapi.etsy.com/v3/application/shops/42/receipts/3300000002"


def read(name: str, rate: str = "19", **changes: Any) -> Snapshot:
    """Translate a recorded receipt as polled by a seller with this VAT."""
    body = recorded("etsy", name) | changes
    found = etsy.translate(replace(delivery("etsy", body), headers={OWN_RATE: rate}))
    assert isinstance(found, Snapshot)
    return found


def notice(event: str = "order.paid", address: object = ADDRESS) -> dict[str, Any]:
    """Return a notice as Etsy sends it."""
    return {"event_type": event, "resource_url": address, "shop_id": 42}


def test_the_sellers_vat_is_contained_in_every_price() -> None:
    """Goods, carriage and wrapping; a coupon takes its part away again."""
    bought = read("coupon-gift-variations").bought
    assert {line.tax_rate for line in bought.lines} == {Decimal(19)}
    assert [line.total.minor for line in bought.lines] == [4800, 1900, 490, 180, -670]
    assert bought.lines[-1].kind is LineKind.DISCOUNT
    assert bought.lines[0].unit_price.minor == 2400


@pytest.mark.parametrize("name", ["dollars-sales-tax-by-etsy", "pounds-vat-by-etsy"])
def test_tax_that_etsy_collects_is_not_the_sellers(name: str) -> None:
    """It stands beside the prices, which then carry no VAT of ours."""
    bought = read(name).bought
    assert {line.tax.minor for line in bought.lines} == {0}
    [collected] = bought.of_kind(LineKind.FEE)
    assert collected.total.minor in {500, 510}


def test_vat_that_is_told_but_contained_is_no_line() -> None:
    """The total says which it is."""
    told = {"amount": 462, "divisor": 100, "currency_code": "EUR"}
    bought = read("canceled", total_vat_cost=told).bought
    assert not bought.difference()
    assert not bought.of_kind(LineKind.FEE)


def test_what_was_chosen_and_written_is_in_the_name() -> None:
    """The signs that Etsy writes as codes of HTML are signs again."""
    bought = read("coupon-gift-variations").bought
    expected = 'Becher, blau glasiert - Primärfarbe: Blau, Personalisierung: Für Oma "Lisl"'
    assert bought.lines[0].name == expected
    lines = bought.note.splitlines()
    assert lines[0] == "Bitte ohne Rechnung im Paket, it's a gift"
    assert lines[1:] == ["Gift", "Alles Liebe!", "Deine Mira", "Mira"]


def test_states_of_etsy_are_read() -> None:
    """Paid, unpaid, sent, cancelled, given back."""
    paid = read("coupon-gift-variations")
    assert paid.paid == paid.bought.total
    assert paid.paid_at == datetime(2026, 11, 22, 17, 1, tzinfo=UTC)
    assert read("yen-unpaid").paid is None
    gone = read("canceled")
    assert (gone.cancelled, gone.cancel_reason, gone.paid) == (True, "cancelled on Etsy", None)
    sent = read("partly-refunded-shipped")
    assert (sent.fulfilled, sent.is_sent_by_first) == (True, True)
    assert sent.remarks == ("A part of the money went back on Etsy.",)
    back = read("coupon-gift-variations", status="Fully Refunded")
    assert (back.cancelled, back.cancel_reason) == (True, "refunded on Etsy")
    late = read("partly-refunded-shipped", status="fully refunded")
    assert not late.cancelled
    assert late.remarks == ("All of the money went back on Etsy.",)


def test_a_file_needs_no_parcel() -> None:
    """Etsy hands it out itself."""
    [line] = read("digital").bought.lines
    assert not line.ships


def test_an_amount_is_divided_as_it_says() -> None:
    """Yen have no cents; a divisor of nothing is no amount."""
    assert read("yen-unpaid").bought.total.minor == 4900
    broken = {"amount": 100, "divisor": 0, "currency_code": "EUR"}
    with pytest.raises(Permanent, match=r"grandtotal\.divisor: must be"):
        read("canceled", grandtotal=broken)


@pytest.mark.parametrize("stamp", [1795366920, "1795366920", "2026-11-22T17:02:00+00:00"])
def test_times_are_seconds_or_written_out(stamp: object) -> None:
    """In the older field where the newer one is missing."""
    for names in ({"updated_timestamp": stamp}, {"updated_timestamp": None}):
        bought = read("canceled", **names).bought
        assert bought.modified_at == datetime(2026, 11, 22, 17, 2, tzinfo=UTC)


def test_a_time_beyond_the_calendar_is_named() -> None:
    """Nothing is guessed."""
    with pytest.raises(Permanent, match="updated_timestamp: must be"):
        read("canceled", updated_timestamp=10**20)


def test_a_notice_has_the_receipt_read_and_any_other_is_ignored() -> None:
    """It names the receipt without holding it."""
    found = etsy.translate(delivery("etsy", notice()))
    assert isinstance(found, Hint)
    assert found.external_id == "3300000002"
    other = etsy.translate(delivery("etsy", notice("listing.updated")))
    assert isinstance(other, Ignored)
    assert "listing.updated" in other.reason


@pytest.mark.parametrize(
    "address",
    [
        "https://openapi.etsy.com.evil.example/v3/application/shops/42/receipts/1",
        "https://openapi.etsy.com@evil.example/v3/application/shops/42/receipts/1",
        "http://openapi.etsy.com/v3/application/shops/42/receipts/1",
        "https://openapi.etsy.com/v3/application/shops/42/receipts/../1",
        "https://[",
        None,
        7,
    ],
)
def test_a_notice_that_points_elsewhere_is_refused(address: object) -> None:
    """Nobody may have us call an address of theirs."""
    with pytest.raises(Permanent, match="resource_url: must be"):
        etsy.translate(delivery("etsy", notice(address=address)))


def test_the_secret_is_what_comes_after_its_prefix() -> None:
    """In base64, as Etsy shows it; one that is none verifies nothing."""
    body = raw(notice())
    headers = signed("etsy", body, "key of the tests")
    secret = base64.b64encode(b"key of the tests").decode()
    assert etsy.verify(body, headers, {"webhook_secret": f"whsec_{secret}"}, NOW) is Verdict.GENUINE
    for broken in ("whsec_", "whsec_!!", "whsec_äö", secret):
        assert etsy.verify(body, headers, {"webhook_secret": broken}, NOW) is Verdict.FORGED


def test_one_of_several_signatures_is_enough() -> None:
    """While Etsy changes its secret it signs with both; other versions do not count."""
    body = raw(notice())
    headers = signed("etsy", body)
    good = headers["webhook-signature"]
    secrets = {"webhook_secret": SECRET}
    for given, verdict in (
        (f"v1,AAAA {good}", Verdict.GENUINE),
        (good.removeprefix("v1,"), Verdict.GENUINE),
        (good.replace("v1,", "v2,"), Verdict.FORGED),
    ):
        sent = {**headers, "webhook-signature": given}
        assert etsy.verify(body, sent, secrets, NOW) is verdict


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_notice_of_another_time_is_stale(minutes: int) -> None:
    """Both ways; five minutes are allowed."""
    body, secrets = raw(notice()), {"webhook_secret": SECRET}
    headers = signed("etsy", body, at=NOW + timedelta(minutes=minutes))
    assert etsy.verify(body, headers, secrets, NOW) is Verdict.STALE
    close = signed("etsy", body, at=NOW + timedelta(seconds=10 * minutes))
    assert etsy.verify(body, close, secrets, NOW) is Verdict.GENUINE


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_signed_too(name: str) -> None:
    """Nobody can send it again under another name or hour."""
    body, secrets = raw(notice()), {"webhook_secret": SECRET}
    headers = signed("etsy", body) | {name: "1795366921"}
    assert etsy.verify(body, headers, secrets, NOW) is Verdict.FORGED


def test_each_notice_has_its_own_key() -> None:
    """The same receipt can be paid and then cancelled."""
    names = [{"webhook-id": "msg_1"}, {"webhook-id": "msg_2"}]
    keys = {etsy.delivery_key(raw(notice()), headers) for headers in names}
    assert len(keys) == 2
