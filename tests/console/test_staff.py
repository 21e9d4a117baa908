"""The console: log in, see, act; nothing of anybody else's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chalicelib.domain import events, states, waiting
from tests.console.conftest import TOKEN, House, outline
from tests.console.samples import everything, large, many_reasons
from tests.events import bought, eur, line, order, paid
from tests.histories import number_of, shipped


def test_without_a_session_every_page_leads_to_the_login(house: House) -> None:
    """No page of the console shows anything to strangers."""
    house.keep(order())
    for path in ("/console", "/console/orders/o1", "/console/orders/o1/documents/1"):
        answer = house.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/console/login"
    assert house.post("/console/orders/o1/cancel").headers["Location"] == "/console/login"
    assert not house.load().has(events.OrderCancelled)


def test_a_known_token_opens_a_session(house: House) -> None:
    """The cookie is out of reach for scripts and for other sites."""
    answer = house.post("/console/login", {"token": TOKEN})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/console"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/console" in cookie
    assert TOKEN not in cookie


def test_an_unknown_token_opens_nothing(house: House) -> None:
    """The page says so in words, and gives no cookie."""
    answer = house.post("/console/login", {"token": "demo.wrong"})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "nicht bekannt" in outline(answer.body).text


def test_the_cookie_is_secure_behind_https(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the address is https, the session never travels in the clear."""
    monkeypatch.setenv("PUBLIC_URL", "https://kontor.example/shop")
    answer = house.post("/console/login", {"token": TOKEN})
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert "Path=/shop/console" in answer.headers["Set-Cookie"]
    assert answer.headers["Location"] == "/shop/console"


def test_a_session_ends_by_logging_out(house: House) -> None:
    """The old cookie opens nothing any more."""
    house.log_in()
    key = re.search(r'name="form_key" value="(\w+)"', house.get("/console").body.decode())
    assert key
    answer = house.post("/console/logout", {"form_key": key[1]})
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert house.get("/console").status_code == 303


@pytest.mark.parametrize(
    "cookie", ["kontor_session=demo.x", "kontor_session=demo", "k=;;=\x7f", ""]
)
def test_a_made_up_cookie_opens_nothing(house: House, cookie: str) -> None:
    """Only sessions that we opened count."""
    house.cookie = cookie
    assert house.get("/console").status_code == 303


def test_every_page_forbids_what_it_does_not_need(house: House) -> None:
    """No scripts, no frames, nothing from elsewhere, no caches, no crawlers."""
    house.log_in()
    house.keep(everything())
    for path in ("/console", "/console/login", "/console/orders/oeverything"):
        headers = house.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]


def test_the_lists_show_what_waits(house: House) -> None:
    """Counts, the current list, and why each order is there."""
    house.log_in()
    house.keep(order(), replace(order(paid(), what=bought(number="1043")), id="o2"), many_reasons())
    page = outline(house.get("/console").body)
    assert "Noch nicht bezahlt" in page.text
    assert "/console/orders/o2" in page.links
    assert "Artikelnummer fehlt" in page.text
    only = outline(house.get("/console?list=unpaid").body)
    assert "/console/orders/o1" in only.links
    assert "/console/orders/o2" not in only.links


@pytest.mark.parametrize("name", [*waiting.WORKLISTS, "open", "all"])
def test_an_empty_list_says_what_that_means(house: House, name: str) -> None:
    """No blank page, in any list."""
    house.log_in()
    page = outline(house.get(f"/console?list={name}").body)
    assert "<table" not in page.text
    assert len(page.text) > 60


def test_a_long_list_comes_in_pages(house: House) -> None:
    """Fifty to a page, each order once."""
    house.log_in()
    house.keep(*(replace(order(what=bought(number=str(i))), id=f"o{i}") for i in range(60)))
    first = outline(house.get("/console?list=unpaid").body)
    following = next(link for link in first.links if "cursor=" in link)
    second = outline(house.get(following).body)
    pages = [{x for x in page.links if "/orders/" in x} for page in (first, second)]
    assert [len(page) for page in pages] == [50, 10]
    assert not pages[0] & pages[1]


def test_a_search_for_one_order_opens_it(house: House) -> None:
    """Staff type the number from the parcel and are there."""
    house.log_in()
    house.keep(order(), replace(order(what=bought(number="1099")), id="o2"))
    assert house.get("/console?number=%231099").headers["Location"] == "/console/orders/o2"
    several = outline(house.get("/console?number=10").body)
    assert {"/console/orders/o1", "/console/orders/o2"} <= set(several.links)
    assert "Keine Bestellung" in outline(house.get("/console?number=7").body).text


def test_an_order_says_why_it_waits(house: House) -> None:
    """The reasons stand on top, each with whose turn it is and what comes next."""
    house.log_in()
    house.keep(many_reasons())
    page = outline(house.get("/console/orders/omany").body)
    assert "Warum ist sie noch nicht versandt?" in page.text
    for words in ("Kundin bittet um Rückruf", "wartet auf Sie", "A: 1 gewünscht, 0 verfügbar."):
        assert words in page.text


def test_an_order_shows_everything_that_happened(house: House) -> None:
    """Payments, documents, parcels, mails, returns and the whole history, escaped."""
    house.log_in()
    house.keep(everything())
    answer = house.get("/console/orders/oeverything").body.decode()
    page = outline(answer)
    for words in (
        "RE-42",
        number_of(1),
        "Bestellbestätigung",
        "Retoure R1",
        "ref-10.00",
        "VIP",
        "Erika",
    ):
        assert words in page.text
    assert "<b>freundlich" not in answer
    assert "<b>freundlich</b>" in page.text
    assert "/console/orders/oeverything/documents/1" in page.links


def test_a_document_opens_by_a_short_lived_link(house: House) -> None:
    """The page holds no lasting address of a file."""
    house.log_in()
    house.keep(everything())
    answer = house.get("/console/orders/oeverything/documents/1")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://files/")
    assert house.get("/console/orders/oeverything/documents/99").status_code == 404


def test_another_merchants_order_does_not_exist(house: House) -> None:
    """Neither to look at nor to act on."""
    house.log_in()
    house.keep(replace(order(), merchant_id="other", id="ohers"))
    assert house.get("/console/orders/ohers").status_code == 404
    key = re.search(r'form_key" value="(\w+)"', house.get("/console").body.decode())
    assert key
    assert house.post("/console/orders/ohers/cancel", {"form_key": key[1]}).status_code == 404
    foreign = house.orders.load("other", "ohers")
    assert foreign
    assert not foreign.has(events.OrderCancelled)


def test_a_form_from_elsewhere_does_nothing(house: House) -> None:
    """Another site cannot press our buttons, even with the cookie."""
    house.log_in()
    house.keep(order())
    for form in ({}, {"form_key": ""}, {"form_key": "f" * 64}):
        assert house.post("/console/orders/o1/cancel", form).status_code == 403
    assert not house.load().has(events.OrderCancelled)


def test_holding_and_releasing(house: House) -> None:
    """A reason stops the parcel; releasing lets it go on."""
    house.log_in()
    house.keep(order())
    answer = house.act("hold", {"text": "Kundin fragt nach"})
    assert answer.headers["Location"] == "/console/orders/o1?done=hold"
    assert [hold.text for hold in house.load().holds()] == ["Kundin fragt nach"]
    house.act("release", {"code": "manual"})
    assert house.load().holds() == ()


def test_booking_a_payment_as_people_type_it(house: House) -> None:
    """German commas; the form sent twice books once."""
    house.log_in()
    house.keep(order())
    form = {"amount": "10,00 €", "source": "bank", "reference": "", "once": "console-1"}
    house.act("payment", form)
    house.act("payment", form)
    assert [str(fact.amount) for fact in house.load().all(events.PaymentReceived)] == ["10.00 EUR"]
    assert states.payment(house.load()) is states.Payment.PAID


@pytest.mark.parametrize("amount", ["", "abc", "-5", "0", "1e9999", "١٢", "NaN"])
def test_a_payment_that_is_none_is_explained(house: House, amount: str) -> None:
    """The page comes back with what was wrong, and nothing is booked."""
    house.log_in()
    house.keep(order())
    answer = house.act("payment", {"amount": amount})
    assert answer.status_code == 400
    assert "Geben Sie einen Betrag über null an" in outline(answer.body).text
    assert not house.load().has(events.PaymentReceived)


def test_cancelling_is_refused_when_a_parcel_has_left(house: House) -> None:
    """The page does not offer it, and says why when it is asked all the same."""
    house.log_in()
    house.keep(order(paid(), *shipped(1, {"l-TEE-1": 1})))
    assert "Bestellung stornieren" not in outline(house.get("/console/orders/o1").body).text
    answer = house.act("cancel")
    assert answer.status_code == 422
    assert "Retoure" in outline(answer.body).text


def test_a_return_goes_all_its_way_by_forms(house: House) -> None:
    """Authorized, received, refunded: each step offered when its turn comes."""
    house.log_in()
    two = bought(line("A", quantity=2), line("B"))
    house.keep(order(paid("30.00"), *shipped(1, {"l-A": 2, "l-B": 1}), what=two))
    house.act("return", {"pieces:l-A": "1", "pieces:l-B": "0", "text": "gefällt nicht"})
    assert [x.lines[0].quantity for x in house.load().all(events.ReturnAuthorized)] == [1]
    form = {"return_id": "R1", "pieces:l-A": "1", "restock:l-A": "yes"}
    assert "Ware ist zurück" in outline(house.get("/console/orders/o1").body).text
    house.act("receive", form)
    assert house.load().all(events.ReturnReceived)[0].lines[0].restock
    refund = {"return_id": "R1", "amount": "10", "once": "console-2"}
    house.act("refund", refund)
    house.act("refund", refund)
    assert len(house.load().all(events.RefundRecorded)) == 1
    assert states.returns(house.load()) is states.Return.REFUNDED


def test_what_goods_have_lost_in_value_is_deducted_by_the_form(house: House) -> None:
    """With its reason, and never more than they cost."""
    house.log_in()
    house.keep(order(paid("20.00"), *shipped(1, {"l-A": 2}), what=bought(line("A", quantity=2))))
    house.act("return", {"pieces:l-A": "1"})
    form = {"return_id": "R1", "pieces:l-A": "1", "deduction": "2,50"}
    assert "Nennen Sie den Grund des Abzugs" in outline(house.act("receive", form).body).text
    more = form | {"deduction": "10,01", "deduction_reason": "Kratzer"}
    refused = outline(house.act("receive", more).body)
    assert "höchstens der Preis" in refused.text
    typed = {one.get("name"): one.get("value") for one in refused.fields}
    assert (typed["deduction"], typed["deduction_reason"]) == ("10,01", "Kratzer")
    assert house.act("receive", form | {"deduction_reason": "Kratzer"}).status_code == 303
    (back,) = house.load().all(events.ReturnReceived)
    assert (back.deduction, back.deduction_reason) == (eur("2.50"), "Kratzer")
    page = outline(house.get("/console/orders/o1").body).text
    assert "Wertersatz 2,50 €: Kratzer" in page.replace("\u00a0", " ")


@pytest.mark.parametrize("pieces", ["9", "-1", "x", ""])
def test_pieces_that_do_not_exist_do_not_come_back(house: House, pieces: str) -> None:
    """Never more than has left; the page says so."""
    house.log_in()
    house.keep(order(paid(), *shipped(1, {"l-TEE-1": 1})))
    answer = house.act("return", {"pieces:l-TEE-1": pieces})
    assert answer.status_code in {400, 422}
    assert not house.load().has(events.ReturnAuthorized)


def test_a_note_is_kept_with_the_order(house: House) -> None:
    """And shown in its history."""
    house.log_in()
    house.keep(order())
    house.act("note", {"text": "ruft morgen an"})
    assert "ruft morgen an" in outline(house.get("/console/orders/o1").body).text
    assert house.act("note", {"text": "  "}).status_code == 400


def test_an_action_nobody_knows_is_not_there(house: House) -> None:
    """404, not an error."""
    house.log_in()
    house.keep(order())
    assert house.act("explode").status_code == 404


def test_a_database_that_sleeps_is_an_apology(house: House) -> None:
    """No stack trace, and nothing that only engineers understand."""
    house.log_in()
    house.keep(order())
    house.broken = True
    answer = house.get("/console/orders/o1")
    assert answer.status_code == 503
    assert "Gerade nicht erreichbar" in outline(answer.body).text


@pytest.mark.parametrize("query", ["?list=nonsense", "?cursor=%00", "?cursor=eyJ4IjoxfQ=="])
def test_a_strange_address_is_answered_with_a_page(house: House, query: str) -> None:
    """Whatever stands in the address line, people get words."""
    house.log_in()
    answer = house.get(f"/console{query}")
    assert answer.status_code in {404, 500}
    assert "Das hat nicht geklappt" in outline(answer.body).text


def test_two_hundred_lines_are_one_page(house: House) -> None:
    """The first lines at once, the rest behind one click; the sum stays in sight."""
    house.log_in()
    house.keep(large(200))
    page = outline(house.get("/console/orders/olarge200").body)
    assert "175 weitere Artikel" in page.text
    assert "2.004,90 €" in page.text
