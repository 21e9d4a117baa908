"""Why an order is not shipped yet, in the reader's language.

The domain says it once, in English; what it says is known well enough to be said again with
amounts and names as the reader expects them. A provider's own words stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.api.actions import RELEASABLE
from chalicelib.console.changes import told_changes
from chalicelib.console.remarks import told_remarks
from chalicelib.console.words import WORDS, named, say
from chalicelib.domain import bills, formats, refunding, revision
from chalicelib.domain.blocker import Blocker
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order

MONEY = r"-?[\d.]+ [A-Z]{3}"
UNPAID = rf"(?P<open>{MONEY}) of (?P<total>{MONEY}) are not paid yet \((?P<days>\d+) days\)\."

# How the domain words each of its reasons; a test compares them.
PATTERNS: Mapping[str, str] = {
    "unpaid": UNPAID,
    "payment_overdue": UNPAID,
    "collection_due": UNPAID,
    "in_collection": UNPAID,
    "written_off": rf"(?P<amount>{MONEY}) were written off as lost\.",
    "total_mismatch": rf"The shop's total is (?P<total>{MONEY}), its lines add up to "
    rf"(?P<lines>{MONEY}): (?P<gap>{MONEY}) apart\.",
    "no_lines": r"The order has no lines\.",
    "missing_sku": r"No SKU, so no stock can be set aside: (?P<names>.*)\.",
    "missing_address": r"The delivery address is not complete\.",
    "changed_in_shop": r"The shop has changed the order: (?P<changes>.*)\.",
    "short_stock": r"SKU (?P<sku>.*): (?P<wanted>\d+) wanted, (?P<available>\d+) available\.",
    "backorder.expected": r"SKU (?P<sku>.*): (?P<wanted>\d+) wanted, (?P<available>\d+) available, "
    r"expected on (?P<day>[\d-]+)\.",
    "backorder": r"SKU (?P<sku>.*): (?P<wanted>\d+) wanted, (?P<available>\d+) available\.",
    "reservation_expired": r"It was not paid in time, so its goods were let go\.",
    "unknown_sku.nearly": r"SKU (?P<sku>.*) is not known in stock; "
    r"did you mean (?P<suggestion>.*)\?",
    "unknown_sku": r"SKU (?P<sku>.*) is not known in stock\.",
    "refund_due": rf"(?P<amount>{MONEY}) are owed for return (?P<return_id>.*)\.",
    "refund_due.cancelled": rf"(?P<amount>{MONEY}) were paid for a cancelled order\.",
    "overpaid": rf"(?P<amount>{MONEY}) were paid more than the order costs\.",
    "charged_back": rf"The customer's bank took (?P<amount>{MONEY}) back\.",
    "refund_failed": rf"The refund of (?P<amount>{MONEY}) did not reach the customer\.",
    "refunded": r"All the money went back before the goods had left\.",
    "mail_bounced": r"The mail could not be delivered: (?P<to>\S+)(?P<said>.*)",
    "mail_complaint": r"The customer marked the mail as spam: (?P<to>\S+)(?P<said>.*)",
    "mail_refused": r"Amazon SES refused the mail: (?P<to>\S+)(?P<said>.*)",
    "invoice_outdated": r"The order was changed while invoice (?P<number>\S+) was being written: "
    r"it shows the old one\.",
    "cancelled_late": r"It was cancelled after a parcel had left\.",
}
STEP_FAILED = re.compile(r"The step \w+ failed several times and has stopped\..*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One blocker as a person reads it."""

    code: str
    title: str
    text: str
    next: str
    owner: str
    since: datetime
    can_release: bool
    sku: str = ""
    effect: str = ""


def reason(blocker: Blocker, order: Order, language: str) -> Reason:
    """Say one blocker in the reader's language."""
    held = {hold.code for hold in order.holds()}
    known = f"next.{blocker.code}" in WORDS[language]
    variant = ""
    if blocker.code == "changed_in_shop" and not revision.is_free(order):
        variant = ".billed" if bills.standing(order) else ".bound"
    if blocker.code == "payment_overdue" and blocker.owner != "staff":
        variant = ".by_itself"
    return Reason(
        code=blocker.code,
        title=named(language, "hold", blocker.code),
        text=_text(blocker, language),
        next=say(language, f"next.{blocker.code}{variant}" if known else "next.hold"),
        owner=blocker.owner,
        since=blocker.since,
        can_release=blocker.code in held | RELEASABLE,
        sku=_unknown(blocker),
        effect=blocker.effect if blocker.effect.startswith(refunding.effect("")) else "",
    )


def _unknown(blocker: Blocker) -> str:
    """Return the SKU that nobody has created yet."""
    for key in ("unknown_sku.nearly", "unknown_sku"):
        if found := re.fullmatch(PATTERNS[key], blocker.text, re.DOTALL):
            return found["sku"] if blocker.code == "unknown_sku" else ""
    return ""


def _text(blocker: Blocker, language: str) -> str:
    if STEP_FAILED.fullmatch(blocker.text):
        return say(language, "text.step_failed")
    for key, pattern in PATTERNS.items():
        found = re.fullmatch(pattern, blocker.text, re.DOTALL)
        if found and key.partition(".")[0] == blocker.code:
            values = {name: _local(value, language) for name, value in found.groupdict().items()}
            if "changes" in values:
                values["changes"] = told_changes(values["changes"].split("; "), language)
            return say(language, f"text.{key}", **values)
    return told_remarks(blocker.text, language)


def _local(value: str, language: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return formats.day(date.fromisoformat(value), language)
    if not re.fullmatch(MONEY, value):
        return value
    amount, currency = value.split(" ")
    return formats.money(Money.of(amount, currency), language)
