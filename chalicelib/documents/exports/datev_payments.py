"""The payments of a booking batch: what came in and went out, fees, and payouts of providers.

Booked is what moved on these days, whenever we were told of it until the batch was ordered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.documents.exports import datev_layout as layout
from chalicelib.documents.exports import datev_moves as moves
from chalicelib.documents.exports.datev_papers import Paper, Papers, is_enough
from chalicelib.documents.exports.table import amount
from chalicelib.documents.exports.writing import Reel, Written
from chalicelib.domain import events
from chalicelib.domain.formats import HOME
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.orders import Orders
from chalicelib.store.payouts import Payouts
from chalicelib.store.register import Register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.documents.exports.accounts import Accounts
    from chalicelib.documents.exports.datev_moves import Move
    from chalicelib.documents.exports.datev_papers import Invoices
    from chalicelib.domain.order import Order
    from chalicelib.store.jobs import Job
    from chalicelib.store.money_moved import Moved
    from chalicelib.store.payouts import KeptPayout, Line
    from chalicelib.store.register import Span

AT_ONCE = 50
EARLY = timedelta(days=7)  # how long before its value date a movement may be told


def paying(job: Job, span: Span, accounts: Accounts) -> tuple[Reel, Reel]:
    """Return what is read behind the documents: the movements of orders, then the payouts."""
    book = Book(merchant_id=job.merchant_id, span=span, accounts=accounts, until=job.created_at)
    return (
        Reel(read=book.read_moved, write=book.write_moved),
        Reel(read=book.read_payouts, write=book.write_payouts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Whose money, of which days, and where it is booked."""

    merchant_id: str
    span: Span
    accounts: Accounts
    until: datetime

    def read_moved(self, after: str) -> tuple[list[Moved], str]:
        """Read a page of what we were told of."""
        since = datetime.combine(date.fromisoformat(self.span.since), datetime.min.time(), UTC)
        told = (since - EARLY, self.until)
        start = json.loads(after) if after else None
        found, following = MoneyMoved().onwards(self.merchant_id, told, limit=AT_ONCE, start=start)
        return found, json.dumps(following) if following else ""

    def write_moved(self, page: Sequence[Moved], state: dict[str, Any]) -> Written:
        """Book the movements of a page."""
        invoices = Register().invoices(self.merchant_id, (one.order_id for one in page))
        sheet = Sheet(state=state, accounts=self.accounts)
        for told in page:
            dated = [(fact, on) for fact in told.facts if (on := self._day_of(fact))]
            if not dated:
                continue
            known = invoices.get(told.order_id, {})
            order = self._order(told, [fact for fact, _ in dated], known)
            papers = Papers(told.order_id, known, order, self.until)
            for fact, on in dated:
                if order and _is_only_word(fact, order):
                    text = f"{papers.whole.number}: only the shop says that it is paid: not booked."
                    sheet.remark(papers.whole.number, text)
                for move, paper in self._moves(fact, papers, order):
                    sheet.add(move, on, paper)
        return sheet.written

    def _day_of(self, fact: events.Fact) -> str | None:
        """Return the day of a movement of money if it is one of the batch."""
        if isinstance(fact, events.MovementUndone):
            moment = fact.at
        elif isinstance(fact, events.Movement):
            moment = fact.booked_at
        else:
            return None
        on = moment.astimezone(HOME).date().isoformat()
        return on if self.span.since <= on <= self.span.until else None

    def _order(self, told: Moved, facts: Sequence[events.Fact], known: Invoices) -> Order | None:
        """Read the order where its invoices do not say what is needed."""
        is_plain = not any(isinstance(x, events.MovementUndone) or _is_word(x) for x in facts)
        if is_plain and is_enough(known):
            return None
        return Orders().load(self.merchant_id, told.order_id)

    def _moves(
        self, fact: events.Fact, papers: Papers, order: Order | None
    ) -> Iterator[tuple[Move, Paper]]:
        """Yield the bookings of a fact, each with what it names."""
        if isinstance(fact, events.Movement):
            for paper, part in papers.of(fact):
                debtor = self.accounts.debtor_of(paper.customer)
                for move in moves.of_fact(part, debtor, paper.facts, self.accounts):
                    yield move, paper
        elif isinstance(fact, events.MovementUndone) and order:
            name = (fact.of_source, fact.of_reference)
            for one in order.facts:
                if isinstance(one, events.Movement) and (one.source, one.reference) == name:
                    for move, paper in self._moves(one, papers, order):
                        yield moves.undone(move), paper

    def read_payouts(self, after: str) -> tuple[tuple[KeptPayout, list[Line], int] | None, str]:
        """Read a page of the parts of one payout, the newest payout first."""
        start, number = json.loads(after) if after else (None, 0)
        since = date.fromisoformat(self.span.since)
        found, following = Payouts().page(self.merchant_id, since, limit=1, start=start)
        if not found:
            return None, json.dumps((following, 0)) if following else ""
        [kept] = found
        is_mine = kept.payout.arrived_on.isoformat() <= self.span.until
        lines = Payouts().lines(self.merchant_id, kept.payout, number) if is_mine else []
        if is_mine and number + 1 < kept.pages:
            return (kept, lines, number), json.dumps((start, number + 1))
        page = (kept, lines, number) if is_mine else None
        return page, json.dumps((following, 0)) if following else ""

    def write_payouts(
        self, page: tuple[KeptPayout, list[Line], int] | None, state: dict[str, Any]
    ) -> Written:
        """Book a payout, and of its parts what is on no order."""
        sheet = Sheet(state=state, accounts=self.accounts)
        if page is None:
            return sheet.written
        kept, lines, number = page
        payout, on = kept.payout, kept.payout.arrived_on.isoformat()
        paper = Paper(customer="", number=payout.reference, order_number="", facts={})
        if number == 0:
            for move in moves.of_payout(payout, self.accounts):
                sheet.add(move, on, paper)
            if rest := kept.sums.unexplained:
                left = amount(rest.minor, rest.currency)
                sheet.remark(payout.reference, f"{left} of payout {payout.id} are not explained.")
        for line in lines:
            for move in moves.of_line(line, payout, self.accounts):
                sheet.add(move, on, paper)
                if move.text.startswith("Ungeklärt"):
                    sheet.remark(line.part.payment, f"{payout.id}: a part belongs to no order.")
        return sheet.written


class Sheet:
    """The bookings of a page; `state` adds up what lies on the accounts of providers."""

    def __init__(self, *, state: dict[str, Any], accounts: Accounts) -> None:
        """Begin a page."""
        self._state, self._lines, self._problems = state, list[str](), list[tuple[str, str]]()
        self._held = {accounts.named("transit").account} | accounts.holders()
        state.setdefault("clearing", {})

    def add(self, move: Move, on: str, paper: Paper) -> None:
        """Write a booking."""
        if move.amount.minor == 0:
            return
        state = self._state
        for target, sign in ((move.debit, 1), (move.credit, -1)):
            if target.account in self._held and move.amount.currency == "EUR":
                sums = state["clearing"]
                sums[target.account] = sums.get(target.account, 0) + sign * move.amount.minor
        state["payments"] = state.get("payments", 0) + 1
        state["bookings"] = state.get("bookings", 0) + 1
        self._lines.append(layout.line(_fields(move, on, paper)))
        if move.amount.currency != "EUR":
            text = f"{paper.number}: is in {move.amount.currency}, enter the rate of exchange."
            self.remark(paper.number, text)

    def remark(self, number: str, text: str) -> None:
        """Tell what a person must look at."""
        self._problems.append((number, text))

    @property
    def written(self) -> Written:
        """The page."""
        return Written(data=layout.encoded("".join(self._lines)), problems=self._problems)


def _fields(move: Move, on: str, paper: Paper) -> dict[str, str]:
    """Return a booking; the tax key belongs to the account that has one, which must be second."""
    first, second, side = move.debit, move.credit, "S"
    if first.key or first.country:
        first, second, side = second, first, "H"
    text = f"{paper.customer} {move.text}".strip()
    return {
        "Umsatz (ohne Soll/Haben-Kz)": amount(move.amount.minor, move.amount.currency),
        "Soll/Haben-Kennzeichen": side,
        "WKZ Umsatz": move.amount.currency,
        "Konto": first.account,
        "Gegenkonto (ohne BU-Schlüssel)": second.account,
        "BU-Schlüssel": second.key,
        "Belegdatum": date.fromisoformat(on).strftime("%d%m"),
        "Belegfeld 1": layout.reference(paper.number),
        "Buchungstext": text[:60],
        "EU-Land u. UStID (Bestimmung)": second.country[:15],
        "EU-Steuersatz (Bestimmung)": second.rate,
        "Auftragsnummer": paper.order_number[:30],
        "Festschreibung": "0",
    }


def _is_word(fact: events.Fact) -> bool:
    return isinstance(fact, events.PaymentReceived) and fact.source == "shop"


def _is_only_word(fact: events.Fact, order: Order) -> bool:
    """Tell whether only the shop says that money came in."""
    return _is_word(fact) and all(_is_word(one) for one in order.all(events.PaymentReceived))
