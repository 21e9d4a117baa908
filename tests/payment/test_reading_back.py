"""Calls that only name a thing: a burst is read back once, the next call is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.payment import klarna, mollie, reading_back, sumup
from tests.payment.test_klarna import NOTIFIED, PAGE, PUSH
from tests.payment.test_sumup import OLDEST, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Key = Callable[[bytes, Mapping[str, str]], str]

CALLS = [
    (mollie.delivery_key, (b"id=tr_Test1001", b"id=tr_Test1001\n")),
    (klarna.delivery_key, (PUSH, NOTIFIED, PAGE)),
    (sumup.delivery_key, (OLDEST, SECOND)),
]


@pytest.mark.parametrize(("key", "bodies"), CALLS)
def test_a_burst_of_calls_about_one_thing_is_one_delivery(
    monkeypatch: pytest.MonkeyPatch, key: Key, bodies: tuple[bytes, ...]
) -> None:
    """However they are written; so no sender makes us ask the provider without end."""
    now = 1_795_424_990.0
    monkeypatch.setattr(reading_back.time, "time", lambda: now)
    first = {key(body, {}) for body in bodies}
    assert len(first) == 1
    now += reading_back.WINDOW
    assert first.isdisjoint(key(body, {}) for body in bodies)


@pytest.mark.parametrize(("key", "bodies"), CALLS)
def test_calls_about_different_things_are_apart(key: Key, bodies: tuple[bytes, ...]) -> None:
    """A body that names nothing goes by itself."""
    assert len({key(bodies[0], {}), key(bodies[0].replace(b"1001", b"1002"), {})}) == 2
    assert key(b"nothing", {}) != key(b"else", {})
