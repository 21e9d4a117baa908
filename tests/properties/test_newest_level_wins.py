"""However the tellings of a level overtake each other, the shop ends with the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Retryable
from chalicelib.shops import port, reach
from chalicelib.stock.availability import Crier
from tests.events import NOW
from tests.stock.shops import KeepingShop, Memory, Notes, Shelf, connection


class Actor(threading.Thread):
    """One telling, which stops before every touch of the outside until it is let go on."""

    def __init__(self, play: Play) -> None:
        super().__init__(daemon=True)
        self.play = play
        self.go, self.back = threading.Semaphore(0), threading.Semaphore(0)
        self.is_done = False
        self.start()
        self.back.acquire()

    def run(self) -> None:
        """Tell, and tell again when the queue brings the message back."""
        self.pause("begin")
        while True:
            try:
                self.play.crier(self.pause).tell("demo-woo", ["A"])
            except Retryable:
                continue
            break
        self.is_done = True
        self.back.release()

    def pause(self, _: str) -> None:
        """Wait for the next turn."""
        self.back.release()
        self.go.acquire()

    def turn(self) -> None:
        """Let it go on until its next touch of the outside."""
        self.go.release()
        self.back.acquire()


class Play:
    """A level that changes, each change with its own telling, all of them at once."""

    def __init__(self, shop: KeepingShop) -> None:
        self.shop = shop
        self.available = {"A": 0}
        self.rows: dict[str, object] = {}
        self.actors: list[Actor] = []

    def crier(self, step: Callable[[str], None]) -> Crier:
        """Return a crier who stops before every touch of the outside."""
        self.shop.step = step
        shelf, memory = Shelf(self.available, step), Memory(self.rows, step)  # type: ignore[arg-type]
        return Crier(
            connections=Notes(connection()),
            secrets_of=lambda *_: {"key": "k"},
            shelf=shelf,
            memory=memory,
            now=lambda: NOW,
        )

    def change(self, level: int) -> None:
        """Change the level and send word of it."""
        self.available["A"] = level
        self.actors.append(Actor(self))

    def turn(self, which: int) -> None:
        """Let one of those who are not done yet go on."""
        waiting = [actor for actor in self.actors if not actor.is_done]
        if waiting:
            chosen = waiting[which % len(waiting)]
            self.shop.step = chosen.pause
            chosen.turn()

    @property
    def is_over(self) -> bool:
        """Tell whether everybody is done."""
        return all(actor.is_done for actor in self.actors)


@pytest.mark.parametrize("compares", [False, True], ids=["takes all", "compares"])
@given(
    levels=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    picks=st.lists(st.integers(0, 5), max_size=60),
    chance=st.randoms(use_true_random=False),
)
def test_the_shop_ends_with_the_newest_level(
    *, compares: bool, levels: list[int], picks: list[int], chance: Random
) -> None:
    """Even if no queue kept the tellings of a shop in order: whoever was overtaken tells again."""
    with pytest.MonkeyPatch.context() as patch:
        shop = KeepingShop(levels={"A": 0}, compares=compares)
        patch.setitem(port.PROVIDERS, "faked", "tests.faked")
        patch.setattr(port, "shop", lambda kind: shop)
        patch.setattr(reach, "shop", lambda kind: shop)
        play, rest = Play(shop), list(levels)
        for pick in picks:
            if pick == 0 and rest:
                play.change(rest.pop(0))
            play.turn(pick)
        for level in rest:
            play.change(level)
        while not play.is_over:
            play.turn(chance.randrange(100))
        assert shop.levels["A"] == levels[-1]
