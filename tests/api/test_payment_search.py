"""Looking for a payment: by what people remember of it, among the newest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chalicelib.api import payment_search
from chalicelib.api.payment_search import amount_of
from tests.api.conftest import Caller
from tests.api.test_statements import camt, entry, place, quiet, send

__all__ = ["quiet"]  # a fixture of the tests of statements
engine = pytest.mark.engine


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"), ("12,5", "12.5"), ("1.234,50 €", "1234.50"), ("1,234.50", "1234.50"),
        ("EUR 1.234", "1234"), ("-9,99", "9.99"), ("10421", "10421"), ("RE-7", None), ("", None),
        ("1,2,3", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(text: str, amount: str | None) -> None:
    """Commas and points either way; what is no amount is looked for as text only."""
    assert amount_of(text) == (Decimal(amount) if amount else None)


def names(call: Caller, search: str, state: str = "unmatched") -> list[str]:
    """Return the payers that a search finds."""
    path = f"/v1/payments?state={state}&search={search.replace(' ', '%20')}"
    return [one["payer"] for one in call.get(path)["items"]]


@pytest.mark.usefixtures("aws")
@engine
def test_a_payment_is_found_by_what_is_remembered_of_it(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All words in whatever order, blanks or not, or the amount; the newest first."""
    place(call, "10421")
    send(
        call,
        camt(
            entry("500.00", "Danke f. alles 77 88", "Otto Fremd"),
            entry("31.40", "Miete", "Ida Fremd").replace("2026-11-24", "2026-11-20"),
            entry("10.00", "Bestellung 10421", "Anna Beispiel"),
        ),
    )
    assert names(call, "fremd otto") == names(call, "7788") == names(call, "500") == ["Otto Fremd"]
    assert names(call, "31,40 EUR") == ["Ida Fremd"]
    assert names(call, "fremd") == ["Otto Fremd", "Ida Fremd"]
    assert names(call, "nobody") == names(call, "anna") == []
    assert names(call, "10421", "booked") == ["Anna Beispiel"]
    whole = call.get("/v1/payments?search=fremd")
    assert (whole["searched"], whole["is_all"], whole["next"]) == (2, True, None)
    monkeypatch.setattr(payment_search, "MOST", 1)
    newest = call.get("/v1/payments?search=fremd")
    assert (newest["searched"], newest["is_all"]) == (1, False)
    assert newest["items"] == whole["items"][:1]
