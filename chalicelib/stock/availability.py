"""Tells the shops what may still be sold: as it is now, and never an older level after a newer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from chalice.app import Blueprint

from chalicelib.domain.errors import Conflict, KontorError, Permanent, Retryable
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.changes import change_of
from chalicelib.runtime.logging import log
from chalicelib.runtime.settings import sold_from
from chalicelib.shops.port import Level
from chalicelib.shops.reach import enter, takes_levels
from chalicelib.store.connections import Connection, Connections, LevelTrouble
from chalicelib.store.offers import Offers
from chalicelib.store.told import Told, ToldLevels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.selling import Offer
    from chalicelib.shops.port import LevelsTold
    from chalicelib.shops.reach import Reached

bp = Blueprint(__name__)
# How often the same levels are told in one go while they change, or somebody else tells them too.
TRIES = 3
# How many refused SKUs a connection shows.
SHOWN = 50


class Shelf(Protocol):
    """Knows what may be sold."""

    def of(self, merchant_id: str, skus: Iterable[str], *, now: bool) -> Mapping[str, Offer]:
        """Return what may be sold of each SKU that is known."""
        ...


class Memory(Protocol):
    """Knows what each shop was told."""

    def load(self, merchant_id: str, connection_id: str, skus: Iterable[str]) -> Mapping[str, Told]:
        """Read what a shop was told."""
        ...

    def keep(self, merchant_id: str, connection_id: str, told: Told) -> None:
        """Remember a telling; Conflict if somebody else told the shop meanwhile."""
        ...


class Notes(Protocol):
    """Knows the connections, and what goes wrong with them."""

    def load(self, connection_id: str) -> Connection | None:
        """Read a connection."""
        ...

    def note_levels(self, connection: Connection, trouble: LevelTrouble | None) -> None:
        """Remember what goes wrong with its levels."""
        ...


@dataclass(slots=True, kw_only=True)
class _Round:
    """What is still to be told, what is told whatever the shop should know, and what went wrong."""

    waiting: tuple[str, ...]
    again: frozenset[str]
    stands: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


class Crier:
    """Tells one shop after the other."""

    def __init__(
        self,
        *,
        connections: Notes,
        secrets_of: Callable[[str, str], Secrets],
        shelf: Shelf,
        memory: Memory,
        now: clock.Clock = clock.now,
    ) -> None:
        """Take where levels, shops and what they were told are known."""
        self._connections, self._secrets_of = connections, secrets_of
        self._shelf, self._memory, self._now = shelf, memory, now

    def tell(self, connection_id: str, skus: Iterable[str], again: Iterable[str] = ()) -> None:
        """Tell a shop what may be sold of these SKUs, if it does not know; Retryable if it is away.

        A refusal is noted on the connection: the next change, or the night, tries again.
        """
        connection = self._connections.load(connection_id)
        if connection is None or not takes_levels(connection):
            return
        asked = _Round(waiting=tuple(dict.fromkeys(skus)), again=frozenset(again))
        told = asked.waiting
        try:
            self._tell(connection, asked)
        except Permanent as refusal:
            self._note(connection, told, asked, refusal)
        except Retryable as away:
            self._note(connection, told, asked, away)
            raise
        else:
            self._note(connection, told, asked)

    def _note(
        self,
        connection: Connection,
        told: Iterable[str],
        asked: _Round,
        error: KontorError | None = None,
    ) -> None:
        """Show with the connection what went wrong, or that nothing does any more."""
        trouble = _trouble(connection.levels, told, asked.refused, error, self._now())
        if _said(trouble) != _said(connection.levels):
            self._connections.note_levels(connection, trouble)

    def _tell(self, connection: Connection, asked: _Round) -> None:
        reached = enter(connection, self._secrets_of)
        for _ in range(TRIES):
            due = list(self._due(connection, asked))
            if not due:
                return
            self._hand_over(connection, reached, due, asked)
        if asked.again:
            raise Retryable("levels_moving", "Somebody else tells these levels all the time.")

    def _due(self, connection: Connection, asked: _Round) -> Iterator[tuple[Level, Told]]:
        """Yield what the shop does not know yet, with what is remembered once it was told.

        What was told is read before the levels: whoever has read older levels than we is found out
        when he remembers them, and tells again.
        """
        whose = connection.merchant_id
        known = self._memory.load(whose, connection.id, asked.waiting)
        offers = self._shelf.of(whose, asked.waiting, now=True)
        for sku in asked.waiting:
            last, offer = known.get(sku), offers.get(sku)
            if offer is None:
                continue
            available = max(offer.available - _held_back(connection), 0)
            is_known = last is not None and last.available in {available, None}
            if is_known and sku not in asked.again:
                continue
            before = asked.stands.get(sku, last.available if last else None)
            turn = last.turn + 1 if last else 1
            yield (
                Level(sku=sku, available=available, before=before),
                Told(sku=sku, available=available, turn=turn, at=self._now()),
            )

    def _hand_over(
        self,
        connection: Connection,
        reached: Reached,
        due: list[tuple[Level, Told]],
        asked: _Round,
    ) -> None:
        """Tell the shop, remember what it took, and leave in `asked` what to look at again.

        That is all that was told: who looked while we were telling saw what was told before, and
        may have thought that there was nothing to tell.
        """
        answer: LevelsTold = reached.shop.set_levels(reached.api, [level for level, _ in due])
        again = []
        for level, told in due:
            sku = level.sku
            if sku in answer.refused:
                asked.refused[sku] = answer.refused[sku]
            elif sku in answer.moved and sku in asked.stands:
                asked.refused[sku] = f"It is {answer.moved[sku]} in the shop, and changes there."
            elif sku in answer.moved:
                asked.stands[sku] = answer.moved[sku]
                again.append(sku)
            elif sku not in answer.taken and sku not in answer.unknown:
                asked.refused[sku] = "The shop does not say whether it took this level."
            elif not self._remembers(connection, told, is_unknown=sku in answer.unknown):
                again.append(sku)
        asked.waiting = tuple(x.sku for x, _ in due if x.sku not in asked.refused)
        asked.again = frozenset(again)

    def _remembers(self, connection: Connection, told: Told, *, is_unknown: bool) -> bool:
        """Remember a telling; False if somebody else told the shop meanwhile, perhaps of less."""
        if is_unknown:
            told = Told(sku=told.sku, available=None, turn=told.turn, at=told.at)
        try:
            self._memory.keep(connection.merchant_id, connection.id, told)
        except Conflict:
            return False
        return True


def _held_back(connection: Connection) -> int:
    """Return the units that this shop shall never sell, for others sell them too."""
    text = connection.settings.get("reserve_units", "")
    return int(text) if text.isdecimal() else 0


def _trouble(
    before: LevelTrouble | None,
    asked: Iterable[str],
    refused: Mapping[str, str],
    error: KontorError | None,
    now: datetime,
) -> LevelTrouble | None:
    """Return what is wrong with a shop's levels; SKUs that were not asked for stay as they were."""
    stay = dict(before.refused) if before else {}
    for sku in asked if error is None else ():
        stay.pop(sku, None)
    stay = dict([*refused.items(), *stay.items()][:SHOWN])
    if error is None and not stay:
        return None
    code, text = (error.code, error.text) if error else ("", "")
    return LevelTrouble(at=now, code=code, text=text, refused=stay)


def _said(trouble: LevelTrouble | None) -> tuple[object, ...] | None:
    return (trouble.code, trouble.text, trouble.refused) if trouble else None


def handle(records: list[dict[str, Any]], crier: Crier) -> dict[str, Any]:
    """Tell each shop once of all its messages; those of a shop that is away come back together."""
    failed = []
    for connection_id, mine in _by_shop(records).items():
        changes = [change_of(record["body"]) for record in mine]
        skus = [sku for change in changes for sku in change.skus]
        again = [sku for change in changes if change.again for sku in change.skus]
        try:
            crier.tell(connection_id, skus, again)
        except Exception:  # noqa: BLE001 - one shop in trouble keeps no other waiting
            log.exception("comes back", step="availability", connection=connection_id)
            failed += [{"itemIdentifier": record["messageId"]} for record in mine]
    return {"batchItemFailures": failed}


def _by_shop(records: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    shops: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        shops.setdefault(change_of(record["body"]).connection_id, []).append(record)
    return shops


crier = Crier(
    connections=Connections(), secrets_of=secrets.read, shelf=Offers(sold_from), memory=ToldLevels()
)


@bp.on_sqs_message(queue_arn="arn:placeholder:availability", name="availability", batch_size=10)
def availability(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Tell the shops named what may be sold of the SKUs named."""
    return handle(event.to_dict()["Records"], crier)
