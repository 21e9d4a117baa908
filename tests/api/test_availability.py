"""What a shop's page may ask: how much may still be sold, of what, by whom and for how long."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.domain.product import Part, Product
from chalicelib.runtime import metering
from chalicelib.store.products import Products
from tests.api.conftest import Caller

pytestmark = pytest.mark.engine


def move_into(call: Caller, *places: str) -> None:
    """Sell from these locations."""
    locations = [{"id": place, "name": place} for place in places]
    assert call("PUT", "/v1/settings", {"locations": locations}).status == 200


def stock(call: Caller, sku: str, on_hand: int, location: str = "main") -> None:
    """Put units on a shelf."""
    body = {"on_hand": on_hand, "location": location}
    assert call("PUT", f"/v1/products/{sku}", body).status == 200


def opened(call: Caller, cap: int = 0) -> str:
    """Let everybody ask who knows the key; it is returned."""
    key = f"{call.merchant}.a-key-for-the-pages_of-shops"
    settings = {"availability_key": key, "availability_cap": cap}
    assert call("PUT", "/v1/settings", settings).status == 200
    return key


def public(call: Caller) -> Caller:
    """Return somebody without a token."""
    return Caller(call.client, call.merchant, "")


def counts(answer: Any) -> dict[str, Any]:
    """Return what is available by SKU."""
    return {item["sku"]: item["available"] for item in answer.json["items"]}


def test_availability_is_what_a_shop_may_still_sell(call: Caller) -> None:
    """Of several SKUs at once, over all locations; unknown ones have none."""
    move_into(call, "main", "berlin")
    stock(call, "A", 5)
    stock(call, "A", 2, "berlin")
    answer = call("GET", "/v1/availability?sku=A,B")
    assert answer.json["items"] == [
        {
            "sku": "A",
            "available": 7,
            "more": False,
            "backorder": False,
            "preorder": False,
            "expected_on": None,
        },
        {"sku": "B", "available": None},
    ]
    assert counts(call("GET", "/v1/availability?sku=B&sku=A,A")) == {"B": None, "A": 7}


def test_it_says_when_the_rest_comes(call: Caller) -> None:
    """A page may take an order for what is on its way."""
    day = date(2026, 12, 24)
    Products().put(call.merchant, Product(sku="A", backorder=True, expected_on=day))
    [item] = call.get("/v1/availability?sku=A")["items"]
    assert (item["available"], item["backorder"]) == (0, True)
    assert item["expected_on"] == "2026-12-24"


def test_a_bundle_is_as_many_as_its_scarcest_part_makes(call: Caller) -> None:
    """It has no units of its own."""
    stock(call, "A", 5)
    stock(call, "B", 9)
    parts = (Part(sku="A", quantity=2), Part(sku="B"))
    Products().put(call.merchant, Product(sku="SET", parts=parts))
    assert counts(call("GET", "/v1/availability?sku=SET")) == {"SET": 2}
    Products().put(call.merchant, Product(sku="HALF", parts=(*parts, Part(sku="GONE"))))
    assert counts(call("GET", "/v1/availability?sku=HALF")) == {"HALF": 0}


def test_between_one_and_a_hundred_skus_are_answered(call: Caller) -> None:
    """Anything else names the field."""
    for bad in ("", "?sku=", "?sku=,", "?sku=" + ",".join(f"s{n}" for n in range(101))):
        assert call("GET", f"/v1/availability{bad}").json["field"] == "sku"


def test_a_page_asks_with_the_merchants_public_key(call: Caller) -> None:
    """Without a token; a wrong key or none opens nothing, and another's is another's stock."""
    stock(call, "A", 5)
    key, page = opened(call), public(call)
    assert counts(page("GET", f"/v1/availability?sku=A&key={key}")) == {"A": 5}
    for wrong in (f"{key}x", call.merchant, f"{call.merchant}.", ".", "_merchants.x", ""):
        answer = page("GET", f"/v1/availability?sku=A&key={wrong}")
        assert answer.problem() == (401, "bad_key")
    assert page("GET", "/v1/availability?sku=A").status == 401
    other = call.other()
    assert counts(page("GET", f"/v1/availability?sku=A&key={opened(other)}")) == {"A": None}
    assert call("PUT", "/v1/settings", {}).status == 200
    assert page("GET", f"/v1/availability?sku=A&key={key}").status == 401


def test_competitors_learn_no_more_than_the_merchant_likes(call: Caller) -> None:
    """More than the cap is just more; the merchant's own token sees all."""
    stock(call, "A", 50)
    stock(call, "B", 3)
    key = opened(call, cap=10)
    items = public(call).get(f"/v1/availability?sku=A,B&key={key}")["items"]
    assert [(item["available"], item["more"]) for item in items] == [(10, True), (3, False)]
    assert counts(call("GET", "/v1/availability?sku=A")) == {"A": 50}


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"availability_key": "short"}, "availability_key"),
        ({"availability_key": "other.0123456789abcdef"}, "availability_key"),
        ({"availability_key": "{m}.0123456789abcdé!"}, "availability_key"),
        ({"availability_cap": -1}, "availability_cap"),
    ],
)
def test_a_key_must_say_whose_it_is_and_be_hard_to_guess(
    call: Caller, settings: dict[str, Any], field: str
) -> None:
    """The problem names the field."""
    body = {
        name: value.replace("{m}", call.merchant) if isinstance(value, str) else value
        for name, value in settings.items()
    }
    answer = call("PUT", "/v1/settings", body)
    assert (answer.problem(), answer.json["field"]) == ((400, "bad_field"), field)


def test_an_answer_may_be_kept_for_seconds_and_asked_again_for_nothing(call: Caller) -> None:
    """By any cache with a key, by none but the asker's own with a token."""
    stock(call, "A", 5)
    key = opened(call)
    path = f"/v1/availability?sku=A&key={key}"
    first = public(call)("GET", path)
    assert first.headers["Cache-Control"] == "public, max-age=5, stale-while-revalidate=30"
    tag = first.headers["ETag"]
    for sent in (tag, f"W/{tag}", f'"x", {tag}'):
        again = public(call)("GET", path, **{"If-None-Match": sent})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    stock(call, "A", 4)
    newer = public(call)("GET", path, **{"If-None-Match": tag})
    assert (newer.status, counts(newer)) == (200, {"A": 4})
    assert call("GET", "/v1/availability?sku=A").headers["Cache-Control"].startswith("private,")


def test_pages_of_any_shop_may_ask(call: Caller) -> None:
    """The answer says so, also when it is a problem, and so does the browser's question before."""
    key = opened(call)
    for path in (f"/v1/availability?sku=A&key={key}", "/v1/availability?sku=A&key=x"):
        answer = public(call)("GET", path, Origin="https://shop.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    # Chalice's own test client fails on an answer without a body.
    gateway = call.client.http._local_gateway
    asked = gateway.handle_request("OPTIONS", "/v1/availability", {"Origin": "https://x.de"}, b"")
    assert asked["headers"]["Access-Control-Allow-Origin"] == "*"
    assert "GET" in asked["headers"]["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("skus", "places", "units", "calls"),
    [
        ("AB", ("main", "berlin", "wien"), 1.0, 2),
        ("ABCDE", ("main", "berlin", "wien"), 2.5, 5),
        ("ABCDE", ("main",), 5.0, 1),
    ],
)
def test_a_sku_costs_at_most_one_read_unit(
    call: Caller,
    monkeypatch: pytest.MonkeyPatch,
    skus: str,
    places: tuple[str, ...],
    units: float,
    calls: int,
) -> None:
    """Half a one in a query of its own; many at one location cost one each, in a single call."""
    move_into(call, *places)
    for sku in skus:
        for location in places:
            stock(call, sku, 5, location)
    path = f"/v1/availability?sku={','.join(skus)}"
    call("GET", path)  # token and settings are known from here on
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(metering, "_calls", counted)
    watched = metering._watched(BaseClient._make_api_call)
    monkeypatch.setattr(BaseClient, "_make_api_call", watched)
    call.get(path)
    assert sum(one["read"] for one in counted if "read" in one) == units <= len(skus)
    assert len(counted) == calls


def test_a_sku_longer_than_any_is_refused_by_name(call: Caller) -> None:
    """The route is open to everybody: what no key of the database can be must not alarm anybody."""
    answer = public(call)("GET", f"/v1/availability?sku={'A' * 1100}&key={opened(call)}")
    assert answer.problem() == (400, "bad_field")
