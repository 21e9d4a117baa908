"""Numbered documents: the number and the frozen facts are written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict
from chalicelib.store import codec
from chalicelib.store.tables import REGION, Row, connection, stamp, table_name, translated

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

TRIES = 8


class DocumentRow(Row):
    """`SERIES#…` holds the last number drawn, `DOC#…` a document's frozen facts."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("documents")
        region = REGION

    last = NumberAttribute(null=True)
    number = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    order_id = UnicodeAttribute(null=True)
    issued_at = UnicodeAttribute(null=True)
    frozen = BinaryAttribute(null=True, legacy_encoding=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A document that has its number; `frozen` is all it will ever be rendered from."""

    number: str
    frozen: dict[str, Any]


class Numbers:
    """Draws numbers, unique and without gaps per merchant and series."""

    def draw(
        self,
        merchant_id: str,
        *,
        series: str,
        order_id: str,
        kind: str,
        about: str,
        now: datetime,
        freeze: Callable[[int], dict[str, Any]],
    ) -> Numbered:
        """Return the document about `about`, drawing the next number of the series if it is new.

        `freeze(n)` gives the facts for number n, `number` among them, and must not fail for a
        document that can be rendered: no number is drawn for one that can not.
        """
        sort_key = f"DOC#{order_id}#{kind}#{about}"
        for _ in range(TRIES):
            last, existing = self._read(merchant_id, f"SERIES#{series}", sort_key)
            if existing:
                return existing
            frozen = freeze(last + 1)
            row = DocumentRow(
                merchant_id,
                sort_key,
                number=frozen["number"],
                kind=kind,
                order_id=order_id,
                issued_at=stamp(now),
                frozen=codec.pack(frozen),
            )
            try:
                self._write(merchant_id, f"SERIES#{series}", last, row)
            except Conflict:
                continue
            return Numbered(number=frozen["number"], frozen=frozen)
        raise Conflict("series_busy", f"the number series {series} is busy")

    def _read(self, merchant_id: str, series: str, document: str) -> tuple[int, Numbered | None]:
        with translated():
            keys = [(merchant_id, series), (merchant_id, document)]
            rows = {row.sk: row for row in DocumentRow.batch_get(keys, consistent_read=True)}
        found = rows.get(document)
        existing = (
            Numbered(number=found.number, frozen=codec.unpack(found.frozen, dict[str, Any]))
            if found
            else None
        )
        return int(rows[series].last) if series in rows else 0, existing

    def _write(self, merchant_id: str, series: str, last: int, row: DocumentRow) -> None:
        counter = DocumentRow(merchant_id, series)
        unchanged = DocumentRow.last == last if last else DocumentRow.pk.does_not_exist()
        with translated(), TransactWrite(connection=connection()) as transaction:
            transaction.update(counter, [DocumentRow.last.set(last + 1)], condition=unchanged)
            transaction.save(row, condition=DocumentRow.pk.does_not_exist())
