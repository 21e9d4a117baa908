"""What a merchant chooses for his documents, and what he sees of it before it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.api.previews import KINDS
from chalicelib.documents import drafts, parcel_papers, preview_job
from chalicelib.documents.electronic import embedded
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from chalicelib.documents.specimen import specimen
from chalicelib.domain.events import LineQuantity, StockReserved, Units
from chalicelib.store import codec
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.merchants import Settings
from tests.documents import reading, samples
from tests.events import NOW, order, paid, reserved
from tests.fakes import SETTINGS

MARKUP = '#read("x") *bold* [y] $z$ <b>'
CHOSEN = replace(
    SETTINGS,
    documents_intro_de=MARKUP,
    documents_closing_de="Bis bald!",
    documents_footer_de="Gerichtsstand Leipzig",
)


def test_a_merchants_texts_stand_on_his_invoices_as_he_wrote_them() -> None:
    """Markup is printed literally, and his closing and small print come after the sums."""
    pdf = render("invoice", freeze(drafts.invoice(order(paid()), CHOSEN, number="1", now=NOW)))
    text = " ".join(reading.text_of(pdf).split())
    assert text.index(MARKUP) < text.index("Bis bald!") < text.index("Gerichtsstand Leipzig")


def test_a_text_in_one_language_is_not_printed_in_another() -> None:
    """Who wrote nothing in English gets our sentence there."""
    one = order(paid())
    english = replace(one, bought=replace(one.bought, locale="en-GB"))
    facts = drafts.invoice(english, CHOSEN, number="1", now=NOW)
    assert (facts.intro, facts.notes, facts.small_print) == ("", (), "")


@pytest.mark.parametrize(
    ("column", "gone"),
    [("position", "Pos."), ("sku", "Art.-Nr."), ("tax_rate", "USt."), ("discount", "Rabatt")],
)
def test_a_column_can_be_left_out(column: str, gone: str) -> None:
    """Each stands there unless the merchant does not want it."""
    line = replace(samples.lines(1)[0], discount=100, total=1190)
    facts = samples.invoice(lines=(line,), charges=())
    with_it = reading.text_of(render("invoice", freeze(facts)))
    without = reading.text_of(render("invoice", freeze(replace(facts, hidden=(column,)))))
    head = "darin" if column == "tax_rate" else "zzzz"
    assert gone in with_it.partition(head)[0]
    assert gone not in without.partition(head)[0]


def test_rates_are_shown_where_there_are_several() -> None:
    """An invoice of two rates says which line has which, whatever was chosen."""
    facts = samples.invoice(2, hidden=("tax_rate",))
    assert "USt." in reading.text_of(render("invoice", freeze(facts))).partition("darin")[0]


def test_a_merchant_may_have_packing_slips() -> None:
    """The paper in the parcel is called so, and is the delivery note all the same."""
    settings = replace(SETTINGS, documents_packing_slip=True)
    facts = parcel_papers.delivery_note(
        order(paid(), reserved()),
        settings,
        [LineQuantity(line_id="l-TEE-1", quantity=1)],
        number="1042-1",
        now=NOW,
    )
    assert "Packzettel 1042-1" in reading.text_of(render("delivery_note", freeze(facts)))


class Desk:
    """The bucket and the orders of the job, in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        """Keep a file."""
        self.files[key] = data

    def load(self, merchant_id: str, order_id: str) -> Any:
        """Return the one order."""
        del merchant_id, order_id
        return order(paid(), reserved())


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Put what the job reaches in memory."""
    found = Desk()
    monkeypatch.setattr(preview_job, "Bucket", lambda: found)
    monkeypatch.setattr(preview_job, "Orders", lambda: found)
    return found


def asked(settings: Settings, **changes: object) -> Job:
    """Return the job of a preview."""
    usual = {"kind": "invoice", "language": "de", "lines": 1, "order_id": ""}
    cursor = {**usual, "settings": codec.plain(settings), **changes}
    return replace(new_job("demo", "preview", NOW), cursor=cursor)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_document_can_be_seen_before_it_counts(kind: str, language: str, desk: Desk) -> None:
    """With made-up goods and the merchant's own name, and marked as a sample."""
    done = preview_job.advance(asked(SETTINGS, kind=kind, language=language, lines=2), NOW)
    assert done.state == "done"
    [(key, pdf)] = desk.files.items()
    assert key.startswith("jobs/demo/")
    text = reading.text_of(pdf)
    assert SETTINGS.name in text
    assert {"de": "MUSTER", "en": "SAMPLE"}[language] in text


@pytest.mark.parametrize("kind", ["invoice", "delivery_note", "packing_slip", "pick_list"])
def test_a_document_can_be_seen_of_a_real_order(kind: str, desk: Desk) -> None:
    """What it would say of the order as it stands; no number is drawn for that."""
    preview_job.advance(asked(CHOSEN, kind=kind, order_id="demo-woo-727"), NOW)
    [pdf] = desk.files.values()
    assert "Article TEE-1" in reading.text_of(pdf)


@pytest.mark.parametrize("kind", ["invoice", "delivery_note"])
def test_two_hundred_lines_fill_pages(kind: str) -> None:
    """Each page has the head of the table."""
    facts = specimen(kind, SETTINGS, language="de", count=200, now=NOW)
    pages = reading.pages_text(render(kind, freeze(facts), is_sample=True))
    assert len(pages) > 3
    assert all("Artikel" in page for page in pages[:-1])


def test_the_ean_of_a_product_is_printed_where_the_merchant_wants_it() -> None:
    """As it was when stock was set aside: on page and delivery note, and for machines (BT-157)."""
    units = (Units(sku="TEE-1", quantity=1, weight_g=250, ean="4006381333931"),)
    one = order(StockReserved(at=NOW, units=units), paid())
    wanted = replace(SETTINGS, documents_ean=True)
    facts = drafts.invoice(one, wanted, number="1", now=NOW)
    assert "EAN 4006381333931" in reading.text_of(render("invoice", freeze(facts)))
    assert '<ram:GlobalID schemeID="0160">4006381333931<' in embedded("invoice", freeze(facts))
    assert not any(line.ean for line in drafts.invoice(one, SETTINGS, number="1", now=NOW).lines)
    pieces = (LineQuantity(line_id=one.bought.lines[0].id, quantity=2),)
    note = parcel_papers.delivery_note(one, wanted, pieces, number="1", now=NOW)
    text = reading.text_of(render("delivery_note", freeze(note)))
    assert "EAN 4006381333931" in text
    assert "0,5 kg" in text


def test_a_weight_that_is_not_whole_is_not_printed() -> None:
    """Where one article's weight is not known, the note names none."""
    units = (Units(sku="TEE-1", quantity=1),)
    one = order(StockReserved(at=NOW, units=units))
    pieces = (LineQuantity(line_id=one.bought.lines[0].id, quantity=1),)
    assert parcel_papers.delivery_note(one, SETTINGS, pieces, number="1", now=NOW).weight_g == 0
