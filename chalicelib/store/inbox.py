"""The inbox: every delivery as it came in, raw, saved before we answer 2xx."""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Conflict
from chalicelib.store import packing
from chalicelib.store.inbox_words import SPOKEN
from chalicelib.store.tables import REGION, Row, moment, stamp, table_name, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pynamodb.expressions.update import Action

    from chalicelib.store.bucket import Bucket

KEEP = timedelta(days=90)
_SPOKEN = {zlib.adler32(SPOKEN): SPOKEN}
FORGED = "bad_signature"
TESTED = "test_read"
HASH = re.compile(r"[0-9a-f]{64}")
HASH_BYTES = 16
LONG = 300 * 1024  # bytes, deflated: a row holds 400 KB, beyond that the body lies in the bucket


class Problems(GlobalSecondaryIndex["InboxRow"]):
    """Deliveries that could not be processed; only those cost anything here."""

    class Meta:
        """The index as the template makes it."""

        index_name = "problems"
        projection = AllProjection()

    problem_of = UnicodeAttribute(hash_key=True)
    received_at = UnicodeAttribute(range_key=True)


class Recent(GlobalSecondaryIndex["InboxRow"]):
    """Deliveries by the hour, for the sweeper's second look."""

    class Meta:
        """The index as the template makes it."""

        index_name = "recent"
        projection = IncludeProjection(["step"])

    hour = UnicodeAttribute(hash_key=True)
    received_at = UnicodeAttribute(range_key=True)


class InboxRow(Row):
    """One delivery; `pk` is `{merchant}#{connection}`, `sk` what makes a repeat the same one."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("inbox")
        region = REGION

    kind = UnicodeAttribute()
    step = UnicodeAttribute(null=True)
    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    received_at = UnicodeAttribute()
    hour = UnicodeAttribute(null=True)
    problem_of = UnicodeAttribute(null=True)
    problem = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    problems = Problems()
    recent = Recent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A delivery that waits for a person, with the reason in their words."""

    delivery: Delivery
    step: str
    code: str
    text: str


def delivery_id(connection_id: str, key: str) -> str:
    """Name a delivery: its connection and the key that makes a repeat the same one."""
    return f"{connection_id}/{key}"


def short(key: str) -> str:
    """Return a SHA-256 in hex as 22 signs, so that rows are small; any other key as it is."""
    if not HASH.fullmatch(key):
        return key
    return urlsafe_b64encode(bytes.fromhex(key)[:HASH_BYTES]).decode().rstrip("=")


class Inbox:
    """The deliveries of all connections."""

    def save(self, delivery: Delivery, *, step: str) -> bool:
        """Keep a genuine delivery for a step; False if the same one is here already."""
        row = _row(delivery)
        if len(row.body) > LONG:
            row.body_key = f"inbox/{delivery.merchant_id}/{delivery.id}.zlib"
            _bucket().put(row.body_key, row.body)
            row.body = None
        row.step = step
        row.hour = hour_of(delivery.merchant_id, delivery.received_at)
        return _put(row)

    def save_problem(self, delivery: Delivery, code: str, text: str) -> bool:
        """Keep a delivery that must change nothing, for a person to see."""
        row = _row(delivery)
        row.problem_of, row.problem = _doubtful(delivery.merchant_id), f"{code}: {text}"
        return _put(row)

    def load(self, merchant_id: str, wanted: str) -> Delivery | None:
        """Read a delivery by its id."""
        row = self._find(merchant_id, wanted)
        return _delivery(row) if row else None

    def look(self, merchant_id: str, wanted: str) -> Problem | None:
        """Read a delivery with what was wrong; one without a step nobody vouched for."""
        row = self._find(merchant_id, wanted)
        return _problem(row) if row else None

    def fail(self, merchant_id: str, wanted: str, code: str, text: str) -> None:
        """Note why a delivery could not be processed; it stays until somebody replays it.

        One that turned out to be forged is listed with the forged ones, until its time is up.
        """
        if row := self._find(merchant_id, wanted):
            is_forged = code == FORGED
            actions: list[Action] = [
                InboxRow.problem_of.set(_doubtful(merchant_id) if is_forged else merchant_id),
                InboxRow.problem.set(f"{code}: {text}"),
            ]
            actions += [] if is_forged else [InboxRow.expires_at.remove()]
            with translated():
                row.update(actions)

    def solve(self, merchant_id: str, wanted: str) -> None:
        """Take a delivery off the list of problems."""
        if (row := self._find(merchant_id, wanted)) and row.problem_of:
            ends = int((moment(row.received_at) + KEEP).timestamp())
            actions: list[Action] = [
                InboxRow.problem_of.remove(),
                InboxRow.problem.remove(),
                InboxRow.expires_at.set(ends),
            ]
            with translated():
                row.update(actions)

    def problems(self, merchant_id: str, *, limit: int = 50) -> list[Problem]:
        """List the newest deliveries that wait for a person, and the newest nobody vouched for."""
        with translated():
            rows = [
                row
                for key in (merchant_id, _doubtful(merchant_id))
                for row in InboxRow.problems.query(key, limit=limit, scan_index_forward=False)
            ]
        return [_problem(row) for row in sorted(rows, key=lambda x: x.received_at, reverse=True)]

    def problems_between(
        self, merchant_id: str, start: datetime, end: datetime, *, limit: int
    ) -> list[Problem]:
        """List the newest of what waits for a person, or is forged, from one moment to another."""
        span = InboxRow.received_at.between(stamp(start), stamp(end))
        with translated():
            return [
                _problem(row)
                for key in (merchant_id, _doubtful(merchant_id))
                for row in InboxRow.problems.query(key, span, limit=limit, scan_index_forward=False)
            ]

    def note_test(self, merchant_id: str, wanted: str, text: str) -> None:
        """Remember that a test of ours was read; it is no problem and makes nothing."""
        if row := self._find(merchant_id, wanted):
            with translated():
                row.update([InboxRow.problem.set(f"{TESTED}: {text}")])

    def failed(self, merchant_id: str) -> Iterator[Problem]:
        """Yield all genuine deliveries that could not be processed, oldest first."""
        with translated():
            for row in InboxRow.problems.query(merchant_id):
                yield _problem(row)

    def received_between(
        self, merchant_id: str, start: datetime, end: datetime
    ) -> Iterable[tuple[str, str]]:
        """Yield (delivery id, step) of what came in between two moments, hour by hour."""
        hours = range(int(start.timestamp()) // 3600, int(end.timestamp()) // 3600 + 1)
        span = InboxRow.received_at.between(stamp(start), stamp(end))
        with translated():
            for hour in hours:
                moment_of = datetime.fromtimestamp(hour * 3600, UTC)
                for row in InboxRow.recent.query(hour_of(merchant_id, moment_of), span):
                    yield delivery_id(row.pk.split("#", 1)[1], row.sk), row.step or ""

    def _find(self, merchant_id: str, wanted: str) -> InboxRow | None:
        connection_id, _, key = wanted.partition("/")
        if not key:
            return None
        with translated():
            try:
                return InboxRow.get(f"{merchant_id}#{connection_id}", key, consistent_read=True)
            except InboxRow.DoesNotExist:
                return None


def _bucket() -> Bucket:
    """Load the bucket only for the rare long body: its client costs time at a cold start."""
    from chalicelib.store.bucket import Bucket  # noqa: PLC0415

    return Bucket()


def _doubtful(merchant_id: str) -> str:
    """Return where forged deliveries are listed: however many, they hide no genuine one."""
    return f"{merchant_id}#doubtful"


def hour_of(merchant_id: str, at: datetime) -> str:
    """Return the hour a delivery is listed under."""
    return f"{merchant_id}#{stamp(at)[:13]}"


def _row(delivery: Delivery) -> InboxRow:
    connection_id, _, key = delivery.id.partition("/")
    return InboxRow(
        f"{delivery.merchant_id}#{connection_id}",
        key,
        kind=delivery.kind,
        body=_packed(delivery),
        received_at=stamp(delivery.received_at),
        expires_at=int((delivery.received_at + KEEP).timestamp()),
    )


def _packed(delivery: Delivery) -> bytes:
    """Deflate the headers, as a line of JSON, and the body together: most rows stay below 1 KB."""
    headers = json.dumps(dict(delivery.headers), separators=(",", ":")).encode()
    return packing.deflated(headers + b"\n" + delivery.body, SPOKEN)


def _put(row: InboxRow) -> bool:
    try:
        with translated():
            row.save(condition=InboxRow.pk.does_not_exist())
    except Conflict:
        return False
    return True


def _delivery(row: InboxRow) -> Delivery:
    merchant_id, connection_id = row.pk.split("#", 1)
    packed = row.body or _bucket().read(row.body_key)
    name = delivery_id(connection_id, row.sk)
    return unpacked(merchant_id, name, row.kind, row.received_at, packed)


def unpacked(merchant_id: str, wanted: str, kind: str, received_at: str, packed: bytes) -> Delivery:
    """Return a delivery of what its row holds."""
    headers, _, body = packing.inflated(packed, _SPOKEN).partition(b"\n")
    return Delivery(
        merchant_id=merchant_id,
        connection_id=wanted.partition("/")[0],
        kind=kind,
        id=wanted,
        received_at=moment(received_at),
        headers=json.loads(headers),
        body=body,
    )


def _problem(row: InboxRow) -> Problem:
    code, _, text = (row.problem or "").partition(": ")
    return Problem(delivery=_delivery(row), step=row.step or "", code=code, text=text)
