"""The morning page: tiles, the last days, and lists that say why we believe a payment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.api import lists, proofs, reports
from chalicelib.console import payments
from chalicelib.console.day_chart import bars
from chalicelib.console.payments_words import told_found
from chalicelib.console.words import WORDS
from chalicelib.domain import events
from chalicelib.domain.order import Order
from chalicelib.domain.takings import Taking, summed
from chalicelib.domain.tally import Tally
from chalicelib.payment import open_items, reporting
from chalicelib.store.bank import Entry
from chalicelib.store.differences import Difference
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.money_moved import Moved
from chalicelib.store.order_rows import MOVES_MONEY
from chalicelib.store.worklists import Listed
from tests.console.conftest import SHOP, FakeWorklists, House, outline
from tests.console.test_bank import ONE
from tests.events import NOW, bought, eur, order


@dataclass
class Books:
    """The job of the night, and what it has named."""

    job: Job | None = None
    found: list[Difference] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def load(self, *_: str) -> Job | None:
        return self.job

    def ask(self, merchant_id: str, kind: str, subject: str, now: datetime) -> Job:
        self.asked.append((kind, subject))
        return new_job(merchant_id, kind, now, subject=subject, is_standing=True)

    def page(self, *_: Any, **__: Any) -> tuple[list[Difference], None]:
        return self.found, None


@dataclass
class SentOut:
    """What providers have sent to the bank."""

    items: list[dict[str, Any]] = field(default_factory=list)

    def page(self, *_: Any, **__: Any) -> tuple[list[dict[str, Any]], None]:
        return self.items, None

    def jobs(self, _: str) -> list[Any]:
        return []


@dataclass
class Moneys:
    """The movements of the orders in memory, as the index shows them."""

    house: House
    entries: dict[str, Entry] = field(default_factory=dict)
    books: Books = field(default_factory=Books)
    payouts: SentOut = field(default_factory=SentOut)

    def all(self) -> list[Moved]:
        return [
            Moved(id=one.id, order_id=one.id, at=fact.at, facts=(fact,))
            for one in self.house.known
            for fact in one.facts
            if isinstance(fact, MOVES_MONEY)
        ]

    def page(
        self, _: str, since: datetime, *, limit: int, start: dict[str, Any] | None
    ) -> tuple[list[Moved], dict[str, Any] | None]:
        mine = [one for one in self.all() if one.at >= since]
        first = int(start["money_at"]["S"]) if start else 0
        names = {"pk": "demo#o", "sk": "e", "money_of": "demo", "money_at": str(first + limit)}
        key = {name: {"S": text} for name, text in names.items()}
        return mine[first : first + limit], key if len(mine) > first + limit else None

    def between(self, _: str, start: datetime, end: datetime) -> list[Moved]:
        return [one for one in self.all() if start <= one.at < end]

    def days(self, *_: Any) -> dict[date, Any]:
        return {}


class Found(FakeWorklists):
    """The lists, by the ids of orders too."""

    def everything(self, merchant_id: str, worklist: str) -> list[Listed]:
        return [one for one in self._listed(merchant_id) if one.worklist == worklist]

    def find(self, merchant_id: str, names: list[str]) -> list[Listed]:
        return [one for one in self._listed(merchant_id) if one.order_id in names]


@pytest.fixture
def moneys(house: House, monkeypatch: pytest.MonkeyPatch) -> Moneys:
    """Show the money of orders in memory to somebody who is logged in."""
    found = Moneys(house)
    listed: Callable[[], Found] = lambda: Found(house.known)  # noqa: E731 - a factory, as elsewhere
    for module in (lists, open_items, proofs):
        monkeypatch.setattr(module, "Worklists", listed)
    for module in (reporting, reports):
        monkeypatch.setattr(module, "MoneyMoved", lambda: found)
    monkeypatch.setattr(reports, "waiting_money", lambda _: Tally())
    monkeypatch.setattr(reports, "waiting_payments", lambda *_, **__: ([], None))
    bank = type("Bank", (), {"known": lambda _, __, keys: {k: found.entries[k] for k in keys
                                                           if k in found.entries}})  # fmt: skip
    monkeypatch.setattr(proofs, "Bank", bank)
    monkeypatch.setattr(payments, "payouts", found.payouts)
    books = Books()
    monkeypatch.setattr(reports, "Jobs", lambda: books)
    monkeypatch.setattr(payments.archive_checks, "Jobs", lambda: books)
    monkeypatch.setattr(payments, "Jobs", lambda: books)
    monkeypatch.setattr(reports, "Differences", lambda: books)
    found.books = books
    house.log_in()
    return found


def came(n: int, amount: str = "10.00", source: str = "stripe") -> events.PaymentReceived:
    """Return money that came in."""
    return events.PaymentReceived(
        at=NOW, source=source, reference=f"pi_{n}", amount=eur(amount), booked_at=NOW
    )


def named(n: int, *facts: events.Fact, name: str = "Anna Beispiel") -> Order:
    """Return the n-th order."""
    what = bought(number=str(2000 + n), external_id=str(n))
    what = replace(what, shipping=replace(what.shipping, name=name))
    return replace(order(*facts, what=what), id=f"o{n}")


def seen(house: House, query: str = "") -> str:
    """Return what a person reads."""
    return outline(house.get(f"/console/payments{query}").body).text


def test_an_empty_house_has_a_calm_morning(house: House, moneys: Moneys) -> None:
    """No order, no money: the page says so on each list."""
    assert moneys.all() == []
    assert "Niemand schuldet Ihnen etwas." in seen(house, "?list=open")
    assert "In den letzten 14 Tagen kam kein Geld." in seen(house)


def test_the_morning_shows_which_orders_are_paid_and_why(house: House, moneys: Moneys) -> None:
    """The provider's name of the payment, or the reasons of the matching."""
    entry = replace(ONE, id="e1" * 12, booked=ONE.suggestions[0])
    moneys.entries[entry.id] = entry
    by_bank = replace(came(2, source="bank"), reference=entry.id)
    house.keep(named(1, came(1)), named(2, by_bank), named(3))
    text = seen(house)
    assert "Bezahlt 2 20,00 €" in text
    assert "Offen 1 10,00 €" in text
    assert "Beleg pi_1" in text
    assert f"{entry.booked.score} von 100: Nummer" in text if entry.booked else False
    assert "2003" not in text
    assert "2003" in seen(house, "?list=open")


def test_every_tile_leads_to_its_list(house: House, moneys: Moneys) -> None:
    """Overdue, partly paid and disputed orders, with what they come to."""
    late = events.PaymentOverdue(at=NOW)
    gone = events.ChargebackRecorded(
        at=NOW, source="stripe", reference="du", amount=eur("10.00"), booked_at=NOW
    )
    house.keep(named(1, late), named(2, came(2, "4.00")), named(3, came(3), gone))
    for query, number in (("overdue", "2001"), ("partly_paid", "2002"), ("disputes", "2003")):
        assert number in seen(house, f"?list={query}")
    text = seen(house)
    assert "Überfällig 1 10,00 €" in text
    assert "Teilweise bezahlt 1 6,00 €" in text
    assert "Streitfälle 1 10,00 €" in text
    assert moneys.entries == {}


def test_two_hundred_payments_have_pages(house: House, moneys: Moneys) -> None:
    """Each payment once, page by page."""
    house.keep(*(named(n, came(n)) for n in range(60)))
    query, numbers = "", list[str]()
    while True:
        html = house.get(f"/console/payments{query}").body.decode()
        numbers += re.findall(r'/console/orders/o\d+">(\d+)</a>', html)
        following = re.search(r'href="[^"]*payments(\?[^"]*cursor=[^"#]*)', html)
        if not following:
            break
        query = following[1].replace("&amp;", "&")
    assert sorted(numbers) == [str(2000 + n) for n in range(60)]
    assert len(moneys.all()) == 60


def test_bars_add_up_and_show_no_word_of_the_shop_twice() -> None:
    """One currency, the largest source first and lowest; what only the shop says is left out."""

    def taking(source: str, received: int, currency: str = "EUR") -> Taking:
        return Taking(source=source, currency=currency, received=received)

    days = {
        date(2026, 11, 22): summed([taking("stripe", 3000), taking("shop", 3000)]),
        date(2026, 11, 23): summed(
            [taking("bank", 1000), taking("stripe", 500), taking("x", 1, "CHF")]
        ),
    }
    found = bars(days)
    assert found
    assert found.sources == ("stripe", "bank")
    assert [(bar.source, bar.on.day) for bar in found.bars] == [
        ("stripe", 22), ("stripe", 23), ("bank", 23),
    ]  # fmt: skip
    first, second, third = found.bars
    assert first.height == pytest.approx(6 * second.height, abs=0.5)
    assert third.y + third.height == pytest.approx(second.y, abs=0.2)
    assert bars({date(2026, 11, 22): {}}) is None


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_speaks_both_languages(
    house: House, moneys: Moneys, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """No list and no kind of movement without words."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    undone = events.MovementUndone(at=NOW, of_source="bank", of_reference="pi_1", by="Anna")
    facts = [
        kind(at=NOW, source="stripe", reference=f"r{n}", amount=eur("1.00"), booked_at=NOW)
        for n, kind in enumerate(MOVES_MONEY)
        if kind not in {events.MovementUndone, events.WriteOffRecorded}
    ]
    house.keep(named(1, came(1, source="bank"), *facts, undone))
    for name in reports.LISTS:
        assert seen(house, f"?list={name}&days=30")
    assert len(moneys.all()) == len(facts) + 2
    assert timedelta(days=35) >= reports.FURTHEST


def test_the_page_names_what_does_not_agree(house: House, moneys: Moneys) -> None:
    """Expected and found, since when, and what the open items add up from."""
    assert "Noch nie abgestimmt" in seen(house)
    sums = {"orders": 3000, "open": 1600, "received": -1400}
    job = replace(
        new_job("demo", "reconcile", NOW, subject="ledger", is_standing=True),
        state="done", began_at=NOW, result={"orders": 3, "sums": {"EUR": sums}},
    )  # fmt: skip
    moneys.books.job = job
    text = seen(house)
    assert "Alles stimmt überein: 3 offene Bestellungen" in text
    assert "Offene Posten 16,00 € = Bestellungen 30,00 € und Bewegungen −14,00 €" in text
    moneys.books.found = [
        Difference(
            order_id="o1", number="2001", what="bank:e1", expected="10.00 EUR booked here",
            found="nothing", since=NOW,
        )
    ]  # fmt: skip
    text = seen(house)
    assert "2001 zu klären Umsatz der Bank e1" in text
    assert "Soll: 10,00 € hier gebucht. Gefunden: nichts. Seit 23.11.2026." in text
    moneys.books.job = replace(job, state="failed", reason="DynamoDB sleeps")
    assert "gescheitert: DynamoDB sleeps" in seen(house)


def test_where_too_much_is_open_the_page_shows_the_last_night(
    house: House, moneys: Moneys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the time of it; before the first night it says that there is more."""
    monkeypatch.setattr(reporting, "MOST_OPEN", 1)
    monkeypatch.setattr(reporting, "Jobs", lambda: moneys.books)
    house.keep(named(1), named(2))
    assert "Offen über 0" in seen(house)
    open_then = {name: {"count": 2, "EUR": 2000} for name in reporting.LISTS}
    moneys.books.job = replace(
        new_job("demo", "reconcile", NOW, subject="ledger", is_standing=True),
        state="done", result={"open": open_then}, memory={"until": "2026-11-23T02:00:00.000Z"},
    )  # fmt: skip
    text = seen(house)
    assert "Offen 2 20,00 €" in text
    assert "Stand der Abstimmung vom 23.11.2026, 03:00" in text


def test_a_person_may_have_the_books_reconciled_now(house: House, moneys: Moneys) -> None:
    """The button starts the job of the night, and leads to its progress."""
    html = house.get("/console/payments").body.decode()
    key = re.search(r'name="form_key" value="(\w+)"', html)
    assert key
    assert house.post("/console/payments/reconcile", {"form_key": "x"}).status_code == 403
    answer = house.post("/console/payments/reconcile", {"form_key": key[1]})
    assert answer.headers["Location"] == "/console/jobs/reconcile-ledger"
    assert moneys.books.asked == [("reconcile", "ledger")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("28.92 EUR", "28,92 €"),
        ("booked, 10.00 EUR", "Gebucht, 10,00 €"),
        ("10.00 EUR on the order", "10,00 € auf der Bestellung"),
        ("nobody's", "niemand"),
        ("order o1", "Bestellung o1"),
        ("partially_paid", "teilweise bezahlt"),
    ],
)
def test_what_the_reconciliation_finds_is_said_in_german(text: str, said: str) -> None:
    """Each wording of it."""
    assert told_found(text, WORDS["de"], "de").replace("\u00a0", " ") == said
