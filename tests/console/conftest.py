"""The pages over stores in memory, asked over HTTP like a browser does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib.api import actions, by_hand, corrections, lists, refunds, view
from chalicelib.console import customer, session, staff
from chalicelib.domain import waiting
from chalicelib.domain.errors import Retryable
from chalicelib.domain.order import Order
from chalicelib.runtime import clock
from chalicelib.store.connections import Connection
from chalicelib.store.merchants import Settings
from chalicelib.store.orders import head_of
from chalicelib.store.worklists import Listed, Page
from tests.events import NOW
from tests.fakes import Database, FakeOrders, Fuse

SHOP = Settings(
    name="Blattwerk",
    email="shop@blattwerk.example",
    street="Gartenweg 3",
    zip="04109",
    city="Leipzig",
    iban="DE02120300000000202051",
    bank_holder="Blattwerk GmbH",
)
TOKEN = "demo.secret"


class FakeMerchants:
    """Sessions in memory."""

    def __init__(self) -> None:
        self.sessions: dict[tuple[str, str], datetime] = {}

    def open_session(self, merchant_id: str, secret: str, until: datetime) -> None:
        self.sessions[merchant_id, secret] = until

    def knows_session(self, merchant_id: str, secret: str, now: datetime) -> bool:
        return self.sessions.get((merchant_id, secret), NOW) > now

    def close_session(self, merchant_id: str, secret: str) -> None:
        self.sessions.pop((merchant_id, secret), None)


class FakeWorklists:
    """The lists as the heads of the orders in memory make them."""

    def __init__(self, orders: list[Order]) -> None:
        self.orders = orders

    def _listed(self, merchant_id: str) -> list[Listed]:
        found = []
        for one in self.orders:
            head = head_of(one, clock.now())
            if one.merchant_id == merchant_id:
                found.append(
                    Listed(
                        order_id=one.id,
                        number=head.number,
                        worklist=head.worklist,
                        since=head.since,
                        summary=json.loads(head.summary),
                    )
                )
        return found

    def page(
        self, merchant_id: str, worklist: str, *, limit: int, start: Any, newest: bool
    ) -> Page:
        mine = [one for one in self._listed(merchant_id) if one.worklist == worklist]
        first = int(start["since"]["S"]) if start else 0
        place = {"pk": "o", "sk": "HEAD", "list": f"{merchant_id}#{worklist}"}
        place["since"] = str(first + limit)
        key = {name: {"S": text} for name, text in place.items()}
        more = len(mine) > first + limit
        return Page(items=mine[first : first + limit], next=key if more else None)

    def count(self, merchant_id: str, worklist: str) -> int:
        return sum(one.worklist == worklist for one in self._listed(merchant_id))

    def by_number(self, merchant_id: str, number: str) -> list[Listed]:
        return [one for one in self._listed(merchant_id) if one.number.startswith(number)]


class FakeBank:
    """No transaction of the bank is known."""

    def load(self, merchant_id: str, entry_id: str) -> None:
        return None


@dataclass
class House:
    """The pages, the orders behind them, and a browser that is logged in or not."""

    client: Any
    orders: FakeOrders
    merchants: FakeMerchants
    known: list[Order] = field(default_factory=list)
    cookie: str = ""
    broken: bool = False

    def keep(self, *orders: Order) -> None:
        """Put orders into the store."""
        for one in orders:
            self.orders.create(replace(one, facts=(), version=0), one.facts)
            self.known.append(one)

    def load(self, order_id: str = "o1") -> Order:
        """Read an order back."""
        found = self.orders.load("demo", order_id)
        assert found
        return found

    def get(self, path: str, **headers: str) -> Any:
        """Ask for a page."""
        return self.client.http.get(path, headers={"Cookie": self.cookie, **headers})

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Any:
        """Send a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        return self.client.http.post(path, headers=kind | headers, body=urlencode(form or {}))

    def log_in(self) -> None:
        """Log in with the merchant's token."""
        answer = self.post("/console/login", {"token": TOKEN})
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def act(self, action: str, form: dict[str, str] | None = None, order_id: str = "o1") -> Any:
        """Press a button on an order's page."""
        page = self.get(f"/console/orders/{order_id}").body.decode()
        key = re.search(r'name="form_key" value="(\w+)"', page)
        assert key
        return self.post(
            f"/console/orders/{order_id}/{action}", {"form_key": key[1], **(form or {})}
        )


def shops() -> list[Connection]:
    """Return the merchant's two shops."""
    return [
        Connection(
            merchant_id="demo", id=f"demo-{name}", kind="woocommerce", name=title,
            created_at=NOW, reader="intake",
        )
        for name, title in (("woo", "Laden Leipzig"), ("two", "Laden Berlin"))
    ]  # fmt: skip


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    """Return the pages over an empty store."""
    orders, merchants = FakeOrders(Database(), Fuse()), FakeMerchants()
    made = House(client=Client(app), orders=orders, merchants=merchants)

    def stored() -> FakeOrders:
        if made.broken:
            raise Retryable("database", "DynamoDB sleeps")
        return orders

    monkeypatch.setattr(actions, "Orders", stored)
    monkeypatch.setattr(by_hand, "Orders", stored)
    monkeypatch.setattr(refunds, "Orders", stored)
    monkeypatch.setattr(refunds, "connections_of", lambda _: [])
    monkeypatch.setattr(refunds, "Bank", FakeBank)
    monkeypatch.setattr(corrections, "Orders", stored)
    monkeypatch.setattr(corrections, "settings_of", lambda _: replace(SHOP, tax_number="231/1"))
    monkeypatch.setattr(customer, "Orders", stored)
    monkeypatch.setattr(session, "Merchants", lambda: merchants)
    monkeypatch.setattr(lists, "Worklists", lambda: FakeWorklists(made.known))
    monkeypatch.setattr(staff, "known_merchant", {TOKEN: "demo"}.get)
    monkeypatch.setattr(staff, "settings_of", lambda _: SHOP)
    monkeypatch.setattr(staff, "connections_of", lambda _: shops())
    monkeypatch.setattr(customer, "settings_of", lambda _: SHOP)
    monkeypatch.setattr(view, "link_of", lambda fact, *_: f"https://files.example/{fact.key}")
    monkeypatch.setattr(customer, "link_of", lambda fact, *_: f"https://files.example/{fact.key}")
    monkeypatch.setattr(
        "chalicelib.api.documents.link_of", lambda fact, *_: f"https://files/{fact.key}"
    )
    monkeypatch.setattr("chalicelib.api.documents.settings_of", lambda _: SHOP)
    monkeypatch.setattr("chalicelib.api.archive_exports.settings_of", lambda _: SHOP)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:8000")
    assert waiting.WORKLISTS
    return made


class Outline(HTMLParser):
    """Checks that every tag is closed and every id is there once; collects labels and fields."""

    VOID = frozenset({"meta", "br", "img", "hr", "link", "input", "path", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.seen: list[str] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.note(tag, dict(attrs))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.note(tag, dict(attrs))

    def note(self, tag: str, given: dict[str, str | None]) -> None:
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.fields.append(given)
        self.links += [value for name, value in given.items() if name in {"href", "src"} and value]
        self.headings += [tag] if tag in {"h1", "h2", "h3"} else []
        assert not any(name.startswith("on") or name == "style" for name in given)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.seen.append(data)

    @property
    def text(self) -> str:
        """What a person reads."""
        return " ".join(" ".join(self.seen).replace("\u00a0", " ").split())


def outline(html: str | bytes) -> Outline:
    """Read a page to its end, and check that it is sound."""
    page = html.decode() if isinstance(html, bytes) else html
    reader = Outline()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert reader.headings.count("h1") == 1
    assert "<script" not in page
    for one in reader.fields:
        if one.get("type") != "checkbox":
            assert one.get("id") in reader.labels, one
    return reader
