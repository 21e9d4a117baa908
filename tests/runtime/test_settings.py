"""What a warm function remembers: answers for a minute, absence never."""

from __future__ import annotations

import pytest

from chalicelib.runtime import settings
from chalicelib.runtime.settings import SECONDS, Cached, public_url


class Time:
    """A clock for the cache."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Replace the cache's clock."""
    clock = Time()
    monkeypatch.setattr(settings, "time", clock)
    return clock


def test_an_answer_is_remembered_for_a_minute(time: Time) -> None:
    """A change shows after a minute at the latest."""
    asked: list[str] = []
    cached: Cached[str] = Cached(lambda key: asked.append(key) or f"{key}{len(asked)}")
    assert [cached("a"), cached("a"), cached("b")] == ["a1", "a1", "b2"]
    time.now += SECONDS - 0.1
    assert cached("a") == "a1"
    time.now += 0.1
    assert cached("a") == "a3"


def test_that_something_is_missing_is_never_remembered(time: Time) -> None:
    """A connection that was just made must work at once, and guesses must fill no memory."""
    known: dict[str, str] = {}
    cached: Cached[str | None] = Cached(known.get)
    for guess in range(100):
        assert cached(f"guess-{guess}") is None
    assert cached._known == {}
    known["new"] = "here"
    assert cached("new") == "here"


def test_what_was_changed_here_can_be_forgotten(time: Time) -> None:
    """Whoever writes asks anew."""
    known = {"a": "1"}
    cached: Cached[str | None] = Cached(known.get)
    cached("a")
    known["a"] = "2"
    cached.forget()
    assert cached("a") == "2"


@pytest.mark.parametrize("given", ["https://kontor.example", "https://kontor.example/"])
def test_the_public_address_has_no_slash_at_its_end(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links are built by adding a path."""
    monkeypatch.setenv("PUBLIC_URL", given)
    assert public_url() == "https://kontor.example"
