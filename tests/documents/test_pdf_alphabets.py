"""No name stops an invoice: every alphabet is printed, or shown by name or code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.documents.characters import printable
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from tests.documents import reading, samples


@pytest.mark.parametrize(
    "name",
    ["王小明", "김철수", "山田 太郎", "محمد علي", "דוד כהן", "สมชาย ใจดี", "अमित शर्मा", "Anna 🔥"],
)
def test_a_name_in_any_alphabet_stands_on_the_invoice(name: str) -> None:
    """With fonts of the layer, embedded as subsets; a picture by its name."""
    pdf = render("invoice", freeze(samples.invoice(bill_to=replace(samples.CUSTOMER, name=name))))
    assert reading.faults(pdf) == []
    assert len(pdf) < 90_000
    text = reading.text_of(pdf)
    # A reader may hand back letters that run from the right in their other order.
    assert all(sign in text for sign in printable(name).replace(" ", ""))


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_whatever_is_typed_is_printed(text: str) -> None:
    """Any mixture of letters, marks and signs of the world makes a sound document."""
    line = replace(samples.lines(1)[0], name=f"x {text}")
    assert render("invoice", freeze(samples.invoice(lines=(line,)))).startswith(b"%PDF")
