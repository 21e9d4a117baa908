"""Wishes: what a step shall do next, in the imperative. `key` names the effect for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.domain.events import LineQuantity, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing to do; `is_outside` effects are intended and recorded around the call."""

    is_outside: ClassVar[bool] = False

    @property
    def key(self) -> str:
        """The name of the effect, stable over every attempt."""
        return type(self).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveStock(Command):
    """Set units aside, all or (if the merchant allows) what there is."""

    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStock(Command):
    """Put units that were set aside back on the shelf."""

    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStock(Command):
    """Take the units of a shipment out of the house."""

    shipment: int
    units: tuple[Units, ...]

    @property
    def key(self) -> str:
        """One issue per shipment."""
        return f"issue:{self.shipment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAwayReturn(Command):
    """Put the sellable units of a return back on the shelf."""

    return_id: str
    units: tuple[Units, ...]

    @property
    def key(self) -> str:
        """One put-away per return."""
        return f"put-away:{self.return_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOverdue(Command):
    """Note that the time for payment is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice(Command):
    """Draw the next number and issue the invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDeliveryNote(Command):
    """Say what goes into shipment n."""

    shipment: int
    lines: tuple[LineQuantity, ...]

    @property
    def key(self) -> str:
        """One delivery note per shipment."""
        return f"delivery-note:{self.shipment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawLabel(Command):
    """Draw the label of a shipment whose carrier gives us none."""

    shipment: int

    @property
    def key(self) -> str:
        """One label per shipment."""
        return f"label:{self.shipment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCreditNote(Command):
    """Correct the invoice by what was refunded."""

    refund: str

    @property
    def key(self) -> str:
        """One credit note per refund."""
        return f"credit-note:{self.refund}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterShipment(Command):
    """Tell the carrier of a parcel."""

    is_outside: ClassVar[bool] = True

    shipment: int
    lines: tuple[LineQuantity, ...]

    @property
    def key(self) -> str:
        """One parcel per shipment."""
        return f"shipment:{self.shipment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(Command):
    """Tell the customer; `kind` is the template, `refers_to` the shipment, return or refund."""

    is_outside: ClassVar[bool] = True

    kind: str
    refers_to: str = ""

    @property
    def key(self) -> str:
        """One mail of a kind about one thing."""
        return f"mail:{self.kind}:{self.refers_to}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeRefund(Command):
    """Work out what is owed for a return."""

    return_id: str

    @property
    def key(self) -> str:
        """One amount per return."""
        return f"refund-due:{self.return_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeUp:
    """A wake-up for a step: it names an order or a delivery and carries nothing to obey."""

    step: str
    merchant_id: str
    order_id: str = ""
    delivery_id: str = ""
