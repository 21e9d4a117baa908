"""Wishes: what a step shall do next, in the imperative. `key` names the effect for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from chalicelib.domain.values import LineQuantity, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing to do; `is_outside` effects are intended and recorded around the call.

    What an `is_firm` one did counts only if nobody appended since the order was loaded.
    """

    is_outside: ClassVar[bool] = False
    is_firm: ClassVar[bool] = False
    # The effect's name with the fields that tell it from others; empty: there is one per order.
    effect: ClassVar[str] = ""

    @property
    def key(self) -> str:
        """The name of the effect, stable over every attempt."""
        return type(self).effect.format(self) or type(self).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveStock(Command):
    """Set units aside, all or (if the merchant allows) what there is."""

    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStock(Command):
    """Put units that were set aside back on the shelf."""

    units: tuple[Units, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStock(Command):
    """Take the units of a shipment out of the house."""

    effect = "issue:{0.shipment}"
    shipment: int
    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAwayReturn(Command):
    """Put the sellable units of a return back on the shelf."""

    effect = "put-away:{0.return_id}"
    return_id: str
    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOverdue(Command):
    """Note that the time for payment is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseDunning(Command):
    """Remind the customer: 0 kindly, 1 and 2 with a dunning letter."""

    effect = "dunning"
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelUnpaid(Command):
    """Cancel an order that nobody pays, if the providers know of no money either."""

    effect = "cancel-unpaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveFees(Command):
    """Let go of dunning fees when all the rest is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice(Command):
    """Draw the next number and issue the invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePartialInvoice(Command):
    """Draw the next number and issue the invoice of a parcel."""

    effect = "partial-invoice:{0.shipment}"
    shipment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishInvoice(Command):
    """Write the invoice of an order that wants none any more, if its number is drawn already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDeliveryNote(Command):
    """Say what goes into shipment n."""

    effect = "delivery-note:{0.shipment}"
    shipment: int
    lines: tuple[LineQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawLabel(Command):
    """Draw the label of a shipment whose carrier gives us none."""

    effect = "label:{0.shipment}"
    shipment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCreditNote(Command):
    """Correct the invoice by a refund, or by unpaid goods that came back (`return:R1`)."""

    effect = "credit-note:{0.refund}"
    refund: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDunningLetter(Command):
    """Write the letter of a level."""

    effect = "dunning-letter:{0.level}"
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCreditLetter(Command):
    """Write the n-th letter about money that is the customer's."""

    effect = "credit-letter:{0.number}"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCancellation(Command):
    """Take back what no refund has corrected of an invoice that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishCancellation(Command):
    """Write the cancellation of an invoice that needs none any more, if its number is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReturnSlip(Command):
    """Write what the customer lays into the parcel that comes back."""

    effect = "return-slip:{0.return_id}"
    return_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterShipment(Command):
    """Tell the carrier of a parcel."""

    is_outside = True
    effect = "shipment:{0.shipment}"
    shipment: int
    lines: tuple[LineQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberShipment(RegisterShipment):
    """Number a parcel of the merchant's own delivery: it is derived, and nobody is told."""

    is_outside = False
    is_firm = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(Command):
    """Tell the customer; `kind` is the template, `refers_to` the shipment, return or refund."""

    is_outside = True
    effect = "mail:{0.kind}:{0.refers_to}"
    kind: str
    refers_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellShipped(Command):
    """Tell the shop of a parcel that is on its way."""

    is_outside = True
    effect = "tell:shipped:{0.shipment}"
    shipment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellCancelled(Command):
    """Tell the shop that its order was cancelled here."""

    is_outside = True
    effect = "tell:cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeRefund(Command):
    """Work out what is owed for a return."""

    effect = "refund-due:{0.return_id}"
    return_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRefund(Command):
    """Pay money back, through the provider that brought it or by the list of transfers."""

    is_outside = True
    effect = "refund:{0.refund_id}"
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeUp:
    """A wake-up for a step: it names an order, a delivery or a movement of money that waits.

    It carries nothing to obey: `hint` may spare the first read, and tells no two wake-ups apart.
    """

    step: str
    merchant_id: str
    order_id: str = ""
    delivery_id: str = ""
    payment_id: str = ""
    hint: str = field(default="", compare=False, repr=False)
