"""Orders: the work lists, one order, its timeline, and what a person may do to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from chalice.app import Blueprint, Response

from chalicelib.api import actions, by_hand, corrections, credit_balances, lists, wishes
from chalicelib.api.auth import merchant
from chalicelib.api.paging import limit_of, read_cursor, write_cursor
from chalicelib.api.problems import Problem, answered, body_as
from chalicelib.api.view import order_view, timeline_view
from chalicelib.domain import events
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url

bp = Blueprint(__name__)
STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money as callers write it."""

    amount: str
    currency: str

    def money(self, field: str = "amount") -> Money:
        """Return it as money; the problem names the field."""
        try:
            money = Money.of(self.amount, self.currency)
        except ValueError as error:
            raise Problem(400, "bad_field", f"{field}: {error}.", field=field) from error
        if money.amount != Decimal(self.amount):
            text = f"{field}: {self.currency} has no such small parts."
            raise Problem(400, "bad_field", text, field=field)
        return money


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Free text of a person, and who it is."""

    text: str = ""
    reason: str = ""
    code: str = ""
    effect: str = ""
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """Money that came in by hand: a bank transfer, cash."""

    amount: Amount
    source: str = "bank"
    reference: str = ""
    booked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTags:
    """The order's tags from now on."""

    tags: tuple[str, ...]
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoicing:
    """What the buyer wants on the invoice; what is empty is as the shop says."""

    buyer_reference: str = ""
    vat_id: str = ""
    order_reference: str = ""
    form: Literal["", "pdf", "zugferd", "xrechnung_cii", "xrechnung_ubl"] = ""
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssignment:
    """Whose the order is from now on; empty for nobody."""

    to: str
    by: str = STAFF


def _params() -> dict[str, str]:
    return dict(bp.current_request.query_params or {})


def _order(order_id: str) -> Order:
    return actions.load(merchant(bp.current_request), order_id)


def _body(kind: Any) -> Any:  # noqa: ANN401 - one of the dataclasses above
    return body_as(bp.current_request.raw_body, kind)


def _shown(order: Order) -> dict[str, Any]:
    return order_view(order, clock.now(), base_url=public_url())


@bp.route("/v1/orders", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List orders of a work list, or find them by number or the shop's own id."""
    merchant_id, params = merchant(bp.current_request), _params()
    if params.get("number") or params.get("external_id"):
        found = lists.find(
            merchant_id,
            number=params.get("number", ""),
            external_id=params.get("external_id", ""),
        )
        return {"items": [lists.listed_view(one) for one in found], "next": None}
    worklist = params.get("worklist", "open")
    if worklist not in lists.PARTS:
        choice = ", ".join(lists.PARTS)
        raise Problem(400, "bad_field", f"worklist: one of {choice}.", field="worklist")
    items, cursor = lists.page(
        merchant_id, worklist, limit=limit_of(params), cursor=read_cursor(params)
    )
    return {"items": [lists.listed_view(one) for one in items], "next": write_cursor(cursor)}


@bp.route("/v1/orders/{order_id}", methods=["GET"])
@answered
def read(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return everything about one order."""
    return _shown(_order(order_id))


@bp.route("/v1/orders/{order_id}/timeline", methods=["GET"])
@answered
def timeline(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return every fact of an order; `at` shows it as it stood at a moment."""
    order = _order(order_id)
    text = _params().get("at", "")
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Problem(400, "bad_field", "at: must be an RFC 3339 time.", field="at") from error
    if at is not None and at.tzinfo is None:
        raise Problem(400, "bad_field", "at: must name its time zone.", field="at")
    return {"items": timeline_view(order, at), "next": None}


@bp.route("/v1/orders/{order_id}/cancel", methods=["POST"])
@answered
def cancel(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Cancel an order of which nothing has left."""
    order, words = _order(order_id), _body(Words)
    return _shown(actions.cancel(order, words.by, words.reason))


@bp.route("/v1/orders/{order_id}/hold", methods=["POST"])
@answered
def hold(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Stop the next parcel."""
    order, words = _order(order_id), _body(Words)
    return _shown(actions.hold(order, words.text or words.reason))


@bp.route("/v1/orders/{order_id}/release", methods=["POST"])
@answered
def release(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Go on in spite of a problem."""
    order, words = _order(order_id), _body(Words)
    return _shown(actions.release(order, words.by, words.code or "manual", words.effect))


@bp.route("/v1/orders/{order_id}/take-over", methods=["POST"])
@answered
def take_over(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take over what the shop has changed and what waits for a person."""
    order, words = _order(order_id), _body(Words)
    return _shown(actions.take_over(order, words.by))


@bp.route("/v1/orders/{order_id}/payments", methods=["POST"])
@answered
def pay(order_id: str) -> Response:
    """Book money that came in, for example a bank transfer."""
    order = _order(order_id)
    new: NewPayment = _body(NewPayment)
    if new.source not in {"bank", "cash", "manual"}:
        raise Problem(400, "bad_field", "source: one of bank, cash, manual.", field="source")
    order = by_hand.book_payment(
        order,
        new.amount.money(),
        source=new.source,
        reference=new.reference,
        booked_at=new.booked_at,
    )
    return Response(_shown(order), status_code=201)


@bp.route("/v1/orders/{order_id}/notes", methods=["POST"])
@answered
def note(order_id: str) -> Response:
    """Write something down."""
    order, words = _order(order_id), _body(Words)
    if not words.text.strip():
        raise Problem(400, "bad_field", "text: is empty.", field="text")
    fact = events.NoteAdded(at=clock.now(), text=words.text.strip(), by=words.by)
    return Response(_shown(actions.add(order, [fact])), status_code=201)


@bp.route("/v1/orders/{order_id}/tags", methods=["POST"])
@answered
def tags(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Set the order's tags."""
    order = _order(order_id)
    new: NewTags = _body(NewTags)
    fact = events.TagsChanged(at=clock.now(), tags=new.tags, by=new.by)
    return _shown(actions.add(order, [fact]))


@bp.route("/v1/orders/{order_id}/assign", methods=["POST"])
@answered
def assign(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Hand the order to somebody."""
    order = _order(order_id)
    new: NewAssignment = _body(NewAssignment)
    fact = events.OrderAssigned(at=clock.now(), to=new.to, by=new.by)
    return _shown(actions.add(order, [fact]))


@bp.route("/v1/orders/{order_id}/invoicing", methods=["POST"])
@answered
def invoicing(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Say how the buyer is to be invoiced; 409 once there is an invoice."""
    order = _order(order_id)
    new: NewInvoicing = _body(NewInvoicing)
    chosen = events.InvoicingChosen(at=clock.now(), **asdict(new))
    return _shown(wishes.choose_invoicing(order, chosen))


@bp.route("/v1/orders/{order_id}/correct-invoice", methods=["POST"])
@answered
def correct_invoice(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take a wrong invoice back and draw a new one, or say what that would do."""
    order = _order(order_id)
    wish: corrections.NewCorrection = _body(corrections.NewCorrection)
    if wish.dry_run:
        return {"preview": corrections.preview(corrections.planned(order, wish))}
    return _shown(corrections.correct(order, wish))


@bp.route("/v1/orders/{order_id}/credit-balance", methods=["POST"])
@answered
def tell_credit_balance(order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Write to the customer about money that is theirs."""
    order = _order(order_id)
    new: credit_balances.Teller = _body(credit_balances.Teller)
    return _shown(credit_balances.tell(order, new.by))
