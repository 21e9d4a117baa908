"""The stores twice: in memory, as most tests use them, and real on the local engine."""

from __future__ import annotations

import pytest

from tests.contracts.stores import Stores, fake_stores, real_stores


@pytest.fixture(
    params=["fake", pytest.param("real", marks=pytest.mark.engine)],
)
def stores(request: pytest.FixtureRequest) -> Stores:
    """Return the stores in memory, then the real ones, with a merchant that nobody knows."""
    if request.param == "fake":
        return fake_stores("demo")
    return real_stores(request.getfixturevalue("merchant"))
