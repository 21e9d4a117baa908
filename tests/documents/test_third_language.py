"""A further language is data: a file of words, and a line about how it writes numbers."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from chalicelib.documents import wording
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from chalicelib.documents.wording import FOLDER, LANGUAGES, WORDS, read
from tests.documents import paper_samples, reading, samples

if TYPE_CHECKING:
    from pathlib import Path

    from chalicelib.documents.papers import Paper

MADE: dict[str, Paper] = {
    "invoice": samples.unpaid(language="fr"),
    "credit_note": samples.credit_note(language="fr"),
    "delivery_note": samples.delivery_note(language="fr"),
    "packing_slip": paper_samples.packing_slip(language="fr"),
    "pick_list": paper_samples.pick_list(language="fr"),
    "return_slip": paper_samples.return_slip(language="fr"),
    "credit_balance": paper_samples.credit_balance(language="fr"),
    "payment_reminder": paper_samples.reminder(language="fr"),
    "label": samples.label(language="fr"),
}


@pytest.fixture(autouse=True)
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay a third file beside the two, with every word marked, and read the folder as we do."""
    for path in FOLDER.glob("*.json"):
        shutil.copy(path, tmp_path)
    said = json.loads((tmp_path / "en.json").read_text(encoding="utf-8"))
    said["words"]["invoice"] = "Facture"
    said["words"]["page"] = "Feuille"
    (tmp_path / "fr.json").write_text(json.dumps(said), encoding="utf-8")
    found = read(tmp_path)["fr"]
    monkeypatch.setitem(wording.LANGUAGES, "fr", found)
    monkeypatch.setitem(wording.WORDS, "fr", found["words"])


@pytest.mark.parametrize("kind", MADE)
def test_a_third_language_makes_every_document(kind: str) -> None:
    """No code knows which languages there are."""
    assert reading.claims(render(kind, freeze(MADE[kind])))["language"] == "fr"


def test_a_third_language_writes_its_own_words_and_numbers() -> None:
    """Words come from its file, and amounts and days are as its readers expect them."""
    text = reading.text_of(render("invoice", freeze(samples.unpaid(language="fr"))))
    assert "Facture" in text
    assert "Feuille 1" in text
    assert "54,90 €" in text
    assert "23/11/2026" in text


def test_the_product_itself_is_german_and_english() -> None:
    """The test's own language is not shipped."""
    shipped = {path.stem for path in FOLDER.glob("*.json")}
    assert shipped == {"de", "en"}
    assert set(LANGUAGES) == set(WORDS) == {*shipped, "fr"}
