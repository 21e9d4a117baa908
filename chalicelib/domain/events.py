"""Facts: what happened to an order, in the past tense. They are only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The merchant's rules, frozen into each order when it comes in."""

    ship_on: str = "payment"  # payment | acceptance (invoice customers ship before they pay)
    invoice_on: str = "payment"  # payment | acceptance | shipment
    partial_reservation: bool = False
    partial_shipments: bool = False
    payment_days: int = 7
    merge_payment_mail: bool = True
    carrier: str = "local"
    location: str = "main"
    handling_days: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """A number of pieces of one SKU at one location; `weight_g` is one piece's, as it was then."""

    sku: str
    quantity: int
    location: str = "main"
    weight_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """Units that could not be set aside; `available` is None when the SKU is not known at all."""

    sku: str
    wanted: int
    available: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuantity:
    """Pieces of one order line, by the line's id."""

    line_id: str
    quantity: int
    restock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to an order at a moment (UTC)."""

    at: datetime

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two records of the same happening one; by default all that it says."""
        return (type(self), self)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(Fact):
    """The shop's order came in; `access_token` opens the customer's status page."""

    delivery_id: str
    policy: Policy
    access_token: str

    @property
    def identity(self) -> tuple[object, ...]:
        """An order is received once."""
        return (type(self),)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted(Fact):
    """The order adds up and may be worked on; `by` names the person if it was not by itself."""

    by: str = "kontor"

    @property
    def identity(self) -> tuple[object, ...]:
        """An order is accepted once."""
        return (type(self),)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Fact):
    """The order shall not be carried out."""

    by: str
    reason: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """An order is cancelled once."""
        return (type(self),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopChangeReported(Fact):
    """The shop sent a newer version that differs from what we hold; a person looks at it."""

    modified_at: datetime
    changes: tuple[str, ...]

    @property
    def identity(self) -> tuple[object, ...]:
        """One report for each version of the shop's order."""
        return (type(self), self.modified_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectIntended(Fact):
    """An effect outside is about to be tried; until its answer is known it is *unknown*."""

    effect: str
    attempt: int = 1

    @property
    def identity(self) -> tuple[object, ...]:
        """Each attempt is one intent."""
        return (type(self), self.effect, self.attempt, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Fact):
    """Something stands in the way; `effect` names the one effect it stops, else shipping waits."""

    code: str
    text: str
    owner: str = "staff"
    effect: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """A hold may come back after it was released."""
        return (type(self), self.code, self.effect, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Fact):
    """A person decided to go on in spite of a problem."""

    code: str
    by: str
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFact(Fact):
    """Units of this order were moved between available, reserved and gone."""

    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(StockFact):
    """Units were set aside for this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(StockFact):
    """Units set aside went back to the shelf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockIssued(StockFact):
    """Units left the house in a shipment."""

    shipment: int

    @property
    def identity(self) -> tuple[object, ...]:
        """Goods go out once per shipment."""
        return (type(self), self.shipment)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReturned(StockFact):
    """Units of a return were looked at; `units` went back on the shelf, the rest did not."""

    return_id: str

    @property
    def identity(self) -> tuple[object, ...]:
        """A return is put away once."""
        return (type(self), self.return_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockShort(Fact):
    """There was not enough to set aside."""

    missing: tuple[Shortage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockArrived(Fact):
    """Units of a SKU that this order waits for came in."""

    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Fact):
    """Money moved; `reference` is the source's own name for it, `amount` is never negative."""

    source: str
    reference: str
    amount: Money
    booked_at: datetime

    @property
    def identity(self) -> tuple[object, ...]:
        """One movement per kind, source and reference, however often it is told."""
        return (type(self), self.source, self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(Movement):
    """Money came in, or (source `shop`) the shop says how much it has received in all."""

    @property
    def identity(self) -> tuple[object, ...]:
        """A movement is told once; the shop's word is new whenever the sum is."""
        told = (self.amount.minor,) if self.source == "shop" else ()
        return (type(self), self.source, self.reference, *told)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized(Movement):
    """Money is promised by a provider, not yet captured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackRecorded(Movement):
    """Money was taken back by the customer's bank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecorded(Movement):
    """Money went back to the customer; `return_id` names the return it settles, if any."""

    return_id: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOverdue(Fact):
    """The order was not paid within the merchant's time for payment."""

    @property
    def identity(self) -> tuple[object, ...]:
        """An order becomes overdue once."""
        return (type(self),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Fact):
    """A document lies in the archive; `refers_to` names the shipment or refund it is about."""

    kind: str  # invoice | credit_note | delivery_note | label
    number: str
    issued_on: date
    key: str
    sha256: str
    refers_to: str = ""
    lines: tuple[LineQuantity, ...] = ()

    @property
    def identity(self) -> tuple[object, ...]:
        """One document of a kind about one thing."""
        return (type(self), self.kind, self.refers_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRegistered(Fact):
    """The carrier knows the parcel; `has_label` is False where we draw the label ourselves."""

    shipment: int
    carrier: str
    tracking_number: str
    tracking_url: str
    weight_g: int = 0
    has_label: bool = False

    @property
    def identity(self) -> tuple[object, ...]:
        """A parcel is registered once."""
        return (type(self), self.shipment)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Fact):
    """A mail left for the customer."""

    kind: str
    to: str
    message_id: str
    refers_to: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """One mail of a kind about one thing."""
        return (type(self), self.kind, self.refers_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAuthorized(Fact):
    """Staff agreed that these goods may come back."""

    return_id: str
    lines: tuple[LineQuantity, ...]
    reason: str = ""
    by: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """One authorization per return."""
        return (type(self), self.return_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived(Fact):
    """The goods are back; each line says whether it may be sold again."""

    return_id: str
    lines: tuple[LineQuantity, ...]
    by: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """A return comes in once."""
        return (type(self), self.return_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDue(Fact):
    """What the merchant owes the customer for a return."""

    return_id: str
    amount: Money

    @property
    def identity(self) -> tuple[object, ...]:
        """One amount per return."""
        return (type(self), self.return_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Fact):
    """Somebody wrote something down."""

    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsChanged(Fact):
    """The order's tags are now these."""

    tags: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAssigned(Fact):
    """The order is this person's to look after; empty for nobody."""

    to: str
    by: str


FACTS: dict[str, type[Fact]] = {
    kind.__name__: kind
    for kind in (
        OrderReceived,
        OrderAccepted,
        OrderCancelled,
        ShopChangeReported,
        EffectIntended,
        HoldPlaced,
        HoldReleased,
        StockReserved,
        StockReleased,
        StockIssued,
        StockReturned,
        StockShort,
        StockArrived,
        PaymentReceived,
        PaymentAuthorized,
        ChargebackRecorded,
        RefundRecorded,
        PaymentOverdue,
        DocumentIssued,
        ShipmentRegistered,
        MessageSent,
        ReturnAuthorized,
        ReturnReceived,
        RefundDue,
        NoteAdded,
        TagsChanged,
        OrderAssigned,
    )
}

# Facts that no step answers and no work list shows; a row of only these wakes nobody.
SILENT: frozenset[type[Fact]] = frozenset(
    {EffectIntended, MessageSent, StockIssued, StockReleased, StockReturned, NoteAdded}
)


def wakes(facts: Iterable[Fact]) -> bool:
    """Tell whether any of these facts may give a step something to do."""
    return any(type(fact) not in SILENT for fact in facts)
