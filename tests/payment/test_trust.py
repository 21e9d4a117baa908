"""What may be read: nothing that nobody has checked, and with the settings a connector needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.payment.port import setting
from chalicelib.payment.trust import trust
from chalicelib.store.connections import Connection
from tests.recorded.reading import NOW, delivery, recorded


def connection(kind: str, **settings: str) -> Connection:
    """Return a connection to a payment provider."""
    return Connection(
        merchant_id="demo", id=f"demo-{kind}", kind=kind, name=kind, created_at=NOW,
        reader="payment", settings=settings,
    )  # fmt: skip


def unverified(sent: Delivery) -> Delivery:
    """Return a delivery that the webhook could not check."""
    return replace(sent, headers={**sent.headers, VERDICT: Verdict.UNVERIFIED})


def outside(*_: Any, **__: Any) -> Any:
    """Stand for calls that must not happen."""
    raise AssertionError


def test_a_translator_learns_the_settings_it_asks_for_and_no_others() -> None:
    """They come from the connection alone."""
    sent = delivery("adyen", recorded("adyen", "authorisation"))
    own = connection("adyen", capture="automatic", other="x")
    found = trust(sent, own, lambda *_: {}, outside)
    assert setting(found, "capture") == "automatic"
    assert setting(found, "other") == ""
    assert trust(sent, None, lambda *_: {}, outside) == sent


@pytest.mark.parametrize("own", [None, connection("stripe")])
def test_what_nobody_can_check_is_not_read(own: Connection | None) -> None:
    """Its connection is gone, or its connector has no way to check it."""
    sent = unverified(delivery("stripe", recorded("stripe", "refund-created")))
    with pytest.raises(Permanent) as caught:
        trust(sent, own, lambda *_: {}, outside)
    assert caught.value.code == "bad_signature"
