"""What every shop's interface promises, tried on shops in memory."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.shops.port import PROVIDERS, Level, Page, can, shop
from tests.recorded.reading import read_all
from tests.shops.outside import ADDRESS, START, parcel

KINDS = sorted(PROVIDERS)
MINUTE = timedelta(minutes=1)
# Knows no part of an order: its first parcel completes it.
WHOLE_ONLY = {"etsy"}


def kinds_that(what: str) -> Any:
    """Run a test for every kind of shop that can do this."""
    return pytest.mark.parametrize("kind", [kind for kind in KINDS if can(kind, what)])


def fake(kind: str) -> Any:
    """Return a shop in memory: `tests.shops.{kind}.Shop`."""
    return import_module(f"tests.shops.{kind}").Shop()


def read(kind: str, page: Page) -> list[str]:
    """Translate a page as intake will; returns the shop's ids of the orders."""
    return [snapshot.bought.external_id for snapshot in read_all(kind, page)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_to_sign_in_is_named(kind: str) -> None:
    """One field at a time, before anything is sent."""
    one = fake(kind)
    for group in ("settings", "secrets"):
        for name in getattr(one, group):
            given = {"settings": dict(one.settings), "secrets": dict(one.secrets)}
            given[group][name] = " "
            with pytest.raises(Permanent, match=f"{group}.{name}") as caught:
                shop(kind).connect(given["settings"], given["secrets"])
            assert caught.value.code == "not_set_up"


@kinds_that("check")
def test_the_shop_says_its_own_name(kind: str) -> None:
    """So that a person sees that it is the right one; nothing is changed by it."""
    one = fake(kind)
    assert shop(kind).check(one) == "Der Laden"


@kinds_that("orders")
def test_every_order_changed_in_between_is_listed_and_can_be_read(kind: str) -> None:
    """Over several pages, oldest change first, whatever its status."""
    one = fake(kind)
    ids = [one.add(1000 + n, START + n * MINUTE, is_open=n % 2 == 0) for n in range(130)]
    one.add(5000, START - MINUTE)
    one.add(5001, START + 500 * MINUTE)
    found, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = shop(kind).orders(one, since=START, until=START + 200 * MINUTE, cursor=cursor)
        found += read(kind, page)
        cursor, pages = page.cursor, pages + 1
        assert pages < 20
    assert list(dict.fromkeys(found)) == ids


@kinds_that("orders")
def test_an_order_that_changes_while_we_page_hides_no_other(kind: str) -> None:
    """It moves to the end of the list, and all behind it move up."""
    one = fake(kind)
    ids = [one.add(1000 + n, START + n * MINUTE) for n in range(260)]
    found: list[str] = []
    cursor, until = "", START + 400 * MINUTE
    for page_number in range(20):
        page = shop(kind).orders(one, since=START, until=until, cursor=cursor)
        found += read(kind, page)
        cursor = page.cursor
        if not cursor:
            break
        one.touch(ids[page_number], START + (300 + page_number) * MINUTE)
    assert not cursor
    assert set(found) == set(ids)


@kinds_that("orders")
def test_orders_changed_all_at_once_are_all_listed(kind: str) -> None:
    """A bulk edit gives hundreds of them the same second."""
    one = fake(kind)
    ids = {one.add(1000 + n, START) for n in range(230)}
    found, cursor = set(), ""
    for _ in range(20):
        page = shop(kind).orders(one, since=START, until=START + MINUTE, cursor=cursor)
        found |= set(read(kind, page))
        cursor = page.cursor
        if not cursor:
            break
    assert not cursor
    assert found == ids


@kinds_that("open_orders")
def test_the_first_import_takes_open_orders_however_old(kind: str) -> None:
    """And leaves the finished ones where they are; it says how many there are."""
    one = fake(kind)
    ids = [one.add(1000 + n, START - n * 100 * MINUTE) for n in range(120)]
    one.add(7000, START, is_open=False)
    page = shop(kind).open_orders(one)
    assert page.total in {120, None}
    found = read(kind, page)
    while page.cursor:
        page = shop(kind).open_orders(one, cursor=page.cursor)
        found += read(kind, page)
    assert set(found) == set(ids)


@kinds_that("register")
def test_registering_twice_leaves_one_webhook_a_topic_with_the_newest_secret(kind: str) -> None:
    """It can be repeated at any time: after a crash, a rotation, or when the shop gave up."""
    one = fake(kind)
    topics = shop(kind).register(one, address=ADDRESS, secret="first-secret")
    assert topics
    again = shop(kind).register(one, address=ADDRESS, secret="second-secret")
    assert sorted(again) == sorted(topics) == sorted(one.webhooks())
    assert set(one.webhooks().values()) <= {"second-secret", ""}
    assert len(one.hooks) == len(topics)


@kinds_that("ship")
def test_a_parcel_told_twice_is_one_parcel(kind: str) -> None:
    """A crash between the call and our note of it must not tell the customer twice."""
    one = fake(kind)
    order_id = one.add(1001, START)
    whole = parcel(order_id, pieces=2)
    first = shop(kind).ship(one, whole)
    assert shop(kind).ship(one, whole) == first
    assert first
    assert one.parcels(order_id) == [parcel(order_id).tracking_number]
    assert one.state(order_id) == "shipped"


@kinds_that("ship")
def test_only_the_last_parcel_completes_the_order(kind: str) -> None:
    """The customer of two parcels still waits after the first."""
    one = fake(kind)
    order_id = one.add(1001, START)
    shop(kind).ship(one, parcel(order_id, 1, is_last=False))
    assert one.state(order_id) == ("shipped" if kind in WHOLE_ONLY else "open")
    shop(kind).ship(one, parcel(order_id, 2))
    assert one.state(order_id) == "shipped"
    numbers = [parcel(order_id, n).tracking_number for n in (1, 2)]
    assert one.parcels(order_id) == numbers


@kinds_that("cancel")
def test_a_cancelled_order_is_not_cancelled_again(kind: str) -> None:
    """The second call only looks."""
    one = fake(kind)
    order_id = one.add(1001, START)
    shop(kind).cancel(one, order_id, "Sold out")
    assert one.state(order_id) == "cancelled"
    told = len(one.writes())
    shop(kind).cancel(one, order_id, "Sold out")
    assert len(one.writes()) == told


@kinds_that("set_levels")
def test_levels_are_taken_and_unknown_skus_are_named(kind: str) -> None:
    """Each SKU ends in one of the three lists."""
    one = fake(kind)
    for n in range(120):
        one.stock(f"SKU-{n}", 5)
    levels = [Level(sku=f"SKU-{n}", available=n, before=5) for n in range(120)]
    told = shop(kind).set_levels(one, [*levels, Level(sku="NO-SUCH", available=1)])
    assert sorted(told.taken) == sorted(level.sku for level in levels)
    assert (told.unknown, dict(told.refused)) == (("NO-SUCH",), {})
    assert [one.stock(f"SKU-{n}") for n in range(120)] == list(range(120))
