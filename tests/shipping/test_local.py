"""The carrier without a contract: numbers that are always the same and that nobody guesses."""

from __future__ import annotations

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.shipping.local import is_tracking_number, register, tracking_number
from chalicelib.shipping.port import Parcel
from tests.events import ANNA


def parcel(reference: str = "demo-o1-1") -> Parcel:
    """Return a parcel."""
    return Parcel(reference=reference, recipient=ANNA, sender=ANNA, weight_g=500)


def test_the_same_parcel_always_has_the_same_number() -> None:
    """This one is written down: it must never change."""
    first = register(parcel(), {"tracking_key": "k"}, "https://kontor.example/t")
    assert first == register(parcel(), {"tracking_key": "k"}, "https://kontor.example/t")
    assert first.tracking_url == f"https://kontor.example/t/{first.tracking_number}"
    assert first.label is None
    assert tracking_number("k", "demo-o1-1") == first.tracking_number


def test_every_parcel_and_every_merchant_has_its_own_numbers() -> None:
    """Derived from a key that nobody else has, no number tells the next one."""
    numbers = {tracking_number(key, f"demo-o1-{n}") for key in ("k", "l") for n in range(500)}
    assert len(numbers) == 1000
    assert all(is_tracking_number(number) for number in numbers)


def test_a_slip_of_the_pen_is_noticed() -> None:
    """One wrong sign, or two that changed places: the check character does not agree."""
    number = tracking_number("k", "demo-o1-1")
    body = number[2:-1]
    for place in range(len(body)):
        other = "7" if body[place] != "7" else "8"
        assert not is_tracking_number(f"LX{body[:place]}{other}{body[place + 1 :]}{number[-1]}")
    for place in range(len(body) - 1):
        if body[place] != body[place + 1]:
            turned = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
            assert not is_tracking_number(f"LX{turned}{number[-1]}")


@pytest.mark.parametrize("text", ["", "LX", "LX0", "00340434161094042557", "LXILOU00000000A"])
def test_other_carriers_numbers_are_not_ours(text: str) -> None:
    """Neither in form nor in letters."""
    assert not is_tracking_number(text)


@pytest.mark.parametrize("secrets", [{}, {"tracking_key": ""}])
def test_without_a_key_no_number_is_made(secrets: dict[str, str]) -> None:
    """A number that anybody could derive would be no secret."""
    with pytest.raises(Permanent) as caught:
        register(parcel(), secrets, "https://kontor.example/t")
    assert caught.value.code == "carrier_key"
