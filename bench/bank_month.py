"""A month of a shop's bank account, made up: who pays what, and what they write.

Fixed seed; 2,000 orders on invoice or prepayment. The share of each habit is a guess at what German
shops see, written down here so that anybody can argue with it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.money import Money
from chalicelib.payment.matching.items import OpenItem

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = (
    *("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hannes", "Ida", "Jonas", "Karla"),
    *("Leon", "Mia", "Noah", "Olga", "Paul", "Renate", "Stefan", "Tanja", "Uwe", "Vera", "Werner"),
    *("Yvonne", "Zoe", "Jürgen", "Günter", "Käthe", "Björn", "André", "José"),
)
LAST = (
    *("Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz"),
    *("Hoffmann", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz"),
    *("Zimmermann", "Braun", "Krüger", "Hofmann", "Hartmann", "Lange", "Werner", "Krause", "Huber"),
    *("Lehmann", "Köhler", "Maier", "Kaiser", "Fuchs", "Peters", "Lang", "Scholz", "Weiß", "Rossi"),
    *("Özdemir", "Yılmaz", "Nowak", "Kowalski", "Nguyen", "García", "Petrović", "van den Berg"),
    "Freifrau von Hagen",
)
PRICES = (990, 1490, 1990, 1999, 2490, 2990, 3490, 3990, 4990, 5990, 7990, 9990, 12900)
SHIPPING = (0, 390, 490)

# What payers do, in per mille.
HABITS = {
    "number": 600,
    "number in words": 110,
    "invoice number": 60,
    "broken number": 60,
    "look-alike letters": 20,
    "one digit wrong": 20,
    "name only": 30,
    "spouse with number": 30,
    "spouse without number": 8,
    "several orders": 20,
    "part": 8,
    "too much": 8,
    "cash discount": 8,
    "another's number": 8,
    "cents short": 10,
}
# What is on the account besides, as transactions for each thousand orders.
BESIDE = {"payout": 15, "rent": 3, "paid twice": 4, "stranger": 6, "supplier refund": 3}


SAME_SURNAME = 0.7
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A transaction with what it truly is: its habit and the orders it pays (none: nobody's)."""

    transaction: BankTransaction
    habit: str
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The open items at the beginning and what came in, by day."""

    items: tuple[OpenItem, ...]
    bookings: tuple[Booking, ...]


class _Maker:
    def __init__(self, orders: int, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - not for secrets, for repetition
        self.begin = date(2026, 11, 1)
        customers = [self._customer(n) for n in range(orders * 4 // 5)]
        self.people = [self.random.choice(customers) for _ in range(orders)]
        self.items = [self._item(n) for n in range(orders)]

    def _customer(self, number: int) -> tuple[str, str, str]:
        name = f"{self._any(FIRST)} {self._any(LAST)}"
        return name, self._iban(), f"kunde{number}@example.com"

    def _item(self, number: int) -> OpenItem:
        name, iban, email = self.people[number]
        pieces = self.random.choices(PRICES, k=self.random.choice((1, 1, 1, 2, 3)))
        owed = sum(pieces) + self.random.choice(SHIPPING)
        is_business = self.random.random() < 0.1
        return OpenItem(
            order_id=f"o{number}",
            outstanding=Money(minor=owed, currency="EUR"),
            references=(f"{24017 + number}", f"RE-2026-{10450 + number}"),
            names=(name,),
            accounts=(iban,) if self.random.random() < 0.25 else (),
            customer=email,
            discounted=Money(minor=owed - round(owed * 0.02), currency="EUR")
            if is_business
            else None,
            discount_until=self.begin + timedelta(days=40) if is_business else None,
        )

    def month(self) -> Month:
        bookings: list[Booking] = []
        used: set[int] = set()
        for number in range(len(self.items)):
            if number not in used:
                bookings += [self._pay(number, used)]
        bookings += self._beside()
        self.random.shuffle(bookings)
        return Month(items=tuple(self.items), bookings=tuple(bookings))

    def _pay(self, number: int, used: set[int]) -> Booking:
        habit = self.random.choices(list(HABITS), weights=list(HABITS.values()))[0]
        used.add(number)
        if habit == "several orders" and (paid := self._together(number, used)):
            return paid
        name, iban, _ = self.people[number]
        if habit.startswith("spouse"):
            surname = name.split()[-1] if self.random.random() < SAME_SURNAME else self._any(LAST)
            name, iban = f"{self._any(FIRST)} {surname}", self._iban()
        item = self.items[number]
        text, amount = self._text(habit, item, name), self._amount(habit, item)
        return self._booking(habit, (number,), amount, (self._written(name), iban, text))

    def _together(self, number: int, used: set[int]) -> Booking | None:
        """Pay up to three orders of one customer at once; None if there is only one."""
        mine = self.people[number]
        rest = range(number + 1, len(self.items))
        paid = (number, *[n for n in rest if self.people[n] == mine and n not in used][:2])
        if len(paid) == 1:
            return None
        used.update(paid)
        amount = sum(self.items[n].outstanding.minor for n in paid)
        text = " und ".join(self.items[n].references[0] for n in paid)
        payer = (self._written(mine[0]), mine[1], text)
        return self._booking("several orders", paid, amount, payer)

    def _amount(self, habit: str, item: OpenItem) -> int:
        owed = item.outstanding.minor
        if habit == "part":
            return owed // 2
        if habit == "too much":
            return owed + self._any((100, 500, 1000))
        if habit == "cents short":
            return owed - self._any((1, 2, 5))
        if habit == "cash discount" and item.discounted:
            return item.discounted.minor
        return owed

    def _text(self, habit: str, item: OpenItem, name: str) -> str:
        order, invoice = item.references
        at = self.random.randrange(1, len(order))
        wrong = str((int(order[at]) + self.random.randrange(1, 10)) % 10)
        ways = {
            "number in words": (
                *(f"Bestellung {order}", f"Auftrag Nr. {order} vielen Dank!", f"Rg zu {order}"),
                *(f"Best.-Nr.:{order}", f"#{order}"),
            ),
            "invoice number": (
                *(invoice, invoice.replace("-", ""), f"Rechnung {invoice} v. 03.11.26"),
            ),
            "broken number": (
                f"Bestellung {order[:at]} {order[at:]}",
                f"{order[:at]}\n{order[at:]}",
            ),
            "look-alike letters": (f"RE-2O26-{invoice[-5:].replace('0', 'O').replace('1', 'l')}",),
            "one digit wrong": (f"Bestellung {order[:at]}{wrong}{order[at + 1 :]}",),
            "another's number": (self._any(self.items).references[0],),
            "name only": ("", "Danke", "Einkauf", name),
            "spouse without number": ("Danke",),
        }
        return self._any(ways.get(habit, (order,)))

    def _written(self, name: str) -> str:
        """Return a name as banks write it."""
        style = self.random.random()
        if style < 0.3:
            name = name.upper().replace("Ü", "UE").replace("Ö", "OE").replace("Ä", "AE")
        elif style < 0.4:
            name = ", ".join(reversed(name.rsplit(" ", 1)))
        elif style < 0.45:
            name = name.replace("ü", "u").replace("ö", "o").replace("ä", "a")
        elif style < 0.5:
            name = f"{name} und {self.random.choice(FIRST)}"
        return name

    def _beside(self) -> list[Booking]:
        return [
            self._booking(habit, (), *self._besides(habit, n))
            for habit, rate in BESIDE.items()
            for n in range(max(1, rate * len(self.items) // 1000))
        ]

    def _besides(self, habit: str, n: int) -> tuple[int, tuple[str, str, str]]:
        number = self.random.randrange(len(self.items))
        name, iban, _ = self.people[number]
        amount = self._any(PRICES)
        if habit == "payout":
            text = f"AWV-MELDEPFLICHT {self.random.randrange(10**10)}"
            provider = self._any(("PayPal Europe S.a.r.l.", "STRIPE", "Mollie B.V."))
            return amount * 17, (provider, "", text)
        if habit == "paid twice":
            return amount, (name, iban, f"schon bezahlt {90000 + n}")
        if habit == "stranger":
            somebody = f"{self._any(FIRST)} {self._any(LAST)}"
            return self.items[number].outstanding.minor, (somebody, self._iban(), "Miete Garage")
        return amount, (f"Hausverwaltung {n} GmbH", self._iban(), f"Vorgang {n}")

    def _any(self, choice: Sequence[T]) -> T:
        return self.random.choice(choice)

    def _iban(self) -> str:
        return f"DE{self.random.randrange(10**20):020d}"

    def _booking(
        self, habit: str, paid: tuple[int, ...], amount: int, payer: tuple[str, str, str]
    ) -> Booking:
        on = self.begin + timedelta(days=self.random.randrange(28))
        name, iban, text = payer
        one = BankTransaction(
            account="DE02120300000000202051",
            booked_on=on,
            value_on=on,
            amount=Money(minor=amount, currency="EUR"),
            name=name,
            iban=iban,
            pieces=tuple(text.split("\n")),
            end_to_end_id="NOTPROVIDED",
        )
        orders = tuple(self.items[n].order_id for n in paid)
        return Booking(transaction=one, habit=habit, orders=orders)


def month(orders: int = 2000, seed: int = 20261123) -> Month:
    """Make the month."""
    return _Maker(orders, seed).month()
