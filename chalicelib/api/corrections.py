"""A wrong invoice is put right: who is billed, or what the shop has changed, and a new invoice."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from chalicelib.api import actions, wishes
from chalicelib.api.money_views import money
from chalicelib.api.problems import Problem
from chalicelib.domain import balance, billing, bills, buyer, events, revision, states
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.errors import NeedsHuman, Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Order
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.domain.order import Bought

LONGEST = 200  # signs of a line of an address
# What a person may want on the invoice beside the address, and what it is now.
SAID = {
    "vat_id": "VAT id",
    "buyer_reference": "buyer reference",
    "order_reference": "order number of the buyer",
}
MEANT: dict[str, Callable[[Order], str]] = {
    "vat_id": buyer.vat_id,
    "buyer_reference": buyer.reference,
    "order_reference": buyer.own_order,
}
OUTDATED = "invoice_outdated"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBilling:
    """Whom the invoice is for; all of it counts, and `country` is ISO 3166-1 alpha-2."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    zip: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCorrection:
    """What is wrong with an invoice; what is left out stays. `dry_run` only says what would be.

    `take_over` makes the shop's newest version the order, whatever its invoice says.
    """

    billing_address: NewBilling | None = None
    vat_id: str | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None
    take_over: bool = False
    reason: str = ""
    dry_run: bool = False
    by: str = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a correction does: facts to append, the order after them, and the invoice it ends."""

    facts: tuple[events.Fact, ...]
    after: Order
    changes: tuple[str, ...]
    ended: events.DocumentIssued | None
    claimed: Money | None


@actions.checked
def correct(order: Order, wish: NewCorrection) -> Order:
    """Put an order's invoice right; Problem names what is wrong or stands in the way."""
    plan = planned(order, wish)
    return Orders().append(order, plan.facts, bought=plan.after.bought)


def planned(order: Order, wish: NewCorrection) -> Plan:
    """Return what a correction would do; Problem if it can not be done."""
    _check_time(order)
    new = _wanted(order, wish)
    said = _said(order, wish)
    changes = tuple(dict.fromkeys([*revision.changes(order.bought, new), *_named(order, said)]))
    is_outdated = any(hold.code == OUTDATED for hold in order.holds())
    if not changes and not is_outdated:
        raise Problem(422, "nothing_to_correct", "This is what the invoice says already.")
    ended = bills.standing(order)
    facts = [*_facts(order, new, wish, changes), *said]
    if ended:
        by, now = wish.by, clock.now()
        facts.append(
            events.InvoiceWithdrawn(at=now, number=ended.number, reason=wish.reason.strip(), by=by)
        )
    if is_outdated:
        facts.append(events.HoldReleased(at=clock.now(), code=OUTDATED, by=wish.by))
    after = order.plus(facts, bought=new)
    if ended:
        _check_new_invoice(after)
    claimed = bills.claim(order, ended) if ended else None
    return Plan(facts=tuple(facts), after=after, changes=changes, ended=ended, claimed=claimed)


def preview(plan: Plan) -> dict[str, Any]:
    """Show what a correction would do: documents, and what is to be paid or paid back then."""
    left, nothing = balance.outstanding(plan.after), Money.zero(plan.after.bought.currency)
    ended = plan.ended
    return {
        "changes": list(plan.changes),
        "cancels": ended.number if ended else None,
        "cancelled_amount": money(plan.claimed) if plan.claimed else None,
        "new_total": money(plan.after.bought.total),
        "to_be_paid": money(max(left, nothing)),
        "to_be_refunded": money(max(nothing - left, nothing)),
        "mail": bool(ended and plan.after.bought.email),
    }


def _check_time(order: Order) -> None:
    """Refuse what comes too late or too early, and what was corrected in another way."""
    if states.is_cancelled(order):
        text = "The order is cancelled: its invoice is taken back anyway."
        raise Problem(409, "order_cancelled", text)
    if billing.is_under_way(order):
        text = "The invoice is being written at this moment: try again in a minute."
        raise Problem(409, "invoice_underway", text)
    bill = bills.last(order)
    if bill is None or bill.is_ended:
        return
    if bill.parcels:
        text = "The order is billed parcel by parcel: such invoices are corrected by refunds only."
        raise Problem(409, "billed_by_delivery", text)
    numbers = [one.number for one in bills.corrections_of(order, bill)]
    if numbers or any(bills.to_correct(order, bill)):
        told = ", ".join(numbers) or "a refund"
        text = f"{bill.invoice.number} is corrected already, by {told}: it cannot be replaced."
        raise Problem(409, "already_corrected", text)


def _wanted(order: Order, wish: NewCorrection) -> Bought:
    """Return what is bought from now on."""
    new = order.bought
    if wish.take_over:
        if order.reported is None or revision.open_report(order) is None:
            raise Problem(422, "nothing_to_take_over", "There is no open change of the shop.")
        new = revision.kept(order, order.reported)
        if why := revision.in_the_way(order, new):
            raise Problem(422, why, actions.OBSTACLES[why])
        if new.difference():
            text = f"take_over: the shop's lines are {new.difference()} apart from its total."
            raise Problem(422, "total_mismatch", text, field="take_over")
    if wish.billing_address is not None:
        phone = order.bought.billing.phone
        new = replace(new, billing=_address(wish.billing_address, phone))
    # An empty wish means: as the shop says; who wants none at all says so of the order.
    return replace(new, vat_id="") if wish.vat_id == "" else new


def _address(given: NewBilling, phone: str) -> Address:
    """Return the address; Problem for a field that is missing, too long, or no country."""
    said = {one.name: getattr(given, one.name).strip() for one in fields(NewBilling)}
    for name, text in said.items():
        if len(text) > LONGEST:
            raise _wrong(name, f"at most {LONGEST} characters")
    said["country"] = said["country"].upper()
    if not (said["name"] or said["company"]):
        raise _wrong("name", "name a person or a company")
    for name in ("street", "city"):
        if not said[name]:
            raise _wrong(name, "is missing")
    if said["country"] not in COUNTRIES:
        raise _wrong("country", "must be two letters such as DE")
    return Address(phone=phone, **said)


def _wrong(name: str, why: str) -> Problem:
    field = f"billing_address.{name}"
    return Problem(400, "bad_field", f"{field}: {why}.", field=field)


def _named(order: Order, said: list[events.InvoicingChosen]) -> Iterator[str]:
    """Name what is different in a person's wish."""
    for one in said:
        for name, word in SAID.items():
            if getattr(one, name) != MEANT[name](order):
                yield word


def _said(order: Order, wish: NewCorrection) -> list[events.InvoicingChosen]:
    """Return what a person wants on the invoice beside the address, if it is something else."""
    last = order.last(events.InvoicingChosen) or events.InvoicingChosen(at=clock.now())
    given = {name: text for name in SAID if (text := getattr(wish, name)) is not None}
    said = wishes.read(replace(last, at=clock.now(), by=wish.by, **given))
    is_new = any(getattr(said, name) != MEANT[name](order) for name in given)
    return [said] if is_new else []


def _facts(
    order: Order, new: Bought, wish: NewCorrection, changes: tuple[str, ...]
) -> Iterator[events.Fact]:
    """Yield what makes the new version the order, and that a person says whom it is billed to."""
    now, before = clock.now(), order.reported if wish.take_over else order.bought
    if wish.take_over:
        yield events.OrderRevised(
            at=now,
            modified_at=new.modified_at,
            changes=changes,
            is_about_goods=revision.is_about_goods(order.bought, new),
            by=wish.by,
        )
    if before and revision.mark(before) != revision.mark(new):
        yield events.BillingCorrected(
            at=now,
            instead_of=revision.shop_mark(order, before),
            became=revision.mark(new),
            changes=() if wish.take_over else changes,
            by=wish.by,
        )


def _check_new_invoice(after: Order) -> None:
    """Refuse a correction whose invoice could not be drawn, with the field that keeps it."""
    from chalicelib.documents import drafts, electronic  # noqa: PLC0415 - only a correction needs it
    from chalicelib.documents.facts import freeze  # noqa: PLC0415

    try:
        draft = drafts.invoice(after, settings_of(after.merchant_id), number="0", now=clock.now())
        electronic.check("invoice", freeze(draft))
    except (NeedsHuman, Permanent) as error:
        raise Problem(422, error.code, error.text) from error
