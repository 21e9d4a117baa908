"""The page of settings: what it shows, keeps and refuses, field by field."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from PIL import Image

from chalicelib.api import merchants, previews
from chalicelib.console import settings as page
from chalicelib.console.settings_fields import NAMES, SECTIONS
from chalicelib.console.settings_tables import TABLES
from chalicelib.store import codec
from chalicelib.store.connections import Connection
from chalicelib.store.jobs import Job
from chalicelib.store.merchants import Settings, ShopSeries
from tests.console.conftest import SHOP, House, outline
from tests.events import NOW

_FILE = io.BytesIO()
Image.new("RGB", (16, 8), "teal").save(_FILE, "PNG")
PNG = _FILE.getvalue()


@dataclass
class Kept:
    """The settings of one merchant in memory."""

    settings_now: Settings = SHOP
    saved: list[Settings] = field(default_factory=list)

    def settings(self, _: str) -> Settings:
        return self.settings_now

    def save_settings(self, _: str, settings: Settings) -> None:
        self.settings_now = settings
        self.saved.append(settings)


class Shops:
    """The connections of one merchant: a shop and a provider."""

    def list(self, _: str) -> list[Connection]:
        """Return both."""
        known: dict[str, Any] = {"merchant_id": "demo", "created_at": NOW}
        shop = Connection(id="demo-woo", kind="woocommerce", name="Teeladen", **known)
        return [shop, Connection(id="demo-pay", kind="stripe", name="", **known)]


@pytest.fixture
def settings(house: House, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Keep settings in memory, for somebody who is logged in."""
    found = Kept()
    monkeypatch.setattr(page, "Merchants", lambda: found)
    monkeypatch.setattr(merchants, "Merchants", lambda: found)
    monkeypatch.setattr(page, "Connections", Shops)
    house.log_in()
    return found


def send(house: House, section: str, logo: bytes = b"", **changes: str) -> Any:
    """Send a section as the page shows it, with changes."""
    html = house.get(f"/console/settings/{section}").body.decode()
    key = re.findall(r'name="form_key" value="(\w+)"', html)[-1]
    typed = [one for one in outline(html).fields if one.get("name") and "value" in one]
    form = {"form_key": key} | {
        str(one["name"]): str(one["value"])
        for one in typed
        if one.get("type") not in {"checkbox", "search"} or "checked" in one
    }
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', html):
        form[name] = re.findall(r'value="([^"]*)" selected', options)[0]
    form = {name: text for name, text in (form | changes).items() if text is not None}
    parts = [
        f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in form.items()
    ]
    if logo:
        head = '--X\r\nContent-Disposition: form-data; name="logo"; filename="l.png"\r\n\r\n'
        parts.append(head.encode() + logo + b"\r\n")
    headers = {"Content-Type": "multipart/form-data; boundary=X", "Cookie": house.cookie}
    return house.client.http.post(
        f"/console/settings/{section}", headers=headers, body=b"".join(parts) + b"--X--\r\n"
    )


def test_the_page_asks_for_every_setting_that_there_is() -> None:
    """A new setting needs one line in `settings_fields`, and none is misspelled there."""
    plain = codec.plain(Settings())
    flat = {name for name in plain if name != "policy"}
    rules = {f"policy.{name}" for name in plain["policy"]}
    asked = {one.name for fields in SECTIONS.values() for one in fields}
    tables = {table.field for table in TABLES.values()}
    # Of carriers there is only one yet.
    assert asked | tables == (flat | rules) - {"policy.carrier"}


@pytest.mark.parametrize("section", [name for name in NAMES if SECTIONS.get(name, (1,))])
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_section_is_a_sound_page(
    house: House, settings: Kept, monkeypatch: pytest.MonkeyPatch, section: str, language: str
) -> None:
    """Every field has a label, and what is kept stands in it."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    read = outline(house.get(f"/console/settings/{section}").body)
    assert read.fields
    assert settings.saved == []


@pytest.mark.parametrize("section", [name for name in NAMES if SECTIONS.get(name, (1,))])
def test_a_section_sent_as_it_is_changes_nothing(
    house: House, settings: Kept, section: str
) -> None:
    """What the form does not ask for stays, whichever section is saved."""
    rules = replace(SHOP.policy, payment_days=9, split=True, fallback=False)
    before = settings.settings_now = replace(
        SHOP,
        policy=rules,
        logo=f"data:image/png;base64,{b64encode(PNG).decode()}",
        discount_percent="2.5",
        datev_accounts={"19": "8400/3", "oss:AT": "8321"},
        shop_series=(ShopSeries(connection_id="demo-woo", invoice_series="W"),),
    )
    assert send(house, section).status_code == 303
    assert settings.saved == [before]


def test_what_is_typed_is_kept(house: House, settings: Kept) -> None:
    """Text, numbers, ticks, choices, and a rate with a comma."""
    typed = {"match_threshold": "95", "discount_percent": "2,5", "policy.payment_days": "14"}
    assert send(house, "payments", **typed).status_code == 303
    now = settings.settings_now
    assert (now.match_threshold, now.discount_percent) == (95, "2.5")
    assert now.policy.payment_days == 14
    assert now.name == SHOP.name
    shipped = send(house, "shipping", **{"policy.split": "1", "policy.routing": "nearest"})
    assert shipped.status_code == 303
    assert settings.settings_now.policy.split
    assert settings.settings_now.policy.routing == "nearest"


@pytest.mark.parametrize(
    ("section", "wrong", "fault"),
    [
        ("payments", {"match_threshold": "101"}, "zwischen 0 und 100"),
        ("payments", {"match_threshold": "viel"}, "ganze Zahl"),
        ("payments", {"discount_percent": "zwei"}, "2.5"),
        ("tax", {"iban": "DE00123"}, "IBAN"),
        ("look", {"colour": "red"}, "#1f4e5f"),
        ("shipping", {"policy.routing": "random"}, "priority"),
        ("locations", {"id:0": "Haupt Lager"}, "a-z"),
        ("locations", {"priority:0": "x"}, "ganze Zahl"),
        ("selling", {"availability_key": "x"}, "demo."),
        ("accounts", {"use:0": "19", "account:0": "84"}, "8400"),
        ("accounts", {"use:0": "neunzehn", "account:0": "8400"}, "oss:AT"),
        ("series", {"connection_id:0": "demo-woo", "invoice_series:0": "RE"}, "invoice_series"),
        ("series", {"connection_id:0": "", "invoice_series:0": "W"}, "einen Shop"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    house: House, settings: Kept, section: str, wrong: dict[str, str], fault: str
) -> None:
    """The reason stands below the field, which still holds what was typed."""
    answer = send(house, section, **wrong)
    html = answer.body.decode()
    assert answer.status_code == 400
    assert settings.saved == []
    found = re.search(r'aria-invalid="true".*?<p id="wrong"[^>]*>([^<]*)</p>', html, re.DOTALL)
    assert found
    assert fault in found[1]
    assert all(f'value="{text}"' in html for text in wrong.values()) or section == "shipping"


def test_a_logo_is_a_png_and_may_be_taken_away(house: House, settings: Kept) -> None:
    """Kept as the documents want it; anything else is refused."""
    assert send(house, "look", PNG).status_code == 303
    assert settings.settings_now.logo.startswith("data:image/png;base64,iVBOR")
    for bad in (b"GIF89a", PNG + b"x" * 49 * 1024):
        answer = send(house, "look", bad)
        assert (answer.status_code, len(settings.saved)) == (400, 1)
    assert send(house, "look", logo_off="1").status_code == 303
    assert settings.settings_now.logo == ""


def test_what_is_typed_can_be_seen_on_an_invoice_before_it_is_kept(
    house: House, settings: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job has the settings as typed, nothing is saved, and what is wrong is said as ever."""
    started: list[Job] = []

    class Started:
        def start(self, job: Job) -> Job:
            started.append(job)
            return job

    monkeypatch.setattr(previews, "Merchants", lambda: settings)
    monkeypatch.setattr(previews, "Jobs", Started)
    answer = send(house, "documents", do="preview", documents_intro_de="Guten Tag!")
    [job] = started
    assert answer.headers["Location"].endswith(f"/jobs/{job.id}")
    assert job.cursor["settings"]["documents_intro_de"] == "Guten Tag!"
    wrong = send(house, "documents", do="preview", invoice_series="RE-{month}-{number}")
    assert (wrong.status_code, len(started), settings.saved) == (400, 1, [])


def test_a_location_is_added_and_taken_away(house: House, settings: Kept) -> None:
    """A further row, filled in; a row that is emptied is gone."""
    more = send(house, "locations", do="more").body.decode()
    assert 'name="id:1"' in more
    added = {"id:1": "berlin", "name:1": "Lager Berlin", "country:1": "DE", "priority:1": "2"}
    assert send(house, "locations", **added).status_code == 303
    assert [one.id for one in settings.settings_now.locations] == ["main", "berlin"]
    assert send(house, "locations", **{"id:1": "", "name:1": ""}).status_code == 303
    assert [one.id for one in settings.settings_now.locations] == ["main"]


def test_own_accounts_and_series_are_kept_and_taken_away(house: House, settings: Kept) -> None:
    """By what they are for, and by shop; a row that is emptied is gone, the same twice is not."""
    typed = {"use:0": "19", "account:0": "8401", "use:1": "fees:stripe", "account:1": "3123"}
    assert send(house, "accounts", **typed).status_code == 303
    assert settings.settings_now.datev_accounts == {"19": "8401", "fees:stripe": "3123"}
    assert send(house, "accounts", **{"use:1": "19"}).status_code == 400
    assert send(house, "accounts", **{"use:0": "", "account:0": ""}).status_code == 303
    assert settings.settings_now.datev_accounts == {"fees:stripe": "3123"}
    shop = {"connection_id:0": "demo-woo", "credit_note_series:0": "W-{year}-{number:04}"}
    assert send(house, "series", **shop).status_code == 303
    assert settings.settings_now.shop_series == (
        ShopSeries(connection_id="demo-woo", credit_note_series="W-{year}-{number:04}"),
    )
    assert "Teeladen" in send(house, "series", do="more").body.decode()


def test_a_strange_section_or_form_is_refused(house: House, settings: Kept) -> None:
    """Not found, and nobody else's page may send it."""
    assert house.get("/console/settings/secrets").status_code == 404
    assert send(house, "company", form_key="x").status_code == 403
    assert settings.saved == []
