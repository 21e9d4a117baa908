"""WooCommerce orders of every kind: bundles, deposits, money given back, and when it came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.intake.test_woocommerce import KIND, lines, read
from tests.recorded.reading import recorded


def test_the_parts_of_a_bundle_name_it() -> None:
    """What comes back of a bundle is worth its share of the bundle's price."""
    found = lines(recorded(KIND, "bundle-free-item-no-email-no-sku"))
    assert [found[key].part_of for key in ("310", "311", "312", "313")] == ["", "310", "310", ""]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Pfand", "deposit"), ("Mehrwegpfand 0,25", "deposit"), ("Kaution", "deposit"),
     ("Bottle deposit", "deposit"), ("Verpfandung", "fee"), ("Nachnahme", "fee")],
)  # fmt: skip
def test_a_deposit_is_a_fee_with_its_name(name: str, kind: str) -> None:
    """It goes back with the bottles, a fee does not."""
    body = recorded(KIND, "bundle-free-item-no-email-no-sku")
    body["fee_lines"] = [{"id": 9, "name": name, "total": "0.25", "total_tax": "0.00"}]
    assert lines(body)["9"].kind == kind


def test_money_that_the_shop_gave_back_is_marked() -> None:
    """Once per sum; an order that is refunded in full is cancelled instead."""
    body = recorded(KIND, "gross-two-rates-coupon")
    assert read(body).remarks == ()
    body["refunds"] = [{"id": 1, "total": "-5.00"}, {"id": 2, "total": "-1.50"}]
    [remark] = read(body).remarks
    assert remark == "The shop gave 6.50 EUR of the money back."
    assert read(body | {"status": "refunded"}).remarks == ()


def test_the_moment_of_the_payment_is_told() -> None:
    """So that the same payment is not counted for what was added later."""
    body = recorded(KIND, "gross-two-rates-coupon")
    body.update(status="processing", date_paid_gmt="2026-11-23T08:00:00")
    assert read(body).paid_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert (
        read(body | {"status": "pending", "date_paid_gmt": None, "date_paid": None}).paid_at is None
    )


def test_a_company_abroad_pays_no_tax() -> None:
    """Its VAT id is where a plugin keeps it, and what was paid back is for a person."""
    found = read(recorded(KIND, "tax-free-vat-id-partly-refunded"))
    assert found.bought.vat_id == "FR40303265045"
    assert {line.tax.minor for line in found.bought.lines} == {0}
    assert found.paid == found.bought.total
    assert found.remarks == ("The shop gave 22.25 EUR of the money back.",)


def test_a_cancelled_order_in_crowns() -> None:
    """Nothing was paid, and nothing is to be looked at."""
    found = read(recorded(KIND, "cancelled-crowns"))
    assert (found.cancelled, found.paid, found.remarks) == (True, None, ())
    assert str(found.bought.total) == "598.00 SEK"
    assert found.bought.shipping.city == "Stockholm"
