"""Facts of the ledger: money that came in, is promised, or went back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chalicelib.domain.fact import Fact
from chalicelib.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Fact):
    """Money moved; `reference` is the source's own name for it, `amount` is never negative."""

    known_by: ClassVar[tuple[str, ...] | None] = ("source", "reference")
    source: str
    reference: str
    amount: Money
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(Movement):
    """Money came in, or (source `shop`) the shop says how much it has received in all.

    `payment` is the provider's name of the payment where the movement has one of its own.
    """

    payment: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """A movement is told once; the shop's word is new whenever the sum is."""
        told = (self.amount.minor,) if self.source == "shop" else ()
        return (type(self), self.source, self.reference, *told)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorized(Movement):
    """Money is promised by a provider, not yet captured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationVoided(Movement):
    """A promise of money is gone; `reference` is that of the authorization."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRedeemed(Movement):
    """A voucher stood in for money; it pays the order, but no money came in for it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCharged(Movement):
    """What a provider or bank kept for its work on `payment`; the customer owes no more for it."""

    payment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningFeeCharged(Movement):
    """A fee for a reminder, which the customer owes beside the order until it is undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackRecorded(Movement):
    """Money was taken back by the customer's bank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackReversed(Movement):
    """The customer's bank gave back what it had taken: the dispute was won."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecorded(Movement):
    """Money went back to the customer; `return_id` names the return it settles, if any.

    `refund_id` is that of our request, `payment` the provider's name of what is given back.
    """

    # A person may record by hand what the provider tells too: one refund, one credit note.
    known_by = ("reference",)
    return_id: str = ""
    by: str = ""
    refund_id: str = ""
    payment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(Fact):
    """A person or rule wants money to go back; we pay it out, and RefundRecorded says it left.

    `payment` and `source` name the movement that brought the money in; `way` is `provider` (its
    API) or `transfer` (a SEPA file, to the account `iban` of `holder`).
    """

    known_by = ("refund_id",)
    refund_id: str
    amount: Money
    way: str
    source: str = ""
    payment: str = ""
    return_id: str = ""
    reason: str = ""
    by: str = ""
    iban: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundListed(Fact):
    """Whoever pays a refund has it: the list of transfers, from which the next file is made.

    `reference` is the provider's name of it, where the provider told of it before we could.
    """

    known_by = ("refund_id",)
    refund_id: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWithdrawn(Fact):
    """A refund that was ordered shall not be paid out (that way) any more, and was not."""

    known_by = ("refund_id",)
    refund_id: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(Movement):
    """A refund did not reach the customer; `reference` is that of the refund it takes back."""

    known_by = ("reference",)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffRecorded(Movement):
    """What need not be paid any more: cents within the tolerance, or an agreed cash discount."""

    kind: str  # tolerance | discount | loss
    reason: str = ""
    by: str = "kontor"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementUndone(Fact):
    """A booking was wrong: what one reference of a source brought in or let go counts no more."""

    known_by = ("of_source", "of_reference")
    of_source: str
    of_reference: str
    by: str = ""
    reason: str = ""
