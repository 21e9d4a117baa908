"""An order: what was bought, plus everything that happened since."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain import events
from chalicelib.domain.money import Money, split, total

if TYPE_CHECKING:
    from collections.abc import Iterable

# Longer than any call to the outside may take, shorter than a queue's visibility timeout.
SETTLE = timedelta(minutes=5)

F = TypeVar("F", bound=events.Fact)


def order_id(connection_id: str, external_id: str) -> str:
    """Name an order for ever by its connection and the shop's own id: `o` and 20 letters."""
    digest = hashlib.sha256(f"{connection_id}\n{external_id}".encode()).digest()
    return "o" + base64.b32encode(digest)[:20].decode().lower()


class LineKind(StrEnum):
    """What a line of an order stands for."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    FEE = "fee"
    DISCOUNT = "discount"
    GIFT_CARD = "gift_card"  # redeemed; one that is bought is a product without a parcel
    DEPOSIT = "deposit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; `country` is ISO 3166-1 alpha-2, empty strings where unknown."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    zip: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""

    def is_deliverable(self) -> bool:
        """Tell whether a parcel could find it: somebody, a street, a city and a country."""
        return bool((self.name or self.company) and self.street and self.city and self.country)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One line; `total` is gross and after its discount, `tax` the tax contained in it.

    `part_of` is the line of the bundle that this one belongs to.
    """

    id: str
    sku: str | None
    name: str
    quantity: int
    unit_price: Money
    total: Money
    tax: Money
    tax_rate: Decimal
    discount: Money | None = None
    kind: LineKind = LineKind.PRODUCT
    ships: bool = True
    part_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """The order as the shop sold it. `total` is the shop's own total, never computed by us."""

    connection_id: str
    external_id: str
    number: str
    placed_at: datetime
    modified_at: datetime
    currency: str
    total: Money
    prices_include_tax: bool
    lines: tuple[LineItem, ...]
    billing: Address = field(default_factory=Address)
    shipping: Address = field(default_factory=Address)
    email: str = ""
    phone: str = ""
    locale: str = ""
    note: str = ""
    payment_method: str = ""
    vat_id: str = ""
    # What a public buyer routes invoices by (Leitweg-ID), and the form that the buyer wants.
    buyer_reference: str = ""
    invoice_form: str = ""

    def lines_total(self) -> Money:
        """Add up what we store, line by line."""
        return total((line.total for line in self.lines), self.currency)

    def difference(self) -> Money:
        """Return the shop's total minus the sum of our lines; zero when all is well."""
        return self.total - self.lines_total()

    def of_kind(self, kind: LineKind) -> tuple[LineItem, ...]:
        """Return the lines of one kind."""
        return tuple(line for line in self.lines if line.kind is kind)

    def physical(self) -> tuple[LineItem, ...]:
        """Return the lines that go into a parcel."""
        return tuple(x for x in self.lines if x.kind is LineKind.PRODUCT and x.ships)

    def prices(self) -> dict[str, Money]:
        """Return what each product line cost in the end, discounts on the whole order included.

        What a bundle costs beyond its parts is shared among them: they are what comes back.
        """
        items = self.of_kind(LineKind.PRODUCT)
        off = total((line.total for line in self.of_kind(LineKind.DISCOUNT)), self.currency)
        parts = split(off, [max(line.total.minor, 0) for line in items])
        found = {line.id: line.total + part for line, part in zip(items, parts, strict=True)}
        for bundle in items:
            children = [line for line in items if line.part_of == bundle.id]
            if children and not bundle.ships:
                weights = [max(line.total.minor, 0) for line in children]
                if not any(weights):
                    weights = [line.quantity for line in children]
                shares = split(found[bundle.id], weights)
                found[bundle.id] = Money.zero(self.currency)
                for line, share in zip(children, shares, strict=True):
                    found[line.id] += share
        return found

    @property
    def language(self) -> str:
        """The customer's language, `de` or `en`: by locale, else by the billing country."""
        if self.locale:
            return "de" if self.locale.lower().startswith("de") else "en"
        return "de" if self.billing.country in {"", "DE", "AT", "CH", "LI", "LU"} else "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was bought plus its facts, oldest first; `version` counts the appends.

    `bought` is the newest version taken over, `reported` the newest that a person has to look at.
    """

    merchant_id: str
    id: str
    bought: Bought
    facts: tuple[events.Fact, ...] = ()
    version: int = 0
    reported: Bought | None = None

    def all(self, kind: type[F]) -> tuple[F, ...]:
        """Return all facts of a kind, oldest first."""
        return tuple(fact for fact in self.facts if isinstance(fact, kind))

    def last(self, kind: type[F]) -> F | None:
        """Return the newest fact of a kind."""
        return next((fact for fact in reversed(self.facts) if isinstance(fact, kind)), None)

    def has(self, kind: type[events.Fact]) -> bool:
        """Tell whether a fact of this kind is known."""
        return any(isinstance(fact, kind) for fact in self.facts)

    def plus(
        self,
        facts: Iterable[events.Fact],
        *,
        bought: Bought | None = None,
        reported: Bought | None = None,
    ) -> Order:
        """Return the order after these facts, with the version of the shop that they tell of.

        Facts that it already knows are left out; without a new one nothing changes.
        """
        known, after = {fact.identity for fact in self.facts}, list(self.facts)
        for fact in facts:
            if fact.identity not in known:
                known.add(fact.identity)
                after.append(fact)
        if len(after) == len(self.facts):
            return self
        return replace(
            self,
            facts=tuple(after),
            version=self.version + 1,
            bought=bought or self.bought,
            reported=reported or self.reported,
        )

    @property
    def received(self) -> events.OrderReceived:
        """The first fact of every order."""
        return next(fact for fact in self.facts if isinstance(fact, events.OrderReceived))

    @property
    def policy(self) -> events.Policy:
        """The merchant's rules as they were when the order came in."""
        return self.received.policy

    @property
    def customer_token(self) -> str:
        """What opens the customer's page without a login: whose order, which, and its secret."""
        return f"{self.merchant_id}-{self.id}-{self.received.access_token}"

    def pending(self, key: str) -> events.EffectIntended | None:
        """Return the newest intent for an effect, unless a person has released it since."""
        for fact in reversed(self.facts):
            if isinstance(fact, events.HoldReleased) and fact.effect == key:
                return None
            if isinstance(fact, events.EffectIntended) and fact.effect == key:
                return fact
        return None

    def is_due(self, key: str, now: datetime) -> bool:
        """Tell whether an effect may be tried now: never intended, or its answer is overdue."""
        intent = self.pending(key)
        return intent is None or now - intent.at >= SETTLE

    def holds(self) -> tuple[events.HoldPlaced, ...]:
        """Return the holds that nobody has released yet."""
        open_holds: dict[tuple[str, str], events.HoldPlaced] = {}
        for fact in self.facts:
            if isinstance(fact, events.HoldPlaced):
                open_holds[fact.code, fact.effect] = fact
            elif isinstance(fact, events.HoldReleased):
                open_holds.pop((fact.code, fact.effect), None)
        return tuple(open_holds.values())

    def is_held(self, effect: str) -> bool:
        """Tell whether a hold stands in the way of one effect."""
        return any(hold.effect == effect for hold in self.holds())

    def is_released(self, code: str, *, after: datetime | None = None) -> bool:
        """Tell whether a person has said of a problem (since a moment): go on all the same."""
        releases = [fact for fact in self.all(events.HoldReleased) if fact.code == code]
        return any(after is None or fact.at >= after for fact in releases)

    def allocated(self, *kinds: type[events.StockFact]) -> Counter[tuple[str, str]]:
        """Count the units named by stock facts of these kinds, by (sku, location)."""
        count: Counter[tuple[str, str]] = Counter()
        for kind in kinds:
            for fact in self.all(kind):
                for unit in fact.units:
                    count[unit.sku, unit.location] += unit.quantity
        return count
