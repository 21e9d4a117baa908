"""Pays refunds: through the provider that brought the money, or by the list of transfers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.domain import refunding
from chalicelib.domain.commands import Command, PayRefund
from chalicelib.domain.errors import NeedsHuman, Permanent, Retryable
from chalicelib.domain.events import (
    EffectIntended,
    Fact,
    HoldPlaced,
    RefundListed,
    RefundRecorded,
    RefundRequested,
)
from chalicelib.domain.refunding import UNKNOWN
from chalicelib.providers.port import Refunded, Sought, State, Unsure, Wanted
from chalicelib.providers.reach import Reached, reach
from chalicelib.runtime.http import HttpApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.order import Order
    from chalicelib.runtime.http import Api
    from chalicelib.store.connections import Connection

REFUSED = "refund_refused"
KEY_DAYS = 1  # how long a provider is sure to know a key, unless it says more


class TransferList(Protocol):
    """Where refunds wait that the merchant's bank shall transfer."""

    def put(self, order: Order, request: RefundRequested, now: datetime) -> None:
        """Put a refund on the list; one that is known there stays as it is."""
        ...


class Payer:
    """Pays what was ordered, each refund once."""

    def __init__(
        self,
        *,
        connections_of: Callable[[str], Iterable[Connection]],
        secrets_of: Callable[[str, str], Secrets],
        transfers: TransferList,
        otherwise: Callable[[Order, Command, datetime], Iterable[Fact]],
        call: Callable[..., Api] = HttpApi,
    ) -> None:
        """Take connections and secrets, the list of transfers, and who performs the rest."""
        self._connections_of, self._secrets_of = connections_of, secrets_of
        self._transfers, self._otherwise, self._call = transfers, otherwise, call

    def perform(self, order: Order, command: Command, now: datetime) -> Iterator[Fact]:
        """Pay one refund; a provider's refusal is a hold in its own words."""
        if not isinstance(command, PayRefund):
            yield from self._otherwise(order, command, now)
            return
        request = refunding.request_of(order, command.refund_id)
        if request is None:
            return
        if request.way == "transfer":
            self._transfers.put(order, request, now)
            yield RefundListed(at=now, refund_id=request.refund_id)
            return
        found = self._paid(order, request, now)
        if any(x.reference == found.reference for x in order.all(RefundRecorded)):
            # The provider has told of it first, and could not say that it is ours.
            yield RefundListed(at=now, refund_id=request.refund_id, reference=found.reference)
        yield RefundRecorded(
            at=now,
            source=request.source,
            reference=found.reference,
            amount=request.amount,
            booked_at=now,
            return_id=request.return_id,
            by=request.by,
            refund_id=request.refund_id,
            payment=request.payment,
        )

    def _paid(self, order: Order, request: RefundRequested, now: datetime) -> Refunded:
        tried = tries(order, request)
        wanted = wanted_of(order, request, tried[0] if tried else now)
        try:
            reached = self._reached(order, request)
        except Permanent as error:
            raise Permanent(UNKNOWN if len(tried) > 1 else error.code, error.text) from error
        known = asked(reached, wanted, tried, now) if len(tried) > 1 else None
        if isinstance(known, Refunded):
            found = known
        else:
            found = _sent(reached, wanted, is_sure=known is None)
        if found.state is State.FAILED:
            raise Permanent(
                REFUSED, f"The provider refused the refund: {found.text or 'no reason'}"
            )
        return found

    def _reached(self, order: Order, request: RefundRequested) -> Reached:
        """Return the provider that has the payment."""
        mine = [x for x in self._connections_of(order.merchant_id) if x.kind == request.source]
        found = reach(mine, self._secrets_of, self._call)
        if not found:
            text = f"No connection to {request.source} has keys that may pay money back."
            raise Permanent("no_provider", text)
        if len(found) == 1:
            return found[0]
        sought = Sought(
            references=(),
            since=order.bought.placed_at,
            until=order.bought.placed_at,
            payments=(request.payment,),
        )
        return next((one for one in found if _knows(one, sought)), found[0])


def asked(
    reached: Reached, wanted: Wanted, tried: Sequence[datetime], now: datetime
) -> Refunded | Unsure | None:
    """Return what the provider knows of a refund whose answer was lost; None: it has not paid.

    One that cannot tell takes the same key again, as long as it remembers keys; then NeedsHuman.
    Retryable where a try before this one is so young that the provider may tell of it yet.
    """
    found = _found(reached, wanted)
    if isinstance(found, Unsure) and now - tried[0] > timedelta(days=found.days):
        text = f"{reached.kind} gave no answer in time, and it is not known whether it has paid."
        raise NeedsHuman(UNKNOWN, f"{text} {found.text}")
    quiet: timedelta = getattr(reached.provider, "QUIET", timedelta())
    if found is None and now - tried[-2] < quiet:
        text = f"{reached.kind} tells of no refund yet, and may have taken one."
        raise Retryable("outside_unsure", text, after=quiet.total_seconds())
    return found


def _found(reached: Reached, wanted: Wanted) -> Refunded | Unsure | None:
    if not hasattr(reached.provider, "find_refund"):
        days = getattr(reached.provider, "KEY_DAYS", KEY_DAYS)
        return Unsure(days=days, text=f"{reached.kind} can not be asked.")
    try:
        return cast("Refunded | Unsure | None", reached.provider.find_refund(reached.api, wanted))
    except Permanent as error:
        raise Permanent(UNKNOWN, error.text) from error


def _sent(reached: Reached, wanted: Wanted, *, is_sure: bool) -> Refunded:
    """Have it paid; who cannot tell of the tries before may have paid, whatever it says now."""
    try:
        return cast("Refunded", reached.provider.refund(reached.api, wanted))
    except Permanent as error:
        raise Permanent(REFUSED if is_sure else UNKNOWN, error.text) from error


def tries(order: Order, request: RefundRequested) -> list[datetime]:
    """Return when it was tried to pay a refund since it was last refused, this attempt among them.

    What was refused was surely not paid, so nothing before it needs to be asked about.
    """
    name = refunding.effect(request.refund_id)
    found: list[datetime] = []
    for fact in order.facts:
        if isinstance(fact, EffectIntended) and fact.effect == name:
            found.append(fact.at)
        elif isinstance(fact, HoldPlaced) and fact.effect == name and fact.code != UNKNOWN:
            found.clear()
    return found


def wanted_of(order: Order, request: RefundRequested, since: datetime) -> Wanted:
    """Return what the provider is to pay; after a refusal the key is a new one."""
    name = refunding.effect(request.refund_id)
    holds = [hold for hold in order.all(HoldPlaced) if hold.effect == name]
    refused = sum(hold.code != UNKNOWN for hold in holds)
    key = f"{order.id}-{request.refund_id}"
    return Wanted(
        refund_id=request.refund_id,
        key=f"{key}-{refused + 1}" if refused else key,
        payment=request.payment,
        amount=request.amount,
        number=order.bought.number,
        since=since,
        known=_others(order, request, since),
    )


def _others(order: Order, request: RefundRequested, since: datetime) -> frozenset[str]:
    """Return the refunds that are not this one: told of before it was tried, or of another wish."""
    listed = {x.reference for x in order.all(RefundListed) if x.refund_id != request.refund_id}
    told = order.all(RefundRecorded)
    own = {x.reference for x in told if x.refund_id == request.refund_id}
    return frozenset(
        {x.reference for x in told if x.refund_id or x.at < since} - own | listed - {""}
    )


def _knows(reached: Reached, sought: Sought) -> bool:
    if not hasattr(reached.provider, "payments_of"):
        return False
    return next(iter(reached.provider.payments_of(reached.api, sought)), None) is not None
