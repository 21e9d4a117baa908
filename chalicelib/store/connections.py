"""Connections: the shops, payment providers, banks and carriers a merchant has joined to us."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.errors import Conflict
from chalicelib.store import codec
from chalicelib.store.tables import REGION, Row, moment, stamp, table_name, translated

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

ID = re.compile(r"[a-z0-9]{1,40}-[a-z0-9]{1,40}")


class ConnectionRow(Row):
    """One connection; `sk` is its id. Secrets are never here."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("connections")
        region = REGION

    kind = UnicodeAttribute()
    name = UnicodeAttribute()
    settings = JSONAttribute()
    created_at = UnicodeAttribute()
    reader = UnicodeAttribute(default="")
    levels = JSONAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTrouble:
    """Why a shop did not take levels: all of them (`code`, `text`), or some by their SKU."""

    at: datetime
    code: str = ""
    text: str = ""
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection without its secrets; `reader` is the step that reads what it sends us.

    `levels` says what went wrong when the shop was told last what may be sold; None: nothing.
    """

    merchant_id: str
    id: str
    kind: str
    name: str
    created_at: datetime
    reader: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    levels: LevelTrouble | None = None


def merchant_of(connection_id: str) -> str:
    """Return the merchant that a connection's id begins with."""
    return connection_id.rpartition("-")[0]


class Connections:
    """The connections of all merchants."""

    def load(self, connection_id: str) -> Connection | None:
        """Read a connection by the id in its webhook address."""
        if not ID.fullmatch(connection_id):
            return None  # strangers may ask for anything, also for what is no key at all
        with translated():
            try:
                return _connection(ConnectionRow.get(merchant_of(connection_id), connection_id))
            except ConnectionRow.DoesNotExist:
                return None

    def list(self, merchant_id: str) -> list[Connection]:
        """List a merchant's connections."""
        with translated():
            return [_connection(row) for row in ConnectionRow.query(merchant_id)]

    def create(self, connection: Connection) -> None:
        """Write a new connection."""
        row = ConnectionRow(
            connection.merchant_id,
            connection.id,
            kind=connection.kind,
            name=connection.name,
            settings=connection.settings,
            created_at=stamp(connection.created_at),
            reader=connection.reader,
        )
        with translated():
            row.save(condition=ConnectionRow.pk.does_not_exist())

    def ensure(self, connection: Connection) -> None:
        """Write a connection unless it is there."""
        with suppress(Conflict):
            self.create(connection)

    def change(self, connection: Connection) -> None:
        """Write a connection's name and settings; Conflict if it was cut meanwhile."""
        row = ConnectionRow(connection.merchant_id, connection.id)
        changes: list[Action] = [
            ConnectionRow.name.set(connection.name),
            ConnectionRow.settings.set(connection.settings),
        ]
        with translated():
            row.update(changes, condition=ConnectionRow.pk.exists())

    def note_levels(self, connection: Connection, trouble: LevelTrouble | None) -> None:
        """Remember what went wrong with the levels of a shop, or that nothing does any more."""
        row = ConnectionRow(connection.merchant_id, connection.id)
        plain = codec.plain(trouble)
        change = ConnectionRow.levels.set(plain) if plain else ConnectionRow.levels.remove()
        # A conflict: the connection was cut meanwhile.
        with suppress(Conflict), translated():
            row.update([change], condition=ConnectionRow.pk.exists())

    def delete(self, merchant_id: str, connection_id: str) -> bool:
        """Remove a connection; False if the merchant has none of this id."""
        try:
            with translated():
                ConnectionRow(merchant_id, connection_id).delete(
                    condition=ConnectionRow.pk.exists()
                )
        except Conflict:
            return False
        return True


def _connection(row: ConnectionRow) -> Connection:
    return Connection(
        merchant_id=row.pk,
        id=row.sk,
        kind=row.kind,
        name=row.name,
        created_at=moment(row.created_at),
        reader=row.reader or "",
        settings=dict(row.settings),
        levels=codec.shaped(row.levels, LevelTrouble) if row.levels else None,
    )
