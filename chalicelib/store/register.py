"""The register of numbered documents: by day, by number, and how far each series is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.store import codec
from chalicelib.store.documents import (
    Counter,
    DocumentRow,
    Filed,
    facts_digest,
    facts_key,
    filed_in,
)
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

READERS = 8  # orders whose documents are looked at side by side
CORRECTIONS = frozenset({"credit_note", "cancellation"})
KINDS = ("invoice", *sorted(CORRECTIONS))  # all that have numbers
LOOKED_AT = 200  # keys read at once while those of one kind are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One number: what it was given to, how it is linked to the one before, where it lies."""

    number: str
    kind: str
    order_id: str
    about: str
    series: str
    seq: int
    issued_at: str
    listed: str
    facts_sha256: str
    before: str
    link: str
    summary: Mapping[str, Any]
    filed: Filed | None = None
    filed_at: str = ""

    @property
    def day(self) -> str:
        """The day that the document bears."""
        return self.listed.partition("#")[0]

    @property
    def facts_key(self) -> str:
        """The key of its frozen facts."""
        return f"DOC#{self.order_id}#{self.kind}#{self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The facts a document was rendered from, and their hash as they are now."""

    facts: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A document that corrects another, or takes it back."""

    number: str
    kind: str


# The corrections of documents, by the number of what they correct.
Corrected = Mapping[str, Sequence[Correction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from `since` to `until`, both ISO 8601 and both included; `kind` narrows them."""

    since: str
    until: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Numbers of a series, from the first to the last count, and the days they may bear."""

    series: str
    first: int
    last: int
    days: Sequence[str]


class Register:
    """The registers of all merchants; each call reads one merchant's."""

    def page(
        self, merchant_id: str, span: Span, *, after: str = "", limit: int, newest: bool = False
    ) -> tuple[list[Entry], str]:
        """Return entries behind `after`, and the cursor of the next page, empty at the end."""
        names: list[tuple[str, str]] = []
        while len(names) <= limit:
            found = self._keys(merchant_id, span, after, newest=newest)
            names += [(x, sk) for x, sk in found if not span.kind or _kind(x) == span.kind]
            if len(found) < LOOKED_AT:
                break
            after = found[-1][0]
        following = names[limit - 1][0] if len(names) > limit else ""
        entries = self._entries(merchant_id, [sk for _, sk in names[:limit]])
        return [entries[sk] for _, sk in names[:limit] if sk in entries], following

    def count(self, merchant_id: str, span: Span) -> int:
        """Return how many entries there are; reads only the keys of the index."""
        which = DocumentRow.listed.between(span.since, f"{span.until}#~")
        with translated():
            if not span.kind:
                return DocumentRow.by_day.count(merchant_id, which)
            rows = DocumentRow.by_day.query(merchant_id, which)
            return sum(_kind(row.listed) == span.kind for row in rows)

    def find(self, merchant_id: str, number: str, *, limit: int = 50) -> list[Entry]:
        """Return the entries whose numbers begin so."""
        which = DocumentRow.sk.startswith(f"NUMBER#{number}")
        with translated():
            return [_entry(row) for row in DocumentRow.query(merchant_id, which, limit=limit)]

    def facts(self, merchant_id: str, entries: Iterable[Entry]) -> dict[str, Frozen]:
        """Return by number the frozen facts of entries, as far as they are there."""
        keys = [(merchant_id, entry.facts_key) for entry in entries]
        with translated():
            rows = [*(DocumentRow.batch_get(keys) if keys else ())]
        return {
            row.number: Frozen(
                facts=codec.unpack(row.frozen, dict[str, Any]), sha256=facts_digest(row.frozen)
            )
            for row in rows
        }

    def invoices(
        self, merchant_id: str, orders: Iterable[str]
    ) -> dict[str, dict[str, Mapping[str, Any]]]:
        """Return by order the frozen facts of all its invoices, by what they refer to."""
        names = sorted({*orders})
        with ThreadPoolExecutor(READERS) as pool:
            found = pool.map(lambda order: self._invoices_of(merchant_id, order), names)
            return {name: known for name, known in zip(names, found, strict=True) if known}

    def _invoices_of(self, merchant_id: str, order_id: str) -> dict[str, Mapping[str, Any]]:
        start = facts_key(order_id, "invoice", "")
        with translated():
            rows = [*DocumentRow.query(merchant_id, DocumentRow.sk.startswith(start))]
        return {row.sk.removeprefix(start): codec.unpack(row.frozen, dict[str, Any])
                for row in rows}  # fmt: skip

    def corrected(self, merchant_id: str, entries: Iterable[Entry]) -> Corrected:
        """Return what corrects or cancels entries, whenever it was issued.

        It is found among the documents of the same order: the entry itself is never touched again.
        """
        originals = {x.number: x for x in entries if x.kind not in CORRECTIONS}
        orders = {entry.order_id for entry in originals.values()}
        found: dict[str, list[Correction]] = {}
        with ThreadPoolExecutor(READERS) as pool:
            for rows in pool.map(lambda order: self._of_order(merchant_id, order), orders):
                for original, correction in rows:
                    if original in originals:
                        found.setdefault(original, []).append(correction)
        return found

    def _of_order(self, merchant_id: str, order_id: str) -> list[tuple[str, Correction]]:
        """Return the corrections of an order's documents in the order of their numbers."""
        which = DocumentRow.sk.startswith(f"DOC#{order_id}#")
        with translated():
            rows = [x for x in DocumentRow.query(merchant_id, which) if x.kind in CORRECTIONS]
        rows.sort(key=lambda row: (row.issued_at, row.number))
        facts = [codec.unpack(row.frozen, dict[str, Any]) for row in rows]
        return [
            (str((said.get("original") or {}).get("number", "")), _correction(row))
            for row, said in zip(rows, facts, strict=True)
        ]

    def unfiled(self, merchant_id: str, drawing: Drawing) -> list[str]:
        """Return the orders of numbers that are drawn and whose documents are not filed."""
        keys = list[str]()
        for start in (f"{day}#{kind}#{drawing.series}#" for day in drawing.days for kind in KINDS):
            first, last = f"{start}{drawing.first:09}", f"{start}{drawing.last:09}"
            which = DocumentRow.listed.between(first, last)
            with translated():
                keys += [row.sk for row in DocumentRow.by_day.query(merchant_id, which)]
        entries = self._entries(merchant_id, keys)
        return [entries[key].order_id for key in keys if entries[key].filed is None]

    def counters(self, merchant_id: str) -> dict[str, Counter]:
        """Return how far each series is."""
        with translated():
            rows = [*DocumentRow.query(merchant_id, DocumentRow.sk.startswith("SERIES#"))]
        return {
            row.sk.removeprefix("SERIES#"): Counter(last=int(row.last), link=row.link or "")
            for row in rows
        }

    def _keys(
        self, merchant_id: str, span: Span, after: str, *, newest: bool
    ) -> list[tuple[str, str]]:
        """Return the next keys of the index: what an entry is listed under, and its row's key."""
        least, most = span.since, f"{span.until}#~"
        if after:
            # Nothing lies between a key and the same with a blank behind it.
            least, most = (least, after) if newest else (f"{after} ", most)
        which = DocumentRow.listed.between(least, most)
        with translated():
            rows = DocumentRow.by_day.query(
                merchant_id, which, limit=LOOKED_AT + 1, scan_index_forward=not newest
            )
            found = [(row.listed, row.sk) for row in rows]
        return [one for one in found if one[0] != after][:LOOKED_AT]

    def _entries(self, merchant_id: str, keys: Collection[str]) -> dict[str, Entry]:
        with translated():
            found = DocumentRow.batch_get([(merchant_id, key) for key in keys]) if keys else ()
            return {row.sk: _entry(row) for row in found}


def _kind(listed: str) -> str:
    return listed.split("#")[1]


def _correction(row: DocumentRow) -> Correction:
    return Correction(number=row.number, kind=row.kind)


def _entry(row: DocumentRow) -> Entry:
    return Entry(
        number=row.number,
        kind=row.kind,
        order_id=row.order_id,
        about=row.about or "",
        series=row.series,
        seq=int(row.seq),
        issued_at=row.issued_at,
        listed=row.listed,
        facts_sha256=row.facts_sha256,
        before=row.before or "",
        link=row.link,
        summary=row.summary or {},
        filed=filed_in(row),
        filed_at=row.filed_at or "",
    )
