"""What inbox and parked payments promise: nothing lost, nothing twice, nothing of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Conflict
from chalicelib.store.payments import ParkedPayment
from tests.contracts.stores import Stores
from tests.events import NOW, eur


def delivery(stores: Stores, key: str = "k1") -> Delivery:
    """Return a delivery of the merchant's shop; its key may hold any sign."""
    connection = f"{stores.merchant}-woo"
    return Delivery(
        merchant_id=stores.merchant,
        connection_id=connection,
        kind="woocommerce",
        id=f"{connection}/{key}",
        received_at=NOW,
        headers={"x-wc-webhook-topic": "order.created"},
        body=b'{"id": 727, "note": "Gr\xc3\xbc\xc3\x9fe \xff"}',
    )


@pytest.mark.parametrize("key", ["k1", "a/b#c é", "0" * 200])
def test_a_delivery_is_read_with_its_raw_bytes(stores: Stores, key: str) -> None:
    """Byte for byte as the shop sent it, whatever its key."""
    stores.deliver(delivery(stores, key))
    assert stores.inbox.load(stores.merchant, f"{stores.merchant}-woo/{key}") == delivery(
        stores, key
    )


def test_a_delivery_is_its_merchants_own(stores: Stores) -> None:
    """Nobody reads it under another name, nor marks it."""
    stores.deliver(delivery(stores))
    name = f"{stores.merchant}-woo/k1"
    assert stores.inbox.load("other", name) is None
    assert stores.inbox.load(stores.merchant, f"{stores.merchant}-woo/k2") is None
    assert stores.inbox.load(stores.merchant, "nonsense") is None


def test_a_failed_delivery_stays(stores: Stores) -> None:
    """Marked as a problem it can still be read, and so be replayed."""
    stores.deliver(delivery(stores))
    name = f"{stores.merchant}-woo/k1"
    stores.inbox.fail(stores.merchant, name, "bad_payload", "id: must be given")
    stores.inbox.fail("other", name, "bad_payload", "not theirs")
    assert stores.inbox.load(stores.merchant, name) == delivery(stores)


PAYMENT = ParkedPayment(
    id="stripe:received:pi_1", kind="received", source="stripe", reference="pi_1",
    order_reference="727", payer="Anna", amount=eur("38.92"), booked_at=NOW,
    delivery_id="demo-stripe/evt_1", payment="pi_0", earlier=eur("0"),
)  # fmt: skip


def test_a_movement_waits_until_it_is_settled(stores: Stores) -> None:
    """It is listed as long as no order explains it, and known for ever."""
    stores.parking.park(stores.merchant, PAYMENT, NOW)
    assert stores.parking.parked(stores.merchant) == ([PAYMENT], None)
    stores.parking.claim(stores.merchant, PAYMENT.id, "o1")
    claimed = replace(PAYMENT, order_id="o1")
    assert stores.parking.parked(stores.merchant) == ([claimed], None)
    stores.parking.settle(stores.merchant, PAYMENT.id)
    assert stores.parking.parked(stores.merchant) == ([], None)
    assert stores.parking.load(stores.merchant, PAYMENT.id) == claimed


def test_a_movement_is_found_by_the_order_it_names_else_by_its_payment(stores: Stores) -> None:
    """As long as it waits, and by its own merchant."""
    nameless = replace(PAYMENT, id="stripe:refunded:re_1", order_reference="")
    for one in (PAYMENT, nameless):
        stores.parking.park(stores.merchant, one, NOW)
    found = stores.parking.awaiting
    assert found(stores.merchant, order="727") == [PAYMENT.id]
    assert found(stores.merchant, source="stripe", order="pi_0") == [nameless.id]
    assert (
        found("other", order="727") == found(stores.merchant, source="mollie", order="pi_0") == []
    )
    for one in (PAYMENT, nameless):
        stores.parking.settle(stores.merchant, one.id)
    assert found(stores.merchant, order="727") == []
    assert found(stores.merchant, source="stripe", order="pi_0") == []


def test_parking_a_movement_again_changes_nothing(stores: Stores) -> None:
    """Also when it has found its order since: it does not come back to the list."""
    stores.parking.park(stores.merchant, PAYMENT, NOW)
    stores.parking.claim(stores.merchant, PAYMENT.id, "o1")
    stores.parking.settle(stores.merchant, PAYMENT.id)
    stores.parking.park(stores.merchant, replace(PAYMENT, payer="Nobody"), NOW)
    assert stores.parking.parked(stores.merchant) == ([], None)
    assert stores.parking.load(stores.merchant, PAYMENT.id) == replace(PAYMENT, order_id="o1")


def test_a_movement_belongs_to_one_order(stores: Stores) -> None:
    """Two people cannot book the same money on two orders; one may do it twice."""
    stores.parking.park(stores.merchant, PAYMENT, NOW)
    stores.parking.claim(stores.merchant, PAYMENT.id, "o1")
    stores.parking.claim(stores.merchant, PAYMENT.id, "o1")
    with pytest.raises(Conflict):
        stores.parking.claim(stores.merchant, PAYMENT.id, "o2")
    assert stores.parking.load(stores.merchant, PAYMENT.id).order_id == "o1"


def test_movements_are_their_merchants_own(stores: Stores) -> None:
    """Nobody sees, claims or settles another merchant's money."""
    stores.parking.park(stores.merchant, PAYMENT, NOW)
    assert stores.parking.load("other", PAYMENT.id) is None
    for touch in (
        lambda: stores.parking.claim("other", PAYMENT.id, "o1"),
        lambda: stores.parking.settle("other", PAYMENT.id),
    ):
        with pytest.raises(Conflict):
            touch()
    assert stores.parking.parked(stores.merchant) == ([PAYMENT], None)


def test_a_payment_is_remembered_by_its_first_order(stores: Stores) -> None:
    """Its refunds and disputes find the order by it; another merchant's do not."""
    assert stores.parking.order_of(stores.merchant, "stripe", "pi_1") == ""
    for name in ("o1", "o2"):
        stores.parking.remember(stores.merchant, "stripe", "pi_1", name)
    assert stores.parking.order_of(stores.merchant, "stripe", "pi_1") == "o1"
    for merchant, source in (("other", "stripe"), (stores.merchant, "paypal")):
        assert stores.parking.order_of(merchant, source, "pi_1") == ""
    assert stores.parking.parked(stores.merchant) == ([], None)
