"""Tells the carrier of a parcel; the reference is the same however often it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.domain import articles
from chalicelib.domain.commands import Command, RegisterShipment
from chalicelib.domain.errors import Permanent
from chalicelib.domain.events import (
    DocumentIssued,
    Fact,
    LineQuantity,
    ShipmentRegistered,
)
from chalicelib.domain.order import Address, Order
from chalicelib.shipping.port import PROVIDERS, Parcel, carrier
from chalicelib.store.bucket import retain_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.store.connections import Connection
    from chalicelib.store.merchants import Settings


class Archive(Protocol):
    """Keeps the labels that carriers draw."""

    def write(self, key: str, data: bytes, *, content_type: str, keep_until: datetime) -> str:
        """Store bytes and return their SHA-256 in hex."""
        ...


class Counter:
    """Hands parcels over to the carrier of the merchant's choice."""

    def __init__(
        self,
        *,
        settings_of: Callable[[str], Settings],
        connections_of: Callable[[str], list[Connection]],
        secrets_of: Callable[[str, str], Secrets],
        archive: Archive,
        public_url: Callable[[], str],
    ) -> None:
        """Take the merchants' settings, connections and secrets, and where labels are kept."""
        self._settings_of, self._connections_of = settings_of, connections_of
        self._secrets_of, self._archive, self._public_url = secrets_of, archive, public_url

    def perform(self, order: Order, command: Command, now: datetime) -> Iterator[Fact]:
        """Register one parcel and keep its label, if the carrier draws one."""
        if not isinstance(command, RegisterShipment):
            return
        connection = self._connection(order)
        parcel = Parcel(
            reference=f"{order.merchant_id}-{order.id}-{command.shipment}",
            recipient=order.bought.shipping,
            sender=sender(self._settings_of(order.merchant_id), command.lines),
            weight_g=articles.weight(order, command.lines),
        )
        answer = carrier(connection.kind).register(
            parcel,
            self._secrets_of(order.merchant_id, connection.id),
            f"{self._public_url()}/t/{parcel.reference}",
        )
        if answer.label is not None:
            yield self._keep(order, command.shipment, answer.tracking_number, answer.label, now)
        yield ShipmentRegistered(
            at=now,
            shipment=command.shipment,
            carrier=connection.kind,
            tracking_number=answer.tracking_number,
            tracking_url=answer.tracking_url,
            weight_g=parcel.weight_g,
            has_label=answer.label is not None,
        )

    def _connection(self, order: Order) -> Connection:
        carriers = [x for x in self._connections_of(order.merchant_id) if x.kind in PROVIDERS]
        for connection in carriers:
            if order.policy.carrier in {connection.id, connection.kind}:
                return connection
        raise Permanent(
            "no_carrier", f"No connection to the carrier {order.policy.carrier!r} is set up."
        )

    def _keep(
        self, order: Order, shipment: int, number: str, label: bytes, now: datetime
    ) -> DocumentIssued:
        key = f"{order.merchant_id}/{now.year}/{order.id}/label-{number}.pdf"
        digest = self._archive.write(
            key, label, content_type="application/pdf", keep_until=retain_until(now.date())
        )
        return DocumentIssued(
            at=now,
            kind="label",
            number=number,
            issued_on=now.date(),
            key=key,
            sha256=digest,
            refers_to=str(shipment),
        )


def sender(settings: Settings, lines: tuple[LineQuantity, ...]) -> Address:
    """Return where a parcel leaves: at its location, if that has an address of its own."""
    packed = {line.location for line in lines}
    places = [one for one in settings.locations if one.id in packed and one.street]
    place = places[0] if places else settings
    return Address(
        name=places[0].name if places else "",
        company=settings.name,
        street=place.street,
        zip=place.zip,
        city=place.city,
        country=place.country,
        phone=settings.phone,
    )
