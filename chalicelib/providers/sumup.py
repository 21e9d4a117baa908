"""SumUp: what was paid in an order's checkouts, and refunds of it.

Settings: `merchant_code`, else that of the key's own profile; secrets: `api_key`. SumUp keeps
neither a key nor a name of ours with a refund. One whose answer was lost is known by payment,
amount and time; where that names none for sure, or several, a person must look.
Format: developer.sumup.com, checkouts API v0.1, transactions API v2.1, refunds API v1.0.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import NeedsHuman, Permanent
from chalicelib.domain.refunding import UNKNOWN
from chalicelib.providers.amounts import of_major
from chalicelib.providers.port import MISSING, Paid, Refunded, State, Unsure, garbled, needed
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.money import Money
    from chalicelib.providers.port import Sought, Wanted
    from chalicelib.runtime.http import Api

ADDRESS = "https://api.sumup.com"
CODE = re.compile(r"[0-9A-Za-z]{4,20}")
# What SumUp does not tell so long after a lost answer it has not done.
QUIET = timedelta(minutes=15)
SKEW = timedelta(minutes=2)  # of its clock and ours
STATES = {"PENDING": State.PENDING, "SCHEDULED": State.PENDING, "FAILED": State.FAILED}


class Merchant:
    """The interface of one merchant account."""

    def __init__(self, api: Api, code: str) -> None:
        """Take the way to SumUp and the account's code; without one it is asked for once."""
        self.call, self._code = api.call, code

    def place(self, version: str) -> str:
        """Return the address of the account in a version of the interface."""
        if not self._code:
            profile = self.call("GET", "/v0.1/me").json().get("merchant_profile") or {}
            self._code = str(profile.get("merchant_code") or "")
        if not CODE.fullmatch(self._code):
            raise garbled("merchant_profile.merchant_code")
        return f"/{version}/merchants/{self._code}"

    def transaction(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return a payment with all that became of it; None if the account has none of the name."""
        place = f"{self.place('v2.1')}/transactions"
        reply = self.call("GET", place, query={"id": name}, allow=(MISSING,))
        found = None if reply.status == MISSING else reply.json()
        if found is not None and found.get("id") != name:
            raise garbled("id")
        return found


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Merchant:
    """Sign in with the key; Permanent(`not_set_up`) if there is none."""
    key, code = needed(secrets, "secrets.api_key"), settings.get("merchant_code", "").strip()
    if code and not CODE.fullmatch(code):
        raise Permanent("not_set_up", "settings.merchant_code: must be a code like MH4H92C7")
    return Merchant(call(ADDRESS, fixed(Authorization=f"Bearer {key}")), code)


def refund(api: Merchant, wanted: Wanted) -> Refunded:
    """Give back a part of a payment, or all of it; its name is read afterwards.

    NeedsHuman(`refund_unknown`) where it was taken, and cannot be told from others.
    """
    before = {name for name, _ in _refunds(api.transaction(wanted.payment), wanted.amount)}
    place = f"{api.place('v1.0')}/payments/{wanted.payment}/refunds"
    api.call("POST", place, data={"amount": float(wanted.amount.amount)})
    after = _refunds(api.transaction(wanted.payment), wanted.amount)
    new = [(name, one) for name, one in after if name not in before]
    if len(new) != 1:
        raise NeedsHuman(UNKNOWN, "SumUp has taken the refund, and does not tell yet which it is.")
    return _refunded(*new[0])


def find_refund(api: Merchant, wanted: Wanted) -> Refunded | Unsure | None:
    """Look for the one refund of this amount since it was first tried."""
    paid = api.transaction(wanted.payment)
    found = [
        (name, one)
        for name, one in _refunds(paid, wanted.amount)
        if name not in wanted.known and _is_since(one, wanted)
    ]
    if len(found) == 1 and _is_sure(found[0][1], wanted):
        return _refunded(*found[0])
    if found or paid is None or paid.get("status") != "SUCCESSFUL":
        return Unsure(days=0, text="What SumUp tells of the payment does not say for sure.")
    return None


def payments_of(api: Merchant, sought: Sought) -> Iterator[Paid]:
    """Look at the payments known, then for the checkouts of the order and what was paid in them."""
    for name in sought.payments:
        yield from _paid(api.transaction(name) or {})
    for reference in sought.references:
        query = {"checkout_reference": reference}
        for checkout in api.call("GET", "/v0.1/checkouts", query=query).json():
            for one in checkout.get("transactions") or []:
                if one.get("id") not in sought.payments:
                    yield from _paid(one)


def _paid(one: Any) -> Iterator[Paid]:  # noqa: ANN401 - JSON
    if one.get("status") == "SUCCESSFUL":
        yield Paid(
            reference=str(one["id"]),
            amount=of_major({"value": one["amount"], "currency": one["currency"]}),
            booked_at=datetime.fromisoformat(str(one["timestamp"])),
        )


def _refunds(paid: Any, amount: Money) -> list[tuple[str, Any]]:  # noqa: ANN401 - JSON
    """Return the refunds of an amount, by the names under which they are told of."""
    found = []
    for one in (paid or {}).get("transaction_events") or []:
        kind = one.get("event_type") or one.get("type")
        is_made = kind == "REFUND" and STATES.get(str(one.get("status"))) is not State.FAILED
        pair = {"value": one.get("amount"), "currency": paid.get("currency")}
        if is_made and of_major(pair) == amount:
            found.append((f"{paid['id']}:{one['id']}", one))
    return found


def _is_since(one: Any, wanted: Wanted) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a refund may be of after the first try; one without a time may be."""
    if one.get("timestamp"):
        return datetime.fromisoformat(str(one["timestamp"])) >= wanted.since - SKEW
    day = str(one.get("date") or "")[:10]
    return not day or date.fromisoformat(day) >= (wanted.since - SKEW).astimezone(UTC).date()


def _is_sure(one: Any, wanted: Wanted) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a refund was surely made after the first try: on a later day, or by its time."""
    day = str(one.get("date") or "")[:10]
    is_later = bool(day) and date.fromisoformat(day) > wanted.since.astimezone(UTC).date()
    return bool(one.get("timestamp")) or is_later


def _refunded(name: str, one: Any) -> Refunded:  # noqa: ANN401 - JSON
    text = str(one.get("status") or "")
    return Refunded(reference=name, state=STATES.get(text, State.DONE), text=text)
