"""Who may call: a merchant with its token for its own things, the owner with the root token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.conftest import ROOT_TOKEN
from tests.events import paid, reserved
from tests.histories import authorized_return, document, shipped

pytestmark = pytest.mark.engine
OPEN = {"/healthz", "/openapi.json"}


def routes(call: Caller) -> list[tuple[str, str, str]]:
    """Return every method, path and media type under /v1, with ids of things that exist."""
    described = call.get("/openapi.json")["paths"]
    ids = {"{order_id}": "o1", "{document_id}": "o1-1", "{return_id}": "R1", "{sku}": "A",
           "{payment_id}": "p1", "{connection_id}": f"{call.merchant}-c1",
           "{merchant_id}": "someone"}  # fmt: skip
    found = []
    for path, ways in described.items():
        filled = path
        for name, value in ids.items():
            filled = filled.replace(name, value)
        for method, way in ways.items():
            media = next(iter(way.get("requestBody", {}).get("content", {})), "application/json")
            found.append((method.upper(), filled, media))
    return found


def test_no_route_answers_without_a_token(call: Caller) -> None:
    """Everything under /v1 asks who is calling, before it looks at anything else."""
    stranger = replace(call, token="")
    every = routes(call)
    assert len(every) > 25
    for method, path, media in every:
        answer = stranger(method, path, {}, **{"Content-Type": media})
        assert answer.problem() == (401, "no_token"), (method, path)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "Bearer {other}", "Bearer {merchant}.", "Bearer {cut}",
     "Bearer {token}x", "Bearer _merchants.x", "Bearer " + "x" * 5000 + ".y", "Bearer ü.x"],
)  # fmt: skip
def test_a_wrong_token_opens_nothing(call: Caller, header: str) -> None:
    """Cut off, lengthened, another merchant's name before the right secret, nonsense."""
    secret = call.token.split(".", 1)[1]
    text = header.format(
        other=f"other.{secret}", merchant=call.merchant, cut=call.token[:-1], token=call.token
    )
    answer = replace(call, token="")("GET", "/v1/orders", Authorization=text)
    assert answer.problem()[0] == 401


def test_the_scheme_may_be_written_in_any_case(call: Caller) -> None:
    """RFC 9110: schemes are not case-sensitive."""
    answer = call("GET", "/v1/orders", Authorization=f"bearer  {call.token}")
    assert answer.status == 200


def test_only_the_owner_registers_merchants(call: Caller) -> None:
    """A merchant's token is not enough; a name must be one."""
    assert call("PUT", "/v1/merchants/newone").problem() == (401, "bad_token")
    owner = replace(call, token=ROOT_TOKEN)
    for name in ("A", "a", "1a", "a-b", "a.b", "a" * 40):
        assert owner("PUT", f"/v1/merchants/{name}").problem() == (400, "bad_field")
    assert owner("GET", "/v1/orders").problem() == (401, "bad_token")


def test_without_a_root_token_nobody_is_the_owner(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation that has none set lets nobody in, least of all with an empty one."""
    monkeypatch.setenv("ROOT_TOKEN_SHA256", "")
    for token in (ROOT_TOKEN, "x"):
        answer = replace(call, token=token)("PUT", "/v1/merchants/newone")
        assert answer.problem() == (401, "bad_token")


def test_a_second_token_does_not_take_the_first_away(call: Caller) -> None:
    """Tokens are handed out beside each other."""
    owner = replace(call, token=ROOT_TOKEN)
    second = owner("PUT", f"/v1/merchants/{call.merchant}").json["token"]
    assert second != call.token
    assert replace(call, token=second)("GET", "/v1/orders").status == 200
    assert call("GET", "/v1/orders").status == 200


AMOUNT = {"amount": "1.00", "currency": "EUR"}
TOUCHES: list[tuple[str, str, Any]] = [
    ("GET", "/v1/orders/o1", None),
    ("GET", "/v1/orders/o1/timeline", None),
    ("POST", "/v1/orders/o1/cancel", {}),
    ("POST", "/v1/orders/o1/hold", {"text": "x"}),
    ("POST", "/v1/orders/o1/release", {"code": "manual"}),
    ("POST", "/v1/orders/o1/payments", {"amount": AMOUNT}),
    ("POST", "/v1/orders/o1/refunds", {"amount": AMOUNT}),
    ("POST", "/v1/orders/o1/notes", {"text": "x"}),
    ("POST", "/v1/orders/o1/tags", {"tags": ["x"]}),
    ("POST", "/v1/orders/o1/assign", {"to": "x"}),
    ("POST", "/v1/returns", {"order_id": "o1", "lines": [{"line_id": "l-TEE-1", "quantity": 1}]}),
    ("POST", "/v1/returns/R1/receive",
     {"order_id": "o1", "lines": [{"line_id": "l-TEE-1", "quantity": 1}]}),
    ("GET", "/v1/documents/o1-1", None),
    ("POST", "/v1/payments/p1/match", {"order_id": "o1"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), TOUCHES, ids=lambda x: str(x)[:30])
def test_another_merchants_order_does_not_exist(
    call: Caller, method: str, path: str, body: Any
) -> None:
    """404, as for one that was never there, and nothing is written."""
    mine = call.place(
        paid(), reserved(), document("invoice"), *shipped(1, {"l-TEE-1": 1}), authorized_return()
    )
    other = call.other()
    assert other(method, path, body).problem() == (404, "not_found")
    assert other(method, path.replace("o1", "o9"), body).problem() == (404, "not_found")
    assert len(call.get("/v1/orders/o1/timeline")["items"]) == len(mine.facts)


def test_another_merchants_products_and_connections_do_not_exist(call: Caller) -> None:
    """Each has its own shelf and its own connections."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    made = call("POST", "/v1/connections", {"kind": "local"}).json
    other = call.other()
    assert other("GET", "/v1/products/A").problem() == (404, "not_found")
    adjust = {"sku": "A", "difference": 1}
    assert other("POST", "/v1/stock/adjustments", adjust).problem() == (404, "not_found")
    for method, rest, body in (
        ("GET", "", None),
        ("DELETE", "", None),
        ("POST", "/replay", {}),
        ("PUT", "/secrets", {"secrets": {"webhook_secret": "long enough now"}}),
    ):
        answer = other(method, f"/v1/connections/{made['id']}{rest}", body)
        assert answer.problem() == (404, "not_found")
    assert other.get("/v1/connections")["items"] == []
    assert other.get("/v1/products")["items"] == []
    assert other.get("/v1/availability?sku=A")["items"] == [{"sku": "A", "available": None}]
