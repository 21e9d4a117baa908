"""Several processes in one: they take turns at every touch of the outside, and may die there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

from tests.fakes import Fuse, Killed


class _Process:
    """One of those that take turns."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.turn = threading.Lock()
        self.turn.acquire()
        self.has_ended = False
        self.error: BaseException | None = None


class Turns(Fuse):
    """Lets one process at a time go on to its next touch; whose turn it is, is drawn.

    With the chance `deadly` a process dies at a touch, before or after it took effect.
    """

    def __init__(self, chance: Random, *, deadly: float = 0.0) -> None:
        """Take the dice."""
        super().__init__()
        self._chance, self._deadly = chance, deadly
        self._now: _Process | None = None
        self._back = threading.Lock()
        self._back.acquire()

    def run(self, *works: Callable[[], None]) -> None:
        """Run these to their ends, interleaved; what one of them raises is raised."""
        alive = [_Process(work) for work in works]
        threads = [threading.Thread(target=self._live, args=(one,)) for one in alive]
        for thread in threads:
            thread.start()
        error = None
        while alive:
            self._now = self._chance.choice(alive)
            self._now.turn.release()
            self._back.acquire()
            if self._now.has_ended:
                alive.remove(self._now)
                error = error or self._now.error
        self._now = None
        for thread in threads:
            thread.join()
        if error:
            raise error

    @contextmanager
    def touch(self, what: str) -> Iterator[None]:
        """Wait for the next turn, touch the outside, and perhaps die."""
        me = self._now
        if me is None:
            yield
            return
        self._back.release()
        me.turn.acquire()
        if self._chance.random() < self._deadly:
            raise Killed(what)
        yield
        if self._chance.random() < self._deadly:
            raise Killed(what)

    def _live(self, me: _Process) -> None:
        me.turn.acquire()
        try:
            me.work()
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it
            me.error = error
        me.has_ended = True
        self._back.release()
