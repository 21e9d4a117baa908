"""Numbered documents: number, frozen facts and their link are written in one transaction.

`SERIES#…` holds the last number drawn and the end of its chain, `DOC#…` a document's frozen facts
under its order, `NUMBER#…` its entry in the register. Each entry's link is the hash of the link
before it, of the number and of the hash of the facts: who changes one breaks all that follow.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict, NeedsHuman
from chalicelib.store import codec
from chalicelib.store.tables import REGION, Row, connection, stamp, table_name, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from pynamodb.expressions.update import Action

TRIES = 8
LONGEST_NAME = 80  # signs, so that an entry stays one write unit
AT_ONCE = 45  # documents in one transaction: two rows each and the counter, of DynamoDB's hundred


class ByDay(GlobalSecondaryIndex["DocumentRow"]):
    """The entries of a merchant's register by day, kind, series and count."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_day"
        projection = KeysOnlyProjection()

    register = UnicodeAttribute(hash_key=True)
    listed = UnicodeAttribute(range_key=True)


class DocumentRow(Row):
    """A counter, a document's frozen facts, or an entry of the register."""

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
    about = UnicodeAttribute(null=True)
    series = UnicodeAttribute(null=True)
    seq = NumberAttribute(null=True)
    facts_sha256 = UnicodeAttribute(null=True)
    before = UnicodeAttribute(null=True)
    link = UnicodeAttribute(null=True)
    summary = JSONAttribute(null=True)
    key = UnicodeAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    xml_sha256 = UnicodeAttribute(null=True)
    filed_at = UnicodeAttribute(null=True)
    register = UnicodeAttribute(null=True)
    listed = UnicodeAttribute(null=True)
    by_day = ByDay()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Where a document lies, and the hashes of its bytes and of the XRechnung beside it, if any."""

    key: str
    sha256: str
    xml_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A document that has its number; `frozen` is all it will ever be rendered from."""

    number: str
    frozen: dict[str, Any]
    filed: Filed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document that wants a number: `freeze(n)` gives the facts for number n of its series.

    It must not fail for a document that can be rendered: no number is drawn for one that can not.
    """

    order_id: str
    kind: str
    about: str
    freeze: Callable[[int], dict[str, Any]]

    @property
    def sort_key(self) -> str:
        """The key of its frozen facts: what it is about has one document of a kind."""
        return facts_key(self.order_id, self.kind, self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """How far a series is: its last number, and the link that the next one continues."""

    last: int = 0
    link: str = ""


def facts_key(order_id: str, kind: str, about: str) -> str:
    """Return the key of a document's frozen facts."""
    return f"DOC#{order_id}#{kind}#{about}"


def facts_digest(frozen: bytes) -> str:
    """Return the SHA-256 of frozen facts as they are stored."""
    return hashlib.sha256(codec.inflated(frozen)).hexdigest()


def link_of(before: str, number: str, facts_sha256: str) -> str:
    """Return the link of an entry to the one before it in its series."""
    return hashlib.sha256(f"{before}\n{number}\n{facts_sha256}".encode()).hexdigest()


class Numbers:
    """Draws numbers, unique and without gaps per merchant and series."""

    def draw_many(
        self, merchant_id: str, *, series: str, drafts: Sequence[Draft], now: datetime
    ) -> list[Numbered]:
        """Return the documents of up to `AT_ONCE` drafts, numbered in one transaction."""
        for _ in range(TRIES):
            counter, known = self._read(merchant_id, series, [x.sort_key for x in drafts])
            new = [draft for draft in drafts if draft.sort_key not in known]
            rows = [*_rows(merchant_id, series, counter, new, now)]
            if rows:
                entries = [entry for _, entry in rows]
                try:
                    self._write(merchant_id, series, counter, rows)
                except Conflict:
                    self._refuse_taken(merchant_id, entries)
                    continue
            known |= {facts.sk: _numbered(facts) for facts, _ in rows}
            return [known[draft.sort_key] for draft in drafts]
        raise Conflict("series_busy", f"the number series {series} is busy")

    def drawn(self, merchant_id: str, key: str) -> Numbered | None:
        """Return the document of these facts if its number was drawn before."""
        return self._read(merchant_id, "", [key])[1].get(key)

    def file(self, merchant_id: str, number: str, filed: Filed, now: datetime) -> None:
        """Note once and for all where a numbered document lies; Conflict if it is another one."""
        row = DocumentRow(merchant_id, f"NUMBER#{number}")
        same = DocumentRow.sha256.does_not_exist() | (DocumentRow.sha256 == filed.sha256)
        with translated():
            row.update(
                [
                    DocumentRow.key.set(filed.key),
                    DocumentRow.sha256.set(filed.sha256),
                    DocumentRow.xml_sha256.set(filed.xml_sha256),
                    DocumentRow.filed_at.set(DocumentRow.filed_at | stamp(now)),
                ],
                condition=DocumentRow.pk.exists() & same,
            )

    def _read(
        self, merchant_id: str, series: str, documents: Sequence[str]
    ) -> tuple[Counter, dict[str, Numbered]]:
        """Return how far the series is, and those of the documents that are numbered already."""
        keys = [(merchant_id, key) for key in dict.fromkeys([f"SERIES#{series}", *documents])]
        with translated():
            rows = {row.sk: row for row in DocumentRow.batch_get(keys, consistent_read=True)}
            counter = rows.pop(f"SERIES#{series}", None)
            numbers = [(merchant_id, f"NUMBER#{row.number}") for row in rows.values()]
            entries = {
                row.number: row
                for row in (DocumentRow.batch_get(numbers, consistent_read=True) if numbers else ())
            }
        known = {key: _numbered(row, entries.get(row.number)) for key, row in rows.items()}
        if counter is None:
            return Counter(), known
        return Counter(last=int(counter.last), link=counter.link or ""), known

    def _write(
        self,
        merchant_id: str,
        series: str,
        counter: Counter,
        rows: Sequence[tuple[DocumentRow, DocumentRow]],
    ) -> None:
        row, before = DocumentRow(merchant_id, f"SERIES#{series}"), counter.last
        unchanged = DocumentRow.last == before if before else DocumentRow.pk.does_not_exist()
        after: list[Action] = [
            DocumentRow.last.set(before + len(rows)),
            DocumentRow.link.set(rows[-1][1].link),
        ]
        with translated(), TransactWrite(connection=connection()) as transaction:
            transaction.update(row, after, condition=unchanged)
            for one in (row for pair in rows for row in pair):
                transaction.save(one, condition=DocumentRow.pk.does_not_exist())

    def _refuse_taken(self, merchant_id: str, entries: Iterable[DocumentRow]) -> None:
        """Tell a person if a number is used by another series, for no repetition mends that."""
        first = next(iter(entries))
        taken = self._entry(merchant_id, first.number)
        if taken and taken.series != first.series:
            text = f"The number {first.number} is used already: choose another format of numbers."
            raise NeedsHuman("number_taken", text)

    def _entry(self, merchant_id: str, number: str) -> DocumentRow | None:
        with translated():
            try:
                return DocumentRow.get(merchant_id, f"NUMBER#{number}", consistent_read=True)
            except DocumentRow.DoesNotExist:
                return None


def _rows(
    merchant_id: str, series: str, counter: Counter, drafts: Iterable[Draft], now: datetime
) -> Iterable[tuple[DocumentRow, DocumentRow]]:
    """Yield frozen facts and register entry of each draft that has no number yet, in turn."""
    count, link = counter.last, counter.link
    for draft in {draft.sort_key: draft for draft in drafts}.values():
        count += 1
        frozen = draft.freeze(count)
        facts = DocumentRow(
            merchant_id,
            draft.sort_key,
            number=frozen["number"],
            kind=draft.kind,
            order_id=draft.order_id,
            issued_at=stamp(now),
            frozen=codec.pack(frozen, codec.PAPERS),
        )
        digest = facts_digest(facts.frozen)
        before, link = link, link_of(link, facts.number, digest)
        day = str(frozen.get("issued_on") or stamp(now)[:10])
        entry = DocumentRow(
            merchant_id,
            f"NUMBER#{facts.number}",
            number=facts.number,
            kind=draft.kind,
            order_id=draft.order_id,
            about=draft.about,
            issued_at=facts.issued_at,
            series=series,
            seq=count,
            facts_sha256=digest,
            before=before,
            link=link,
            summary=summary_of(frozen),
            register=merchant_id,
            listed=f"{day}#{draft.kind}#{series}#{count:09}",
        )
        yield facts, entry


def summary_of(frozen: dict[str, Any]) -> dict[str, Any]:
    """Return what the register shows of a document without reading its facts."""
    party, totals = frozen.get("bill_to") or {}, frozen.get("totals") or {}
    original = frozen.get("original") or {}
    return {
        "customer": (party.get("company") or party.get("name") or "")[:LONGEST_NAME],
        "country": party.get("country") or "",
        "order_number": frozen.get("order_number") or "",
        "currency": frozen.get("currency") or "",
        "original": original.get("number") or "",
        **{name: int(totals.get(name) or 0) for name in ("net", "tax", "gross")},
    }


def xml_key(key: str) -> str:
    """Return where the XRechnung lies whose picture lies there."""
    return key.removesuffix(".pdf") + ".xml"


def filed_in(entry: DocumentRow) -> Filed | None:
    """Return where the document of an entry lies; None as long as it is not filed."""
    if not entry.sha256:
        return None
    return Filed(key=entry.key, sha256=entry.sha256, xml_sha256=entry.xml_sha256 or "")


def _numbered(facts: DocumentRow, entry: DocumentRow | None = None) -> Numbered:
    return Numbered(
        number=facts.number,
        frozen=codec.unpack(facts.frozen, dict[str, Any]),
        filed=filed_in(entry) if entry else None,
    )
