"""A process that does what the documents function does with orders, on plain paper."""

from __future__ import annotations

import sys
from itertools import islice
from random import Random

from chalicelib.documents import perform, worker
from chalicelib.domain.commands import WakeUp

SIZE = 20


def main(merchant_id: str, seed: str, *orders: str) -> None:
    """Begin when told to, and work until no message comes back."""
    perform.render = lambda _, facts: repr(facts).encode()  # what it looks like is tested elsewhere
    waiting = [WakeUp(step="documents", merchant_id=merchant_id, order_id=one) for one in orders]
    Random(seed).shuffle(waiting)  # noqa: S311 - dice
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    while waiting:
        rest = iter(waiting)
        waiting = []
        while batch := list(islice(rest, SIZE)):
            waiting += worker.together.run(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
