"""Tokens: asked for once, renewed in time, and never told."""

from __future__ import annotations

import json

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.runtime import oauth
from chalicelib.runtime.http import HttpApi
from chalicelib.runtime.oauth import EARLY, bearer, client_credentials, refresh_token
from tests.loopback import Loopback, Request, Response, serving


class House:
    """A shop that hands out numbered tokens and takes the newest only."""

    def __init__(self) -> None:
        self.given = 0
        self.refuses = False

    def __call__(self, request: Request) -> Response:
        """Answer the sign-in, or a call with a token."""
        if request.path == "/token" and self.refuses:
            return Response(status=400, body=b"wrong secret-of-the-shop for " + request.body)
        if request.path == "/token":
            self.given += 1
            answer = {"access_token": f"token-{self.given}", "expires_in": 600}
            return Response(body=json.dumps(answer).encode())
        given = request.headers.get("authorization") or request.headers.get("x-amz-access-token")
        good = {f"Bearer token-{self.given}", f"token-{self.given}"}
        return Response(status=200 if given in good else 401)


class Time:
    """A clock for the tokens."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Begin without any token, at a time of our own, and allow this machine."""
    clock = Time()
    monkeypatch.setattr(oauth, "time", clock)
    monkeypatch.setattr(oauth, "_tokens", {})
    monkeypatch.setenv("ALLOW_LOCAL_HOSTS", "1")
    return clock


def _tokens(shop: Loopback) -> int:
    return sum(asked.path == "/token" for asked in shop.asked)


def test_a_token_serves_until_a_minute_before_its_end(time: Time) -> None:
    """One sign-in for all calls of ten minutes, also of another object for the same connection."""
    with serving(House()) as shop:
        grant = client_credentials(f"{shop.url}/token", "me", "secret", scope="read")
        for _ in range(2):
            HttpApi(shop.url, bearer(grant)).call("GET", "/orders")
        assert _tokens(shop) == 1
        time.now += 600 - EARLY - 1
        HttpApi(shop.url, bearer(grant)).call("GET", "/orders")
        assert _tokens(shop) == 1
        time.now += 1
        HttpApi(shop.url, bearer(grant)).call("GET", "/orders")
        assert _tokens(shop) == 2
    asked = b"grant_type=client_credentials&client_id=me&client_secret=secret&scope=read"
    assert shop.asked[0].body == asked


def test_two_connections_never_share_a_token() -> None:
    """Another secret is another sign-in."""
    with serving(House()) as shop:
        for secret in ("secret-a", "secret-b"):
            grant = client_credentials(f"{shop.url}/token", "me", secret)
            HttpApi(shop.url, bearer(grant)).call("GET", "/orders")
        assert _tokens(shop) == 2


def test_a_token_that_ended_early_is_renewed() -> None:
    """Somebody signed in elsewhere; the call goes through all the same."""
    house = House()
    with serving(house) as shop:
        grant = refresh_token(f"{shop.url}/token", "agreed", client_id="me", client_secret="s")
        api = HttpApi(shop.url, bearer(grant, header="x-amz-access-token", scheme=""))
        api.call("GET", "/orders")
        house.given += 1
        assert api.call("GET", "/orders").status == 200
        assert _tokens(shop) == 2


def test_a_refused_sign_in_says_so_without_the_secret() -> None:
    """In the words of the shop, less what we sent."""
    house = House()
    house.refuses = True
    with serving(house) as shop:
        grant = client_credentials(f"{shop.url}/token", "me", "secret-of-the-shop", is_json=True)
        api = HttpApi(shop.url, bearer(grant))
        with pytest.raises(Permanent) as error:
            api.call("GET", "/orders")
    assert error.value.text.startswith("The sign-in was refused: POST /token")
    assert "secret-of-the-shop" not in error.value.text


class Strict(House):
    """A shop that hands out another refresh token each time and takes the newest only."""

    newest = "agreed"

    def __call__(self, request: Request) -> Response:
        """Refuse a token that was used before."""
        if request.path != "/token":
            return super().__call__(request)
        if f"refresh_token={self.newest}&".encode() not in request.body + b"&":
            return Response(status=400, body=b'{"error": "invalid_grant"}')
        answer = json.loads(super().__call__(request).body)
        self.newest = f"fresh-{self.given}"
        return Response(body=json.dumps({**answer, "refresh_token": self.newest}).encode())


class Drawer:
    """Where the newest token lies; `after` comes in while somebody else is signing in."""

    def __init__(self) -> None:
        self.token = ""
        self.after = ""

    def load(self, agreed: str) -> str:
        """Return the newest."""
        found = self.token or agreed
        self.token, self.after = self.after or self.token, ""
        return found

    def save(self, agreed: str, token: str) -> None:
        """Keep the newest."""
        assert agreed == "agreed"
        self.token = token


def test_a_token_that_serves_once_is_followed_by_the_one_that_came_with_it(time: Time) -> None:
    """However often, and in another process as well."""
    drawer = Drawer()
    with serving(Strict()) as shop:
        grant = refresh_token(f"{shop.url}/token", "agreed", kept=drawer)
        for turn in (1, 2, 3):
            HttpApi(shop.url, bearer(grant)).call("GET", "/orders")
            assert drawer.token == f"fresh-{turn}"
            time.now += 600


def test_who_comes_second_signs_in_with_what_the_first_one_got() -> None:
    """Two processes need a token at the same moment, and one of them is faster."""
    house, drawer = Strict(), Drawer()
    house.newest = drawer.after = "fresh-of-the-other"
    with serving(house) as shop:
        grant = refresh_token(f"{shop.url}/token", "agreed", kept=drawer)
        assert HttpApi(shop.url, bearer(grant)).call("GET", "/orders").status == 200
    assert drawer.token == "fresh-1"


def test_an_agreement_that_has_ended_is_refused_in_words() -> None:
    """There is nothing newer to try."""
    house = Strict()
    house.newest = "another"
    with serving(house) as shop:
        grant = refresh_token(f"{shop.url}/token", "agreed", kept=Drawer())
        with pytest.raises(Permanent, match="The sign-in was refused"):
            HttpApi(shop.url, bearer(grant)).call("GET", "/orders")
    assert _tokens(shop) == 1
