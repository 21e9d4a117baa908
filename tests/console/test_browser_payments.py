"""The morning page and the settings in a real browser: nothing sticks out, at any width."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.api import reports
from chalicelib.console.settings_fields import NAMES
from chalicelib.console.words import LANGUAGES
from chalicelib.domain import events
from chalicelib.store.differences import Difference
from tests.console.conftest import SHOP, House
from tests.console.test_browser import LONG, pytestmark, sticking_out
from tests.console.test_payments import Moneys, came, moneys, named
from tests.console.test_settings import Kept, send, settings
from tests.events import NOW, eur

__all__ = ["moneys", "pytestmark", "settings"]  # fixtures, and where these tests can run


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_morning_sticks_out(
    house: House, moneys: Moneys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """Empty, and with long names, large sums, many sources and differences."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    pages = {"empty": house.get("/console/payments").body.decode()}
    sources = ("stripe", "paypal", "bank", "mollie", "klarna", "sumup", "adyen")
    gone = events.ChargebackRecorded(
        at=NOW, source="stripe", reference="X" * 60, amount=eur("1234567.89"), booked_at=NOW
    )
    house.keep(
        *(named(n, came(n, "1234567.89", source), gone, name=LONG) for n, source in
          enumerate(sources)),
        named(99, events.PaymentOverdue(at=NOW), name=LONG),
    )  # fmt: skip
    moneys.books.found = [
        Difference(order_id="o1", number="9" * 60, what=f"payment:stripe:{'X' * 90}",
                   expected="order " + "o" * 40, found="nobody's", since=NOW),
    ]  # fmt: skip
    for name in reports.LISTS:
        pages[name] = house.get(f"/console/payments?list={name}").body.decode()
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_settings_stick_out(
    house: House, settings: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """Every section, with long values, and with something wrong."""
    settings.settings_now = shop = replace(SHOP, language=language, name=LONG, website="X" * 200)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    pages = {name: house.get(f"/console/settings/{name}").body.decode() for name in NAMES}
    pages["wrong"] = send(house, "payments", match_threshold="X" * 90).body.decode()
    assert sticking_out(pages, tmp_path) == []
