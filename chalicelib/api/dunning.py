"""Dunning by hand: remind now, stop and go on, let a fee go, hand over for collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Blueprint

from chalicelib.api import actions
from chalicelib.api.auth import merchant
from chalicelib.api.money_views import money
from chalicelib.api.problems import Problem, answered, body_as
from chalicelib.api.view import order_view
from chalicelib.domain import dunning, events
from chalicelib.domain.order import Order
from chalicelib.payment.dunning import raised, undone
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url
from chalicelib.store.tables import stamp

bp = Blueprint(__name__)
STOPPED = "dunning_stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What shall be done: `remind`, `stop`, `resume`, `waive` or `hand_over`, and why."""

    do: str
    text: str = ""
    by: str = "staff"


@bp.route("/v1/orders/{order_id}/dunning", methods=["POST"])
@answered
def act(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Remind the customer now, stop or resume, waive the fees, or hand over for collection."""
    order = actions.load(merchant(bp.current_request), order_id)
    wish: Wish = body_as(bp.current_request.raw_body, Wish)
    return order_view(done(order, wish), clock.now(), base_url=public_url())


@bp.route("/v1/orders/{order_id}/dunning", methods=["GET"])
@answered
def read(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return which letters were written, what they cost, and what comes next and when."""
    return view(actions.load(merchant(bp.current_request), order_id))


def view(order: Order) -> dict[str, Any]:
    """Return how far an order's dunning is; `stopped_by` is a code, empty while it goes on."""
    due, at, level = dunning.due_on(order), dunning.next_at(order), dunning.next_level(order)
    following = dunning.consequence(order) if level is None else dunning.LETTERS[level]
    return {
        "due_on": due.isoformat() if due else None,
        "letters": [
            {
                "kind": dunning.LETTERS[fact.level],
                "at": stamp(fact.at),
                "due_on": fact.due_on.isoformat(),
                "by": fact.by,
            }
            for fact in order.all(events.DunningRaised)
        ],
        "fees": money(dunning.fees_amount(order)),
        "next": following if at else "",
        "next_at": stamp(at) if at else None,
        "stopped_by": dunning.stopped_by(order),
    }


def done(order: Order, wish: Wish) -> Order:
    """Do it; 400 for an unknown wish, 422 where it makes no sense now."""
    do = WISHES.get(wish.do)
    if do is None:
        raise Problem(400, "bad_field", f"do: one of {', '.join(WISHES)}.", field="do")
    return do(order, wish)


@actions.checked
def _remind(order: Order, wish: Wish) -> Order:
    now, due, level = clock.now(), dunning.due_on(order), dunning.next_level(order)
    why = dunning.stopped_by(order)
    if why:
        raise Problem(422, f"dunning_{why}", f"Nobody can be reminded now: {why}.")
    if due is None or dunning.day(now) <= due:
        raise Problem(422, "not_overdue", "The time for payment is not over.")
    if level is None:
        raise Problem(422, "no_letter_left", "All letters were written.")
    return actions.append(order, raised(order, level, now, by=wish.by))


def _stop(order: Order, wish: Wish) -> Order:
    if not wish.text.strip():
        raise Problem(400, "no_text", "text: say why.", field="text")
    hold = events.HoldPlaced(
        at=clock.now(),
        code=STOPPED,
        text=wish.text.strip(),
        owner="customer",
        effect=dunning.EFFECT,
    )
    return actions.add(order, [hold])


def _resume(order: Order, wish: Wish) -> Order:
    if not order.is_held(dunning.EFFECT):
        raise Problem(422, "no_such_hold", "Dunning is not stopped.")
    now, codes = clock.now(), {x.code for x in order.holds() if x.effect == dunning.EFFECT}
    return actions.add(
        order,
        [
            events.HoldReleased(at=now, code=code, by=wish.by, effect=dunning.EFFECT)
            for code in sorted(codes)
        ],
    )


def _waive(order: Order, wish: Wish) -> Order:
    fees = dunning.fees(order)
    if not fees:
        raise Problem(422, "no_fee", "There is no fee to waive.")
    now, why = clock.now(), wish.text.strip()
    return actions.add(order, [undone(fee, now, by=wish.by, reason=why) for fee in fees])


@actions.checked
def _hand_over(order: Order, wish: Wish) -> Order:
    due = dunning.due_on(order)
    if not dunning.is_collectable(order):
        raise Problem(422, "nothing_to_collect", "There is nothing to collect.")
    if due is None or dunning.day(clock.now()) <= due:
        raise Problem(422, "not_overdue", "The time for payment is not over.")
    fact = events.CollectionHandedOver(at=clock.now(), by=wish.by, reference=wish.text.strip())
    return actions.append(order, [fact])


WISHES: Mapping[str, Callable[[Order, Wish], Order]] = {
    "remind": _remind,
    "stop": _stop,
    "resume": _resume,
    "waive": _waive,
    "hand_over": _hand_over,
}
