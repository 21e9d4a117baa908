"""Nothing unverified, and nothing of another shop, changes an order."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict
from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.intake import saleor, trust
from chalicelib.intake.detached import is_signed
from chalicelib.runtime.http import Reply
from chalicelib.shops.reach import Reached
from chalicelib.store.connections import Connection
from tests.intake.signing import HEADER, jwk, key, sign
from tests.recorded.reading import delivery, raw, recorded

BODY = raw(recorded("saleor", "gross-two-rates-voucher"))


class Keys:
    """The address of a shop where its public keys lie."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys, self.calls, self.is_down = list(keys), 0, False

    def call(self, method: str, path: str, **_: Any) -> Reply:
        """Answer with the keys."""
        assert (method, path) == ("GET", "/.well-known/jwks.json")
        self.calls += 1
        if self.is_down:
            raise Retryable("outside_down", "no answer")
        return Reply(status=200, headers={}, body=raw({"keys": self.keys}))


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Return a shop with one key, whose keys nobody remembers."""
    saleor._KNOWN.clear()
    found = Keys(jwk(key()))
    monkeypatch.setattr(trust, "enter", lambda *_: Reached(shop=None, api=found))
    return found


def connection(kind: str = "saleor", **settings: str) -> Connection:
    """Return a connection."""
    return Connection(
        merchant_id="demo",
        id=f"demo-{kind}",
        kind=kind,
        name="Laden",
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        settings=settings,
    )


def unverified(signature: str, body: bytes = BODY) -> Delivery:
    """Return a delivery as the webhook saves it when it cannot check the signature."""
    headers = {"saleor-signature": signature, VERDICT: Verdict.UNVERIFIED}
    return replace(delivery("saleor", body), headers=headers)


def check(given: Delivery, where: Connection | None = None) -> None:
    """Trust a delivery or raise."""
    trust.trust(given, where or connection(), lambda *_: {})


def refused(given: Delivery) -> str:
    """Return the code that a delivery is refused with."""
    with pytest.raises(Permanent) as caught:
        check(given)
    return caught.value.code


def test_a_delivery_signed_with_the_shops_own_key_is_trusted(shop: Keys) -> None:
    """The keys are fetched once for many."""
    check(unverified(sign(BODY, key())))
    check(unverified(sign(b"{}", key()), b"{}"))
    assert shop.calls == 1


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "b64": True},
        {**HEADER, "crit": ["b64", "exp"]},
        {**HEADER, "kid": "2"},
        ["RS256"],
    ],
)
def test_a_header_that_asks_for_another_check_is_refused(shop: Keys, header: Any) -> None:
    """What the sender says about the check does not decide about it."""
    assert refused(unverified(sign(BODY, key(), header))) == "bad_signature"


def test_another_key_another_body_and_rubbish_are_refused(shop: Keys) -> None:
    """A stranger may know the address of our webhook, but not the shop's key."""
    genuine = sign(BODY, key())
    head = genuine.split(".", maxsplit=1)[0]
    for given in (sign(BODY, key("another")), f"{head}..", f"{head}..AAAA", "!..!", "e30..e30"):
        assert refused(unverified(given)) == "bad_signature"
    assert refused(unverified(genuine, BODY + b" ")) == "bad_signature"


def test_a_key_that_is_too_small_signs_nothing() -> None:
    """It could be worked out."""
    small = key("small", 1024)
    assert not is_signed(sign(BODY, small), BODY, {"keys": [jwk(small)]})


def test_a_key_the_shop_has_changed_is_fetched_anew(shop: Keys) -> None:
    """The remembered one does not fit any more."""
    check(unverified(sign(BODY, key())))
    shop.keys = [{"kty": "EC"}, jwk(key("new"), "2")]
    check(unverified(sign(BODY, key("new"), {**HEADER, "kid": "2"})))
    assert shop.calls == 2


def test_a_shop_that_is_down_is_asked_again_later(shop: Keys) -> None:
    """The delivery waits; it is neither trusted nor thrown away."""
    shop.is_down = True
    with pytest.raises(Retryable):
        check(unverified(sign(BODY, key())))


def test_a_delivery_whose_connection_is_gone_is_refused() -> None:
    """Nobody can say any more whose it is."""
    with pytest.raises(Permanent, match="is gone"):
        trust.trust(unverified(sign(BODY, key())), None, lambda *_: {})


def test_a_genuine_delivery_needs_no_look_at_the_shop(shop: Keys) -> None:
    """The webhook has checked it already, or we fetched it ourselves."""
    check(delivery("saleor", BODY))
    assert shop.calls == 0


@pytest.mark.parametrize(
    ("sender", "ours", "is_refused"),
    [
        ("other.myshopify.com", "laden.myshopify.com", True),
        ("Laden.myshopify.com", "https://laden.myshopify.com/", False),
        ("laden.myshopify.com", "", False),
        ("", "laden.myshopify.com", False),
    ],
)
def test_a_delivery_of_another_shop_of_the_same_app_is_refused(
    sender: str, ours: str, *, is_refused: bool
) -> None:
    """Both sign with the app's secret, so the signature does not tell them apart."""
    given = delivery("shopify", recorded("shopify", "yen"))
    given = replace(given, headers={**given.headers, "x-shopify-shop-domain": sender})
    if not is_refused:
        check(given, connection("shopify", shop=ours))
        return
    with pytest.raises(Permanent, match=r"from other\.myshopify\.com") as caught:
        check(given, connection("shopify", shop=ours))
    assert caught.value.code == "wrong_shop"


def test_only_who_checks_such_a_signature_loads_the_heavy_library() -> None:
    """The webhook answers at once, and so do the workers of all other shops."""
    code = "import sys; import chalicelib.api.webhooks, chalicelib.intake.saleor; "
    code += "import chalicelib.intake.trust; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
