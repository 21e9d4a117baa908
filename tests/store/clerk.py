"""A process that does what the stock function does with the orders it is given, in batches."""

from __future__ import annotations

import sys
from itertools import islice
from random import Random

from chalicelib.domain.commands import WakeUp
from chalicelib.stock.worker import together

SIZE = 3


def main(merchant_id: str, seed: str, *orders: str) -> None:
    """Begin when told to, and work until no message comes back."""
    waiting = [WakeUp(step="stock", merchant_id=merchant_id, order_id=one) for one in orders]
    Random(seed).shuffle(waiting)  # noqa: S311 - dice
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    while waiting:
        rest = iter(waiting)
        waiting = []
        while batch := list(islice(rest, SIZE)):
            waiting += together.run(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
