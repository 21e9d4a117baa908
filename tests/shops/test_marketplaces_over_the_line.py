"""Marketplaces over a real connection: how a seller signs in, and what each call carries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

import pytest

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.runtime import oauth
from chalicelib.shops.port import Level, can, shop
from tests.loopback import Loopback, Request, Response, serving
from tests.recorded.reading import read_all
from tests.shops.outside import START, parcel

TOKEN = "/sign-in"
# What a call is signed with, once the sign-in has brought `token-1`.
SIGNED = {
    "amazon": {"x-amz-access-token": "token-1"},
    "ebay": {"authorization": "Bearer token-1"},
    "etsy": {"authorization": "Bearer token-1", "x-api-key": "keystring-1:shared-1"},
}
any_kind = pytest.mark.parametrize("kind", sorted(SIGNED))


@pytest.fixture(autouse=True)
def _local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_LOCAL_HOSTS", "1")
    monkeypatch.setattr(oauth, "_tokens", {})


@contextmanager
def opened(
    kind: str, monkeypatch: pytest.MonkeyPatch, status: int = 200
) -> Iterator[tuple[Any, Any, Loopback]]:
    """Open a marketplace in memory on this machine; gives it, the way to it, and the line."""
    one = import_module(f"tests.shops.{kind}").Shop()
    module = shop(kind)

    def answer(request: Request) -> Response:
        if request.path.endswith(TOKEN):
            token = {"access_token": "token-1", "expires_in": 3600}
            return Response(body=json.dumps(token).encode())
        if status >= 400:
            return Response(status=status, body=f"no: {request.headers}".encode())
        data = json.loads(request.body) if request.body else None
        told = one.call(request.method, request.path, query=request.query, data=data)
        return Response(status=told.status, body=told.body, headers=dict(told.headers))

    with serving(answer) as line:
        if kind == "ebay":
            monkeypatch.setattr(module, "HOSTS", {"production": line.url})
            monkeypatch.setattr(module, "TOKEN", TOKEN)
        else:
            monkeypatch.setattr(module, "HOST", line.url)
            monkeypatch.setattr(module, "TOKEN", f"{line.url}{TOKEN}")
        yield one, module.connect(one.settings, one.secrets), line


@any_kind
def test_a_seller_signs_in_once_and_every_call_carries_the_token(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polling, telling of a parcel and of a level with any sign in its SKU: all over the line."""
    with opened(kind, monkeypatch) as (one, api, line):
        order_id = one.add(1001, START)
        page = shop(kind).orders(api, since=START, until=START + timedelta(minutes=1))
        assert [each.bought.external_id for each in read_all(kind, page)] == [order_id]
        assert page.headers == {"x-kontor-tax-rate": "19"}
        assert shop(kind).ship(api, parcel(order_id, pieces=2))
        assert one.parcels(order_id) == [parcel(order_id).tracking_number]
        if can(kind, "set_levels"):
            one.stock("Tasse/groß 50%", 1)
            told = shop(kind).set_levels(api, [Level(sku="Tasse/groß 50%", available=3)])
            assert told.taken == ("Tasse/groß 50%",)
            assert one.stock("Tasse/groß 50%") == 3
    sign_in, *calls = line.asked
    form = parse_qs(sign_in.body.decode())
    assert form["grant_type"] == ["refresh_token"]
    assert form["refresh_token"] == [one.secrets["refresh_token"]]
    for call in calls:
        assert SIGNED[kind].items() <= call.headers.items()


@any_kind
@pytest.mark.parametrize(("status", "error"), [(403, Permanent), (429, Retryable)])
def test_a_refusal_repeats_no_credential_and_a_limit_is_waited_for(
    kind: str, status: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words of a marketplace go into logs and before people."""
    with opened(kind, monkeypatch, status) as (_, api, _), pytest.raises(error) as caught:
        shop(kind).check(api)
    for secret in " ".join(SIGNED[kind].values()).removeprefix("Bearer ").split(":"):
        assert secret not in str(caught.value)
