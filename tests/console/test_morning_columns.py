"""The morning's table by provider shows what moved, and no columns of noughts."""

from __future__ import annotations

from chalicelib.domain import events
from tests.console.conftest import House, outline
from tests.console.test_payments import Moneys, came, moneys, named
from tests.events import NOW, eur

__all__ = ["moneys"]  # a fixture of the tests of the page


def test_a_column_in_which_nothing_stands_is_left_out(house: House, moneys: Moneys) -> None:
    """Most mornings nobody took money back, and the table fits beside the chart."""
    house.keep(named(1, came(1)))
    page = outline(house.get("/console/payments").body).text
    assert "Eingang" in page
    assert "Zurückgebucht" not in page
    gone = events.ChargebackRecorded(
        at=NOW, source="stripe", reference="d", amount=eur("1.00"), booked_at=NOW
    )
    house.keep(named(2, came(2), gone))
    page = outline(house.get("/console/payments").body).text
    assert "Zurückgebucht" in page
    assert "19,00" in page.replace("\u00a0", " ")
