"""Orders as callers see them: lists page by page, one order whole, and its timeline."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chalicelib.domain.events import EffectIntended, MessageSent
from chalicelib.domain.order import LineKind, order_id
from tests.api.conftest import Caller
from tests.events import NOW, bought, line, order, paid, reserved
from tests.histories import authorized_return, document, number_of, refund, shipped

pytestmark = pytest.mark.engine
DONE = [paid(), reserved(), document("invoice"), *shipped(1, {"l-TEE-1": 1})]


def pages(call: Caller, path: str, limit: int) -> list[list[str]]:
    """Walk a list to its end."""
    found: list[list[str]] = []
    cursor = ""
    for _ in range(20):
        sign = "&" if "?" in path else "?"
        told = call.get(f"{path}{sign}limit={limit}{cursor}")
        found.append([item["id"] for item in told["items"]])
        if told["next"] is None:
            return found
        cursor = f"&cursor={told['next']}"
    raise AssertionError(path)


def walked(call: Caller, path: str, limit: int) -> list[str]:
    """Return all that a list shows, page after page."""
    return sorted(name for page in pages(call, path, limit) for name in page)


def test_every_list_is_walked_page_by_page(call: Caller) -> None:
    """No order twice, none left out, over lists that are several one after the other."""
    for number in range(3):
        call.place(name=f"u{number}", what=bought(external_id=f"u{number}"))
    call.place(paid(), name="t1")
    for number in range(2):
        call.place(*DONE, name=f"s{number}")
    assert walked(call, "/v1/orders?worklist=unpaid", 2) == ["u0", "u1", "u2"]
    assert walked(call, "/v1/orders", 2) == ["t1", "u0", "u1", "u2"]
    assert walked(call, "/v1/orders?worklist=all", 2) == ["s0", "s1", "t1", "u0", "u1", "u2"]
    assert max(map(len, pages(call, "/v1/orders?worklist=all", 4))) <= 4
    assert walked(call, "/v1/orders?worklist=returns", 2) == []


def test_orders_are_found_by_number_and_by_the_shops_id(call: Caller) -> None:
    """What customers call an order, and what the shop does."""
    shop = call("POST", "/v1/connections", {
        "kind": "woocommerce", "secrets": {"webhook_secret": "long enough".replace(" ", "-")},
    }).json["id"]  # fmt: skip
    name = order_id(shop, "727")
    call.place(name=name, what=bought(connection_id=shop, number="A-1042"))
    assert [x["id"] for x in call.get("/v1/orders?number=A-10")["items"]] == [name]
    assert [x["id"] for x in call.get("/v1/orders?external_id=727")["items"]] == [name]
    assert call.get("/v1/orders?external_id=728")["items"] == []
    assert call.get("/v1/orders?number=1042")["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("worklist=nonsense", "worklist"),
        ("worklist=", "worklist"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%C3%A4", "cursor"),
    ],
)
def test_a_query_we_cannot_read_names_its_field(call: Caller, query: str, field: str) -> None:
    """400 and the field, never an empty list instead."""
    answer = call("GET", f"/v1/orders?{query}")
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field


def cursor(value: Any) -> str:
    """Write a cursor as we do."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def key(merchant: str, **changes: Any) -> dict[str, Any]:
    """Return the key of an order on the list of the unpaid."""
    names = {"pk": f"{merchant}#o1", "sk": "HEAD", "list": f"{merchant}#unpaid",
             "since": "2026-11-23T08:00:00.000Z"}  # fmt: skip
    return {name: {"S": value} for name, value in names.items()} | changes


def test_a_cursor_that_was_changed_is_refused(call: Caller) -> None:
    """Whatever callers make of it: 400, and never another merchant's orders."""
    mine = call.merchant
    other = call.other()
    other.place()
    broken = [
        1, [], "x", True, {}, {"part": 0}, {"part": -1, "key": None}, {"part": 1, "key": None},
        {"part": "0", "key": None}, {"part": 0, "key": 1}, {"part": 0, "key": {}},
        {"part": 0, "key": key(mine), "more": 1},
        {"part": 0, "key": key(mine, more={"S": "x"})},
        {"part": 0, "key": key(mine, since={"N": "1"})},
        {"part": 0, "key": key(mine, since={"S": ""})},
        {"part": 0, "key": key(mine, since={"S": ["x"]})},
        {"part": 0, "key": key(mine, list={"S": f"{other.merchant}#unpaid"})},
        {"part": 0, "key": key(other.merchant)},
    ]  # fmt: skip
    for value in broken:
        answer = call("GET", f"/v1/orders?worklist=unpaid&cursor={cursor(value)}")
        assert answer.problem() == (400, "bad_field"), value
    fine = call.get(f"/v1/orders?worklist=unpaid&cursor={cursor({'part': 0, 'key': key(mine)})}")
    assert fine["items"] == []
    for path in ("/v1/payments", "/v1/products"):
        for value in (1, {}, "x", key(other.merchant), {"pk": {"S": mine}}):
            answer = call("GET", f"{path}?cursor={cursor(value)}")
            assert answer.problem() == (400, "bad_field"), (path, value)


def test_an_order_shows_everything_about_itself(call: Caller) -> None:
    """The shapes that callers rely on."""
    what = bought(
        line(quantity=2), line(None, price="4.90", kind=LineKind.SHIPPING, line_id="post"),
        note="Bitte klingeln",
    )  # fmt: skip
    sent = MessageSent(at=NOW, kind="order_confirmation", to="anna@example.com", message_id="m")
    call.place(
        paid("24.90"), reserved(quantity=2), document("invoice", number="RE-1"),
        *shipped(1, {"l-TEE-1": 2}), sent, EffectIntended(at=NOW, effect="mail:payment_received:"),
        authorized_return(lines={"l-TEE-1": 1}), refund("1.00"), what=what,
    )  # fmt: skip
    told = call.get("/v1/orders/o1")
    assert (told["id"], told["number"], told["external_id"]) == ("o1", "1042", "727")
    assert told["totals"]["total"] == {"amount": "24.90", "currency": "EUR"}
    assert told["totals"]["shipping"] == {"amount": "4.90", "currency": "EUR"}
    assert told["totals"]["difference"] == {"amount": "0.00", "currency": "EUR"}
    assert told["states"] == {
        "order": "accepted", "payment": "partially_refunded", "stock": "reserved",
        "fulfillment": "shipped", "invoice": "issued", "return": "authorized",
    }  # fmt: skip
    first = told["lines"][0]
    assert (first["sku"], first["quantity"], first["tax_rate"]) == ("TEE-1", 2, "19")
    assert [(x["kind"], x["amount"]["amount"]) for x in told["payments"]] == [
        ("payment", "24.90"), ("refund", "1.00"),
    ]  # fmt: skip
    assert [x["kind"] for x in told["documents"]] == ["invoice", "delivery_note"]
    assert told["shipments"][0]["tracking_number"] == number_of(1)
    assert [(x["kind"], x["state"]) for x in told["messages"]] == [
        ("order_confirmation", "sent"), ("payment_received", "unknown"),
    ]  # fmt: skip
    assert told["returns"][0]["state"] == "authorized"
    assert told["blockers"] == []
    assert told["worklist"] == "returns"
    assert "secret" in told["customer_url"]  # the order's own token, in its own address


def test_the_timeline_tells_every_fact_in_order(call: Caller) -> None:
    """With its moment and its details, but not the secret of the customer's page."""
    call.place(paid(), reserved())
    items = call.get("/v1/orders/o1/timeline")["items"]
    assert [item["fact"] for item in items] == [
        "OrderReceived", "OrderAccepted", "PaymentReceived", "StockReserved",
    ]  # fmt: skip
    assert items[2]["details"]["amount"] == {"amount": "10.00", "currency": "EUR"}
    assert all(item["at"] == "2026-11-23T08:00:00.000Z" for item in items)
    assert "secret" not in json.dumps(items)


def test_the_timeline_can_be_read_as_it_stood_at_a_moment(call: Caller) -> None:
    """Facts of later are left out; a moment must name its zone."""
    later = paid(at=NOW.replace(hour=12))
    call.place(later)
    assert len(call.get("/v1/orders/o1/timeline?at=2026-11-23T11:59:59Z")["items"]) == 2
    assert len(call.get("/v1/orders/o1/timeline?at=2026-11-23T13:00:00%2B01:00")["items"]) == 3
    for bad in ("yesterday", "2026-11-23T11:59:59", "2026-13-01T00:00:00Z"):
        answer = call("GET", f"/v1/orders/o1/timeline?at={bad}")
        assert answer.json["field"] == "at"


def test_a_document_is_opened_by_a_link_that_does_not_last(call: Caller) -> None:
    """302 to the archive, signed; an index that does not exist is 404."""
    call.place(*DONE)
    answer = call("GET", "/v1/documents/o1-1")
    assert answer.status == 302
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Amz-Expires=900" in answer.headers["Location"]
    for name in ("o1-0", "o1-9", "o1--1", "o1-x", "o1", "o9-1", "o1-1.5"):
        assert call("GET", f"/v1/documents/{name}").problem() == (404, "not_found")


def test_amounts_of_other_currencies_keep_their_decimals(call: Caller) -> None:
    """Yen have none."""
    one = order().bought.lines[0]
    yen = type(one.total)(minor=1200, currency="JPY")
    item = type(one)(id="l1", sku="A", name="A", quantity=1, unit_price=yen, total=yen,
                     tax=type(yen)(minor=109, currency="JPY"), tax_rate=one.tax_rate)  # fmt: skip
    what = bought(one, currency="JPY")
    call.place(what=type(what)(**{
        name: getattr(what, name) for name in what.__dataclass_fields__
    } | {"lines": (item,), "total": yen}))  # fmt: skip
    assert call.get("/v1/orders/o1")["totals"]["total"] == {"amount": "1200", "currency": "JPY"}
