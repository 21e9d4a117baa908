"""Shops that keep levels, joined to us as a kind of their own."""

from __future__ import annotations

import pytest

from chalicelib.shops import port, reach
from tests.stock.shops import KeepingShop


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> KeepingShop:
    """Let `faked` be a kind of shop, with one SKU in it."""
    found = KeepingShop(levels={"A": 0})
    monkeypatch.setitem(port.PROVIDERS, "faked", "tests.faked")
    monkeypatch.setattr(port, "shop", lambda kind: found)
    monkeypatch.setattr(reach, "shop", lambda kind: found)
    return found
