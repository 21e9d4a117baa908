"""Facts: what happened to an order, in the past tense. They are only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.fact import Fact
from chalicelib.domain.ledger import (
    AuthorizationVoided,
    ChargebackRecorded,
    ChargebackReversed,
    DunningFeeCharged,
    FeeCharged,
    Movement,
    MovementUndone,
    PaymentAuthorized,
    PaymentReceived,
    RefundFailed,
    RefundListed,
    RefundRecorded,
    RefundRequested,
    RefundWithdrawn,
    VoucherRedeemed,
    WriteOffRecorded,
)
from chalicelib.domain.money import Money
from chalicelib.domain.papers import (
    BillingCorrected,
    CreditBalanceTold,
    DocumentIssued,
    InvoiceWithdrawn,
    InvoicingChosen,
)
from chalicelib.domain.product import Part
from chalicelib.domain.shelf import (
    BundleOpened,
    StockArrived,
    StockFact,
    StockIssued,
    StockReleased,
    StockReserved,
    StockReturned,
    StockShort,
)
from chalicelib.domain.values import LineQuantity, Location, Policy, Shortage, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(Fact):
    """The shop's order came in; `access_token` opens the customer's status page.

    `tells` is what its shop shall hear of it from us: `ship`, `cancel`, or nothing.
    """

    known_by = ()
    delivery_id: str
    policy: Policy
    access_token: str
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted(Fact):
    """The order adds up and may be worked on; `by` names the person if it was not by itself."""

    known_by = ()
    by: str = "kontor"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Fact):
    """The order shall not be carried out; `modified_at` is the shop's version that says so."""

    known_by = ("modified_at",)
    by: str
    reason: str = ""
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReinstated(Fact):
    """The shop has taken its cancellation back with a newer version."""

    known_by = ("modified_at",)
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRevised(Fact):
    """What was bought is now what this append's row holds; no `changes`: both agree again.

    `by` names the person who took the shop's version over, if it was not by itself.
    """

    known_by = ("modified_at", "by")
    modified_at: datetime
    changes: tuple[str, ...] = ()
    is_about_goods: bool = False
    by: str = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopChangeReported(Fact):
    """The shop sent a newer version that differs from what we hold; a person looks at it."""

    known_by = ("modified_at",)
    modified_at: datetime
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRemarked(Fact):
    """The shop's order says something that a person must look at, told once."""

    known_by = ("text",)
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectIntended(Fact):
    """An effect outside is about to be tried; until its answer is known it is *unknown*."""

    known_by = ("effect", "attempt", "at")
    effect: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Fact):
    """Something stands in the way; `effect` names the one effect it stops, else shipping waits."""

    known_by = ("code", "effect", "at")
    code: str
    text: str
    owner: str = "staff"
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Fact):
    """A person decided to go on in spite of a problem."""

    code: str
    by: str
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOverdue(Fact):
    """The order was not paid within the merchant's time for payment."""

    known_by = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningRaised(Fact):
    """The customer is reminded: level 0 kindly, 1 and 2 with a dunning letter; pay by `due_on`."""

    known_by = ("level",)
    level: int
    due_on: date
    by: str = "kontor"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionHandedOver(Fact):
    """An agency collects what is owed, under its `reference`; nobody here writes any more."""

    known_by = ()
    by: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRegistered(Fact):
    """The carrier knows the parcel; `has_label` is False where we draw the label ourselves."""

    known_by = ("shipment",)
    shipment: int
    carrier: str
    tracking_number: str
    tracking_url: str
    weight_g: int = 0
    has_label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTold(Fact):
    """The shop knows of a parcel or of the cancellation; `reference` is the shop's own name of it.

    `what` is `shipped:` with the number of the shipment, or `cancelled`.
    """

    known_by = ("what",)
    what: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Fact):
    """A mail left for the customer."""

    known_by = ("kind", "refers_to")
    kind: str
    to: str
    message_id: str
    refers_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAuthorized(Fact):
    """Staff agreed that these goods may come back."""

    known_by = ("return_id",)
    return_id: str
    lines: tuple[LineQuantity, ...]
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived(Fact):
    """The goods are back; each line says whether it may be sold again.

    `deduction` is what they have lost in value by more than a look at them (§ 357a BGB).
    """

    known_by = ("return_id",)
    return_id: str
    lines: tuple[LineQuantity, ...]
    by: str = ""
    deduction: Money | None = None
    deduction_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDue(Fact):
    """What the merchant owes the customer for a return."""

    known_by = ("return_id",)
    return_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCredited(Fact):
    """Goods came back that were not paid in full: so much less is owed for the order."""

    known_by = ("return_id",)
    return_id: str
    amount: Money


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


# Every kind of fact by its name, as the store writes it.
FACTS: dict[str, type[Fact]] = {
    name: kind
    for name, kind in list(globals().items())
    if isinstance(kind, type) and issubclass(kind, Fact) and not kind.__subclasses__()
}

# Facts that no step answers and no work list shows; a row of only these wakes nobody.
SILENT: frozenset[type[Fact]] = frozenset({EffectIntended, MessageSent, ShopTold, NoteAdded})


def wakes(facts: Iterable[Fact]) -> bool:
    """Tell whether any of these facts may give a step something to do."""
    return any(type(fact) not in SILENT for fact in facts)
