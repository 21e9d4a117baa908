"""Reading the lists of everything that is open, while orders go from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.payment import open_items
from chalicelib.store.worklists import Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def waiting(order_id: str, version: int) -> Waiting:
    """Return an order as a list shows it."""
    return Waiting(order_id=order_id, number=order_id, summary={}, version=version)


class MovingLists:
    """Two lists; an order leaves the first one when that has been read."""

    def everything(self, _: str, worklist: str) -> Iterator[Waiting]:
        """Yield one list."""
        place = open_items.OPEN.index(worklist)
        if place == 0:
            yield waiting("a", 1)
        if place == 1:
            yield waiting("a", 2)
            yield waiting("b", 1)


def test_an_order_that_goes_from_one_list_to_the_next_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Read twice it would be owed twice, and due for collection twice."""
    monkeypatch.setattr(open_items, "Worklists", MovingLists)
    assert [one.order_id for one in open_items.heads("m")] == ["a", "b"]
