"""A shop that keeps levels, what it was told, and the shelf behind it: in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.selling import Offer
from chalicelib.shops.port import Level, LevelsTold
from chalicelib.store.connections import Connection, LevelTrouble
from chalicelib.store.told import Told
from tests.events import NOW

Step = Callable[[str], None]


def nothing(_: str) -> None:
    """Let nobody else come first."""


def connection(kind: str = "faked", **settings: str) -> Connection:
    """Return a connection whose shop is told levels."""
    return Connection(
        merchant_id="demo",
        id="demo-woo",
        kind=kind,
        name="Shop",
        created_at=NOW,
        settings={"push_stock": "on", **settings},
    )


@dataclass
class KeepingShop:
    """A shop with levels; it compares `before` where it is told to, and knows some SKUs only."""

    levels: dict[str, int] = field(default_factory=dict)
    calls: list[dict[str, int]] = field(default_factory=list)
    compares: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False
    error: Exception | None = None
    step: Step = nothing

    def connect(self, settings: Any, secrets: Any) -> str:
        """Return the way to it."""
        if "key" not in secrets:
            raise Permanent("not_set_up", "secrets.key: must be given")
        return "api"

    def set_levels(self, api: str, levels: Sequence[Level]) -> LevelsTold:
        """Take levels."""
        self.step("tell")
        self.calls.append({level.sku: level.available for level in levels})
        if self.error:
            raise self.error
        taken, unknown, moved = [], [], {}
        for level in levels:
            stands = self.levels.get(level.sku)
            if stands is None:
                unknown.append(level.sku)
            elif self.compares and level.before not in {None, stands}:
                moved[level.sku] = stands
            elif level.sku not in self.refused:
                self.levels[level.sku] = level.available
                taken.append(level.sku)
        refused = {x.sku: self.refused[x.sku] for x in levels if x.sku in self.refused}
        self.step("told")
        if self.is_silent:
            return LevelsTold()
        return LevelsTold(taken=tuple(taken), unknown=tuple(unknown), refused=refused, moved=moved)


@dataclass
class Shelf:
    """What may be sold."""

    available: dict[str, int] = field(default_factory=dict)
    step: Step = nothing
    reads: int = 0

    def of(self, merchant_id: str, skus: Iterable[str], *, now: bool) -> Mapping[str, Offer]:
        """Return what may be sold, as it is now."""
        assert now, "an old level must never be told"
        self.step("levels")
        self.reads += 1
        known = self.available
        return {sku: Offer(sku=sku, available=known[sku]) for sku in skus if sku in known}


@dataclass
class Memory:
    """What the shop was told."""

    rows: dict[str, Told] = field(default_factory=dict)
    step: Step = nothing

    def load(self, merchant_id: str, connection_id: str, skus: Iterable[str]) -> Mapping[str, Told]:
        """Read it."""
        self.step("memory")
        return {sku: self.rows[sku] for sku in skus if sku in self.rows}

    def keep(self, merchant_id: str, connection_id: str, told: Told) -> None:
        """Write it, unless somebody else did."""
        self.step("keep")
        last = self.rows.get(told.sku)
        if (last.turn if last else 0) != told.turn - 1:
            raise Conflict("conflict", "somebody else told it")
        self.rows[told.sku] = told


@dataclass
class Notes:
    """The merchant's only connection."""

    connection: Connection
    written: int = 0

    def load(self, connection_id: str) -> Connection | None:
        """Read it."""
        return self.connection if connection_id == self.connection.id else None

    def note_levels(self, connection: Connection, trouble: LevelTrouble | None) -> None:
        """Write down what goes wrong."""
        self.written += 1
        self.connection = replace(self.connection, levels=trouble)
