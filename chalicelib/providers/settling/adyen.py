"""Adyen: the settlement details report of each batch, which its webhook announces.

Which file to fetch is made of what Adyen has signed, the name of the report and the account, and
never of the address that stands beside them. Settings as for refunds; secrets: `report_key`, the
key of a user with the role *Merchant report*.
Format: docs.adyen.com, settlement details report (columns, journal types), automate reports.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers.adyen import PREFIX
from chalicelib.providers.port import MISSING, garbled, needed
from chalicelib.providers.settling.port import Parts, Sent
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.settling.port import Asked
    from chalicelib.runtime.http import Api

TEST, LIVE = "https://ca-test.adyen.com", "https://ca-live.adyen.com"
REPORT = re.compile(r"settlement_detail_report_batch_(\d{1,9})[0-9A-Za-z_-]{0,40}\.csv")
SENT, CREATED = "MerchantPayout", "Creation Date"
NEEDED = frozenset({"Psp Reference", "Type", "Net Currency", "Net Debit (NC)", "Net Credit (NC)"})
KINDS = {
    "Settled": "received",
    "Refunded": "refunded",
    "RefundedReversed": "refund_failed",
    "Chargeback": "charged_back",
    "SecondChargeback": "charged_back",
    "ChargebackReversed": "chargeback_reversed",
    "PaymentCost": "payment_fee",
    "Fee": "fee",
    "MiscCosts": "fee",
    "InvoiceDeduction": "fee",
}
OTHERS = frozenset(
    {"Balancetransfer", "BankInstructionReturned", "DepositCorrection", "EpaPaid",
     "ManualCorrected", "MatchedStatement", "PaidOut", "PaidOutReversed", "ReserveAdjustment"}
)  # fmt: skip
SIGNS = {"received": 1, "refund_failed": 1, "chargeback_reversed": 1,
         "refunded": -1, "charged_back": -1}  # fmt: skip
COSTS = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
# What Adyen calls zones that have no such name elsewhere.
ZONES = {"CEST": "Europe/Berlin", "BST": "Europe/London"}
AT_ONCE = 5000  # rows of a page
TRACE = re.compile(r"TX[0-9A-Za-z]{6,}")

Row = dict[str, str]


def tells(secrets: Secrets) -> bool:
    """Tell whether there is a key for reports: that of payments may not read them."""
    return bool(secrets.get("report_key", "").strip())


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in where reports lie; without a prefix it is Adyen's test system, as for refunds."""
    account, prefix = needed(settings, "settings.merchant_account"), settings.get("url_prefix", "")
    if prefix.strip() and not PREFIX.fullmatch(prefix.strip()):
        text = "settings.url_prefix: must be like 1797a841fbb37ca7-AdyenDemo"
        raise Permanent("not_set_up", text)
    key = fixed(x_api_key=needed(secrets, "secrets.report_key"))
    return Reports(call(LIVE if prefix.strip() else TEST, key), account)


class Reports:
    """The reports of one merchant account."""

    def __init__(self, api: Api, account: str) -> None:
        """Take the way to Adyen and the account."""
        self.call, self.account = api.call, account


def payouts(api: Api, asked: Asked, place: str) -> Sent:
    """Return what one of the reports announced has paid out; nothing while it is not there yet."""
    number = int(place or 0)
    if number >= len(asked.reports):
        return Sent(payouts=())
    name = asked.reports[number]
    following = str(number + 1) if number + 1 < len(asked.reports) else ""
    body = _body(api, name)
    if body is None:
        return Sent(payouts=(), following=following)
    return Sent(payouts=tuple(_payouts(api, name, body)), following=following, read=name)


def parts(api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
    """Return a page of the rows of a report in the payout's currency."""
    del before
    start, told = int(place or 0), list[PayoutPart]()
    body = _body(api, payout.place)
    if body is None:
        raise garbled(payout.place)
    for at, row in enumerate(_rows(body)):
        if at >= start + AT_ONCE:
            return Parts(parts=tuple(told), following=str(at))
        is_mine = row["Net Currency"] == payout.amount.currency and row["Type"] != SENT
        if at >= start and is_mine:
            told.append(_part(payout, row, at))
    return Parts(parts=tuple(told))


def _body(api: Api, name: str) -> bytes | None:
    """Fetch a report; None if Adyen does not have it."""
    if not REPORT.fullmatch(name):
        raise Permanent("bad_address", "Adyen has announced a report of another name.")
    account = quote(str(getattr(api, "account", "")), safe="")
    path = f"/reports/download/MerchantAccount/{account}/{name}"
    reply = api.call("GET", path, headers={"accept": "text/csv"}, allow=(MISSING,))
    return None if reply.status == MISSING else reply.body


def _rows(body: bytes) -> Iterator[Row]:
    """Yield the rows one by one; a report is never held as rows in whole."""
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", errors="replace", newline="")
    reader = csv.DictReader(text, restval="")
    if missing := NEEDED - set(reader.fieldnames or ()):
        raise garbled(min(missing))
    yield from reader


def _payouts(api: Api, name: str, body: bytes) -> Iterator[Payout]:
    """Yield a payout for each currency of a batch; of nothing, where all went to the next batch."""
    sent: dict[str, Money] = {}
    days: dict[str, datetime] = {}
    traces: dict[str, tuple[str, ...]] = {}
    for row in _rows(body):
        currency = row["Net Currency"]
        if not currency:
            continue
        sent.setdefault(currency, Money.zero(currency))
        days[currency] = max(days.get(currency, _at(row)), _at(row))
        if row["Type"] == SENT:
            sent[currency] -= _net(row)
            told = row.get("Modification Reference", "")
            traces[currency] = tuple(TRACE.findall(told)) or ((told,) if told else ())
    batch = REPORT.fullmatch(name)
    for currency, amount in sent.items():
        yield Payout(
            source="adyen",
            reference=f"{getattr(api, 'account', '')}-{batch and batch[1]}-{currency}",
            amount=amount,
            arrived_on=days[currency].date(),
            traces=traces.get(currency, ()),
            place=name,
        )


def _part(payout: Payout, row: Row, at: int) -> PayoutPart:
    kind = KINDS.get(row["Type"], "other" if row["Type"] in OTHERS else "unread")
    payment, net = row["Psp Reference"], _net(row)
    gross = net + _costs(row)
    if row.get("Gross Currency") == net.currency and kind in SIGNS:
        told = _decimal(row, "Gross Credit (GC)") - _decimal(row, "Gross Debit (GC)")
        gross = Money.of(SIGNS[kind] * abs(told), net.currency)
    if kind in {"fee", "payment_fee"}:
        kind, gross = "payment_fee" if payment else "fee", Money.zero(net.currency)
    name = row.get("Modification Reference", "") or f"{payout.reference}:{at}"
    return PayoutPart(
        payment=payment,
        kind=kind,
        type=row["Type"],
        gross=gross,
        fee=gross - net,
        reference=f"{name}:{row['Type'].lower()}:fee",
        booked_at=_at(row).astimezone(UTC),
    )


def _net(row: Row) -> Money:
    told = _decimal(row, "Net Credit (NC)") - _decimal(row, "Net Debit (NC)")
    return Money.of(told, row["Net Currency"])


def _costs(row: Row) -> Money:
    """Return what was kept, where the payment was in another currency than is paid out."""
    return Money.of(sum((_decimal(row, one) for one in COSTS), Decimal()), row["Net Currency"])


def _decimal(row: Row, name: str) -> Decimal:
    try:
        return Decimal(row.get(name) or "0")
    except InvalidOperation:
        raise garbled(name) from None


def _at(row: Row) -> datetime:
    zone = row.get("TimeZone") or "UTC"
    try:
        told = datetime.fromisoformat(row.get(CREATED, ""))
    except ValueError:
        raise garbled(CREATED) from None
    try:
        return told.replace(tzinfo=ZoneInfo(ZONES.get(zone, zone)))
    except (KeyError, ValueError):
        return told.replace(tzinfo=UTC)
