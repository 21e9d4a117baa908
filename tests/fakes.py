"""An outside world in memory: stores, queues, archive, post office and carrier, with a fuse.

The stores are the real ones with their database calls replaced, so that what the tests exercise is
our own code; `tests/contracts` runs the same promises against the real engine.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.documents.decide import decide_at_work as decide_documents
from chalicelib.documents.filing import Filing
from chalicelib.documents.perform import Desk
from chalicelib.domain import events
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.domain.levels import Level, Movement, movement
from chalicelib.domain.lots import Lot
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.flow.dead_letters import handle as bury
from chalicelib.flow.known import Known
from chalicelib.flow.router import route
from chalicelib.intake.perform import perform as take_in
from chalicelib.notification.decide import decide as decide_mails
from chalicelib.notification.perform import Post
from chalicelib.notification.port import Mail
from chalicelib.payment.decide import decide as decide_payment
from chalicelib.payment.dunning import AsLoaded, Collector
from chalicelib.payment.perform import Ledger
from chalicelib.payment.refunds import Payer
from chalicelib.returns.decide import decide as decide_returns
from chalicelib.returns.perform import perform as perform_returns
from chalicelib.runtime.batch import order_in
from chalicelib.runtime.step import Step, run
from chalicelib.shipping.decide import decide as decide_shipping
from chalicelib.shipping.perform import Counter
from chalicelib.shops.port import Parcel
from chalicelib.stock.decide import decide as decide_stock
from chalicelib.stock.perform import perform as perform_stock
from chalicelib.store import codec
from chalicelib.store.allocation import (
    AT_ONCE,
    Append,
    RefusedError,
    append_of,
    lot_moves_of_all,
    moves_of_all,
)
from chalicelib.store.connections import Connection
from chalicelib.store.documents import Counter as Counted
from chalicelib.store.documents import Filed, Numbered, Numbers
from chalicelib.store.merchants import Settings
from chalicelib.store.orders import DELETED, Found, Head, OrderRow, Orders, event_row, head_of
from chalicelib.store.payments import ParkedPayment
from chalicelib.store.portions import groups
from chalicelib.store.stock import Move
from chalicelib.store.waiting_orders import waiters_of
from chalicelib.writeback.decide import decide as decide_telling
from chalicelib.writeback.perform import Teller

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
VISIBILITY = timedelta(minutes=6)


class Killed(BaseException):
    """The process is gone: nothing of ours gets to run any more."""


class Fuse:
    """Kills the process at the n-th touch of the outside, before or after it took effect."""

    def __init__(self, at: int | None = None, *, after: bool = False) -> None:
        self.at, self.after = at, after
        self.touches: list[str] = []

    @contextmanager
    def touch(self, what: str) -> Iterator[None]:
        self.touches.append(what)
        is_it = len(self.touches) == self.at
        if is_it and not self.after:
            raise Killed(what)
        yield
        if is_it:
            raise Killed(what)


@dataclass
class Clock:
    """A clock that only the test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Database:
    """Rows as the tables hold them, and the stream of what is new."""

    rows: dict[tuple[str, int], OrderRow] = field(default_factory=dict)
    graves: dict[str, OrderRow] = field(default_factory=dict)
    heads: dict[str, tuple[Head, datetime | None]] = field(default_factory=dict)
    products: dict[tuple[str, str], Product] = field(default_factory=dict)
    levels: dict[tuple[str, str, str], Level] = field(default_factory=dict)
    stream: deque[tuple[str, dict[str, Any]]] = field(default_factory=deque)
    waiting: set[tuple[str, str]] = field(default_factory=set)
    lots: dict[tuple[str, str], Lot] = field(default_factory=dict)
    movements: list[tuple[str, Movement]] = field(default_factory=list)

    def tell(self, levels: dict[tuple[str, str, str], Level]) -> None:
        """Take new levels over, and tell their movements as the table's stream does."""
        for key, level in levels.items():
            moved = movement(key[1], self.levels.get(key), level)
            self.movements += [(key[0], moved)] if moved else []
        self.levels = levels

    def shelve(
        self, merchant: str, product: Product, available: int, location: str = "main"
    ) -> None:
        """Put units of a product on the shelf."""
        self.products[merchant, product.sku] = product
        level = Level(location=location, available=available, seq=1)
        self.levels[merchant, product.sku, location] = level


class FakeOrders(Orders):
    """The real orders over rows in memory."""

    def __init__(self, database: Database, fuse: Fuse) -> None:
        self.database, self.fuse = database, fuse

    def find(self, merchant_id: str, order_id: str) -> Found:
        found = super().find(merchant_id, order_id)
        head, wake_at = self.database.heads.get(f"{merchant_id}#{order_id}", (None, None))
        return replace(found, head=head, wake_at=wake_at)

    def _rows(self, pk: str) -> list[OrderRow]:
        with self.fuse.touch("orders.load"):
            mine = sorted((v, row) for (key, v), row in self.database.rows.items() if key == pk)
            grave = self.database.graves.get(pk)
            return [*([grave] if grave else []), *(row for _, row in mine)]

    def _put(self, row: OrderRow) -> None:
        with self.fuse.touch("orders.put"):
            self.insert(row)

    def insert(self, row: OrderRow) -> None:
        if row.sk == DELETED:
            self.database.graves.setdefault(row.pk, row)
            return
        key = (row.pk, int(row.sk.removeprefix("EVENT#")))
        if key in self.database.rows:
            raise Conflict("conflict", "row exists")
        self.database.rows[key] = row
        if row.wakes:
            self.database.stream.append((row.pk, row.to_dynamodb_dict()))

    def _write_head(
        self, order: Order, head: Head, *, wake_at: datetime | None, now: datetime
    ) -> bool:
        with self.fuse.touch("orders.head"):
            pk = f"{order.merchant_id}#{order.id}"
            old, old_wake = self.database.heads.get(pk, (None, None))
            if old is not None and old.version > head.version:
                return False
            first = old_wake or now + timedelta(minutes=15)
            self.database.heads[pk] = (head, (wake_at or first) if head.is_open else None)
            return True


class FakeStockOrders(FakeOrders):
    """Stock facts and levels move together or not at all."""

    def record(self, order: Order, facts: Iterable[events.Fact]) -> Order:
        for group in groups(order, tuple(facts)):
            append = append_of(order, group)
            if append is not None:
                self.record_many([append])
                order = append.order
        return order

    def record_many(self, appends: Sequence[Append]) -> None:
        with self.fuse.touch("stock.transact"):
            for one in appends:
                keys = [waiter.key for waiter in waiters_of(one.order, one.new)]
                self.database.waiting |= {(one.order.merchant_id, key) for key in keys}
            levels_and_lots = len(moves_of_all(appends)) + len(lot_moves_of_all(appends))
            if len(appends) + levels_and_lots > AT_ONCE:
                raise Retryable("database", "DynamoDB writes at most 100 rows at once")
            gone = [one.order.id for one in appends if self._is_written(one.order)]
            levels, lots = dict(self.database.levels), dict(self.database.lots)
            try:
                for key, move in moves_of_all(appends).items():
                    levels[key] = moved(levels.get(key, Level(location=key[2])), move)
                for name, move in lot_moves_of_all(appends).items():
                    lots[name] = lot_moved(lots[name], move)
            except Conflict as conflict:
                raise RefusedError(gone) from conflict
            if gone:
                raise RefusedError(gone)
            for one in appends:
                self.insert(event_row(one.order, one.new))
            self.database.tell(levels)
            self.database.lots = lots

    def _is_written(self, order: Order) -> bool:
        return (f"{order.merchant_id}#{order.id}", order.version) in self.database.rows


def moved(level: Level, move: Move) -> Level:
    """Return a level after a change; Conflict where the table's condition would fail."""
    after = replace(
        level,
        available=level.available + move.available,
        reserved=level.reserved + move.reserved,
        seq=level.seq + 1,
        cause=move.cause,
    )
    if (move.available < 0 and after.available < 0) or (move.reserved < 0 and after.reserved < 0):
        raise Conflict("conflict", "not enough")
    return after


def lot_moved(lot: Lot, move: Move) -> Lot:
    """Return a lot after a change; Conflict where the table's condition would fail."""
    level = moved(Level(available=lot.available, reserved=lot.reserved), move)
    return replace(lot, available=level.available, reserved=level.reserved, seq=lot.seq + 1)


class FakeShelf:
    """Levels in memory."""

    def __init__(self, database: Database, fuse: Fuse) -> None:
        self.database, self.fuse = database, fuse

    def products(
        self, merchant_id: str, skus: Iterable[str], locations: Iterable[str]
    ) -> dict[str, Product]:
        with self.fuse.touch("stock.read"):
            there = [self.database.products.get((merchant_id, sku)) for sku in skus]
            return {x.sku: self._levelled(merchant_id, x, {*locations}) for x in there if x}

    def lots(self, merchant_id: str, sku: str, location: str) -> list[Lot]:
        begin = f"LOT#{sku}#{location}#"
        mine = self.database.lots.items()
        return [lot for (who, key), lot in mine if who == merchant_id and key.startswith(begin)]

    def _levelled(self, merchant_id: str, product: Product, locations: set[str]) -> Product:
        levels = self.database.levels
        mine = sorted(key for key in levels if key[:2] == (merchant_id, product.sku))
        return replace(product, levels=tuple(levels[key] for key in mine if key[2] in locations))


class FakeInbox:
    """Deliveries in memory."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.deliveries: dict[str, Delivery] = {}
        self.failures: dict[str, tuple[str, str]] = {}

    def load(self, merchant_id: str, wanted: str) -> Delivery | None:
        with self.fuse.touch("inbox.load"):
            found = self.deliveries.get(wanted)
            return found if found and found.merchant_id == merchant_id else None

    def fail(self, merchant_id: str, wanted: str, code: str, text: str) -> None:
        with self.fuse.touch("inbox.fail"):
            self.failures[wanted] = (code, text)

    def note_test(self, merchant_id: str, wanted: str, text: str) -> None:
        with self.fuse.touch("inbox.note_test"):
            self.failures[wanted] = ("test_read", text)


class FakeNumbers(Numbers):
    """The real drawing of numbers over rows in memory."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.counters: dict[tuple[str, str], Counted] = {}
        self.documents: dict[tuple[str, str], Numbered] = {}
        self.entries: dict[tuple[str, str], Any] = {}

    @property
    def last(self) -> dict[tuple[str, str], int]:
        """The last number of each series."""
        return {(m, f"SERIES#{name}"): c.last for (m, name), c in self.counters.items()}

    def _read(
        self, merchant_id: str, series: str, documents: Sequence[str]
    ) -> tuple[Counted, dict[str, Numbered]]:
        with self.fuse.touch("numbers.read"):
            known = {
                key: self.documents[merchant_id, key]
                for key in documents
                if (merchant_id, key) in self.documents
            }
            return self.counters.get((merchant_id, series), Counted()), known

    def _write(self, merchant_id: str, series: str, counter: Counted, rows: Any) -> None:
        with self.fuse.touch("numbers.write"):
            taken = any(
                (merchant_id, facts.sk) in self.documents or (merchant_id, entry.sk) in self.entries
                for facts, entry in rows
            )
            if taken or self.counters.get((merchant_id, series), Counted()) != counter:
                raise Conflict("conflict", "number taken")
            last = counter.last + len(rows)
            self.counters[merchant_id, series] = Counted(last=last, link=rows[-1][1].link)
            for facts, entry in rows:
                frozen = codec.unpack(facts.frozen, dict[str, Any])
                self.documents[merchant_id, facts.sk] = Numbered(number=facts.number, frozen=frozen)
                self.entries[merchant_id, entry.sk] = entry

    def _entry(self, merchant_id: str, number: str) -> Any:
        return self.entries.get((merchant_id, f"NUMBER#{number}"))

    def file(self, merchant_id: str, number: str, filed: Filed, now: datetime) -> None:
        with self.fuse.touch("numbers.file"):
            for key, one in self.documents.items():
                if key[0] == merchant_id and one.number == number:
                    assert one.filed in {None, filed}, f"{number} was filed with other bytes"
                    self.documents[key] = replace(one, filed=filed)


class FakeArchive:
    """The bucket in memory; it notices bytes that change."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.objects: dict[str, bytes] = {}

    def write(self, key: str, data: bytes, *, content_type: str, keep_until: datetime) -> str:
        with self.fuse.touch("archive.write"):
            assert self.objects.get(key, data) == data, f"{key} was written with other bytes"
            self.objects[key] = data
            return hashlib.sha256(data).hexdigest()

    def read(self, key: str) -> bytes:
        with self.fuse.touch("archive.read"):
            return self.objects[key]


class FakePost:
    """A post office that, like SES, can be asked for every mail it took."""

    def __init__(self, fuse: Fuse, clock: Clock) -> None:
        self.fuse, self.clock = fuse, clock
        self.sent: list[Mail] = []
        self.taken: list[datetime] = []

    def send(self, mail: Mail) -> str:
        with self.fuse.touch("post.send"):
            self.sent.append(mail)
            self.taken.append(self.clock())
            return f"m{len(self.sent)}"

    def find(self, tags: Mapping[str, str], since: datetime) -> str:
        with self.fuse.touch("post.find"):
            for number, (mail, at) in enumerate(zip(self.sent, self.taken, strict=True), 1):
                if dict(mail.tags) == dict(tags) and at >= since:
                    return f"m{number}"
            return ""


class FakeShop:
    """A shop that would make two fulfillments of one parcel, were it not asked before."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.fulfillments: list[Parcel] = []
        self.cancelled: list[str] = []

    def ship(self, parcel: Parcel) -> str:
        with self.fuse.touch("shop.ask"):
            known = [p for p in self.fulfillments if p.tracking_number == parcel.tracking_number]
        if not known:
            with self.fuse.touch("shop.ship"):
                self.fulfillments.append(parcel)
        return f"f-{parcel.number}"

    def cancel(self, order_id: str, reason: str) -> str:
        with self.fuse.touch("shop.ask"):
            is_known = order_id in self.cancelled
        if not is_known:
            with self.fuse.touch("shop.cancel"):
                self.cancelled.append(order_id)
        return order_id


class FakeParking:
    """Movements that wait, in memory."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.known: dict[tuple[str, str], ParkedPayment] = {}
        self.waiting: set[tuple[str, str]] = set()
        self.booked: dict[tuple[str, str, str], str] = {}

    def remember(self, merchant_id: str, source: str, payment: str, order_id: str) -> None:
        with self.fuse.touch("parking.remember"):
            self.booked.setdefault((merchant_id, source, payment), order_id)

    def order_of(self, merchant_id: str, source: str, payment: str) -> str:
        with self.fuse.touch("parking.order_of"):
            return self.booked.get((merchant_id, source, payment), "")

    def park(self, merchant_id: str, payment: ParkedPayment, now: datetime) -> None:
        with self.fuse.touch("parking.park"):
            if (merchant_id, payment.id) not in self.known:
                self.known[merchant_id, payment.id] = payment
                self.waiting.add((merchant_id, payment.id))

    def load(self, merchant_id: str, payment_id: str) -> ParkedPayment | None:
        with self.fuse.touch("parking.load"):
            return self.known.get((merchant_id, payment_id))

    def claim(self, merchant_id: str, payment_id: str, order_id: str) -> None:
        with self.fuse.touch("parking.claim"):
            payment = self.known.get((merchant_id, payment_id))
            if payment is None or payment.order_id not in {"", order_id}:
                raise Conflict("conflict", "another order has it")
            self.known[merchant_id, payment_id] = replace(payment, order_id=order_id)

    def settle(self, merchant_id: str, payment_id: str) -> None:
        with self.fuse.touch("parking.settle"):
            if (merchant_id, payment_id) not in self.known:
                raise Conflict("conflict", "no such payment")
            self.waiting.discard((merchant_id, payment_id))

    def awaiting(self, merchant_id: str, *, order: str = "", source: str = "") -> list[str]:
        with self.fuse.touch("parking.awaiting"):
            mine = [self.known[key] for key in sorted(self.waiting) if key[0] == merchant_id]
        by_order = [one.id for one in mine if not source and one.order_reference == order]
        nameless = [one for one in mine if source and not one.order_reference]
        paid = [one.id for one in nameless if (one.source, one.payment) == (source, order)]
        return by_order or paid if order else []

    def parked(
        self, merchant_id: str, *, limit: int = 100, start: object = None
    ) -> tuple[list[ParkedPayment], None]:
        mine = [self.known[key] for key in sorted(self.waiting) if key[0] == merchant_id]
        return mine[:limit], None


class FakeTransfers:
    """The list of transfers in memory."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.listed: dict[str, events.RefundRequested] = {}

    def put(self, order: Order, request: events.RefundRequested, now: datetime) -> None:
        with self.fuse.touch("transfers.put"):
            self.listed.setdefault(request.refund_id, request)


SETTINGS = Settings(
    name="Blattwerk",
    email="shop@blattwerk.example",
    street="Gartenweg 3",
    zip="04109",
    city="Leipzig",
    tax_number="231/123/45678",
    iban="DE02120300000000202051",
    bank_holder="Blattwerk GmbH",
    exchange_rates="USD 1.0842, JPY 178.31, CHF 0.9412, KWD 0.3319",
)


class World:
    """The whole house in memory: deliver, run, sweep."""

    def __init__(
        self,
        fuse: Fuse | None = None,
        *,
        settings: Settings = SETTINGS,
        merchant: str = "demo",
        tells: tuple[str, ...] = ("ship", "cancel"),
    ) -> None:
        self.tells = tells
        self.fuse, self.merchant, self.clock = fuse or Fuse(), merchant, Clock()
        self.settings = settings
        self.database = Database()
        self.inbox, self.archive = FakeInbox(self.fuse), FakeArchive(self.fuse)
        self.numbers, self.post = FakeNumbers(self.fuse), FakePost(self.fuse, self.clock)
        self.parking, self.shop = FakeParking(self.fuse), FakeShop(self.fuse)
        self.orders = FakeOrders(self.database, self.fuse)
        self.known = Known(self.orders)
        self.transfers = FakeTransfers(self.fuse)
        self.outside: Any = None  # the payment provider
        self.queue: deque[tuple[WakeUp, int]] = deque()
        # Money that the providers know of and have not told.
        self.at_providers: list[events.Fact] = []
        self.connections = [
            self.connection("woo", "woocommerce"),
            self.connection("stripe", "stripe"),
            self.connection("carrier", "local"),
        ]
        self.steps = {step.name: step for step in self._steps()}

    def connection(self, name: str, kind: str) -> Connection:
        return Connection(
            merchant_id=self.merchant,
            id=f"{self.merchant}-{name}",
            kind=kind,
            name=name,
            created_at=START,
            reader="payment" if kind == "stripe" else "intake" if kind == "woocommerce" else "",
        )

    def _steps(self) -> Iterator[Step]:
        desk = Desk(archive=self.archive, numbers=self.numbers, settings_of=self._settings)
        counter = Counter(
            settings_of=self._settings,
            connections_of=lambda _: self.connections,
            secrets_of=lambda *_: {"tracking_key": "k"},
            archive=self.archive,
            public_url=lambda: "https://kontor.example",
        )
        post = Post(
            mailer=self.post,
            reports=self.post,
            archive=self.archive,
            sender_of=self._settings,
            base_url=lambda: "https://kontor.example",
        )
        shelf = FakeShelf(self.database, self.fuse)
        stock_orders = FakeStockOrders(self.database, self.fuse)

        def stock(order: Order, command: Any, now: datetime) -> Iterator[events.Fact]:
            return perform_stock(
                order, command, now, shelf=shelf, locations_of=lambda _: self.settings.locations
            )

        payer = Payer(
            connections_of=lambda _: self.connections,
            secrets_of=lambda *_: {"api_key": "sk_test_12345678"},
            transfers=self.transfers,
            otherwise=Collector(self._ask).perform,
            call=lambda *_: self.outside,
        )

        parts: list[tuple[str, Any, Callable[..., Any], Any]] = [
            ("stock", decide_stock, stock, stock_orders),
            ("payment", decide_payment, payer.perform, AsLoaded(self.orders)),
            ("documents", decide_documents, desk.perform, Filing(self.orders)),
            ("shipping", decide_shipping, counter.perform, self.orders),
            ("writeback", decide_telling, Teller(lambda _: self.shop).perform, self.orders),
            ("notification", decide_mails, post.perform, self.orders),
            ("returns", decide_returns, perform_returns, self.orders),
        ]
        for name, decide, perform, orders in parts:
            yield Step(name=name, decide=decide, perform=perform, orders=orders, now=self.clock)

    def _ask(self, *_: Any) -> list[events.Fact]:
        return self.at_providers

    def _settings(self, _: str) -> Settings:
        return self.settings

    def shelve(self, sku: str, available: int, weight_g: int = 250) -> None:
        """Put units on the shelf."""
        self.database.shelve(self.merchant, Product(sku=sku, weight_g=weight_g), available)

    def deliver(self, connection: str, body: bytes, key: str, headers: dict[str, str]) -> None:
        """Save a delivery as the webhook does; a known one changes nothing."""
        found = next(one for one in self.connections if one.name == connection)
        name = f"{found.id}/{key}"
        if name in self.inbox.deliveries:
            return
        self.inbox.deliveries[name] = Delivery(
            merchant_id=self.merchant,
            connection_id=found.id,
            kind=found.kind,
            id=name,
            received_at=self.clock(),
            headers=headers,
            body=body,
        )
        self.wake_delivery(name)

    def wake_delivery(self, name: str) -> None:
        """Wake the step that reads a delivery."""
        kind = self.inbox.deliveries[name].kind
        step = "payment" if kind == "stripe" else "intake"
        wake = WakeUp(step=step, merchant_id=self.merchant, delivery_id=name)
        self.queue.append((wake, 0))

    def settle(self, limit: int = 2000) -> None:
        """Run everything that is under way until nothing is left."""
        for _ in range(limit):
            if self.database.stream:
                self._survive(self._route, self.database.stream.popleft())
            elif self.queue:
                wake, tries = self.queue.popleft()
                if not self._survive(self._work, wake):
                    self.clock.now += VISIBILITY
                    self.queue.append((wake, tries + 1))
            else:
                return
        msg = "the world does not come to rest"
        raise AssertionError(msg)

    def sweep(self) -> None:
        """Look at every order and every delivery again, later."""
        self.clock.now += timedelta(minutes=20)
        for name in self.inbox.deliveries:
            self.wake_delivery(name)
        self.settle()
        self.clock.now += timedelta(minutes=20)
        for pk, version in sorted(self.database.rows):
            if (pk, version + 1) not in self.database.rows:
                self.database.stream.append(
                    (pk, self.database.rows[pk, version].to_dynamodb_dict())
                )
        self.settle()

    def _survive(self, work: Callable[[Any], None], what: Any) -> bool:
        try:
            work(what)
        except Killed:
            if work == self._route:
                self.known = Known(self.orders)  # its process is gone
                self.database.stream.append(what)  # the stream brings it again
            return False
        except Retryable:
            return False
        return True

    def _route(self, row: tuple[str, dict[str, Any]]) -> None:
        key, image = row
        for wake in route(self.known, key, [image], self.clock(), self._early):
            with self.fuse.touch(f"send.{wake.step}"):
                self.queue.append((wake, 0))

    def _early(self, order: Order) -> list[WakeUp]:
        names = {order.bought.external_id, order.bought.number}
        found = [x for name in names for x in self.parking.awaiting(order.merchant_id, order=name)]
        return [
            WakeUp(step="payment", merchant_id=order.merchant_id, payment_id=one) for one in found
        ]

    def _work(self, wake: WakeUp) -> None:
        now = self.clock()
        if wake.step == "intake":
            take_in(
                wake.merchant_id,
                wake.delivery_id,
                now,
                inbox=self.inbox,
                orders=self.orders,
                policy_of=lambda _: self.settings.policy,
                tells_of=lambda _: self.tells,
                read_now=lambda *_: None,
            )
        elif wake.delivery_id:
            self.ledger().take(wake.merchant_id, wake.delivery_id, now)
        elif wake.payment_id:
            self.ledger().retry(wake.merchant_id, wake.payment_id, now)
        elif wake.step == "dead_letters":
            bury({"order_id": wake.order_id}, self.orders, self.inbox, now)  # type: ignore[arg-type]
        else:
            run(self.steps[wake.step], wake.merchant_id, wake.order_id, order_in(wake))

    def ledger(self) -> Ledger:
        """Return the payment step's other half."""
        return Ledger(
            inbox=self.inbox,
            orders=self.orders,
            parking=self.parking,
            shops_of=lambda _: [one.id for one in self.connections if one.reader == "intake"],
            numbered=lambda merchant_id, number: [
                pk.split("#", 1)[1]
                for pk, (head, _) in self.database.heads.items()
                if head.number == number and pk.startswith(f"{merchant_id}#")
            ],
            trust=lambda delivery: delivery,
            announce=lambda *_: None,
        )

    def all_orders(self) -> list[Order]:
        """Return every order there is, without touching the fuse."""
        quiet = FakeOrders(self.database, Fuse())
        names = {key for key, _ in self.database.rows}
        found = [quiet.load(*name.split("#", 1)) for name in sorted(names)]
        return [order for order in found if order]

    def past(self, order: Order) -> list[Order]:
        """Return an order as it was after each of its appends, oldest first."""
        pk = f"{order.merchant_id}#{order.id}"
        found = []
        for version in range(1, order.version + 1):
            rows = {(key, v): x for (key, v), x in self.database.rows.items() if v <= version}
            one = FakeOrders(Database(rows=rows), Fuse()).load(*pk.split("#", 1))
            assert one
            found.append(one)
        return found

    def head(self, order: Order) -> Head:
        """Return what the lists should show of an order."""
        return head_of(order, self.clock())
