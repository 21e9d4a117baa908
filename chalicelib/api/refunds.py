"""Money that goes back: recorded as paid by hand, or ordered from the provider or the bank."""

from __future__ import annotations

import base64
import hashlib
import secrets as random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api import actions, by_hand
from chalicelib.api.auth import merchant
from chalicelib.api.orders import STAFF, Amount
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.api.view import order_view
from chalicelib.domain import events, refunding, sepa
from chalicelib.domain.errors import Conflict
from chalicelib.domain.money import Money, total
from chalicelib.domain.refunding import Progress
from chalicelib.providers.port import can
from chalicelib.providers.reach import reach
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.settings import connections_of, public_url
from chalicelib.store.bank import Bank
from chalicelib.store.orders import Orders
from chalicelib.store.transfers import Transfers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.order import Order
    from chalicelib.domain.refunding import Source

bp = Blueprint(__name__)
WAYS = ("provider", "transfer", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """Money that went back, or shall: `way` is provider, transfer or record (paid by hand).

    Without a way it goes as the money came, as far as we can pay that way, else it is recorded;
    so is what comes with a `reference` alone, for it names what was paid already. with `once`
    a repeated request is the same refund; `iban` and `holder` are to be paid instead of the payer.
    """

    amount: Amount
    reference: str = ""
    return_id: str = ""
    way: str = ""
    reason: str = ""
    iban: str = ""
    holder: str = ""
    once: str = ""
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Why a refund shall not be paid out that way."""

    reason: str = ""
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom a refund is transferred to."""

    iban: str = ""
    holder: str = ""


@bp.route("/v1/orders/{order_id}/refunds", methods=["POST"])
@answered
def refund(order_id: str) -> Response:
    """Pay money back, or record that it was."""
    order = actions.load(merchant(bp.current_request), order_id)
    new = body_as(bp.current_request.raw_body, NewRefund)
    order = give_back(order, new, new.amount.money())
    return Response(order_view(order, clock.now(), base_url=public_url()), status_code=201)


@bp.route("/v1/orders/{order_id}/refunds/{refund_id}/withdraw", methods=["POST"])
@answered
def withdraw(order_id: str, refund_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take back a refund that was refused, or that is in no file yet."""
    order = actions.load(merchant(bp.current_request), order_id)
    said = body_as(bp.current_request.raw_body, Withdrawal)
    order = take_back(order, refund_id, by=said.by, reason=said.reason)
    return order_view(order, clock.now(), base_url=public_url())


@actions.checked
def give_back(order: Order, new: NewRefund, amount: Money) -> Order:
    """Order a refund by the way the money came, or record one that a person has paid."""
    if new.way and new.way not in WAYS:
        raise Problem(400, "bad_field", f"way: one of {', '.join(WAYS)}.", field="way")
    requests = [] if new.way == "record" or _is_record(new) else _planned(order, new, amount)
    if not requests:
        return by_hand.record_refund(
            order,
            amount,
            reference=new.reference or new.once,
            return_id=new.return_id,
            by=new.by,
        )
    return Orders().append(order, requests)


def _is_record(new: NewRefund) -> bool:
    return not new.way and bool(new.reference)


def _planned(order: Order, new: NewRefund, amount: Money) -> list[events.RefundRequested]:
    """Return what is to be paid; nothing if it is for a person to pay it and no way was named."""
    by_hand.check_positive(order, amount)
    by_hand.check_return(order, new.return_id)
    first = _name(order, new.once or new.reference, 0)
    if known := refunding.request_of(order, first):
        return [known]
    names = {fact.reference for fact in order.all(events.RefundRecorded)}
    if not new.way and {new.once, new.reference} & names:
        return []
    _check_most(order, amount)
    ways = {one: way_of(order, one, new) for one in refunding.sources(order)}
    able = [one for one, (way, _) in ways.items() if way and way == (new.way or way)]
    shares = refunding.shares(able, amount)
    if total((part for _, part in shares), amount.currency) != amount:
        if not new.way:
            return []
        raise _short(new, amount, able)
    return [
        events.RefundRequested(
            at=clock.now(),
            refund_id=_name(order, new.once or new.reference, index),
            amount=part,
            way=ways[one][0],
            source=one.source,
            payment=one.payment,
            return_id=new.return_id,
            reason=new.reason,
            by=new.by,
            iban=ways[one][1].iban,
            holder=ways[one][1].holder,
        )
        for index, (one, part) in enumerate(shares)
    ]


def ways(order: Order) -> dict[str, tuple[Money, tuple[str, ...]]]:
    """Return how much can go back by provider and by transfer, and whose payments these are."""
    found: dict[str, tuple[Money, tuple[str, ...]]] = {}
    for one in refunding.sources(order):
        way = way_of(order, one)[0]
        if way:
            most, names = found.get(way, (Money.zero(one.left.currency), ()))
            found[way] = (most + one.left, tuple(dict.fromkeys((*names, one.source))))
    most = refunding.refundable(order)
    return {way: (min(sum_, most), names) for way, (sum_, names) in found.items()}


def way_of(order: Order, one: Source, new: NewRefund | None = None) -> tuple[str, Account]:
    """Return how money of a payment can go back: by provider or transfer; else empty."""
    account = payer(order, one, new)
    wanted = new.way if new else ""
    if wanted != "transfer" and is_refundable(order.merchant_id, one.source):
        return "provider", Account()
    if wanted != "provider" and account.iban and order.bought.currency == "EUR":
        return "transfer", account
    return "", Account()


def is_refundable(merchant_id: str, source: str) -> bool:
    """Tell whether a connection has keys with which we can pay back at a provider."""
    mine = [x for x in connections_of(merchant_id) if x.kind == source and can(x.kind, "refund")]
    return bool(reach(mine, secrets.read))


def payer(order: Order, one: Source, new: NewRefund | None = None) -> Account:
    """Return the account that a transfer goes to: the one named, else the one it came from."""
    if new and new.iban:
        if not sepa.is_iban(new.iban):
            raise Problem(400, "bad_field", "iban: is no IBAN of the SEPA area.", field="iban")
        holder = new.holder.strip() or order.bought.billing.name or order.bought.billing.company
        return Account(iban=sepa.compact(new.iban), holder=_named(holder))
    if one.source != "bank":
        return Account()
    name = one.reference.partition("-")[0]
    entry = Bank().load(order.merchant_id, name)
    if entry is None or not sepa.is_iban(entry.transaction.iban):
        return Account()
    holder = entry.transaction.name or entry.transaction.ultimate_name or order.bought.billing.name
    return Account(iban=sepa.compact(entry.transaction.iban), holder=_named(holder))


def _named(holder: str) -> str:
    if not sepa.plain(holder, 70):
        text = "holder: must be given, the bank wants the name of who is paid."
        raise Problem(422, "no_holder", text, field="holder")
    return holder


def _short(new: NewRefund, amount: Money, able: Iterable[Source]) -> Problem:
    """Return why so much can not go back that way."""
    most = total((one.left for one in able), amount.currency)
    if new.way == "transfer" and amount.currency != "EUR":
        return Problem(422, "wrong_currency", "way: SEPA transfers euro only.", field="way")
    if new.way == "transfer" and not new.iban:
        text = f"iban: only for {most} the account that paid is known; name one."
        return Problem(422, "no_account", text, field="iban")
    text = f"amount: at most {most} can go back by {new.way}."
    if not most:
        text = f"way: no payment of this order can go back by {new.way}."
        return Problem(422, "no_way", text, field="way")
    return Problem(422, "too_much", text, field="amount", most=str(most.amount))


def _check_most(order: Order, amount: Money) -> None:
    most = refunding.refundable(order)
    if amount > most:
        text = f"amount: at most {most} can go back; the rest went back or is on its way."
        raise Problem(422, "too_much", text, field="amount", most=str(most.amount))


def _name(order: Order, once: str, index: int) -> str:
    """Name a refund: the same for the same request; it is also the end-to-end id of a transfer."""
    seed = f"{order.id}\n{once}\n{index}".encode() if once else random.token_bytes(20)
    return "KR" + base64.b32encode(hashlib.sha256(seed).digest())[:20].decode()


@actions.checked
def take_back(order: Order, refund_id: str, *, by: str, reason: str) -> Order:
    """Withdraw a refund that nobody has paid: refused, or on the list of transfers."""
    request = refunding.request_of(order, refund_id)
    if request is None:
        raise not_found("refund")
    now, progress = clock.now(), refunding.progress(order, request)
    if progress is Progress.WITHDRAWN:
        return order
    if progress not in {Progress.ORDERED, Progress.LISTED}:
        raise Problem(409, "paid", "It was paid out already.")
    holds = [x for x in order.holds() if x.effect == refunding.effect(refund_id)]
    if request.way == "provider":
        _check_refused(holds, reason)
    elif progress is Progress.LISTED:
        try:
            Transfers().withdraw(order.merchant_id, refund_id)
        except Conflict as conflict:
            text = "It is in a file of transfers: undo the file first."
            raise Problem(409, "in_file", text) from conflict
    else:
        raise Problem(409, "under_way", "It is being put on the list; try again in a minute.")
    facts: list[events.Fact] = [
        events.RefundWithdrawn(at=now, refund_id=refund_id, reason=reason, by=by)
    ]
    facts += [events.HoldReleased(at=now, code=x.code, by=by, effect=x.effect) for x in holds]
    return Orders().append(order, facts)


def _check_refused(holds: list[events.HoldPlaced], reason: str) -> None:
    """Refuse while the provider may still pay, and where nobody knows unless a person says why."""
    if not holds:
        raise Problem(409, "under_way", "The provider is being asked to pay it.")
    if any(hold.code == refunding.UNKNOWN for hold in holds) and not reason.strip():
        text = "reason: say how you know that the provider has not paid it."
        raise Problem(422, "refund_unknown", text, field="reason")
