"""Money that waits for its order: listed, given to one order by a person, booked once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.store.payments import ParkedPayment, Payments
from tests.api.conftest import Caller
from tests.events import NOW, bought, eur, line

pytestmark = pytest.mark.engine
PARKED = ParkedPayment(
    id="stripe:received:pi_1", kind="received", source="stripe", reference="pi_1",
    order_reference="?", payer="Anna", amount=eur("10.00"), booked_at=NOW, delivery_id="",
)  # fmt: skip
MATCH = "/v1/payments/stripe:received:pi_1/match"


def park(call: Caller, **changes: Any) -> None:
    """Let a movement wait."""
    Payments().park(call.merchant, replace(PARKED, **changes), NOW)


def waiting(call: Caller) -> list[dict[str, Any]]:
    """Return what waits."""
    items: list[dict[str, Any]] = call.get("/v1/payments?state=unmatched")["items"]
    return items


def test_a_movement_without_an_order_is_listed_until_it_has_one(call: Caller) -> None:
    """With amount, payer and what the provider said; then it is on its order."""
    park(call)
    call.place()
    [shown] = waiting(call)
    assert (shown["amount"]["amount"], shown["payer"], shown["remittance"]) == (
        "10.00", "Anna", "?",
    )  # fmt: skip
    told = call("POST", MATCH, {"order_id": "o1"}).json
    assert told["states"]["payment"] == "paid"
    assert waiting(call) == []


def test_giving_it_twice_books_it_once(call: Caller) -> None:
    """A repeated request changes nothing."""
    park(call)
    call.place()
    for _ in range(2):
        assert call("POST", MATCH, {"order_id": "o1"}).status == 200
    assert len(call.get("/v1/orders/o1")["payments"]) == 1


def test_the_same_money_is_never_booked_on_two_orders(call: Caller) -> None:
    """Not after it was booked, and not while somebody else is about to."""
    park(call)
    call.place()
    call.place(name="o2")
    call("POST", MATCH, {"order_id": "o1"})
    assert call("POST", MATCH, {"order_id": "o2"}).problem() == (409, "matched")
    park(call, id="stripe:received:pi_2", reference="pi_2")
    Payments().claim(call.merchant, "stripe:received:pi_2", "o1")
    second = call("POST", MATCH.replace("pi_1", "pi_2"), {"order_id": "o2"})
    assert second.problem()[0] == 409
    assert call.get("/v1/orders/o2")["payments"] == []
    assert len(waiting(call)) == 1


def test_what_cannot_be_matched_says_why(call: Caller) -> None:
    """Unknown movement, unknown order, another currency, no order named."""
    park(call)
    call.place()
    yen = replace(PARKED.amount, currency="JPY")
    park(call, id="stripe:received:jpy", reference="jpy", amount=yen)
    unknown = call("POST", "/v1/payments/nonsense/match", {"order_id": "o1"})
    assert unknown.problem() == (404, "not_found")
    assert call("POST", MATCH, {"order_id": "o9"}).problem() == (404, "not_found")
    foreign = call("POST", MATCH.replace("pi_1", "jpy"), {"order_id": "o1"})
    assert foreign.problem() == (422, "wrong_currency")
    assert call("POST", MATCH, {}).problem() == (400, "bad_field")
    assert len(waiting(call)) == 2


def test_the_list_is_read_page_by_page(call: Caller) -> None:
    """Oldest first, each once."""
    for number in range(3):
        park(call, id=f"stripe:received:{number}", reference=f"{number}")
    first = call.get("/v1/payments?limit=2")
    second = call.get(f"/v1/payments?limit=2&cursor={first['next']}")
    shown = [item["reference"] for item in (*first["items"], *second["items"])]
    assert sorted(shown) == ["0", "1", "2"]
    assert call("GET", "/v1/payments?state=matched").json["field"] == "state"


def test_money_of_other_merchants_is_not_shown(call: Caller) -> None:
    """Each has its own list."""
    park(call)
    other = call.other()
    other.place(what=bought(line()))
    assert waiting(other) == []
    assert other("POST", MATCH, {"order_id": "o1"}).problem() == (404, "not_found")


def test_what_belongs_to_no_order_is_put_aside_and_taken_back(call: Caller) -> None:
    """A movement in another currency, say: it waits no more, and nothing books it by itself."""
    park(call, order_reference="1042")
    said = call("POST", "/v1/payments/stripe:received:pi_1/ignore", {"reason": "not ours"})
    assert (said.status, said.json["note"]) == (200, "not ours")
    assert waiting(call) == []
    [shown] = call.get("/v1/payments?state=ignored")["items"]
    assert (shown["id"], shown["note"]) == ("stripe:received:pi_1", "not ours")
    assert Payments().awaiting(call.merchant, order="1042") == []
    call.place()
    assert call("POST", MATCH, {"order_id": "o1"}).problem() == (409, "matched")
    again = call("POST", "/v1/payments/stripe:received:pi_1/ignore", {})
    assert again.problem() == (409, "matched")
    assert call("POST", "/v1/payments/stripe:received:pi_1/undo", {}).status == 200
    assert [one["id"] for one in waiting(call)] == ["stripe:received:pi_1"]
    assert Payments().awaiting(call.merchant, order="1042") == ["stripe:received:pi_1"]
    assert call("POST", "/v1/payments/stripe:received:pi_1/undo", {}).problem() == (409, "matched")
    assert call("POST", MATCH, {"order_id": "o1"}).status == 200
    ignored = call("POST", "/v1/payments/stripe:received:pi_1/ignore", {})
    assert ignored.problem() == (409, "matched")


def test_what_was_put_aside_has_pages_with_the_banks(call: Caller) -> None:
    """Each once, those of providers first."""
    for n in range(3):
        park(call, id=f"stripe:received:pi_{n}", reference=f"pi_{n}")
        call("POST", f"/v1/payments/stripe:received:pi_{n}/ignore", {})
    found, query = list[str](), "/v1/payments?state=ignored&limit=2"
    page = call.get(query)
    found += [one["id"] for one in page["items"]]
    page = call.get(f"{query}&cursor={page['next']}")
    found += [one["id"] for one in page["items"]]
    assert found == [f"stripe:received:pi_{n}" for n in range(3)]
