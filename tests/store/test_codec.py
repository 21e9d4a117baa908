"""How values are written: readable for ever, and the same however often it is done."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from chalicelib.domain import events
from chalicelib.domain.order import Bought
from chalicelib.store import codec
from chalicelib.store.merchants import Settings
from chalicelib.store.order_rows import event_row, facts_in
from chalicelib.store.tables import moment, stamp
from tests.events import NOW, bought, line, order, paid


def test_a_fact_is_json_that_a_person_can_read() -> None:
    """Kind and fields by name, times in RFC 3339, money in minor units."""
    [row] = json.loads(codec.facts_to_json((paid("12.34"),)))
    assert row == {
        "fact": "PaymentReceived",
        "at": "2026-11-23T08:00:00Z",
        "source": "stripe",
        "reference": "ref-12.34",
        "amount": {"minor": 1234, "currency": "EUR"},
        "booked_at": "2026-11-23T08:00:00Z",
        "payment": "",
    }


def test_facts_of_yesterday_can_be_read_with_the_code_of_today() -> None:
    """A field that was added since takes its default, one that is gone is passed over."""
    row = {
        "fact": "ShipmentRegistered", "at": "2026-11-23T08:00:00Z", "shipment": 1,
        "carrier": "local", "tracking_number": "LX1", "tracking_url": "", "gone": "x",
    }  # fmt: skip
    [fact] = codec.facts_from_json(json.dumps([row]))
    assert fact == events.ShipmentRegistered(
        at=NOW, shipment=1, carrier="local", tracking_number="LX1", tracking_url=""
    )


def test_an_order_from_before_there_were_letters_gets_none() -> None:
    """An update does not remind who owes something since last year; a new order is reminded."""
    [row] = json.loads(codec.facts_to_json((order().received,)))
    [new] = codec.facts_from_json(json.dumps([row]))
    assert isinstance(new, events.OrderReceived)
    assert new.policy == events.Policy()
    since = ("dunning_levels", "reminder_days", "dunning_days", "dunning_fee_1", "dunning_fee_2",
             "cancel_unpaid", "waive_fees_on_payment")  # fmt: skip
    for name in since:
        del row["policy"][name]
    [old] = codec.facts_from_json(json.dumps([row]))
    assert isinstance(old, events.OrderReceived)
    assert old.policy == events.Policy(dunning_levels=0)
    stored = codec.plain(Settings())
    del stored["policy"]["dunning_levels"]
    assert codec.settings_from(stored, Settings).policy.dunning_levels == 0
    assert codec.settings_from({"name": "Blattwerk"}, Settings) == Settings(name="Blattwerk")


def test_an_unknown_kind_of_fact_is_never_passed_over() -> None:
    """Better no answer than an order without one of its facts."""
    with pytest.raises(KeyError):
        codec.facts_from_json('[{"fact": "FactOfTomorrow", "at": "2026-11-23T08:00:00Z"}]')


def test_what_was_bought_is_packed_and_the_same_every_time() -> None:
    """Equal after reading, and short: most of an order is its names of fields."""
    what = bought(line(rate="5.5"), line("B", price="0.01"), note="Grüße\n🌱")
    assert codec.unpack(codec.pack(what), Bought) == what
    assert codec.pack(what) == codec.pack(what)
    assert len(codec.pack(what)) < len(json.dumps(codec.plain(what))) / 2


def test_what_was_packed_before_there_was_a_dictionary_can_be_read() -> None:
    """Rows of the first houses are plain deflated JSON."""
    what = bought(line())
    old = zlib.compress(json.dumps(codec.plain(what)).encode(), 9)
    assert codec.unpack(old, Bought) == what
    # The words that were agreed on are part of every row since: no letter may change.
    assert hashlib.sha256(codec.KNOWN).hexdigest()[:16] == "7739a6b8672241cc"


def test_an_order_fits_into_one_write_unit() -> None:
    """Its first row, with two lines and all rules, has less than a kilobyte."""
    one = order(what=bought(line(), line("B", rate="7"), note="Bitte beim Nachbarn abgeben."))
    row = event_row(one, one.facts, bought=one.bought)
    assert facts_in(row) == one.facts
    assert len(row.bought) + len(row.told) < 700


def test_plain_values_are_what_json_knows() -> None:
    """Decimals as text, so that no digit is lost."""
    plain = codec.plain(order().bought.lines[0])
    assert plain["tax_rate"] == "19"
    assert codec.shaped(plain, type(order().bought.lines[0])).tax_rate == Decimal(19)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678900, UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1))),
            "2026-01-02T02:04:05.000Z",
        ),
    ],
)
def test_moments_are_written_so_that_they_sort(at: datetime, text: str) -> None:
    """UTC with milliseconds, always of one length, and read as what they were."""
    assert stamp(at) == text
    assert moment(text) == at.replace(microsecond=at.microsecond // 1000 * 1000)


def test_frozen_facts_name_their_own_dictionary_and_older_rows_are_read_all_the_same() -> None:
    """An invoice of twelve lines stays one kilobyte; what was packed before has the old one."""
    row = {"position": 1, "name": "Sencha", "quantity": 1, "sku": "A", "details": ""}
    facts = {"number": "RE-2026-00001", "lines": [row] * 3, "totals": {"net": 1, "tax": 0}}
    new, old = codec.pack(facts, codec.PAPERS), codec.pack(facts)
    assert codec.unpack(new, dict) == codec.unpack(old, dict) == facts
    assert len(new) < len(old)
    assert codec.unpack(zlib.compress(json.dumps(facts).encode()), dict) == facts
    # Whoever changes it makes every row unreadable that was packed with it.
    assert hashlib.sha256(codec.PAPERS).hexdigest()[:16] == "b4b234d121c3314e"
