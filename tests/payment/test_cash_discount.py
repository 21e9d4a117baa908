"""Cash discount: the invoice promises what the matching keeps, to the day and to the cent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.documents import drafts, layout
from chalicelib.documents.facts import Discount, freeze
from chalicelib.documents.filed import as_filed
from chalicelib.domain import events
from chalicelib.domain.order import Order
from chalicelib.payment.matching.items import OpenItem
from chalicelib.payment.open_items import open_items
from chalicelib.store.documents import Filed, Numbered
from chalicelib.store.merchants import Settings
from chalicelib.store.orders import head_of
from chalicelib.store.worklists import Waiting
from tests.documents.test_drafts import SETTINGS
from tests.events import NOW, bought, eur, line, order, paid

GRANTED = replace(SETTINGS, discount_percent="2.5", discount_days=10)
ACCOUNT = events.Policy(ship_on="acceptance", payment_days=30)
LATER = NOW + timedelta(days=4)


def on_account(*facts: events.Fact, method: str = "invoice") -> Order:
    """Return an order over 99.99 euros that is paid after its invoice."""
    what = bought(line(price="99.99"), payment_method=method)
    return order(*facts, what=what, policy=ACCOUNT)


def promised(one: Order, settings: Settings = GRANTED) -> Discount | None:
    """Return what its invoice grants, four days after the order."""
    return drafts.invoice(one, settings, number="RE-1", now=LATER).payment.discount


def waiting(one: Order, settings: Settings = GRANTED) -> OpenItem:
    """Return what the matching knows of it, read from its head."""
    summary = json.loads(head_of(one, NOW).summary)
    head = Waiting(order_id="o1", number="1042", version=3, summary=summary)
    (found,) = open_items([head], {}, settings)
    return found


def test_what_the_invoice_promises_is_what_the_matching_keeps() -> None:
    """Ten days from the invoice, not from the order; fractions of a cent are not taken off."""
    assert promised(on_account()) == Discount(rate="2.5", days=10, until="2026-12-07")
    kept = waiting(on_account(billed()))
    assert (kept.discount_until, kept.discounted) == (date(2026, 12, 7), eur("97.50"))
    assert waiting(on_account()).discount_until == date(2026, 12, 3)


@pytest.mark.parametrize("changes", [{"discount_percent": ""}, {"discount_percent": "5"},
                                     {"discount_days": 90}])  # fmt: skip
def test_a_setting_that_changes_later_changes_no_invoice(changes: dict[str, Any]) -> None:
    """What is printed on it holds, and an invoice that grants nothing does not grant it later."""
    later = replace(GRANTED, **changes)
    kept = waiting(on_account(billed()), later)
    assert (kept.discount_until, kept.discounted) == (date(2026, 12, 7), eur("97.50"))
    assert waiting(on_account(billed(SETTINGS)), later).discounted is None


def billed(settings: Settings = GRANTED) -> events.DocumentIssued:
    """Return that the invoice lies in the archive, with what is frozen of it."""
    frozen = freeze(drafts.invoice(on_account(), settings, number="RE-1", now=LATER))
    paper = Numbered(number="RE-1", frozen=frozen)
    filed = Filed(key="k", sha256="s")
    (fact,) = as_filed("invoice", "", paper, filed, LATER)
    return fact


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de-DE", "2,5 % Skonto bei Zahlung bis zum 07.12.2026: dann nur 97,50 €."),
        ("en-GB", "2.5% cash discount if paid by 7 Dec 2026: then only €97.50 is due."),
    ],
)
def test_the_page_says_what_who_pays_early_transfers(language: str, said: str) -> None:
    """Beside the whole sum, in the words of the customer's language."""
    one = on_account()
    spoken = replace(one, bought=replace(one.bought, locale=language))
    facts = drafts.invoice(spoken, GRANTED, number="RE-1", now=LATER)
    text = layout.invoice("invoice", facts)["payment"]["text"]
    assert said in text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        (on_account(), {"discount_percent": ""}),
        (on_account(), {"discount_percent": "0"}),
        (on_account(), {"discount_days": 0}),
        (on_account(paid("99.99")), {}),
        (on_account(method="paypal"), {}),
    ],
)
def test_nothing_is_promised_where_there_is_nothing_to_take_off(
    one: Order, changes: dict[str, Any]
) -> None:
    """No discount is agreed on, all is paid, or a provider collects the money."""
    assert promised(one, replace(GRANTED, **changes)) is None
