"""An order: what was bought plus its facts, however often they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.events import EffectIntended, HoldPlaced, HoldReleased
from chalicelib.domain.order import SETTLE, Address, order_id
from tests.events import ANNA, NOW, bought, eur, line, order, paid, reserved

MINUTE = timedelta(minutes=1)


def hold(code: str = "manual", effect: str = "", *, minutes: int = 0) -> HoldPlaced:
    """Return a hold of a moment."""
    return HoldPlaced(at=NOW + minutes * MINUTE, code=code, text=f"{code}!", effect=effect)


def release(code: str = "manual", effect: str = "", *, minutes: int = 1) -> HoldReleased:
    """Return the release of a hold."""
    return HoldReleased(at=NOW + minutes * MINUTE, code=code, by="staff", effect=effect)


def test_an_order_has_the_same_name_for_ever() -> None:
    """The name comes from connection and external id alone; this one is written down."""
    assert order_id("demo-woo", "727") == order_id("demo-woo", "727")
    assert order_id("demo-woo", "727") != order_id("demo-woo", "728")
    assert order_id("demo-a", "1") != order_id("demo", "a\n1")
    assert len(order_id("x", "1")) == 21
    assert order_id("x", "1").isalnum()
    assert order_id("x", "1") == order_id("x", "1").lower()


def test_telling_a_fact_again_changes_nothing() -> None:
    """Adding known facts gives back the very same order, with the same version."""
    before = order(paid(), reserved())
    assert before.plus([paid(), reserved()]) is before
    assert before.plus([]) is before


def test_only_what_is_new_is_added_as_one_append() -> None:
    """Several new facts are one append; known ones among them are left out."""
    before = order(paid("4.00"))
    after = before.plus([paid("4.00"), paid("6.00"), reserved()])
    assert after.version == before.version + 1
    assert after.facts == (*before.facts, paid("6.00"), reserved())


def test_a_fact_told_twice_in_one_breath_counts_once() -> None:
    """Also within one append a movement of money is booked once."""
    assert len(order().plus([paid(), paid()]).all(events.PaymentReceived)) == 1


def test_a_hold_stands_until_its_release() -> None:
    """Holds can come back after they were released."""
    held = order(hold())
    assert [one.code for one in held.holds()] == ["manual"]
    assert held.plus([release()]).holds() == ()
    assert len(held.plus([release(), hold(minutes=2)]).holds()) == 1


def test_two_effects_with_the_same_trouble_are_two_holds() -> None:
    """Two mails refused for the same reason: both stay stopped, and each is released alone."""
    held = order(hold("refused", "mail:a:"), hold("refused", "mail:b:", minutes=1))
    assert held.is_held("mail:a:")
    assert held.is_held("mail:b:")
    left = held.plus([release("refused", "mail:a:", minutes=2)])
    assert not left.is_held("mail:a:")
    assert left.is_held("mail:b:")


def test_a_hold_of_one_effect_holds_no_other() -> None:
    """A refused mail does not stop the parcel."""
    held = order(hold("refused", "mail:a:"))
    assert not held.is_held("shipment:1")
    assert not held.is_held("mail:")


def test_a_release_is_known_by_its_code_and_its_time() -> None:
    """A release answers the problem of its code, and only as it stood then."""
    released = order(release("missing_sku", minutes=5))
    assert released.is_released("missing_sku")
    assert not released.is_released("no_lines")
    assert released.is_released("missing_sku", after=NOW)
    assert not released.is_released("missing_sku", after=NOW + 6 * MINUTE)


def intent(attempt: int = 1, *, minutes: int = 0) -> EffectIntended:
    """Return the intent of one attempt."""
    return EffectIntended(at=NOW + minutes * MINUTE, effect="mail:a:", attempt=attempt)


def test_an_effect_without_an_answer_is_left_alone_until_it_settles() -> None:
    """After a lost answer nothing is repeated before the outside had time to tell."""
    tried = order(intent())
    assert order().is_due("mail:a:", NOW)
    assert not tried.is_due("mail:a:", NOW)
    assert not tried.is_due("mail:a:", NOW + SETTLE - timedelta(milliseconds=1))
    assert tried.is_due("mail:a:", NOW + SETTLE)
    assert tried.is_due("mail:b:", NOW)


def test_the_newest_intent_counts() -> None:
    """A second attempt has its own time to settle."""
    twice = order(intent(), intent(2, minutes=6))
    assert twice.pending("mail:a:") == intent(2, minutes=6)
    assert not twice.is_due("mail:a:", NOW + 10 * MINUTE)


def test_a_released_effect_may_be_tried_at_once() -> None:
    """Whoever releases a refused effect has looked: it starts over as a first attempt."""
    refused = order(intent(), hold("refused", "mail:a:"), release("refused", "mail:a:"))
    assert refused.pending("mail:a:") is None
    assert refused.is_due("mail:a:", NOW + MINUTE)


def test_units_are_counted_by_sku_and_location() -> None:
    """Reservations made in parts add up."""
    held = order(reserved(quantity=2), replace(reserved(), at=NOW + MINUTE))
    assert held.allocated(events.StockReserved) == {("TEE-1", "main"): 3}


@pytest.mark.parametrize(
    ("address", "deliverable"),
    [
        (ANNA, True),
        (replace(ANNA, name="", company="Blattwerk"), True),
        (replace(ANNA, name=""), False),
        (replace(ANNA, street=""), False),
        (replace(ANNA, city=""), False),
        (replace(ANNA, country=""), False),
        (replace(ANNA, zip=""), True),  # Ireland and Hong Kong do without
        (Address(), False),
    ],
)
def test_a_parcel_needs_somebody_a_street_a_city_and_a_country(
    address: Address, *, deliverable: bool
) -> None:
    """Everything else may be missing."""
    assert address.is_deliverable() is deliverable


@pytest.mark.parametrize(
    ("locale", "country", "language"),
    [
        ("de-DE", "FR", "de"),
        ("de_AT", "", "de"),
        ("en-GB", "DE", "en"),
        ("fr", "FR", "en"),
        ("", "AT", "de"),
        ("", "", "de"),
        ("", "NL", "en"),
    ],
)
def test_the_customers_language_is_the_shops_locale_else_the_country(
    locale: str, country: str, language: str
) -> None:
    """German for German locales and countries, English for the rest of the world."""
    what = bought(locale=locale, billing=replace(ANNA, country=country))
    assert what.language == language


def test_the_difference_names_what_the_lines_do_not_explain() -> None:
    """The shop's total is never replaced by ours."""
    assert not bought(line(), line("B", price="2.50")).difference()
    assert bought(line(), total="11.00").difference() == eur("1.00")
    assert bought(line(), total="9.99").difference() == eur("-0.01")


def test_the_customers_page_is_named_by_merchant_order_and_secret() -> None:
    """Mails, API and console name the same address; without the secret it cannot be guessed."""
    assert order().customer_token == "demo-o1-secret"
