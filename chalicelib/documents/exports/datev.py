"""Issued documents as a booking batch for the tax adviser, one booking for each rate of tax."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.documents import exchange
from chalicelib.documents.exports import datev_layout as layout
from chalicelib.documents.exports import datev_moves as moves
from chalicelib.documents.exports.accounts import ACCOUNT, NAMES, OPEN, Accounts
from chalicelib.documents.exports.datev_papers import Paper
from chalicelib.documents.exports.datev_payments import Sheet
from chalicelib.documents.exports.descriptions import guid
from chalicelib.documents.exports.table import amount
from chalicelib.documents.exports.writing import Output, Written
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.documents.exports.writing import Page, Reel
    from chalicelib.store.merchants import Settings
    from chalicelib.store.register import Entry, Span

MOST_BOOKINGS = 99_999  # DATEV takes no more in one batch
CONSULTANTS, CLIENTS = range(1001, 10_000_000), range(1, 100_000)
LENGTHS = range(4, 9)
SALE = "invoice"  # every other kind of numbered document takes a sale back


def fault(settings: Settings) -> tuple[str, str] | None:
    """Return the first field of the settings that keeps a batch from being written, and why."""
    debtor, length = settings.datev_debtor, settings.datev_account_length
    strange = [name for name, x in settings.datev_accounts.items() if account_fault(name, x)]
    checks = (
        ("datev_consultant", settings.datev_consultant in CONSULTANTS, "between 1001 and 9999999"),
        ("datev_client", settings.datev_client in CLIENTS, "between 1 and 99999"),
        ("datev_chart", settings.datev_chart in {"SKR03", "SKR04"}, "SKR03 or SKR04"),
        ("datev_account_length", length in LENGTHS, "between 4 and 8"),
        (
            "datev_debtor",
            debtor.isdecimal() and len(debtor) == length + 1 and "1" <= debtor[0] <= "6",
            f"an account of {length + 1} digits from 1 to 6…",
        ),
        ("datev_debtors", settings.datev_debtors in {"one", "letter"}, "one or letter"),
        ("datev_year_start", _is_day(settings.datev_year_start), "a day such as 01-01"),
        ("datev_accounts", not strange, f"accounts such as 8400 or 8400/3 ({strange[:1]})"),
    )
    return next(((name, f"must be {what}.") for name, is_good, what in checks if not is_good), None)


def account_fault(use: str, account: str) -> tuple[str, str] | None:
    """Return what is wrong with an account of the merchant's own: its use or itself, and why."""
    if use not in NAMES and not (use.startswith(OPEN) and use.partition(":")[2]):
        return "use", f"unknown: one of {', '.join(NAMES)}, or such as oss:AT"
    if not ACCOUNT.fullmatch(account):
        return "account", "must be an account such as 8400, or 8400/3 with a tax key"
    return None


def year_start(settings: Settings, day: str) -> date:
    """Return the first day of the merchant's year that a day is in."""
    month, first = (int(part) for part in settings.datev_year_start.split("-"))
    on = date.fromisoformat(day)
    begins = date(on.year, month, first)
    return begins if begins <= on else date(on.year - 1, month, first)


def bookings(
    settings: Settings, merchant_id: str, span: Span, now: datetime, more: Sequence[Reel] = ()
) -> Output:
    """Return the batch of some days, which lie in one year of the merchant's; `more` pays."""
    accounts = Accounts.of(settings)
    batch = layout.Batch(
        consultant=settings.datev_consultant,
        client=settings.datev_client,
        year_start=year_start(settings, span.since),
        since=date.fromisoformat(span.since),
        until=date.fromisoformat(span.until),
        account_length=settings.datev_account_length,
        chart=settings.datev_chart.removeprefix("SKR"),
        title=f"Belege {span.since[:7]}",
        made_at=now,
    )

    def page(found: Page, state: dict[str, Any]) -> Written:
        lines, problems = list[str](), list[tuple[str, str]]()
        for entry in found.entries:
            frozen = found.facts.get(entry.number)
            facts: Mapping[str, Any] = frozen.facts if frozen else {}
            made = [*_lines(entry, facts, accounts, merchant_id)]
            lines += [layout.line(fields) for fields, _ in made]
            problems += _noted(entry, facts, sum(minor for _, minor in made), state)
            state["bookings"] = state.get("bookings", 0) + len(made)
        cards = _gift_cards(found, accounts, state) if more else Written()
        data = layout.encoded("".join(lines)) + cards.data
        return Written(data=data, problems=[*problems, *cards.problems])

    return Output(
        name=f"EXTF_Buchungsstapel_{span.since}_{span.until}.csv",
        content_type="text/csv",
        head=lambda _: layout.encoded(layout.head(batch)),
        page=page,
        more=more,
        close=_close,
        result=_result,
    )


def _lines(
    entry: Entry, facts: Mapping[str, Any], accounts: Accounts, merchant_id: str
) -> Iterator[tuple[dict[str, str], int]]:
    """Yield the bookings of a document with their amounts, which flow back for a correction."""
    sign = 1 if entry.kind == SALE else -1
    currency = str(facts.get("currency") or "EUR")
    for group in facts.get("taxes", ()):
        minor = sign * int(group["gross"])
        if not minor:
            continue
        target = accounts.target(facts, str(group["rate"]))
        customer = str(entry.summary.get("customer", ""))
        fields = {
            "Umsatz (ohne Soll/Haben-Kz)": amount(abs(minor), currency),
            "Soll/Haben-Kennzeichen": "S" if minor > 0 else "H",
            "WKZ Umsatz": currency,
            **_in_euro(facts, Money(minor=abs(minor), currency=currency)),
            "Konto": accounts.debtor_of(customer),
            "Gegenkonto (ohne BU-Schlüssel)": target.account,
            "BU-Schlüssel": target.key,
            "Belegdatum": _day(entry.day, "%d%m"),
            "Belegfeld 1": layout.reference(entry.number),
            "Buchungstext": _text(entry, customer)[:60],
            "Beleglink": f'BEDI "{guid(merchant_id, entry.number)}"',
            "EU-Land u. UStID (Bestimmung)": target.country[:15],
            "EU-Steuersatz (Bestimmung)": target.rate,
            "Auftragsnummer": str(facts.get("order_number", ""))[:30],
            "Festschreibung": "0",
            "Leistungsdatum": _day(str(facts.get("supplied_on", "")), "%d%m%Y"),
            "Datum Zuord. Steuerperiode": _day(str(facts.get("supplied_on", "")), "%d%m%Y"),
            "Fälligkeit": _day(str(facts.get("payment", {}).get("due_on", "")), "%d%m%Y"),
        }
        yield fields, minor


def _gift_cards(found: Page, accounts: Accounts, state: dict[str, Any]) -> Written:
    """Book what gift cards pay, which are no movement: invoices take them off below the total."""
    sheet = Sheet(state=state, accounts=accounts)
    for entry in found.entries:
        facts = found.facts[entry.number].facts if entry.number in found.facts else {}
        minor = int((facts.get("totals") or {}).get("redeemed", 0))
        customer = str(entry.summary.get("customer", ""))
        paid = Money(
            minor=minor if entry.kind == SALE else -minor,
            currency=str(facts.get("currency") or "EUR"),
        )
        paper = Paper(
            customer=customer,
            number=entry.number,
            order_number=str(facts.get("order_number", "")),
            facts=facts,
        )
        move = moves.of_gift_card(paid, accounts.debtor_of(customer), accounts)
        sheet.add(move, entry.day, paper)
    return sheet.written


def _in_euro(facts: Mapping[str, Any], amount_of: Money) -> dict[str, str]:
    """Return rate and amount in euro, where the document was written at a rate."""
    rate = str(facts.get("exchange_rate") or "")
    if amount_of.currency == "EUR" or not rate:
        return {}
    return {
        "Kurs": f"{Decimal(rate):.6f}".replace(".", ","),
        "Basis-Umsatz": amount(exchange.in_euro(amount_of, Decimal(rate)), "EUR"),
        "WKZ Basis-Umsatz": "EUR",
    }


def _noted(
    entry: Entry, facts: Mapping[str, Any], booked: int, state: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Add up documents and bookings, and tell of a document whose bookings are not its sum."""
    sign = 1 if entry.kind == SALE else -1
    due = sign * int(entry.summary.get("gross", 0))
    currency = str(entry.summary.get("currency") or "EUR")
    sums = state.setdefault("sums", {}).setdefault(currency, [0, 0])
    sums[0], sums[1] = sums[0] + due, sums[1] + booked
    if booked != due:
        said, want = amount(booked, currency), amount(due, currency)
        yield entry.number, f"{entry.number}: bookings of {said} for a document of {want}."
    if currency != "EUR" and not facts.get("exchange_rate"):
        yield entry.number, f"{entry.number}: is in {currency}, enter the rate of exchange."
    if not facts:
        yield entry.number, f"{entry.number}: the facts are missing."


def _close(state: dict[str, Any]) -> Written:
    count = state.get("bookings", 0)
    if count <= MOST_BOOKINGS:
        return Written()
    text = f"{count} bookings: DATEV takes {MOST_BOOKINGS} in one batch, choose fewer days."
    return Written(problems=[("", text)])


def _result(state: dict[str, Any]) -> dict[str, Any]:
    sums = state.get("sums", {})
    return {
        "bookings": state.get("bookings", 0),
        "sum_documents": ", ".join(f"{amount(x[0], name)} {name}" for name, x in sums.items()),
        "sum_bookings": ", ".join(f"{amount(x[1], name)} {name}" for name, x in sums.items()),
        **_clearing(state),
    }


def _clearing(state: dict[str, Any]) -> dict[str, Any]:
    """Return what lies on the accounts of providers and in transit, where payments are booked."""
    if "clearing" not in state:
        return {}
    left = (f"{name}: {amount(x, 'EUR')}" for name, x in sorted(state["clearing"].items()))
    return {"payments": state.get("payments", 0), "clearing": ", ".join(left)}


def _text(entry: Entry, customer: str) -> str:
    original = entry.summary.get("original")
    return f"{customer} zu {original}" if original else customer


def _day(text: str, pattern: str) -> str:
    return date.fromisoformat(text).strftime(pattern) if text else ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2026-{text}")
    except ValueError:
        return False
    return True
