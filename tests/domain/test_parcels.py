"""What goes into the next parcel, and which work list an order lies on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain import events, goods, waiting
from chalicelib.domain.events import HoldPlaced, Policy
from chalicelib.domain.order import LineKind, Order
from tests.events import NOW, bought, line, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    note,
    received_return,
    refund,
    shipped,
    short,
)

THREE = bought(
    line("A", quantity=2), line("B"), line("POST", kind=LineKind.SHIPPING), line(None, line_id="x")
)
PARTIAL = Policy(partial_shipments=True, partial_reservation=True)


def parcel(one: Order) -> dict[str, int]:
    """Return what would be packed now, by line."""
    return {piece.line_id: piece.quantity for piece in goods.to_ship(one)}


def test_only_what_is_set_aside_goes_into_the_parcel() -> None:
    """Lines without a SKU need no stock; shipping costs are never packed."""
    assert parcel(order(what=THREE)) == {"x": 1}
    assert parcel(order(reserved("A", 1), what=THREE)) == {"l-A": 1, "x": 1}
    assert parcel(order(reserved("A", 2), reserved("B"), what=THREE)) == {
        "l-A": 2,
        "l-B": 1,
        "x": 1,
    }


def test_what_is_on_a_delivery_note_is_not_packed_again() -> None:
    """Pieces belong to the parcel whose note names them, registered or not."""
    all_set = [reserved("A", 2), reserved("B")]
    noted = order(*all_set, note(1, {"l-A": 1, "x": 1}), what=THREE)
    assert parcel(noted) == {"l-A": 1, "l-B": 1}
    assert parcel(noted.plus([note(2, {"l-A": 1, "l-B": 1})])) == {}


def test_units_set_aside_later_go_into_a_later_parcel() -> None:
    """A second reservation is for the pieces that are left, not for those that are gone."""
    first = order(reserved("A", 1), *shipped(1, {"l-A": 1, "x": 1}), what=THREE)
    assert parcel(first) == {}
    assert parcel(first.plus([reserved("B")])) == {"l-B": 1}


def test_two_lines_of_one_sku_share_what_is_set_aside() -> None:
    """Three units for lines of two and two: the first line is whole, the second is not."""
    what = bought(line("A", quantity=2, line_id="l1"), line("A", quantity=2, line_id="l2"))
    assert parcel(order(reserved("A", 3), what=what)) == {"l1": 2, "l2": 1}
    gone = order(reserved("A", 3), note(1, {"l1": 2, "l2": 1}), what=what)
    assert parcel(gone) == {}
    assert parcel(gone.plus([replace(reserved("A", 1), at=NOW.replace(hour=9))])) == {"l2": 1}


@pytest.mark.parametrize(("policy", "ready"), [(Policy(), False), (PARTIAL, True)])
def test_a_part_is_shipped_only_where_the_merchant_wants_it(policy: Policy, *, ready: bool) -> None:
    """The rest of the order is short: the merchant says whether the parcel waits for it."""
    part = order(
        paid("30.00"), reserved("A", 2), short("B"), what=bought(line("A", quantity=2), line("B")),
        policy=policy,
    )  # fmt: skip
    assert waiting.is_ready_to_ship(part, NOW) is ready


def test_a_parcel_waits_for_the_stock_step_before_anything_is_known() -> None:
    """Without a reservation and without a shortage nothing is packed yet."""
    assert not waiting.is_ready_to_ship(order(paid()), NOW)
    assert waiting.is_ready_to_ship(order(paid(), reserved()), NOW)


def test_nothing_leaves_before_acceptance_or_after_a_cancellation() -> None:
    """Only an accepted order has parcels."""
    assert not waiting.is_ready_to_ship(order(paid(), reserved(), accepted=False), NOW)
    assert not waiting.is_ready_to_ship(order(paid(), reserved(), cancelled()), NOW)


GONE = [paid(), reserved(), *shipped(1, {"l-TEE-1": 1})]
HOLD = HoldPlaced(at=NOW, code="manual", text="Wait.")


@pytest.mark.parametrize(
    ("one", "worklist"),
    [
        (order(), "unpaid"),
        (order(reserved()), "unpaid"),
        (order(events.PaymentOverdue(at=NOW)), "unpaid"),
        (order(events.PaymentOverdue(at=NOW), policy=Policy(dunning_levels=0)), "on_hold"),
        (order(paid()), "to_ship"),
        (order(paid(), reserved()), "to_ship"),
        (order(paid(), short()), "on_hold"),
        (order(HOLD), "on_hold"),
        (order(paid(), reserved(), HOLD), "on_hold"),
        (order(*GONE), "shipped"),
        (order(*GONE, authorized_return()), "returns"),
        (order(*GONE, authorized_return(), received_return({})), "returns"),
        (
            order(*GONE, authorized_return(), received_return({}), refund("1", return_id="R1")),
            "shipped",
        ),
        (order(cancelled()), "cancelled"),
        (order(paid(), cancelled()), "on_hold"),
        (order(*GONE, cancelled()), "on_hold"),
        (order(accepted=False, what=bought(total="1.00")), "on_hold"),
        (order(reserved(), *shipped(1, {"l-TEE-1": 1}), policy=Policy(ship_on="acceptance")),
         "unpaid"),
        (order(reserved(), policy=Policy(ship_on="acceptance")), "to_ship"),
        (order(paid("20.00"), reserved("A"), *shipped(1, {"l-A": 1}), reserved("B"),
               what=bought(line("A"), line("B"))), "to_ship"),
    ],
)  # fmt: skip
def test_every_order_lies_on_exactly_one_work_list(one: Order, worklist: str) -> None:
    """Where staff looks for it at each moment."""
    assert waiting.worklist(one, NOW) == worklist
    assert worklist in waiting.WORKLISTS


def test_open_lists_are_those_that_somebody_works_on() -> None:
    """Shipped and cancelled orders are history; everything else is open."""
    assert set(waiting.WORKLISTS) - set(waiting.OPEN) == {"shipped", "cancelled"}
