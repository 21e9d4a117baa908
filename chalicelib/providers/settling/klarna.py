"""Klarna: payouts with their totals, and the transactions that each is made of.

Every transaction names its Klarna order, which is what our ledger calls the payment. Taxes on fees
and corrections of fees may stand in the totals only.
Format: docs.klarna.com, Settlements API v1, settlement reports (calculation of the amount).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers.amounts import of_minor
from chalicelib.providers.port import garbled
from chalicelib.providers.settling.port import Parts, Sent

if TYPE_CHECKING:
    from chalicelib.providers.settling.port import Asked
    from chalicelib.runtime.http import Api

PAYOUTS, TRANSACTIONS = "/settlements/v1/payouts", "/settlements/v1/transactions"
SIZE = 500
# What a type is, and its sign; 0 where Klarna's own sign says which way the money went.
KINDS = {
    "SALE": ("received", 0),
    "RETURN": ("refunded", -1),
    "REVERSAL": ("charged_back", -1),
    "REVERSAL_MERCHANT_PROTECTION": ("chargeback_reversed", 1),
    "FEE": ("payment_fee", -1),
    "FEE_REFUND": ("payment_fee", 1),
    "TAX": ("fee", -1),
    "CORRECTION": ("fee", 0),
    "COMMISSION": ("other", 0),
    "CHARGE": ("other", -1),
    "CREDIT": ("other", 1),
    "HOLDBACK": ("other", -1),
    "RELEASE": ("other", 1),
}
FEES = frozenset({"fee", "payment_fee"})
# Of the totals, what may come without transactions: its sign, and the type that would tell it.
ALONE = {
    "tax_amount": (-1, "TAX"),
    "fee_correction_amount": (1, "CORRECTION"),
    "repay_amount": (-1, "REPAY"),
}


def payouts(api: Api, asked: Asked, place: str) -> Sent:
    """Return a page of what Klarna has paid out."""
    query = {
        "start_date": _text(asked.since),
        "end_date": _text(asked.now),
        "size": str(SIZE),
        "offset": place or "0",
    }
    page = api.call("GET", PAYOUTS, query=query).json()
    found = _listed(page, "payouts")
    following = _following(page, int(place or 0) + len(found))
    return Sent(payouts=tuple(map(_payout, found)), following=following)


def parts(api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
    """Return a page of the transactions, behind the last what only the totals tell.

    A place is the number of the first transaction, and what was told of each of `ALONE` before.
    """
    del before
    start, *seen = map(int, (place or "0 0 0 0").split())
    query = {"payment_reference": payout.reference, "size": str(SIZE), "offset": str(start)}
    page = api.call("GET", TRANSACTIONS, query=query).json()
    found = _listed(page, "transactions")
    told = tuple(_part(payout, one, start + at) for at, one in enumerate(found))
    for at, (_, kind) in enumerate(ALONE.values()):
        seen[at] += sum(part.net.minor for part in told if part.type.split(":")[0] == kind)
    following = _following(page, start + len(found))
    if following:
        return Parts(parts=told, following=f"{following} {' '.join(map(str, seen))}")
    return Parts(parts=(*told, *_alone(api, payout, seen)))


def _listed(page: Any, what: str) -> list[Any]:  # noqa: ANN401 - JSON
    found = page.get(what) if isinstance(page, dict) else None
    if not isinstance(found, list):
        raise garbled(what)
    return found


def _following(page: Any, after: int) -> str:  # noqa: ANN401 - JSON
    pages = page.get("pagination") or {}
    is_more = pages.get("next") or after < int(pages.get("total") or 0)
    return str(after) if is_more and pages.get("count") != 0 else ""


def _payout(one: Any) -> Payout:  # noqa: ANN401 - JSON
    sums = one.get("totals") or {}
    return Payout(
        source="klarna",
        reference=str(one["payment_reference"]),
        amount=of_minor(sums.get("settlement_amount"), one.get("currency_code")),
        arrived_on=datetime.fromisoformat(str(one["payout_date"])).date(),
    )


def _part(payout: Payout, one: Any, number: int) -> PayoutPart:  # noqa: ANN401 - JSON
    name = str(one.get("type") or "").upper()
    kind, sign = KINDS.get(name, ("unread", 0))
    order = str(one.get("order_id") or "")
    told = of_minor(one.get("amount"), one.get("currency_code") or payout.amount.currency)
    net = Money(minor=sign * abs(told.minor), currency=told.currency) if sign else told
    if kind == "payment_fee" and not order:
        kind = "fee"
    when = one.get("capture_date") or one.get("sale_date")
    return PayoutPart(
        payment=order,
        kind=kind,
        type=":".join(filter(None, (name, str(one.get("detailed_type") or "")))),
        gross=Money.zero(net.currency) if kind in FEES else net,
        fee=-net if kind in FEES else Money.zero(net.currency),
        # Klarna names no transaction; a payout is never told anew once it is kept.
        reference=f"{payout.reference}:{number}",
        booked_at=datetime.fromisoformat(str(when)) if when else None,
    )


def _alone(api: Api, payout: Payout, seen: list[int]) -> list[PayoutPart]:
    """Return what stands in the totals beyond the transactions."""
    totals = api.call("GET", f"{PAYOUTS}/{quote(payout.reference, safe='')}").json().get("totals")
    currency, found = payout.amount.currency, list[PayoutPart]()
    for told, (name, (sign, kind)) in zip(seen, ALONE.items(), strict=True):
        whole = of_minor((totals or {}).get(name) or 0, currency)
        rest = Money(minor=sign * abs(whole.minor) - told, currency=currency)
        if rest:
            is_fee, none = kind != "REPAY", Money.zero(currency)
            found.append(
                PayoutPart(
                    payment="",
                    kind="fee" if is_fee else "other",
                    type=kind,
                    gross=none if is_fee else rest,
                    fee=-rest if is_fee else none,
                )
            )
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
