"""Direct debits in the console: mandates kept, found and taken back, files made of what is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.api import debits
from chalicelib.console import debits as pages
from chalicelib.console import staff
from chalicelib.console.words import LANGUAGES
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.order import Order
from chalicelib.store.debits import Debit, DebitFile, DebitFileState, Mandate
from chalicelib.store.merchants import Settings
from tests.console.conftest import SHOP, House, Outline, outline
from tests.events import NOW, eur, order

NAME = "<b>Otto</b> Freiherr von Donaudampfschifffahrtsgesellschaftskapitän"
IBAN = "AT611904300234573201"
NEW = {
    "reference": "M-7/2026", "signed_on": "2026-11-01", "iban": "AT61 1904 3002 3457 3201",
    "holder": "Anna Beispiel", "email": "anna@example.com", "scheme": "CORE",
}  # fmt: skip


def mandate(reference: str, holder: str = NAME, **more: Any) -> Mandate:
    """Return a mandate."""
    given: dict[str, Any] = {"email": "otto@example.com", "iban": IBAN, "version": 1} | more
    return Mandate(reference=reference, signed_on=date(2026, 10, 1), holder=holder, **given)


class Book:
    """Mandates, what is due and files in memory, and the files that were asked for."""

    def __init__(self) -> None:
        self.kept = {one.reference: one for one in (mandate("M-1"), mandate("M-2", "Ida", used=3))}
        self.file = DebitFile(
            id="KD20261123201500A1B2C3", made_at=NOW, collect_on=date(2026, 12, 1),
            format="pain.008.001.08", amount=eur("50.00"), debits=("a", "b"), key="k",
        )  # fmt: skip
        self.is_due = True
        self.asked: list[dict[str, Any]] = []
        self.refuses: Exception | None = None

    def __call__(self) -> Book:
        return self

    def mandates(self, _: str) -> list[Mandate]:
        return [one for one in self.kept.values() if one.revoked_on is None]

    def mandate(self, _: str, reference: str) -> Mandate | None:
        return self.kept.get(reference)

    def keep_mandate(self, _: str, one: Mandate) -> Mandate:
        if self.refuses:
            raise self.refuses
        before = self.kept.get(one.reference)
        if (before.version if before else 0) != one.version:
            raise Conflict("known", "It is there.")
        self.kept[one.reference] = replace(one, version=one.version + 1)
        return self.kept[one.reference]

    def files(self, _: str) -> list[DebitFile]:
        return [self.file]

    def due(self, *_: Any) -> Iterator[tuple[Order, Debit]]:
        for one in self.mandates("demo") * self.is_due:
            yield (
                order(),
                Debit(
                    id="", order_id="o1", number="1042", amount=eur("10.00"), mandate=one,
                    file_id="", drawn_at=NOW,
                ),
            )  # fmt: skip

    def make(self, *_: Any, **asked: Any) -> DebitFile:
        self.asked.append(asked)
        if self.refuses:
            raise self.refuses
        return self.file

    def undo(self, _: str, file_id: str, **__: Any) -> DebitFile:
        if self.refuses:
            raise self.refuses
        assert file_id == self.file.id
        self.file = replace(self.file, state=DebitFileState.UNDONE)
        return self.file


@pytest.fixture
def book(house: House, monkeypatch: pytest.MonkeyPatch) -> Book:
    """Return the book that the page shows, to somebody who has logged in."""
    made = Book()
    monkeypatch.setattr(debits, "Debits", made)
    monkeypatch.setattr(pages, "Debits", made)
    monkeypatch.setattr(debits.collecting, "due", made.due)
    monkeypatch.setattr(debits.collecting, "make", made.make)
    monkeypatch.setattr(debits.collecting, "undo", made.undo)
    monkeypatch.setattr(debits, "settings_of", lambda _: SHOP)
    monkeypatch.setattr(pages, "settings_of", lambda _: Settings(debit_notice=2))
    monkeypatch.setattr(
        "chalicelib.store.bucket.Bucket.link", lambda _, key, **__: f"https://files/{key}"
    )
    house.log_in()
    return made


def shown(house: House, query: str = "") -> Outline:
    """Return the page."""
    return outline(house.get(f"/console/direct-debits{query}").body)


def send(house: House, path: str, form: dict[str, str]) -> Any:
    """Send one of its forms."""
    page = house.get("/console/direct-debits").body.decode()
    key = page.partition('name="form_key" value="')[2].partition('"')[0]
    return house.post(f"/console/direct-debits{path}", {"form_key": key, **form})


def wrong(page: Outline) -> list[str | None]:
    """Return the fields that are marked."""
    return [one.get("id") for one in page.fields if one.get("aria-invalid")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_what_is_due_the_files_and_the_mandates(
    house: House, book: Book, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With names as they are, the sum, and a link to each file."""
    monkeypatch.setattr(staff, "settings_of", lambda _: replace(SHOP, language=language))
    page = shown(house)
    assert page.text.count(NAME) == 2
    assert "20,00 €" in page.text or "€20.00" in page.text
    assert "https://files/k" in page.links
    assert {"de": "Gläubiger-Identifikationsnummer fehlt", "en": "identifier is missing"}[
        language
    ] in page.text
    book.kept.clear()
    assert {"de": "Noch kein Mandat.", "en": "No mandate yet."}[language] in shown(house).text


def test_a_mandate_is_kept_found_and_taken_back(house: House, book: Book) -> None:
    """By parts of its reference, holder, e-mail or account, blanks or not."""
    assert send(house, "/mandates", NEW).headers["Location"].endswith("?done=mandate")
    assert book.kept["M-7/2026"].iban == IBAN
    for search in ("m-7", "anna%20BEI", "anna@", "AT61%201904"):
        assert "M-7/2026" in shown(house, f"?search={search}").text
    assert "Ida" not in shown(house, "?search=anna@").text.partition("Mandate")[2]
    assert "Kein gültiges Mandat" in shown(house, "?search=nobody").text
    gone = send(house, "/revoke", {"reference": "M-7/2026"})
    assert gone.headers["Location"].endswith("?done=revoke")
    assert book.kept["M-7/2026"].revoked_on == (NOW + timedelta(days=1)).date()
    assert "M-7/2026" not in shown(house).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", "Größe"), ("reference", "M-1"), ("iban", "AT62 1904 3002 3457 3201"),
        ("holder", ""), ("email", "anna"), ("scheme", "COR1"), ("signed_on", "2027-01-01"),
        ("signed_on", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mandate_is_told_at_its_field(
    house: House, book: Book, field: str, value: str
) -> None:
    """What was typed stays, and nothing is kept."""
    answer = send(house, "/mandates", NEW | {field: value})
    assert answer.status_code in {400, 409}
    page = outline(answer.body)
    assert wrong(page) == [field]
    (typed,) = [one for one in page.fields if one.get("id") == "email"]
    assert typed["value"] == (NEW | {field: value})["email"]
    assert sorted(book.kept) == ["M-1", "M-2"]


def test_of_many_mandates_the_first_are_shown(house: House, book: Book) -> None:
    """The page says so, and the search finds the others."""
    book.is_due = False
    book.kept = {f"M-{n:03}": mandate(f"M-{n:03}", f"Kunde {n}") for n in range(pages.SHOWN + 9)}
    page = shown(house)
    assert f"Gezeigt sind die ersten {pages.SHOWN}" in page.text
    assert "M-058" not in page.text
    assert "M-058" in shown(house, "?search=058").text


def test_a_file_is_made_of_what_is_due(house: House, book: Book) -> None:
    """As the person chose, not before the customers can have been told."""
    day = next(x for x in shown(house).fields if x.get("id") == "collect_on")
    assert day["value"] == day["min"] == "2026-11-26"
    form = {"format": "pain.008.001.02", "collect_on": "2026-12-01"}
    assert send(house, "", form).headers["Location"].endswith("?done=collect")
    assert (book.asked[0]["version"], book.asked[0]["collect_on"]) == tuple(form.values())
    book.refuses = Permanent("bad_field", "collect_on: must be 2026-11-26 or later.")
    refused = send(house, "", form)
    assert (refused.status_code, wrong(outline(refused.body))) == (422, ["collect_on"])
    assert "zu früh" in outline(refused.body).text


def test_a_file_is_undone_by_who_says_that_the_bank_has_not_got_it(
    house: House, book: Book
) -> None:
    """Not by a click alone; then its link is gone, and it can not be undone again."""
    path = f"/{book.file.id}/undo"
    refused = send(house, path, {})
    assert (refused.status_code, book.file.state) == (422, "ready")
    assert "Bestätigen Sie" in outline(refused.body).text
    book.refuses = Permanent("sent", "A statement shows it.")
    assert "bei der Bank" in outline(send(house, path, {"is_sure": "yes"}).body).text
    book.refuses = None
    assert send(house, path, {"is_sure": "yes"}).headers["Location"].endswith("?done=undo")
    page = shown(house, "?done=undo")
    assert "https://files/k" not in page.links
    assert "Die Bank hat diese Datei nicht" not in page.text


def test_who_was_slower_or_comes_from_elsewhere_changes_nothing(house: House, book: Book) -> None:
    """A mandate that is not there is not taken back; a foreign form is refused."""
    book.refuses = Conflict("faster", "Drawn on meanwhile.")
    assert send(house, "/revoke", {"reference": "M-1"}).status_code == 409
    assert send(house, "/revoke", {"reference": "M-9"}).status_code == 404
    assert house.post("/console/direct-debits/mandates", NEW).status_code == 403
    assert sorted(book.kept) == ["M-1", "M-2"]
