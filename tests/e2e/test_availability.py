"""What a page of a shop sees through the gateway: anybody's browser, a cache, no token."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPResponse
from urllib.error import HTTPError

import pytest

from local.demo import SETTINGS
from tests.e2e.conftest import Merchant

pytestmark = pytest.mark.e2e
PAGE = {"Origin": "https://shop.example"}


def ask(merchant: Merchant, query: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """Ask as a browser does from another page."""
    request = urllib.request.Request(
        f"{merchant.house.url}/v1/availability?{query}", method=method, headers=PAGE | headers
    )
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=30)
    except HTTPError as error:
        return error  # type: ignore[return-value]
    return answer


def test_a_page_of_a_shop_may_ask_what_can_be_sold(merchant: Merchant) -> None:
    """Its browser asks first whether it may, and the second answer is empty."""
    merchant.stock("TEE-1", 5)
    key = f"{merchant.id}.0123456789abcdef"
    merchant.api.put("/v1/settings", SETTINGS | {"name": merchant.id, "availability_key": key})
    query = f"sku=TEE-1&sku=X&key={key}"
    may = ask(merchant, query, "OPTIONS", **{"Access-Control-Request-Method": "GET"})
    assert may.status in {200, 204}
    assert may.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in may.headers["Access-Control-Allow-Methods"]
    answer = ask(merchant, query)
    items = json.loads(answer.read())["items"]
    assert [item["available"] for item in items] == [5, None]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"].startswith("public, max-age=5")
    again = ask(merchant, query, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.read()) == (304, b"")
    refused = ask(merchant, "sku=TEE-1&key=x")
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (401, "*")
