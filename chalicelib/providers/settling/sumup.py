"""SumUp: one record for each payment that is paid out; those of one transfer share its reference.

Refunds and chargebacks are taken off later payments before these are paid out, so their records,
which name no transfer, are shown and not counted again. Needs `payouts.read` for the key, and
`settings.merchant_code`, or else a key that may read the profile.
Format: developer.sumup.com, payouts (v1.0), transactions (v2.1), profile (v0.1).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers import sumup
from chalicelib.providers.amounts import of_major
from chalicelib.providers.port import garbled
from chalicelib.providers.settling.port import Parts, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.settling.port import Asked
    from chalicelib.runtime.http import Api

MERCHANT = re.compile(r"[0-9A-Za-z]{4,20}")
TRANSFER = re.compile(r"PID\s?\d+", re.IGNORECASE)
PAID = "SUCCESSFUL"
KINDS = {
    "PAYOUT": "received",
    "REFUND_DEDUCTION": "refunded",
    "CHARGE_BACK_DEDUCTION": "charged_back",
    "DD_RETURN_DEDUCTION": "charged_back",
    "BALANCE_DEDUCTION": "other",
}
WINDOW, DAY = timedelta(days=6), timedelta(days=1)
MOST = "9999"
AT_ONCE = 20  # payments of a page: each is looked up, for a record does not tell its id


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in with the key; Permanent(`not_set_up`) if there is none."""
    return Account(sumup.connect(settings, secrets, call), settings.get("merchant_code", ""))


class Account:
    """The interface of one merchant, whose code is asked for if we were not told."""

    def __init__(self, api: Api, code: str) -> None:
        """Take the way to SumUp and the merchant's code, if it is known."""
        self.call, self._code = api.call, code.strip()

    @property
    def place(self) -> str:
        """Where the merchant's payouts lie; `{}` is the version of the interface."""
        if not self._code:
            profile = self.call("GET", "/v0.1/me").json().get("merchant_profile") or {}
            self._code = str(profile.get("merchant_code") or "")
        if not MERCHANT.fullmatch(self._code):
            raise garbled("merchant_code")
        return f"/{{}}/merchants/{self._code}"


def payouts(api: Api, asked: Asked, place: str) -> Sent:
    """Return the transfers of a week; a day counts once it is over."""
    last = asked.now.date() - DAY
    begin = date.fromisoformat(place) if place else asked.since.date()
    end = min(begin + WINDOW, last)
    if begin > last:
        return Sent(payouts=())
    groups: dict[tuple[str, str], list[Any]] = {}
    for one in _records(api, begin, end):
        if _is_of_transfer(one):
            groups.setdefault((_transfer(one), _net(one).currency), []).append(one)
    following = (end + DAY).isoformat() if end < last else ""
    return Sent(payouts=tuple(map(_payout, groups.values())), following=following)


def parts(api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
    """Return a page of the payments in a transfer, and what was taken off them on its day."""
    del before
    mine = [
        one
        for one in _records(api, payout.arrived_on, payout.arrived_on)
        if _net(one).currency == payout.amount.currency
        and (_name(one) == payout.reference or not _is_of_transfer(one))
    ]
    mine.sort(key=lambda one: (not _is_of_transfer(one), int(one["id"])))
    start = int(place or 0)
    following = str(start + AT_ONCE) if start + AT_ONCE < len(mine) else ""
    told = tuple(_part(api, one) for one in mine[start : start + AT_ONCE])
    return Parts(parts=told, following=following)


def _records(api: Api, begin: date, end: date) -> Iterator[Any]:
    query = {
        "start_date": begin.isoformat(),
        "end_date": end.isoformat(),
        "format": "json",
        "limit": MOST,
        "order": "asc",
    }
    found = api.call("GET", f"{_place(api)}/payouts".format("v1.0"), query=query).json()
    if not isinstance(found, list):
        raise garbled("payouts")
    return (one for one in found if one.get("status") == PAID)


def _place(api: Api) -> str:
    return str(getattr(api, "place", ""))


def _is_of_transfer(one: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a record is part of what was sent; deductions name the payment instead."""
    return one.get("type") == "PAYOUT" or bool(TRANSFER.search(str(one.get("reference"))))


def _transfer(one: Any) -> str:  # noqa: ANN401 - JSON
    """Return the name of a transfer, as the bank repeats it."""
    text = str(one.get("reference") or "")
    found = TRANSFER.search(text)
    return found.group().upper().replace(" ", "") if found else text or str(one["date"])


def _name(one: Any) -> str:  # noqa: ANN401 - JSON
    return f"{_transfer(one)}-{one['currency']}"


def _payout(records: list[Any]) -> Payout:
    first = records[0]
    amount = Money.zero(str(first["currency"]))
    for one in records:
        amount += _signed(one, _net(one))
    return Payout(
        source="sumup",
        reference=_name(first),
        amount=amount,
        arrived_on=date.fromisoformat(str(first["date"])),
        traces=(_transfer(first),),
    )


def _part(api: Api, one: Any) -> PayoutPart:  # noqa: ANN401 - JSON
    name, kind = str(one.get("type") or ""), KINDS.get(str(one.get("type")), "unread")
    net, none = _signed(one, _net(one)), Money.zero(str(one["currency"]))
    fee = _major(one, one.get("fee") or 0) if kind == "received" else none
    paid = _paid(api, str(one.get("transaction_code") or ""))
    if kind not in {"received", "unread"} and not _is_of_transfer(one):
        kind = "deducted"
    payment = str(paid.get("id") or one.get("transaction_code") or "")
    return PayoutPart(
        payment=payment,
        kind=kind,
        type=name,
        gross=net + fee,
        fee=fee,
        reference=f"{payment or kind}:fee:{_event(paid, one)}",
    )


def _paid(api: Api, code: str) -> dict[str, Any]:
    """Return a transaction by its code; the ledger knows it by its id."""
    if not code:
        return {}
    path = f"{_place(api)}/transactions".format("v2.1")
    found = api.call("GET", path, query={"transaction_code": code}, allow=(404,)).json()
    return found if isinstance(found, dict) else {}


def _event(paid: dict[str, Any], one: Any) -> str:  # noqa: ANN401 - JSON
    """Return the event of the transaction that this record is of, as its fee is called by it."""
    told = [x for x in paid.get("events") or [] if x.get("type") == "PAYOUT"]
    alike = [x for x in told if x.get("amount") == one.get("amount")]
    found = (alike or told)[:1]
    return str(found[0].get("id") if found else one["id"])


def _signed(one: Any, money: Money) -> Money:  # noqa: ANN401 - JSON
    """Return what a record adds to its transfer: a deduction takes away."""
    is_taken = one.get("type") in KINDS and one["type"] != "PAYOUT"
    return Money(minor=-abs(money.minor), currency=money.currency) if is_taken else money


def _net(one: Any) -> Money:  # noqa: ANN401 - JSON
    return _major(one, one.get("amount"))


def _major(one: Any, value: object) -> Money:  # noqa: ANN401 - JSON
    return of_major({"value": value, "currency": one.get("currency")})
