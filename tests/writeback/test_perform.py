"""Telling the shop: what it hears of a parcel and of a cancellation, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.domain import events, waiting
from chalicelib.domain.commands import MarkOverdue, TellCancelled, TellShipped
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import Order
from chalicelib.runtime.step import Step, run
from chalicelib.shops import port, reach
from chalicelib.shops.port import Parcel, ParcelLine
from chalicelib.store.connections import Connection
from chalicelib.writeback.decide import decide
from chalicelib.writeback.perform import NOT_OFFERED, Teller, parcel
from chalicelib.writeback.port import counterpart
from tests.events import NOW
from tests.fakes import Database, FakeOrders, Fuse
from tests.histories import number_of, shipped
from tests.writeback.test_decide import ordered, told


@dataclass
class Shop:
    """A shop that writes down what it hears; it refuses while `refuses` says why."""

    heard: list[Any] = field(default_factory=list)
    refuses: str = ""

    def connect(self, settings: Any, secrets: Any) -> str:
        """Return the way to it."""
        if not settings["base_url"].startswith("https:"):
            raise Permanent("bad_address", "This is no address.")
        if "key" not in secrets:
            raise Permanent("not_set_up", "secrets.key: must be given")
        return f"api of {settings['base_url']}"

    def ship(self, api: str, what: Parcel) -> str:
        """Hear of a parcel."""
        return self._hear((api, what))

    def cancel(self, api: str, order_id: str, reason: str) -> str:
        """Hear of a cancellation."""
        return self._hear((api, order_id, reason))

    def _hear(self, what: Any) -> str:
        if self.refuses:
            raise Permanent("outside_refused", self.refuses)
        self.heard.append(what)
        return f"ref-{len(self.heard)}"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Let `faked` be a kind of shop."""
    found = Shop()
    monkeypatch.setitem(port.PROVIDERS, "faked", "tests.faked")
    monkeypatch.setattr(port, "shop", lambda kind: found)
    monkeypatch.setattr(reach, "shop", lambda kind: found)
    return found


def connection(kind: str = "faked", **settings: str) -> Connection:
    """Return a connection to the shop."""
    return Connection(
        merchant_id="demo",
        id="demo-woo",
        kind=kind,
        name="Shop",
        created_at=NOW,
        settings={"base_url": "https://shop.example"} | settings,
    )


def secrets_of(*_: str) -> dict[str, str]:
    """Return the credentials of the shop."""
    return {"key": "k"}


def teller(found: Connection | None = None) -> Teller:
    """Return somebody who tells the shop of the connection."""
    return Teller(lambda _: counterpart(found or connection(), secrets_of))


PACKED = ordered(*shipped(1, {"l-TEE-1": 2}))


def test_the_shop_hears_its_own_ids_the_pieces_and_where_to_look(shop: Shop) -> None:
    """And its name for the parcel is kept."""
    [fact] = teller().perform(PACKED, TellShipped(shipment=1), NOW)
    assert fact == events.ShopTold(at=NOW, what="shipped:1", reference="ref-1")
    assert shop.heard == [
        (
            "api of https://shop.example",
            Parcel(
                order_id="727",
                order_number="1042",
                number=1,
                carrier="local",
                tracking_number=number_of(1),
                tracking_url=f"https://track.example/{number_of(1)}",
                shipped_at=NOW,
                lines=(ParcelLine(line_id="l-TEE-1", sku="TEE-1", quantity=2),),
                is_last=True,
            ),
        )
    ]


def test_only_the_last_parcel_that_is_told_closes_the_order() -> None:
    """Not the first of two, nor one that is told while another waits to be told."""
    half = shipped(1, {"l-TEE-1": 1})
    assert not parcel(ordered(*half), 1).is_last
    both = ordered(*half, *shipped(2, {"l-TEE-1": 1}))
    assert not parcel(both, 1).is_last
    assert not parcel(both, 2).is_last
    assert parcel(both.plus([told("shipped:1")]), 2).is_last
    assert parcel(both.plus([told("shipped:2")]), 1).is_last


def test_the_shop_hears_why_an_order_was_cancelled(shop: Shop) -> None:
    """In the words of whoever cancelled it."""
    fact = events.OrderCancelled(at=NOW, by="staff", reason="not in stock")
    [done] = teller().perform(ordered(fact), TellCancelled(), NOW)
    assert done == events.ShopTold(at=NOW, what="cancelled", reference="ref-1")
    assert shop.heard == [("api of https://shop.example", "727", "not in stock")]


@pytest.mark.parametrize(
    "found", [connection("generic"), connection(writeback="off")], ids=["no interface", "off"]
)
def test_a_shop_that_cannot_or_shall_not_hear_of_it_is_done_with(
    shop: Shop, found: Connection
) -> None:
    """It is recorded once, so that nobody asks again."""
    [fact] = teller(found).perform(PACKED, TellShipped(shipment=1), NOW)
    assert (fact.reference, shop.heard) == (NOT_OFFERED, [])  # type: ignore[attr-defined]


def test_without_credentials_or_connection_there_is_nobody_to_tell(shop: Shop) -> None:
    """Neither is an error of the order's."""
    assert counterpart(connection(), lambda *_: {}) is None
    assert counterpart(None, secrets_of) is None
    assert shop.heard == []


def test_what_a_shop_takes_is_known_before_its_order_is_made(shop: Shop) -> None:
    """By kind, credentials and the merchant's wish: it is frozen into the order."""
    assert reach.tells(connection(), secrets_of) == ("ship", "cancel")
    assert reach.tells(connection(writeback="off"), secrets_of) == ()
    assert reach.tells(connection(), lambda *_: {}) == ()
    assert reach.tells(connection("generic"), secrets_of) == ()
    assert reach.tells(None, secrets_of) == ()
    assert reach.tells(connection(base_url="ftp://x"), secrets_of) == ()


def test_a_refusal_holds_the_telling_and_nothing_else(shop: Shop) -> None:
    """With the shop's own words, for staff; released, it is tried again."""
    orders = FakeOrders(Database(), Fuse())
    orders.create(replace(PACKED, facts=(), version=0), PACKED.facts)
    step = Step(
        name="writeback", decide=decide, perform=teller().perform, orders=orders, now=lambda: NOW
    )

    def after_run() -> Order:
        run(step, "demo", "o1")
        found = orders.load("demo", "o1")
        assert found
        return found

    shop.refuses = "Shop: the order is locked"
    [hold] = after_run().holds()
    assert (hold.code, hold.text, hold.owner) == ("outside_refused", shop.refuses, "staff")
    shop.refuses = ""
    held = after_run()
    assert not held.has(events.ShopTold)
    [blocker] = [b for b in waiting.blockers(held, NOW) if b.code == hold.code]
    assert blocker.effect == "tell:shipped:1"
    orders.record(held, [events.HoldReleased(at=NOW, code=hold.code, by="x", effect=hold.effect)])
    assert [fact.reference for fact in after_run().all(events.ShopTold)] == ["ref-1"]


def test_a_wish_of_another_step_is_no_business_of_this_one(shop: Shop) -> None:
    """It does nothing and tells nothing."""
    assert list(teller().perform(PACKED, MarkOverdue(), NOW)) == []


def test_lines_that_the_order_no_longer_has_are_told_by_their_id_alone() -> None:
    """A delivery note is what it is, whatever the shop has changed since."""
    one = ordered(*shipped(1, {"l-GONE": 1}))
    assert parcel(one, 1).lines == (ParcelLine(line_id="l-GONE", sku="", quantity=1),)
    assert not parcel(one, 1).is_last
