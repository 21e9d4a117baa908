"""Facts of an order's later life, to build histories from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain import events
from chalicelib.domain.events import LineQuantity
from chalicelib.shipping.local import tracking_number
from tests.events import NOW, eur


def pieces(counts: Mapping[str, int], *, restock: bool = False) -> tuple[LineQuantity, ...]:
    """Return pieces of lines, by line id."""
    return tuple(
        LineQuantity(line_id=line_id, quantity=quantity, restock=restock)
        for line_id, quantity in counts.items()
    )


def document(
    kind: str,
    refers_to: str = "",
    lines: Mapping[str, int] | None = None,
    *,
    number: str = "",
    at: datetime = NOW,
) -> events.DocumentIssued:
    """Return the fact that a document lies in the archive."""
    return events.DocumentIssued(
        at=at,
        kind=kind,
        number=number or f"{kind}-{refers_to}",
        issued_on=at.date(),
        key=f"demo/{kind}{refers_to}.pdf",
        sha256="0" * 64,
        refers_to=refers_to,
        lines=pieces(lines or {}),
    )


def note(shipment: int, lines: Mapping[str, int]) -> events.DocumentIssued:
    """Return the delivery note of a parcel."""
    return document("delivery_note", str(shipment), lines)


def number_of(shipment: int) -> str:
    """Return the tracking number of the n-th parcel."""
    return tracking_number("key", f"parcel-{shipment}")


def registered(shipment: int, *, has_label: bool = False) -> events.ShipmentRegistered:
    """Return the fact that the carrier knows a parcel."""
    return events.ShipmentRegistered(
        at=NOW,
        shipment=shipment,
        carrier="local",
        tracking_number=number_of(shipment),
        tracking_url=f"https://track.example/{number_of(shipment)}",
        weight_g=250,
        has_label=has_label,
    )


def shipped(shipment: int, lines: Mapping[str, int]) -> list[events.Fact]:
    """Return a parcel with its delivery note, known to the carrier."""
    return [note(shipment, lines), registered(shipment)]


def cancelled(by: str = "shop", *, at: datetime = NOW) -> events.OrderCancelled:
    """Return a cancellation."""
    return events.OrderCancelled(at=at, by=by)


def refund(
    amount: str, *, return_id: str = "", reference: str = "", at: datetime = NOW
) -> events.RefundRecorded:
    """Return money that went back."""
    return events.RefundRecorded(
        at=at,
        source="manual",
        reference=reference or f"back-{amount}",
        amount=eur(amount),
        booked_at=at,
        return_id=return_id,
    )


def chargeback(amount: str = "10.00", *, at: datetime = NOW) -> events.ChargebackRecorded:
    """Return money that the customer's bank took back."""
    return events.ChargebackRecorded(
        at=at, source="stripe", reference="dp_1", amount=eur(amount), booked_at=at
    )


def won(amount: str = "10.00", *, at: datetime = NOW) -> events.ChargebackReversed:
    """Return money that came back because a dispute was won."""
    return events.ChargebackReversed(
        at=at, source="stripe", reference="dp_1", amount=eur(amount), booked_at=at
    )


def failed(reference: str, amount: str = "10.00", *, at: datetime = NOW) -> events.RefundFailed:
    """Return the news that a refund did not arrive."""
    return events.RefundFailed(
        at=at, source="stripe", reference=reference, amount=eur(amount), booked_at=at
    )


def authorized_return(
    return_id: str = "R1", lines: Mapping[str, int] | None = None
) -> events.ReturnAuthorized:
    """Return the agreement that goods come back."""
    return events.ReturnAuthorized(at=NOW, return_id=return_id, lines=pieces(lines or {}))


def received_return(
    lines: Mapping[str, int], return_id: str = "R1", *, restock: bool = True
) -> events.ReturnReceived:
    """Return goods that are back."""
    return events.ReturnReceived(at=NOW, return_id=return_id, lines=pieces(lines, restock=restock))


def short(sku: str = "TEE-1", wanted: int = 1, available: int | None = 0) -> events.StockShort:
    """Return the fact that there was not enough."""
    missing = (events.Shortage(sku=sku, wanted=wanted, available=available),)
    return events.StockShort(at=NOW, missing=missing)
