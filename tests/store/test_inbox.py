"""Inbox: saved once, raw, listed by the hour; problems stay until somebody solved them."""

from __future__ import annotations

import os
import random
import zlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.deliveries import Delivery
from chalicelib.store.inbox import KEEP, LONG, Inbox, InboxRow
from tests.events import NOW

pytestmark = pytest.mark.engine


def told(merchant: str, key: str = "k1", *, at: datetime = NOW, body: bytes = b"{}") -> Delivery:
    """Return a delivery of the merchant's shop."""
    connection = f"{merchant}-woo"
    return Delivery(
        merchant_id=merchant,
        connection_id=connection,
        kind="woocommerce",
        id=f"{connection}/{key}",
        received_at=at,
        headers={"x-wc-webhook-topic": "order.created"},
        body=body,
    )


def row_of(delivery: Delivery) -> InboxRow:
    """Return the row as it lies in the table."""
    connection, _, key = delivery.id.partition("/")
    return InboxRow.get(f"{delivery.merchant_id}#{connection}", key)


def test_a_repeated_delivery_is_known(merchant: str) -> None:
    """The first is new, the second changes nothing, not even its time."""
    assert Inbox().save(told(merchant), step="intake")
    later = told(merchant, at=NOW + timedelta(hours=1), body=b"other")
    assert not Inbox().save(later, step="intake")
    assert Inbox().load(merchant, f"{merchant}-woo/k1") == told(merchant)


@pytest.mark.parametrize("size", [0, 1, 300_000, 1_500_000])
def test_a_body_of_any_length_is_kept_byte_for_byte(merchant: str, size: int) -> None:
    """Also one that no row can hold, and one that cannot be deflated."""
    body = random.Random(size).randbytes(size)  # noqa: S311 - the same bytes every time
    Inbox().save(told(merchant, body=body), step="intake")
    read = Inbox().load(merchant, f"{merchant}-woo/k1")
    assert read
    assert read.body == body
    assert bool(row_of(read).body_key) == (size > LONG)


def test_a_delivery_of_before_there_were_known_words_is_read(merchant: str) -> None:
    """Rows are kept for three months, and problems until somebody has solved them."""
    old = told(merchant, body=b'{"id":1}')
    Inbox().save(old, step="intake")
    row = row_of(old)
    row.body = zlib.compress(b'{"x-wc-webhook-topic":"order.created"}\n{"id":1}', 9)
    row.save()
    assert Inbox().load(merchant, old.id) == old


def test_what_nobody_vouched_for_wakes_nobody(merchant: str) -> None:
    """A problem has no step and no hour: neither stream nor sweeper brings it to a worker."""
    Inbox().save_problem(told(merchant), "bad_signature", "The signature is forged.")
    row = row_of(told(merchant))
    assert row.step is None
    assert row.hour is None
    found = Inbox().received_between(merchant, NOW - timedelta(minutes=1), NOW)
    assert list(found) == []


def test_what_a_worker_finds_forged_goes_by_itself(merchant: str) -> None:
    """Whoever knows the address of a webhook cannot fill the house for ever, nor be replayed."""
    delivery = told(merchant)
    Inbox().save(delivery, step="intake")
    Inbox().fail(merchant, delivery.id, "bad_signature", "The signature is forged.")
    assert row_of(delivery).expires_at
    assert [problem.code for problem in Inbox().problems(merchant)] == ["bad_signature"]
    assert list(Inbox().failed(merchant)) == []


def test_problems_are_listed_newest_first_with_their_reason(merchant: str) -> None:
    """Forged, refused and given up: each with code, text and raw body."""
    Inbox().save_problem(told(merchant, "k1", body=b"forged"), "bad_signature", "Forged: no.")
    second = told(merchant, "k2", at=NOW + timedelta(minutes=1), body=b"not json")
    Inbox().save(second, step="intake")
    Inbox().fail(merchant, second.id, "bad_payload", "body: must be JSON")
    assert [
        (p.code, p.text, p.step, p.delivery.body) for p in Inbox().problems(merchant)
    ] == [
        ("bad_payload", "body: must be JSON", "intake", b"not json"),
        ("bad_signature", "Forged: no.", "", b"forged"),
    ]  # fmt: skip


def test_a_failed_delivery_stays_until_it_is_solved(merchant: str) -> None:
    """Deliveries expire after ninety days; one with a problem does not, once solved it does."""
    Inbox().save(told(merchant), step="intake")
    ends = int((NOW + KEEP).timestamp())
    assert row_of(told(merchant)).expires_at == ends
    Inbox().fail(merchant, told(merchant).id, "bad_payload", "id: must be given")
    assert row_of(told(merchant)).expires_at is None
    Inbox().solve(merchant, told(merchant).id)
    assert row_of(told(merchant)).expires_at == ends
    assert Inbox().problems(merchant) == []
    assert Inbox().load(merchant, told(merchant).id) == told(merchant)


def test_deliveries_of_a_span_are_found_across_the_hour(merchant: str) -> None:
    """The sweeper's second look misses nothing at the turn of the hour."""
    hour = NOW.replace(hour=9)
    for minutes in (-20, -10, -1, 0, 3, 6):
        key, at = f"at{minutes}", hour + timedelta(minutes=minutes)
        Inbox().save(told(merchant, key, at=at), step="intake")
    found = Inbox().received_between(
        merchant, hour - timedelta(minutes=10), hour + timedelta(minutes=5)
    )
    assert [name.rpartition("/at")[2] for name, _ in found] == ["-10", "-1", "0", "3"]


def test_no_merchant_sees_or_changes_anothers_deliveries(merchant: str) -> None:
    """Neither by its own lists nor by the other's names."""
    delivery = told(merchant)
    Inbox().save(delivery, step="intake")
    Inbox().save_problem(replace(delivery, id=f"{merchant}-woo/p"), "x", "y")
    for other in ("other", f"{merchant}x", merchant[:-1]):
        assert Inbox().load(other, delivery.id) is None
        assert Inbox().problems(other) == []
        Inbox().fail(other, delivery.id, "x", "y")
        Inbox().solve(other, f"{merchant}-woo/p")
        assert list(Inbox().received_between(other, NOW, NOW)) == []
    assert row_of(delivery).problem is None
    assert len(Inbox().problems(merchant)) == 1


def test_the_tables_have_the_names_the_stage_gives_them() -> None:
    """Tests run on plain names; a deployed function reads its own from the environment."""
    assert InboxRow.Meta.table_name == os.environ.get("INBOX_TABLE", "inbox")
