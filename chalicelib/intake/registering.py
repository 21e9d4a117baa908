"""The jobs `register` and `check`: have a shop call our webhook, and see whether it answers us."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.runtime import secrets
from chalicelib.runtime.settings import public_url
from chalicelib.shops.port import can
from chalicelib.shops.reach import enter
from chalicelib.store.connections import Connections

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.store.connections import Connection
    from chalicelib.store.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """Speaks to the shops about the connection itself."""

    connection_of: Callable[[str], Connection | None]
    secrets_of: Callable[[str, str], Secrets]
    public_url: Callable[[], str]

    def advance(self, job: Job, now: datetime) -> Job:  # noqa: ARG002 - every job is told the time
        """Do all of it in one slice: it is one or few calls, and asking twice makes no second."""
        connection = self.connection_of(job.subject)
        if connection is None or connection.merchant_id != job.merchant_id:
            raise Permanent("unknown_connection", "The connection is gone.")
        if not can(connection.kind, job.kind):
            raise Permanent("not_offered", f"{connection.kind} has no call for this.")
        reached = enter(connection, self.secrets_of)
        if job.kind == "check":
            name = reached.shop.check(reached.api)
            return replace(job, state="done", done=1, total=1, result={"name": str(name)})
        secret = self.secrets_of(connection.merchant_id, connection.id).get("webhook_secret", "")
        if not secret:
            text = "secrets.webhook_secret: missing; the shop needs it to sign what it sends."
            raise Permanent("not_set_up", text)
        topics = reached.shop.register(
            reached.api, address=f"{self.public_url()}/webhooks/{connection.id}", secret=secret
        )
        found = {"topics": [str(topic) for topic in topics]}
        return replace(job, state="done", done=1, total=1, result=found)


def advance(job: Job, now: datetime) -> Job:
    """Register our webhook with a shop, or ask it for its name."""
    registrar = Registrar(
        connection_of=Connections().load, secrets_of=secrets.read, public_url=public_url
    )
    return registrar.advance(job, now)
