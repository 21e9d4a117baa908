"""Shops that speak GraphQL, over a real connection: addresses, credentials, and what is parsed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.intake import saleor as reader
from chalicelib.intake.trust import trust
from chalicelib.shops.port import shop
from chalicelib.store.connections import Connection
from tests.intake.signing import jwk, key, sign
from tests.loopback import Loopback, Request, Response, serving
from tests.recorded.reading import delivery, raw, read_all, recorded
from tests.shops.outside import ADDRESS, START, parcel

CREDENTIALS = {
    "shopify": ("x-shopify-access-token", "shpat_1"),
    "saleor": ("authorization", "Bearer token-1"),
}
any_kind = pytest.mark.parametrize("kind", sorted(CREDENTIALS))


@contextmanager
def opened(kind: str) -> Iterator[tuple[Any, Any, Loopback]]:
    """Open a shop in memory on this machine; gives it, the way to it, and the line."""
    one = import_module(f"tests.shops.{kind}").Shop()

    def answer(request: Request) -> Response:
        told = one.call(request.method, request.path, data=json.loads(request.body))
        return Response(body=told.body, headers={"content-type": "application/json"})

    with serving(answer) as line:
        settings = {**one.settings, "base_url": line.url}
        yield one, shop(kind).connect(settings, one.secrets), line


@pytest.fixture(autouse=True)
def _local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_LOCAL_HOSTS", "1")


@any_kind
def test_every_call_is_signed_and_goes_to_the_one_address(kind: str) -> None:
    """And comes back as what the shop said."""
    with opened(kind) as (one, api, line):
        assert shop(kind).check(api) == "Der Laden"
        order_id = one.add(1001, START)
        page = shop(kind).orders(api, since=START, until=START + timedelta(minutes=1))
        assert [each.bought.external_id for each in read_all(kind, page)] == [order_id]
        assert shop(kind).register(api, address=ADDRESS, secret="")
        assert shop(kind).ship(api, parcel(order_id, pieces=2))
        name, value = CREDENTIALS[kind]
        assert {asked.headers[name] for asked in line.asked} == {value}
        assert {(asked.method, asked.path) for asked in line.asked} == {("POST", one.path)}


@any_kind
def test_a_refusal_never_repeats_our_credentials(kind: str) -> None:
    """The words of a shop go into logs and before people."""
    said = CREDENTIALS[kind][1]

    def refuse(_: Request) -> Response:
        return Response(status=403, body=json.dumps({"errors": f"{said} may not"}).encode())

    with serving(refuse) as line:
        one = import_module(f"tests.shops.{kind}").Shop()
        api = shop(kind).connect({**one.settings, "base_url": line.url}, one.secrets)
        with pytest.raises(Permanent) as caught:
            shop(kind).check(api)
    assert said not in caught.value.text
    assert "may not" in caught.value.text


def test_saleors_key_is_fetched_from_the_address_that_the_connection_names() -> None:
    """Whatever domain the delivery itself names."""
    reader._KNOWN.clear()
    body = raw(recorded("saleor", "gross-two-rates-voucher"))

    def answer(request: Request) -> Response:
        assert request.path == "/.well-known/jwks.json"
        return Response(body=json.dumps({"keys": [jwk(key())]}).encode())

    with serving(answer) as line:
        connection = Connection(
            merchant_id="demo",
            id="demo-saleor",
            kind="saleor",
            name="Laden",
            created_at=datetime(2026, 11, 23, tzinfo=UTC),
            settings={"base_url": f"{line.url}/graphql/"},
        )
        headers = {
            "saleor-signature": sign(body, key()),
            "saleor-api-url": "https://evil.example/graphql/",
            VERDICT: Verdict.UNVERIFIED,
        }
        given = replace(delivery("saleor", body), headers=headers)
        trust(given, connection, lambda *_: {"app_token": "token-1"})
        assert len(line.asked) == 1
