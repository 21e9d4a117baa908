"""The customer's page: friendly, complete, and only with its own secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from chalicelib.console.status import message, qr, status_view, steps
from chalicelib.domain import events
from chalicelib.domain.events import Policy
from chalicelib.domain.order import LineKind, Order
from chalicelib.notification.letter import status_url
from tests.console.conftest import SHOP, House, outline
from tests.console.samples import everything, many_reasons
from tests.events import NOW, bought, line, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    document,
    note,
    number_of,
    received_return,
    refund,
    shipped,
)

GONE = shipped(1, {"l-TEE-1": 1})
LATER = NOW + timedelta(hours=2)


def page_of(house: House, one: Order) -> str:
    """Open the customer's page of an order."""
    house.keep(one)
    answer = house.get(f"/s/{one.customer_token}")
    assert answer.status_code == 200
    return outline(answer.body).text


def far(one: Order) -> list[str]:
    """Return the steps as a customer sees them."""
    return [step.state for step in steps(one)]


def test_the_link_in_the_mails_opens_the_page(house: House) -> None:
    """Mail and API name the same address."""
    one = order()
    assert status_url(one, "https://k.example") == f"https://k.example/s/{one.customer_token}"
    assert "Ihre Bestellung 1042" in page_of(house, one)


@pytest.mark.parametrize(
    "token", ["demo-o1-wrong", "demo-o1-", "demo-o1", "other-o1-secret", "x", "demo-o2-secret"]
)
def test_any_other_token_opens_nothing(house: House, token: str) -> None:
    """Neither guessed nor cut off, and the answer tells nothing about why."""
    house.keep(order())
    answer = house.get(f"/s/{token}")
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in outline(answer.body).text


def test_the_page_goes_with_the_order() -> None:
    """Received, paid, packed, on its way: done steps, one next step, the rest later."""
    assert far(order()) == ["done", "now", "later", "later"]
    assert far(order(paid())) == ["done", "done", "now", "later"]
    assert far(order(paid(), reserved(), note(1, {"l-TEE-1": 1}))) == ["done"] * 3 + ["now"]
    assert far(order(paid(), *GONE)) == ["done"] * 4


def test_who_pays_after_delivery_sees_the_truth_too() -> None:
    """The parcel is on its way although the money is not there."""
    one = order(*GONE, policy=Policy(ship_on="acceptance"))
    assert far(one) == ["done", "now", "done", "done"]
    assert message(one, LATER) == "Ihre Bestellung ist auf dem Weg zu Ihnen."


def test_downloads_need_no_parcel() -> None:
    """Nothing to pack, nothing on its way."""
    licence = bought(replace(line(kind=LineKind.PRODUCT), ships=False))
    assert far(order(what=licence)) == ["done", "now", "later"]
    assert far(order(paid(), what=licence)) == ["done"] * 3


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "Wir warten auf Ihre Zahlung"),
        ([paid("4.00")], "Ein Teil Ihrer Zahlung fehlt"),
        ([paid(), reserved()], "Sie verlässt uns bis 24.11.2026"),
        ([paid(), reserved(), events.HoldPlaced(at=NOW, code="manual", text="x")], "klären noch"),
        ([paid(), reserved(), note(1, {"l-TEE-1": 1})], "gepackt"),
        ([paid(), *GONE], "auf dem Weg"),
        ([cancelled(at=LATER)], "storniert"),
        ([paid(), *GONE, authorized_return(lines={"l-TEE-1": 1})], "Rücksendung ist angemeldet"),
        (
            [
                paid(),
                *GONE,
                authorized_return(lines={"l-TEE-1": 1}),
                received_return({"l-TEE-1": 1}),
            ],
            "Rücksendung ist da",
        ),
    ],
)
def test_one_sentence_says_what_is_going_on(facts: list[events.Fact], words: str) -> None:
    """Whoever opens the page reads the answer first."""
    assert words in message(order(*facts), LATER)


def test_our_worries_are_not_shown(house: House) -> None:
    """No holds, no stock, no notes, no name or address of anybody."""
    text = page_of(house, many_reasons())
    for inside in ("Rückruf", "SKU", "angehalten", "Freifrau", "Donaudampf", "550", "staff"):
        assert inside not in text


def test_english_customers_read_english(house: House) -> None:
    """By the language of the order, not of the browser."""
    one = order(what=bought(locale="en-GB"))
    assert "Your order 1042" in page_of(house, one)


def test_a_refund_is_named() -> None:
    """How much came back."""
    one = order(paid(), *GONE, refund("4.00"))
    assert status_view(one, LATER, SHOP)["extra"] == ["Wir haben Ihnen 4,00\u00a0€ erstattet."]


def test_the_invoice_opens_and_our_papers_do_not(house: House) -> None:
    """Invoices and credit notes are the customer's; delivery notes and labels are ours."""
    one = order(paid(), document("invoice", number="RE-42"), *GONE, document("label", "1"))
    house.keep(one)
    token = one.customer_token
    page = outline(house.get(f"/s/{token}").body)
    assert [link for link in page.links if "/documents/" in link] == [f"/s/{token}/documents/1"]
    assert house.get(f"/s/{token}/documents/1").status_code == 302
    for index in ("0", "2", "3", "9", "x"):
        assert house.get(f"/s/{token}/documents/{index}").status_code == 404
    assert house.get("/s/demo-o1-wrong/documents/1").status_code == 404


def test_who_has_to_pay_can_scan_it() -> None:
    """A code for banking apps with account, amount and reference; none when nothing is owed."""
    drawn = qr(order(what=bought(payment_method="bacs")), SHOP)
    ET.fromstring(drawn)  # noqa: S314 - it is our own
    assert qr(order(paid()), SHOP) == ""
    assert qr(order(what=bought(payment_method="paypal")), SHOP) == ""
    assert qr(order(), replace(SHOP, iban="XX00")) == ""


def test_a_parcel_of_ours_can_be_followed_with_its_number(house: House) -> None:
    """The number is the secret; the page shows nothing of the order."""
    house.keep(order(paid(), *GONE))
    one, two = number_of(1), number_of(2)
    page = outline(house.get(f"/t/demo-o1-1/{one}").body)
    assert one in page.text
    assert "1042" not in page.text
    for path in (f"demo-o1-1/{two}", f"demo-o1-2/{one}", f"demo-o2-1/{one}", f"x/{one}", "x/LX1"):
        assert house.get(f"/t/{path}").status_code == 404


def test_the_page_is_for_its_customer_only(house: House) -> None:
    """No crawler, no cache, no referrer that carries the token away."""
    one = everything()
    house.keep(one)
    headers = house.get(f"/s/{one.customer_token}").headers
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_database_that_sleeps_is_an_apology(house: House) -> None:
    """Customers read that we are sorry, not why."""
    one = order()
    house.keep(one)
    house.broken = True
    answer = house.get(f"/s/{one.customer_token}", **{"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "Not available just now" in outline(answer.body).text


def test_a_customer_who_waits_for_the_supplier_reads_the_day(house: House) -> None:
    """What is on backorder is promised for the working day after it should come in."""
    due = date(2026, 12, 1)
    late = events.Shortage(sku="TEE-1", wanted=1, available=0, backorder=True, expected_on=due)
    one = order(paid(), events.StockShort(at=NOW, missing=(late,)))
    house.keep(one)
    shown = outline(house.get(f"/s/{one.customer_token}").body)
    assert "Sie verlässt uns bis 02.12.2026" in shown.text
