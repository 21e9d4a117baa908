"""The rows of the orders' table: one per append, a head for the lists, perhaps a tombstone."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import (
    AllProjection,
    GlobalSecondaryIndex,
    IncludeProjection,
    KeysOnlyProjection,
)

from chalicelib.domain import events
from chalicelib.store import codec
from chalicelib.store.tables import REGION, Row, stamp, table_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.domain.order import Bought, Order


LONG = 512  # characters; beyond it packing pays
# The facts that the book of the day shows; a promise of money moves none.
MOVES_MONEY = (
    events.PaymentReceived,
    events.VoucherRedeemed,
    events.FeeCharged,
    events.ChargebackRecorded,
    events.ChargebackReversed,
    events.RefundRecorded,
    events.RefundFailed,
    events.WriteOffRecorded,
    events.MovementUndone,
)


class ByWorklist(GlobalSecondaryIndex["OrderRow"]):
    """The rows of a work list, oldest first."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_worklist"
        projection = AllProjection()

    list = UnicodeAttribute(hash_key=True)
    since = UnicodeAttribute(range_key=True)


class ByNumber(GlobalSecondaryIndex["OrderRow"]):
    """Finds an order by the shop's number."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_number"
        projection = KeysOnlyProjection()

    merchant = UnicodeAttribute(hash_key=True)
    number = UnicodeAttribute(range_key=True)


class ByWake(GlobalSecondaryIndex["OrderRow"]):
    """The open orders, the one to look at next first."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_wake"
        projection = KeysOnlyProjection()

    merchant_open = UnicodeAttribute(hash_key=True)
    wake_at = UnicodeAttribute(range_key=True)


class ByMoney(GlobalSecondaryIndex["OrderRow"]):
    """The appends that move money, as they were told: the book of the day (ADR 0017)."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_money"
        projection = IncludeProjection(["facts", "told"])

    money_of = UnicodeAttribute(hash_key=True)
    money_at = UnicodeAttribute(range_key=True)


class OrderRow(Row):
    """`HEAD` for the lists, one append of facts, or `DELETED` of an order that was never made."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("orders")
        region = REGION

    # The facts of an append: as they are, or packed where they are long.
    facts = UnicodeAttribute(null=True)
    told = BinaryAttribute(null=True, legacy_encoding=False)
    bought = BinaryAttribute(null=True, legacy_encoding=False)
    reported = BinaryAttribute(null=True, legacy_encoding=False)
    deleted_at = UnicodeAttribute(null=True)
    wakes = NumberAttribute(null=True)
    version = NumberAttribute(null=True)
    list = UnicodeAttribute(null=True)
    since = UnicodeAttribute(null=True)
    merchant = UnicodeAttribute(null=True)
    number = UnicodeAttribute(null=True)
    merchant_open = UnicodeAttribute(null=True)
    wake_at = UnicodeAttribute(null=True)
    summary = UnicodeAttribute(null=True)
    money_of = UnicodeAttribute(null=True)
    money_at = UnicodeAttribute(null=True)
    by_worklist = ByWorklist()
    by_number = ByNumber()
    by_wake = ByWake()
    by_money = ByMoney()


def key_of(merchant_id: str, order_id: str) -> str:
    """Return the partition of one order."""
    return f"{merchant_id}#{order_id}"


def event_row(
    order: Order,
    new: Sequence[events.Fact],
    *,
    bought: Bought | None = None,
    reported: Bought | None = None,
) -> OrderRow:
    """Return the row of an append that made this order's version; it must not exist yet."""
    row = append_row(key_of(order.merchant_id, order.id), order.version, new)
    row.bought = codec.pack(bought) if bought else None
    row.reported = codec.pack(reported) if reported else None
    return row


def append_row(key: str, version: int, new: Sequence[events.Fact]) -> OrderRow:
    """Return the row of an append that makes a version of an order, known by its key alone."""
    row = OrderRow(key, f"EVENT#{version:04}")
    text = codec.facts_to_json(tuple(new))
    if len(text) > LONG:
        row.told = codec.pack_facts(text)
    else:
        row.facts = text
    if events.wakes(new):
        row.wakes = 1
    if told := [fact.at for fact in new if isinstance(fact, MOVES_MONEY)]:
        row.money_of, row.money_at = key.partition("#")[0], stamp(max(told))
    return row


def facts_in(row: OrderRow) -> tuple[events.Fact, ...]:
    """Return the facts of an append."""
    return codec.unpack_facts(row.told) if row.told else codec.facts_from_json(row.facts)


def row_of(image: Mapping[str, Any]) -> OrderRow:
    """Read a row from its image in the stream, where bytes are base64."""
    return OrderRow.from_raw_data(
        {
            name: {"B": b64decode(value["B"])} if "B" in value else value
            for name, value in image.items()
        }
    )
