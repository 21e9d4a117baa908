"""PayPal: a balance that payments go into, and withdrawals, by hand or swept each day.

A withdrawal takes a sum and no certain payments, so it is explained by what moved since the one
before in its currency, and by the balance before and after. The first one that we see has none
before it, and so no parts. Needs *Transaction search* for the app.
Format: developer.paypal.com, Transaction Search API v1, transaction event codes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers.amounts import of_major
from chalicelib.providers.port import garbled
from chalicelib.providers.settling.port import Parts, Sent

if TYPE_CHECKING:
    from chalicelib.providers.settling.port import Asked
    from chalicelib.runtime.http import Api

KEEPS_BALANCE = True
SEARCH, BALANCES = "/v1/reporting/transactions", "/v1/reporting/balances"
WINDOW, LEAST = timedelta(days=7), timedelta(hours=1)  # a search finds ten thousand at most
REFUSED, TOO_MANY = 400, b"RESULTSET_TOO_LARGE"
SECOND = timedelta(seconds=1)
LATE = timedelta(hours=6)  # PayPal lists a transaction up to three hours after it
PAGE = "500"
MOVED = frozenset({"S", "V"})  # went through; was given back later, by a transaction of its own
WITHDRAWAL = "T04"
# The groups of codes, and those codes in them that are something else than the rest.
KINDS = {
    "T1106": "charged_back",
    "T1107": "refunded",
    "T1108": "fee",
    "T1109": "fee",
    "T1201": "charged_back",
    "T1202": "chargeback_reversed",
    "T1205": "chargeback_reversed",
    "T1208": "chargeback_reversed",
    "T01": "fee",
}
# Payments we make, exchanges, deposits, holds and releases, bonuses, corrections.
OTHERS = frozenset(
    {"T00", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T12", "T14",
     "T15", "T16", "T17", "T18", "T19", "T20", "T21", "T22"}
)  # fmt: skip


def payouts(api: Api, asked: Asked, place: str) -> Sent:
    """Return the withdrawals on a page of all transactions."""
    found, account, following = _page(api, asked.since, asked.now - LATE, place)
    sent = tuple(_payout(one, account) for one in found if _is_withdrawal(one))
    return Sent(payouts=sent, following=following)


def parts(api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
    """Return a page of what moved since the withdrawal before this one, in its currency."""
    if before is None or before.sent_at is None or payout.sent_at is None:
        return Parts(parts=())
    found, _, following = _page(api, before.sent_at, payout.sent_at, place)
    told: list[PayoutPart] = []
    for one in found:
        name, currency = one.get("transaction_id"), _money(one, "transaction_amount").currency
        if currency != payout.amount.currency:
            continue
        if name == before.reference:
            told += _balance(api, one, "before")
        elif name == payout.reference:
            told += [*_withdrawal_fee(one), *_balance(api, one, "after")]
        elif before.sent_at < _at(one) <= payout.sent_at:
            told.append(_part(one))
    return Parts(parts=tuple(told), following=following)


def _page(api: Api, since: datetime, until: datetime, place: str) -> tuple[list[Any], str, str]:
    """Return a page of what moved money in these days, the account, and the next one's place.

    A place is the window's begin and end, and the page's number in it.
    """
    begin, end, page = since, min(since + WINDOW, until), 1
    if place:
        texts = place.split("|")
        begin, end = map(datetime.fromisoformat, texts[:2])
        page = int(texts[2])
    if begin > until:
        return [], "", ""
    query = {
        "start_date": _text(begin),
        "end_date": _text(end),
        "fields": "transaction_info",
        "page_size": PAGE,
        "page": str(page),
    }
    reply = api.call("GET", SEARCH, query=query, allow=(REFUSED,))
    if reply.status == REFUSED and TOO_MANY in reply.body and end - begin > LEAST:
        return [], "", _place(begin, begin + (end - begin) / 2, 1)
    if reply.status == REFUSED:
        reply = api.call("GET", SEARCH, query=query)  # says why
    found = reply.json()
    details = found.get("transaction_details")
    if not isinstance(details, list):
        raise garbled("transaction_details")
    account = str(found.get("account_number") or "")
    told = [one["transaction_info"] for one in details]
    moved = [one for one in told if one.get("transaction_status") in MOVED]
    if page < int(found.get("total_pages") or 1):
        return moved, account, _place(begin, end, page + 1)
    begin = end.replace(microsecond=0) + SECOND
    after = _place(begin, min(begin + WINDOW, until), 1) if begin <= until else ""
    return moved, account, after


def _place(begin: datetime, end: datetime, page: int) -> str:
    return f"{begin.isoformat()}|{end.isoformat()}|{page}"


def _is_withdrawal(one: Any) -> bool:  # noqa: ANN401 - JSON
    is_out = _money(one, "transaction_amount").minor < 0
    return is_out and str(one.get("transaction_event_code")).startswith(WITHDRAWAL)


def _payout(one: Any, account: str) -> Payout:  # noqa: ANN401 - JSON
    at, bank = _at(one), str(one.get("bank_reference_id") or "")
    return Payout(
        source="paypal",
        reference=str(one["transaction_id"]),
        amount=-_money(one, "transaction_amount"),
        arrived_on=at.date(),
        traces=(bank,) if bank else (),
        sent_at=at,
        place=account,
    )


def _part(one: Any) -> PayoutPart:  # noqa: ANN401 - JSON
    code, name = str(one.get("transaction_event_code") or ""), str(one["transaction_id"])
    gross, fee = _money(one, "transaction_amount"), _fee(one)
    kind = KINDS.get(code) or KINDS.get(code[:3]) or ("other" if code[:3] in OTHERS else "unread")
    is_about = one.get("paypal_reference_id_type") == "TXN"
    payment = str(one.get("paypal_reference_id") or "") if is_about else ""
    if code[:3] == "T00" and gross.minor > 0:
        kind, payment = "received", name
    if kind == "fee":
        kind, gross, fee = "payment_fee" if payment else kind, fee - fee, fee - gross
    return PayoutPart(
        payment=payment,
        kind=kind,
        type=code,
        gross=gross,
        fee=fee,
        reference=f"{name}:fee",
        booked_at=_at(one),
    )


def _withdrawal_fee(one: Any) -> list[PayoutPart]:  # noqa: ANN401 - JSON
    """Return what it cost to draw the sum at once, say; that comes off the balance beside it."""
    fee, name = _fee(one), str(one["transaction_id"])
    if not fee:
        return []
    code, none = str(one.get("transaction_event_code")), Money.zero(fee.currency)
    return [
        PayoutPart(
            payment="", kind="fee", type=code, gross=none, fee=fee, reference=f"{name}:fee",
            booked_at=_at(one),
        )
    ]  # fmt: skip


def _balance(api: Api, one: Any, when: str) -> list[PayoutPart]:  # noqa: ANN401 - JSON
    """Return what lay at PayPal behind a withdrawal; what it does not tell is not made up."""
    told = one.get("ending_balance") or _asked(api, one)
    if not told:
        return []
    left = of_major(told, "currency_code")
    gross = left if when == "before" else -left
    none = Money.zero(left.currency)
    return [PayoutPart(payment="", kind="balance", type=when, gross=gross, fee=none)]


def _asked(api: Api, one: Any) -> Any:  # noqa: ANN401 - JSON
    """Ask for the balance at the time of a transaction that came without it."""
    currency = _money(one, "transaction_amount").currency
    query = {"as_of_time": _text(_at(one)), "currency_code": currency}
    reply = api.call("GET", BALANCES, query=query, allow=(400, 403, 404))
    found = reply.json().get("balances") or []
    return next((x.get("total_balance") for x in found if x.get("currency") == currency), None)


def _money(one: Any, name: str) -> Money:  # noqa: ANN401 - JSON
    return of_major(one.get(name), "currency_code")


def _fee(one: Any) -> Money:  # noqa: ANN401 - JSON
    """Return what PayPal kept, which it writes as a negative amount beside the whole one."""
    gross = _money(one, "transaction_amount")
    return -_money(one, "fee_amount") if one.get("fee_amount") else gross - gross


def _at(one: Any) -> datetime:  # noqa: ANN401 - JSON
    return datetime.fromisoformat(str(one["transaction_initiation_date"])).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
