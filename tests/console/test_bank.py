"""The page of the bank: what became of a file, and one click for what is suggested."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.api import payments
from chalicelib.api import statements as reading
from chalicelib.api.bank_views import WAITS, entry_view
from chalicelib.api.payments import Match
from chalicelib.api.problems import Problem
from chalicelib.console import bank as pages
from chalicelib.console.bank_words import PATTERNS, told_reason
from chalicelib.console.words import LANGUAGES, WORDS
from chalicelib.domain.bank import BankTransaction
from chalicelib.payment.matching.engine import Matcher
from chalicelib.payment.matching.items import OpenItem
from chalicelib.payment.port import MovementKind
from chalicelib.payment.statements import Contents
from chalicelib.store.bank import Entry, Part, Proposal, State
from chalicelib.store.jobs import Job, new_job
from tests.console.conftest import House, outline
from tests.console.samples import named
from tests.events import NOW, eur, order

PAYER = "<b>Otto</b> Freiherr von Donaudampfschifffahrtsgesellschaftskapitän"
MAYBE = Proposal(
    parts=(
        Part(
            order_id="o1", number="1042", amount=eur("9.97"), forgiven=eur("0.03"), why="tolerance"
        ),
    ),
    score=60,
    reasons=("number 1042", "0.03 EUR short", "but other open orders fit as well"),
)
ONE = Entry(
    id="e1",
    state=State.SUGGESTED,
    transaction=BankTransaction(
        account="DE02120300000000202051", booked_on=date(2026, 11, 24), value_on=date(2026, 11, 24),
        amount=eur("9.97"), name=PAYER, iban="DE89370400440532013000", pieces=("Best. 1042",),
    ),
    suggestions=(MAYBE,),
)  # fmt: skip


class Bank:
    """The bank's entries in memory, and what was asked of them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = [ONE]
        self.asked: list[Any] = []
        self.job: Job | None = None
        self.refuses: Problem | None = None

    def listed(self, merchant_id: str, state: State, **_: Any) -> tuple[list[Any], None]:
        """List them."""
        assert merchant_id == "demo"
        return [entry_view(one) for one in self.entries if one.state is state], None

    def act(self, *asked: Any) -> None:
        """Note what was asked."""
        self.asked.append(asked)
        if self.refuses:
            raise self.refuses

    def load(self, merchant_id: str, job_id: str) -> Job | None:
        """Read the job of a file."""
        return self.job if self.job and self.job.id == job_id else None

    def take(self, merchant_id: str, data: bytes) -> Job:
        """Read a file."""
        self.act(merchant_id, data)
        found = Contents(transactions=(), repeated=2, notices=0, pending=0, problems=())
        counts = {**found.counts, "booked": 3, "matched": 1, "suggested": 1, "unmatched": 1}
        self.job = replace(new_job("demo", "match_bank", NOW), state="done", result=counts)
        return self.job


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch, house: House) -> Bank:
    """Put the bank in memory behind the page, and log in."""
    made = Bank()
    monkeypatch.setattr(payments, "listed", made.listed)
    for name in ("give", "take_back", "put_aside"):
        monkeypatch.setattr(payments, name, made.act)
    monkeypatch.setattr(reading, "take", made.take)
    monkeypatch.setattr(pages, "Jobs", lambda: made)
    house.log_in()
    return made


def page(house: House, query: str = "") -> str:
    """Return the page."""
    text: str = house.get(f"/console/bank{query}").body.decode()
    return text


def press(house: House, action: str, **form: str) -> Any:
    """Press a button of the first entry."""
    key = re.search(r'name="form_key" value="(\w+)"', page(house))
    assert key
    return house.post(f"/console/bank/e1/{action}", {"form_key": key[1], **form})


def test_a_suggestion_is_told_with_its_reasons_and_taken_with_one_click(
    house: House, bank: Bank
) -> None:
    """In German, with amounts as people read them; what a payer wrote stays text."""
    seen = outline(page(house, "?state=suggested"))
    for words in ("Nummer 1042", "0,03 € zu wenig", "andere offene Bestellungen passen auch"):
        assert words in seen.text.replace("\u00a0", " ")
    assert "Bestellung 1042 zuordnen" in seen.text
    assert PAYER in seen.text
    answer = press(house, "match", order_id="o1", state="suggested")
    assert answer.headers["Location"].endswith("/console/bank?state=suggested&done=match")
    assert bank.asked == [("demo", "e1", Match(order_id="o1"))]


def test_a_search_says_how_far_it_looked(
    house: House, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed stays in its field; only where older ones were left out that is said."""
    del bank
    found = {"items": [entry_view(ONE)], "searched": 2000, "is_all": False}
    asked = []
    monkeypatch.setattr(payments, "found", lambda *args: asked.append(args) or found)
    seen = outline(page(house, "?state=suggested&search=%3Cb%3E%20Otto"))
    assert asked == [("demo", State.SUGGESTED, "<b> Otto")]
    assert "1 gefunden, gesucht wurde nur in den neuesten 2000." in seen.text
    (field,) = [one for one in seen.fields if one.get("id") == "search"]
    assert field["value"] == "<b> Otto"
    found["is_all"] = True
    assert "neuesten" not in outline(page(house, "?search=x")).text


def test_an_order_is_found_by_its_number(house: House, bank: Bank) -> None:
    """Exactly this number, and only if one order has it."""
    house.keep(named("o7", order()))
    assert press(house, "match", number=" #1042 ").status_code == 303
    assert bank.asked == [("demo", "e1", Match(order_id="o7"))]
    refused = press(house, "match", number="104")
    assert refused.status_code == 422
    assert "Keine Bestellung hat die Nummer 104." in outline(refused.body).text


def test_what_is_booked_can_be_taken_back(house: House, bank: Bank) -> None:
    """Its order is linked; who was too late is told so."""
    bank.entries = [replace(ONE, state=State.BOOKED, booked=MAYBE, suggestions=())]
    seen = outline(page(house, "?state=booked"))
    assert "Zurücknehmen" in seen.text
    assert any(link.endswith("/console/orders/o1") for link in seen.links)
    assert press(house, "undo", state="booked").status_code == 303
    bank.refuses = Problem(409, "not_booked", "It is not booked.")
    assert "inzwischen anders gebucht" in outline(press(house, "undo").body).text


def test_a_file_is_read_and_its_result_shown(house: House, bank: Bank) -> None:
    """How many were new, known, matched; a file that is none says so."""
    key = re.search(r'name="form_key" value="(\w+)"', page(house))
    assert key
    body = (
        b'--B\r\nContent-Disposition: form-data; name="form_key"\r\n\r\n' + key[1].encode()
        + b'\r\n--B\r\nContent-Disposition: form-data; name="file"; filename="a.xml"\r\n\r\n<a/>'
        b"\r\n--B--\r\n"
    )  # fmt: skip
    kind = {"Content-Type": "multipart/form-data; boundary=B", "Cookie": house.cookie}
    answer = house.client.http.post("/console/bank", headers=kind, body=body)
    assert answer.status_code == 303
    assert bank.asked == [("demo", b"<a/>")]
    told = outline(page(house, answer.headers["Location"].partition("/bank")[2])).text
    assert "3 neue Umsätze: 1 zugeordnet, 1 mit Vorschlag, 1 offen. 2 waren" in told
    bank.refuses = Problem(422, "unknown_account", "account: …", field="account")
    refused = house.client.http.post("/console/bank", headers=kind, body=body)
    assert refused.status_code == 422
    assert "keinem Ihrer Konten" in outline(refused.body).text


def test_a_form_of_another_site_is_refused(house: House, bank: Bank) -> None:
    """Nothing is asked of the bank."""
    assert house.post("/console/bank/e1/match", {"order_id": "o1"}).status_code == 403
    assert bank.asked == []


def test_every_reason_and_kind_of_what_waits_at_a_provider_is_said_in_both_languages() -> None:
    """A refund that waits does not look like a payment."""
    for language in LANGUAGES:
        for text in WAITS.values():
            said = told_reason(text, WORDS[language], language)
            assert (said == text) == (language == "en")
        assert {f"movement.{kind}" for kind in MovementKind} <= WORDS[language].keys()


def test_every_reason_of_the_matching_is_said_in_both_languages() -> None:
    """What the matching says in English is known here, so that it can be translated."""
    items = [
        OpenItem(order_id=f"o{n}", outstanding=eur(owed), references=(f"1000{n}",), names=(name,),
                 accounts=("DE1",) if n == 1 else ())
        for n, (owed, name) in enumerate([("10.00", "Anna Beispiel"), ("20.00", "Ben Muster"),
                                          ("20.00", "Ben Muster")])
    ]  # fmt: skip
    tries = [("10.00", "10000"), ("9.97", "10000"), ("5.00", "10000"), ("11.00", "10000"),
             ("20.00", "hallo"), ("20.00", "99999"), ("30.00", "10000 10001"), ("10.00", "10O0O"),
             ("10.00", "danke"), ("50.00", "10000")]  # fmt: skip
    reasons = set()
    for owed, text in tries:
        for name in ("Anna Beispiel", "Ben Muster"):
            one = replace(ONE.transaction, amount=eur(owed), pieces=(text,), name=name, iban="DE1")
            verdict = Matcher(items).match(one)
            for match in filter(None, (verdict.booked, *verdict.suggestions)):
                reasons |= set(match.reasons)
    assert len(reasons) > 8
    for text in reasons:
        assert any(re.fullmatch(pattern, text) for pattern in PATTERNS.values()), text
        for language in LANGUAGES:
            assert told_reason(text, WORDS[language], language)
    assert {f"match.{name}" for name in PATTERNS} <= WORDS["de"].keys()
    assert told_reason("0.03 EUR short", WORDS["de"], "de").startswith("0,03")
