"""Money that left the account: refunds of ours that arrived, and direct debits that came back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import balance
from chalicelib.domain.events import PaymentReceived
from chalicelib.payment.matching.names import Likeness, likeness
from chalicelib.store.bank import Entry, Kind, Part, Proposal, State
from chalicelib.store.debits import Debits
from chalicelib.store.orders import Orders
from chalicelib.store.transfers import Transfers
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.bank import BankTransaction
    from chalicelib.domain.order import Order
    from chalicelib.store.debits import Debit

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/_.-]*\d[A-Z0-9/_.-]*", re.IGNORECASE)
MOST_NUMBERS = 6  # that a text may name and that are looked up
SHORTEST = 3
OURS = "KD"  # how the end-to-end ids of our debits begin
REFERENCE, NUMBERED, SAME_AMOUNT, SAME_NAME, SURNAME = 70, 55, 30, 15, 5


def judged(merchant_id: str, entry: Entry, threshold: int) -> Entry:
    """Return a transaction that took money away with what it is, as far as we can tell."""
    one = entry.transaction
    if one.is_return:
        return _returned(merchant_id, entry, threshold)
    name = "" if one.end_to_end_id == "NOTPROVIDED" else one.end_to_end_id
    transfer = Transfers().load(merchant_id, name) if name else None
    if transfer is None or transfer.amount != -one.amount:
        return _with(entry, State.OUTGOING)
    part = Part(
        order_id=transfer.order_id,
        number=transfer.number,
        amount=transfer.amount,
        kind=Kind.REFUND,
        reference=transfer.refund_id,
    )
    reasons = (f"refund {transfer.refund_id}", "amount to the cent")
    return _with(entry, State.BOOKED, Proposal(parts=(part,), score=100, reasons=reasons))


def _returned(merchant_id: str, entry: Entry, threshold: int) -> Entry:
    """Find the order whose debit came back; only with its number or reference, and the amount."""
    debit = drawn(merchant_id, entry.transaction)
    mine = Orders().load(merchant_id, debit.order_id) if debit else None
    if mine:
        found = [_proposal(entry.transaction, mine, is_ours=True)]
    else:
        found = [_proposal(entry.transaction, one) for one in _named(merchant_id, entry)]
    best = sorted(found, key=lambda one: -one.score)
    is_clear = len(best) == 1 or (len(best) > 1 and best[0].score > best[1].score)
    if best and is_clear and best[0].score >= threshold:
        return _with(entry, State.BOOKED, best[0])
    state = State.SUGGESTED if best else State.UNMATCHED
    return _with(entry, state, suggestions=tuple(best[:3]))


def _named(merchant_id: str, entry: Entry) -> Iterator[Order]:
    """Yield the orders whose numbers stand in the references or in the text, paid ones too."""
    one, seen = entry.transaction, set[str]()
    texts = " ".join((one.end_to_end_id, one.mandate_id, *one.pieces, "".join(one.pieces)))
    numbers = [text.strip("./-_") for text in NUMBER.findall(texts)]
    wanted = [x for x in dict.fromkeys(numbers) if len(x) >= SHORTEST][:MOST_NUMBERS]
    for number in wanted:
        for order_id in Worklists().numbered(merchant_id, number):
            if order_id not in seen:
                seen.add(order_id)
                if order := Orders().load(merchant_id, order_id):
                    yield order


def drawn(merchant_id: str, one: BankTransaction) -> Debit | None:
    """Return the debit of ours that a transaction names by its end-to-end id."""
    name = one.end_to_end_id
    return Debits().debit(merchant_id, name) if name.startswith(OURS) else None


def _proposal(one: BankTransaction, order: Order, *, is_ours: bool = False) -> Proposal:
    number = order.bought.number
    is_reference = is_ours or number in {one.end_to_end_id, one.mandate_id}
    score = REFERENCE if is_reference else NUMBERED
    reasons = [f"{'reference' if is_reference else 'number'} {number}"]
    amounts = [fact.amount for fact in balance.standing(order, PaymentReceived)]
    if one.came_back in amounts and balance.kept(order) >= one.came_back:
        score += SAME_AMOUNT
        reasons.append("amount to the cent")
    people = (order.bought.billing.name, order.bought.shipping.name)
    alike = max((likeness(one.name, name) for name in people if name), default=Likeness.NONE)
    if alike is not Likeness.NONE:
        score += SAME_NAME if alike is Likeness.FULL else SURNAME
        reasons.append(f"name {one.name}")
    return Proposal(
        parts=(returned_part(one, order),), score=min(score, 100), reasons=tuple(reasons)
    )


def returned_part(one: BankTransaction, order: Order) -> Part:
    """Return what a returned debit takes from an order, the bank's fee apart."""
    return Part(
        order_id=order.id,
        number=order.bought.number,
        amount=one.came_back,
        kind=Kind.RETURNED,
        fee=one.return_fee,
        reference=one.end_to_end_id,
    )


def _with(
    entry: Entry,
    state: State,
    booked: Proposal | None = None,
    suggestions: tuple[Proposal, ...] = (),
) -> Entry:
    return replace(entry, state=state, booked=booked, suggestions=suggestions)
