"""eBay's manners that no other shop has."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import Reply
from chalicelib.shops import ebay
from chalicelib.shops.port import Level
from tests.shops.ebay import Shop
from tests.shops.outside import reply


class RefusingShop(Shop):
    """A shop that takes no levels at all."""

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Refuse the call as a whole."""
        if path == ebay.LEVELS:
            return reply({"errors": [{"errorId": 25709, "message": "Invalid request."}]}, 400)
        return super().answer(method, path, query, data)


def test_levels_that_are_refused_as_a_whole_are_an_error() -> None:
    """There is no answer for each SKU then, and silence must not be taken for a yes."""
    with pytest.raises(Permanent, match="Invalid request"):
        ebay.set_levels(RefusingShop(), [Level(sku="A", available=1)])
