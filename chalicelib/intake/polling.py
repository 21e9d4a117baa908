"""The jobs `poll` and `import_open`: asks a shop for its orders, and treats them as deliveries.

Polling is the safety net below the webhooks: shops lose calls, and some have none. What a shop
answers goes through the inbox like a webhook's body, so that both ways end in the same order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Permanent
from chalicelib.intake.port import shop as translator
from chalicelib.runtime import secrets
from chalicelib.shops.port import can
from chalicelib.shops.reach import Reached, enter
from chalicelib.store.connections import Connections
from chalicelib.store.inbox import Inbox, delivery_id, short
from chalicelib.store.tables import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.shops.port import Page
    from chalicelib.store.connections import Connection
    from chalicelib.store.jobs import Job

# How far two polls overlap: for clocks that differ, and orders that show only after their time.
OVERLAP = timedelta(minutes=10)
# How far a poll looks ahead: the shop's clock may be, and what changed this second is no secret.
AHEAD = timedelta(minutes=5)
# How far the first poll goes back before the connection was made.
BEFORE = timedelta(days=1)
# How many bodies are known again without asking the inbox; each is 12 letters of the job's row.
REMEMBERED = 300
LETTERS = 12
# The step that reads orders.
READER = "intake"


class Letterbox(Protocol):
    """What polling needs of the inbox."""

    def save(self, delivery: Delivery, *, step: str) -> bool:
        """Keep a delivery for a step; False if the same one is here already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Reads the orders of shops, a page at a time."""

    connection_of: Callable[[str], Connection | None]
    enter: Callable[[Connection], Reached]
    inbox: Letterbox

    def advance(self, job: Job, now: datetime) -> Job:
        """Read one page; the next one begins where all of this one is saved."""
        connection = self.connection_of(job.subject)
        if connection is None or connection.merchant_id != job.merchant_id:
            raise Permanent("unknown_connection", "The connection is gone.")
        what = "orders" if job.kind == "poll" else "open_orders"
        if not can(connection.kind, what):
            raise Permanent("not_offered", f"{connection.kind} can not be asked for its orders.")
        shop = self.enter(connection)
        if job.kind == "poll":
            return self._poll(job, connection, shop, now)
        page = shop.shop.open_orders(shop.api, cursor=str(job.cursor.get("page", "")))
        self._keep(connection, page, (), now)
        return _after(job, page, {"page": page.cursor})

    def _poll(self, job: Job, connection: Connection, shop: Reached, now: datetime) -> Job:
        """Read a page of what was changed since the last poll that came to its end."""
        since = str(job.memory.get("since") or stamp(connection.created_at - BEFORE))
        place = dict(job.cursor) or {"until": stamp(now), "page": "", "seen": []}
        page = shop.shop.orders(
            shop.api,
            since=moment(since) - OVERLAP,
            until=moment(place["until"]) + AHEAD,
            cursor=place["page"],
        )
        kept = self._keep(connection, page, job.memory.get("seen", ()), now)
        seen = [*place["seen"], *kept][-REMEMBERED:]
        read = _after(job, page, {**place, "page": page.cursor, "seen": seen})
        if page.cursor:
            return read
        # Only now: all that was changed until then is saved.
        return replace(
            read,
            memory={"since": place["until"], "seen": seen},
            result={"polled_at": place["until"], "orders": read.done},
        )

    def _keep(
        self, connection: Connection, page: Page, known: Iterable[str], now: datetime
    ) -> list[str]:
        """Save the orders of a page that we do not know as they are; returns their names."""
        names, known = [], set(known)
        for body in page.bodies:
            # A body that a webhook has brought is the same delivery.
            key = translator(connection.kind).delivery_key(body, page.headers)
            names.append(hashlib.sha256(key.encode()).hexdigest()[:LETTERS])
            if names[-1] not in known:
                self.inbox.save(_delivery(connection, page, body, key, now), step=READER)
        return names


def _after(job: Job, page: Page, place: dict[str, Any]) -> Job:
    """Return the job after a page; on the first one the shop may say how many there are."""
    return replace(
        job,
        cursor=place,
        done=job.done + len(page.bodies),
        total=page.total if page.total is not None else job.total,
        state="running" if page.cursor else "done",
    )


def _delivery(connection: Connection, page: Page, body: bytes, key: str, now: datetime) -> Delivery:
    return Delivery(
        merchant_id=connection.merchant_id,
        connection_id=connection.id,
        kind=connection.kind,
        id=delivery_id(connection.id, short(key)),
        received_at=now,
        headers=dict(page.headers),
        body=body,
    )


def _enter(connection: Connection) -> Reached:
    return enter(connection, secrets.read)


def advance(job: Job, now: datetime) -> Job:
    """Read one page of a shop's orders."""
    poller = Poller(connection_of=Connections().load, enter=_enter, inbox=Inbox())
    return poller.advance(job, now)
