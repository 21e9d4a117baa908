"""Money back from the console: ordered by the way it came, its state shown, files for the bank."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.api import transfers
from chalicelib.console import staff
from chalicelib.console import transfers as pages
from chalicelib.console.tell import effect
from chalicelib.console.words import LANGUAGES
from chalicelib.domain import events
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import Order
from chalicelib.store.transfers import FileState, Transfer, TransferFile
from tests.console.conftest import SHOP, House, outline
from tests.events import NOW, bought, eur, order, paid
from tests.histories import cancelled

NAME = "<b>Otto</b> Freiherr von Donaudampfschifffahrtsgesellschaftskapitän"
IBAN = "AT611904300234573201"


def requested(name: str, way: str = "provider", **more: Any) -> events.RefundRequested:
    """Return a refund that was ordered."""
    return events.RefundRequested(
        at=NOW, refund_id=name, amount=eur("2.50"), way=way, by="staff",
        source="stripe" if way == "provider" else "bank", payment="ref-10.00", **more,
    )  # fmt: skip


def history(locale: str = "de-DE") -> Order:
    """Return an order with a refund in every state."""
    refused = "POST /v1/refunds was answered with 400: Charge ch_1 has already been refunded."
    gone = {"source": "stripe", "booked_at": NOW}
    return order(
        paid("20.00"),
        requested("KRPAID", reason="Tasse zerbrochen"),
        events.RefundRecorded(
            at=NOW, reference="re_1", amount=eur("2.50"), refund_id="KRPAID", **gone
        ),
        requested("KRFAILED"),
        events.RefundRecorded(
            at=NOW, reference="re_2", amount=eur("2.50"), refund_id="KRFAILED", **gone
        ),
        events.RefundFailed(at=NOW, reference="re_2", amount=eur("2.50"), **gone),
        requested("KRLISTED", "transfer", iban=IBAN, holder=NAME),
        events.RefundListed(at=NOW, refund_id="KRLISTED"),
        requested("KRREFUSED"),
        events.HoldPlaced(at=NOW, code="refund_refused", text=refused, effect="refund:KRREFUSED"),
        requested("KRUNKNOWN"),
        events.HoldPlaced(at=NOW, code="refund_unknown", text="?", effect="refund:KRUNKNOWN"),
        what=bought(locale=locale),
    )


class Files:
    """The list of transfers in memory, and what was asked of it."""

    def __init__(self) -> None:
        self.items = [
            Transfer(
                refund_id=f"KR{n}", order_id="o1", number=f"10{n}", amount=eur("12.34"), iban=IBAN,
                holder=NAME if n == 1 else "Anna Müller", since=NOW,
            )
            for n in (1, 2)
        ]  # fmt: skip
        self.files = [
            TransferFile(
                id=f"KT2026112320150{n}A1B2C3", state=state, made_at=NOW, pay_on="2026-11-24",
                format="pain.001.001.09", amount=eur("99.90"), refunds=("KR3",), key="k",
            )
            for n, state in enumerate(FileState)
        ]  # fmt: skip
        self.asked: list[Any] = []
        self.refuses: Permanent | None = None

    def listed(self, _: str) -> dict[str, Any]:
        return {
            "items": [transfers.transfer_view(one) for one in self.items],
            "files": [transfers.file_view(one) for one in self.files],
        }

    def note(self, *args: Any, **_: Any) -> None:
        self.asked.append(args)
        if self.refuses:
            raise self.refuses


@pytest.fixture
def listed(house: House, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Return the list of transfers that the page shows."""
    files = Files()
    house.log_in()
    monkeypatch.setattr(
        "chalicelib.store.bucket.Bucket.link", lambda _, key, **__: f"https://files/{key}"
    )
    monkeypatch.setattr(transfers, "listed", files.listed)
    monkeypatch.setattr(transfers, "made", files.note)
    monkeypatch.setattr(pages.files, "send", files.note)
    monkeypatch.setattr(pages.files, "undo", files.note)
    return files


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_refund_is_shown(
    house: House, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the provider's own words, and what can still be withdrawn."""
    monkeypatch.setattr(staff, "settings_of", lambda _: replace(SHOP, language=language))
    house.log_in()
    house.keep(history())
    page = outline(house.get("/console/orders/o1").body)
    words = {
        "de": ("ausgezahlt", "nicht angekommen", "wird überwiesen", "veranlasst", "Zurücknehmen"),
        "en": ("paid out", "did not arrive", "to be transferred", "ordered", "Withdraw"),
    }[language]
    assert [word for word in words if word not in page.text] == []
    assert "Charge ch_1 has already been refunded." in page.text
    assert "Tasse zerbrochen" in page.text


def test_the_form_holds_what_is_due(house: House) -> None:
    """What was paid too much first, else all that is left."""
    house.log_in()
    for facts, due in (((paid("12.50"),), "2,50"), ((paid("12.50"), cancelled()), "12,50")):
        house.known.clear()
        house.orders.database.rows.clear()
        house.keep(order(*facts))
        page = outline(house.get("/console/orders/o1").body)
        (field,) = [one for one in page.fields if one.get("id") == "refund-amount"]
        assert field["value"] == due


def test_what_was_paid_by_hand_is_booked_and_a_transfer_is_ordered(house: House) -> None:
    """As the person chose."""
    house.log_in()
    house.keep(order(paid("10.00", source="bank")))
    assert house.act("refund", {"amount": "4", "way": "record"}).status_code == 303
    form = {"amount": "3", "way": "transfer", "iban": IBAN, "holder": "Paul", "text": "Kulanz"}
    assert house.act("refund", form).status_code == 303
    told = house.load()
    assert [x.amount for x in told.all(events.RefundRecorded)] == [eur("4")]
    (request,) = told.all(events.RefundRequested)
    assert (request.way, request.iban, request.reason) == ("transfer", IBAN, "Kulanz")
    answer = house.act("refund", {"amount": "3.01", "way": "transfer", "iban": IBAN})
    assert "mehr, als von den Zahlungen noch übrig ist" in outline(answer.body).text


def test_a_refused_refund_is_withdrawn_with_a_click(house: House) -> None:
    """The money can go another way then."""
    house.log_in()
    house.keep(history())
    assert house.act("withdraw", {"refund_id": "KRREFUSED"}).status_code == 303
    assert [x.refund_id for x in house.load().all(events.RefundWithdrawn)] == ["KRREFUSED"]
    assert house.act("withdraw", {"refund_id": "KRUNKNOWN"}).status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_what_waits_and_the_files(
    house: House, listed: Files, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With names as they are, and a link to every file that is there."""
    monkeypatch.setattr(staff, "settings_of", lambda _: replace(SHOP, language=language))
    page = outline(house.get("/console/transfers").body)
    assert NAME in page.text
    assert "24,68 €" in page.text or "€24.68" in page.text
    # One that is ready has two, one that the bank has got (all of it or half booked) one.
    assert page.links.count("https://files/k") == 4
    (button,) = {"de": ["Abschließen"], "en": ["Finish"]}[language]
    assert page.text.count(button) == 2  # of what is half made, and of what is half booked
    listed.items.clear()
    assert outline(house.get("/console/transfers").body).text


def test_the_buttons_do_what_they_say(house: House, listed: Files) -> None:
    """And a refusal is told."""
    key = {"form_key": form_key(house)}
    made = house.post("/console/transfers", {**key, "format": "pain.001.001.03"})
    assert made.headers["Location"].endswith("?done=make")
    assert listed.asked[-1][1].format == "pain.001.001.03"
    sure = {**key, "is_sure": "yes"}
    unsure = house.post("/console/transfers/KT1/undo", key)
    assert (unsure.status_code, len(listed.asked)) == (422, 1)
    for action in ("send", "undo"):
        done = house.post(f"/console/transfers/KT1/{action}", sure)
        assert done.headers["Location"].endswith(f"?done={action}")
        assert listed.asked[-1] == ("demo", "KT1")
    listed.refuses = Permanent("sent", "It is with the bank.")
    refused = house.post("/console/transfers/KT1/undo", sure)
    assert refused.status_code == 409
    assert "bei der Bank" in outline(refused.body).text
    assert house.post("/console/transfers/KT1/burn", key).status_code == 404
    assert house.post("/console/transfers", {}).status_code == 403


def form_key(house: House) -> str:
    """Return the key of this session's forms."""
    page = house.get("/console/transfers").body.decode()
    return str(page.partition('name="form_key" value="')[2].partition('"')[0])


def test_another_orders_refund_is_not_found(house: House) -> None:
    """Nothing changes."""
    house.log_in()
    house.keep(replace(history(), id="o1"))
    assert house.act("withdraw", {"refund_id": "KRNONE"}).status_code == 404


def test_the_begin_of_a_refund_is_told_in_words() -> None:
    """Nobody knows a refund by the name we gave it."""
    assert effect("refund:KRLISTED", "de") == "Erstattung"
    assert effect("refund:KRLISTED", "en") == "Refund"
