"""Assigning one bank transaction: by numbers, names, accounts and amounts, never by amount alone.

Each sign of belonging adds to a score out of 100 and is told in words a person can check. What
reaches the merchant's threshold is booked; the rest is a suggestion, or waits.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.payment.matching.items import Match, OpenItem, Rules, Share, Verdict
from chalicelib.payment.matching.names import Likeness, flat, likeness, words
from chalicelib.payment.matching.references import References, Sight, plain
from chalicelib.payment.matching.senders import is_provider, is_unnamed_payout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.domain.bank import BankTransaction
    from chalicelib.domain.money import Money

SIGHTS = {Sight.CLEAR: 60, Sight.BROKEN: 55, Sight.PLAIN: 35, Sight.GUESSED: 25}
NAMES = {Likeness.FULL: 25, Likeness.SURNAME: 10, Likeness.NONE: 0}
STRUCTURED = 70  # a reference the payer's bank carried unchanged
SAME_AMOUNT = 35
NEARLY = 30  # within the tolerance, or less an agreed cash discount
KNOWN_ACCOUNT = 30
ONLY_ONE = 15  # no other open order fits amount and payer as well
FAR_TOO_MUCH = 5  # a fifth more than is owed: perhaps somebody else's number
SUGGESTED = 35
SUGGESTIONS = 3
MOST_TOGETHER = 12  # orders paid by one transfer


@dataclass(slots=True)
class _Score:
    item: OpenItem
    points: int = 0
    reasons: list[str] = field(default_factory=list)
    sight: Sight | None = None
    likeness: Likeness = Likeness.NONE
    is_known: bool = False
    is_exact: bool = False
    share: Share | None = None

    def add(self, points: int, reason: str) -> None:
        if points:
            self.points += points
            self.reasons.append(reason)


class Matcher:
    """The open items, indexed once; a transaction then costs the same however many there are."""

    def __init__(self, items: Iterable[OpenItem], rules: Rules | None = None) -> None:
        """Index the items by number, amount, name and account."""
        self.rules = rules or Rules()
        self._items = {item.order_id: item for item in items}
        self._by_reference: dict[str, set[str]] = defaultdict(set)
        self._by_amount: dict[Money, set[str]] = defaultdict(set)
        self._by_account: dict[str, set[str]] = defaultdict(set)
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._by_customer: dict[str, set[str]] = defaultdict(set)
        for item in self._items.values():
            self._index(item)
        self._references = References(self._by_reference)

    def _index(self, item: OpenItem) -> None:
        for reference in item.references:
            self._by_reference[reference].add(item.order_id)
        for amount in filter(None, (item.outstanding, item.discounted, item.principal)):
            self._by_amount[amount].add(item.order_id)
        for account in item.accounts:
            self._by_account[account].add(item.order_id)
        for name in item.names:
            for word in words(name) | flat(name):
                self._by_word[word].add(item.order_id)
        if item.customer:
            self._by_customer[item.customer].add(item.order_id)

    def item(self, order_id: str) -> OpenItem | None:
        """Return what is still open of an order."""
        return self._items.get(order_id)

    def paid(self, shares: Iterable[Share]) -> None:
        """Take what was booked off the open items, so that the next transaction sees the rest."""
        for share in shares:
            item = self._items.get(share.order_id)
            if item is None:
                continue
            rest = item.outstanding - share.amount
            for amount in filter(None, (item.outstanding, item.discounted, item.principal)):
                self._by_amount[amount].discard(item.order_id)
            if rest.minor <= 0 or share.forgiven:
                del self._items[item.order_id]
            else:
                left = replace(item, outstanding=rest, discounted=None, principal=None, version=0)
                self._items[item.order_id] = left
                self._by_amount[rest].add(item.order_id)

    def match(self, one: BankTransaction) -> Verdict:
        """Judge one incoming transaction."""
        if one.amount.minor <= 0:
            return Verdict()
        if is_provider(one, self.rules.providers):
            return Verdict(is_payout=True)
        seen = self._seen(one)
        if not seen and is_unnamed_payout(one, self.rules.providers):
            return Verdict(is_payout=True)
        together = self._together(one, seen)
        if together is not None:
            return Verdict(booked=together)
        scores = sorted(self._scores(one, seen), key=lambda score: -score.points)
        best = scores[0] if scores else None
        if best and best.points >= self.rules.threshold and self._is_clear(best, scores[1:]):
            return Verdict(booked=_match(best))
        worth = [score for score in scores if score.points >= SUGGESTED and _is_a_hint(score)]
        return Verdict(suggestions=tuple(_match(score) for score in worth[:SUGGESTIONS]))

    def _seen(self, one: BankTransaction) -> dict[str, Sight]:
        """Return the open orders whose numbers stand in the text."""
        texts = [*one.pieces, one.end_to_end_id]
        found = self._references.find(texts) or self._references.guess(texts)
        if one.creditor_reference:
            exact = self._references.exactly(one.creditor_reference)
            found |= dict.fromkeys(exact, Sight.CLEAR)
        orders: dict[str, Sight] = {}
        for reference, sight in found.items():
            for order_id in self._by_reference[reference] & self._items.keys():
                orders[order_id] = max(orders.get(order_id, sight), sight)
        return orders

    def _together(self, one: BankTransaction, seen: dict[str, Sight]) -> Match | None:
        """Return several orders that the payer has named and that add up to the amount."""
        sure = [self._items[name] for name, sight in seen.items() if sight >= Sight.BROKEN]
        if not 1 < len(sure) <= MOST_TOGETHER:
            return None
        if any(item.outstanding.currency != one.amount.currency for item in sure):
            return None
        if sum(item.outstanding.minor for item in sure) != one.amount.minor:
            return None
        shares = tuple(Share(order_id=i.order_id, amount=i.outstanding) for i in sure)
        numbers = ", ".join(item.references[0] for item in sure)
        return Match(shares=shares, score=100, reasons=(f"names {numbers}", "sum is the amount"))

    def _candidates(self, one: BankTransaction, seen: dict[str, Sight]) -> set[str]:
        mine = self._by_account.get(one.iban, set())
        return (set(seen) | self._fitting(one) | mine) & self._items.keys()

    def _fitting(self, one: BankTransaction) -> set[str]:
        """Return the orders of that amount that share a word of the payer's name, or an account."""
        exact = self._by_amount.get(one.amount, set())
        found = exact & self._by_account.get(one.iban, set())
        for name in (one.name, one.ultimate_name):
            for word in words(name) | flat(name):
                found |= exact & self._by_word.get(word, set())
        return found & self._items.keys()

    def _scores(self, one: BankTransaction, seen: dict[str, Sight]) -> list[_Score]:
        return [
            self._score(self._items[order_id], one, seen.get(order_id))
            for order_id in self._candidates(one, seen)
            if self._items[order_id].outstanding.currency == one.amount.currency
        ]

    def _score(self, item: OpenItem, one: BankTransaction, sight: Sight | None) -> _Score:
        score = _Score(item, sight=sight)
        if sight is not None:
            self._add_reference(score, one, sight)
        payer = (one.name, one.ultimate_name)
        pairs = [(mine, theirs) for mine in item.names for theirs in payer if theirs]
        score.likeness = max((likeness(*pair) for pair in pairs), default=Likeness.NONE)
        score.add(NAMES[score.likeness], f"name {one.name or one.ultimate_name}")
        score.is_known = bool(one.iban) and one.iban in item.accounts
        score.add(KNOWN_ACCOUNT * score.is_known, "paid from this account before")
        self._add_amount(score, one)
        is_sure = score.likeness is Likeness.FULL or score.is_known
        if sight is None and score.is_exact and is_sure:
            self._add_only(score, one)
        score.points = min(score.points, 100)
        return score

    def _add_reference(self, score: _Score, one: BankTransaction, sight: Sight) -> None:
        number = score.item.references[0]
        wanted = {plain(name) for name in score.item.references}
        structured = {plain(one.creditor_reference), plain(one.end_to_end_id)} & wanted
        if structured - {""}:
            score.add(STRUCTURED, f"reference {number}")
        elif sight is Sight.GUESSED:
            score.add(SIGHTS[sight], f"a number like {number}")
        else:
            score.add(SIGHTS[sight], f"number {number}")

    def _add_amount(self, score: _Score, one: BankTransaction) -> None:
        item, amount = score.item, one.amount
        apart = item.outstanding - amount
        score.share = Share(order_id=item.order_id, amount=amount)
        if not apart:
            score.is_exact = True
            score.add(SAME_AMOUNT, "amount to the cent")
        elif item.principal == amount:
            score.is_exact = True
            score.add(SAME_AMOUNT, f"amount without dunning fees of {apart}")
        elif (
            item.discounted == amount
            and item.discount_until is not None
            and one.booked_on <= item.discount_until
        ):
            score.share = Share(order_id=item.order_id, amount=amount, forgiven=apart)
            score.add(NEARLY, f"amount less cash discount of {apart}")
        elif 0 < apart.minor <= self.rules.tolerance:
            score.share = Share(order_id=item.order_id, amount=amount, forgiven=apart)
            score.add(NEARLY, f"{apart} short")
        elif apart.minor > 0:
            score.reasons.append(f"part: {apart} stay open")
        elif -apart.minor * FAR_TOO_MUCH > item.outstanding.minor:
            self._doubt(score, f"{-apart} too much")
        else:
            score.reasons.append(f"{-apart} too much")

    def _add_only(self, score: _Score, one: BankTransaction) -> None:
        if self._references.names_another(one.pieces):
            # Perhaps an order that is paid already, or somebody else's invoice.
            self._doubt(score, "but it names a number that nothing waits for")
        elif self._is_only(score, one):
            score.add(ONLY_ONE, "no other open order fits")
        else:
            self._doubt(score, "but other open orders fit as well")

    def _doubt(self, score: _Score, reason: str) -> None:
        """Leave a match to a person, and say why."""
        score.points = min(score.points, self.rules.threshold - 1)
        score.reasons.append(reason)

    def _is_only(self, score: _Score, one: BankTransaction) -> bool:
        """Tell whether nobody else of that name or account owes this amount."""
        others = self._fitting(one) - {score.item.order_id}
        payer = (one.name, one.ultimate_name)
        for order_id in others:
            other = self._items[order_id]
            if one.iban in other.accounts or any(
                likeness(mine, theirs) is not Likeness.NONE
                for mine in other.names
                for theirs in payer
                if theirs
            ):
                return False
        return True

    def _is_clear(self, best: _Score, others: Sequence[_Score]) -> bool:
        """Tell whether nothing speaks for another order as well.

        A number may be mistyped: then the payer's own order, for the same amount, says no.
        """
        if not _is_more(best):
            return False
        for other in others:
            if best.points - other.points < SUGGESTED // 2:
                return False
            if (
                other.is_exact
                and best.likeness < other.likeness
                and other.likeness is Likeness.FULL
            ):
                return False
        return True


def _is_more(score: _Score) -> bool:
    """Tell whether more than the amount speaks for an order."""
    return score.sight is not None or score.is_known or score.likeness is Likeness.FULL


def _is_a_hint(score: _Score) -> bool:
    """Tell whether an order is worth showing: a spouse who pays has the surname in common."""
    return _is_more(score) or score.likeness is Likeness.SURNAME


def _match(score: _Score) -> Match:
    shares = (score.share,) if score.share else ()
    return Match(shares=shares, score=score.points, reasons=tuple(score.reasons))
