"""Orders to show: one to which everything has happened, and one for each reason to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain import events
from chalicelib.domain.order import Address, LineKind, Order
from tests.events import NOW, bought, eur, line, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    chargeback,
    document,
    failed,
    number_of,
    received_return,
    refund,
    registered,
    shipped,
    short,
    won,
)

HOUR = timedelta(hours=1)
LONG = Address(
    company="Muster & Söhne Verwaltungsgesellschaft mbH & Co. KG",
    name="Dr. Maximiliane Freifrau von und zu Beispielhausen-Wolkenstein",
    street="Donaudampfschifffahrtsgesellschaftskapitänsweg 5",
    zip="75002",
    city="Paris",
    country="FR",
    phone="+33 1 2345678",
)


def sent(kind: str, refers_to: str = "") -> events.MessageSent:
    """Return the fact that a mail went out."""
    return events.MessageSent(
        at=NOW + HOUR, kind=kind, to="anna@example.com", message_id="m", refers_to=refers_to
    )


def everything(locale: str = "de-DE") -> Order:
    """Return an order with at least one fact of each kind."""
    units = (events.Units(sku="TEE-1", quantity=1, weight_g=250),)
    one = order(
        reserved(),
        events.StockReleased(at=NOW, units=units),
        events.BundleOpened(
            at=NOW, sku="SET", parts=(events.Part(sku="TEE-1", quantity=2, name="T-Shirt"),)
        ),
        short(),
        short("TEE-2", 2, None),
        events.StockArrived(at=NOW, sku="TEE-1"),
        events.PaymentAuthorized(
            at=NOW, source="stripe", reference="pi_1", amount=eur("10.00"), booked_at=NOW
        ),
        paid(at=NOW + HOUR),
        events.WriteOffRecorded(
            at=NOW,
            source="bank",
            reference="b1",
            amount=eur("0.02"),
            booked_at=NOW,
            kind="tolerance",
        ),
        events.MovementUndone(at=NOW, of_source="bank", of_reference="b1", reason="vertan"),
        chargeback("1.00"),
        won("0.40"),
        failed("re_gone"),
        *ledger(),
        events.PaymentOverdue(at=NOW),
        events.HoldPlaced(at=NOW, code="manual", text="Bitte anrufen"),
        events.HoldReleased(at=NOW, code="manual", by="staff"),
        events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("total 9 → 10",)),
        events.OrderRevised(at=NOW, modified_at=NOW + HOUR, changes=("delivery address",)),
        events.OrderRevised(at=NOW, modified_at=NOW + 2 * HOUR),
        events.ShopRemarked(at=NOW, text="Testbestellung"),
        events.OrderReinstated(at=NOW, modified_at=NOW + HOUR),
        events.EffectIntended(at=NOW, effect="mail:order_confirmation:"),
        events.EffectIntended(at=NOW, effect="shipment:1"),
        sent("order_confirmation"),
        document("invoice", number="RE-42"),
        events.CreditBalanceTold(at=NOW, number=1, amount=eur("2.00"), by="staff"),
        events.InvoiceWithdrawn(at=NOW, number="RE-42", reason="Firma fehlt", by="staff"),
        events.BillingCorrected(
            at=NOW, instead_of="a", became="b", changes=("billing address",), by="staff"
        ),
        document("delivery_note", "1", {"l-TEE-1": 1}, number="1042-1"),
        registered(1),
        document("label", "1", number=number_of(1)),
        events.StockIssued(at=NOW, shipment=1, units=units),
        events.EffectIntended(at=NOW, effect="tell:shipped:1"),
        events.ShopTold(at=NOW, what="shipped:1", reference="gid-4711"),
        sent("shipping_confirmation", "1"),
        authorized_return(lines={"l-TEE-1": 1}),
        received_return({"l-TEE-1": 1}),
        events.StockReturned(at=NOW, return_id="R1", units=units),
        events.RefundDue(at=NOW, return_id="R1", amount=eur("9.00")),
        refund("9.00", return_id="R1"),
        events.ReturnCredited(at=NOW, return_id="R2", amount=eur("1.00")),
        events.NoteAdded(at=NOW, text="<b>freundlich</b>", by="staff"),
        events.TagsChanged(at=NOW, tags=("VIP",), by="staff"),
        events.OrderAssigned(at=NOW, to="Erika", by="staff"),
        cancelled(at=NOW + HOUR),
        what=bought(locale=locale),
    )
    return replace(one, id="oeverything")


def ledger() -> list[events.Fact]:
    """Return the rarer facts of money."""
    kinds = (
        events.AuthorizationVoided,
        events.VoucherRedeemed,
        events.FeeCharged,
        events.DunningFeeCharged,
    )
    named = {kind.__name__: kind for kind in kinds}
    return [
        *(
            kind(at=NOW, source="stripe", reference=name, amount=eur("1"), booked_at=NOW)
            for name, kind in named.items()
        ),
        events.InvoicingChosen(
            at=NOW, buyer_reference="04011000-1234512345-06", order_reference="B-7", by="staff"
        ),
        events.DunningRaised(at=NOW, level=1, due_on=NOW.date()),
        events.CollectionHandedOver(at=NOW, by="staff", reference="INK-1"),
        events.RefundRequested(at=NOW, refund_id="r1", amount=eur("1"), way="provider"),
        events.RefundListed(at=NOW, refund_id="r1"),
        events.RefundWithdrawn(at=NOW, refund_id="r1", reason="doch nicht", by="staff"),
    ]


def large(lines: int, locale: str = "de-DE") -> Order:
    """Return an order of many lines with long names and a shipping line."""
    words = "Grüner Tee Sencha aus Kagoshima, kräftig gedämpft, in der handbemalten Vorratsdose"
    items = [replace(line(f"SKU-{i}"), name=f"{words}, {i} g") for i in range(lines)]
    items.append(line(None, price="4.90", kind=LineKind.SHIPPING, line_id="ship"))
    what = bought(*items, locale=locale, billing=LONG, shipping=LONG, payment_method="bacs")
    return replace(order(what=what), id=f"olarge{lines}")


def many_reasons(locale: str = "de-DE") -> Order:
    """Return an order with nearly every reason to wait at once."""
    one = order(
        events.HoldPlaced(at=NOW, code="manual", text="Kundin bittet um Rückruf"),
        events.HoldPlaced(
            at=NOW,
            code="mail_bounced",
            text="The mail could not be delivered: anna@example.com (smtp; 550 5.1.1 unknown)",
            effect="mail:order_confirmation:",
        ),
        events.HoldPlaced(
            at=NOW,
            code="shipping_failed",
            text="The step shipping failed several times and has stopped. Release to try it again.",
        ),
        events.StockShort(
            at=NOW,
            missing=(
                events.Shortage(sku="A", wanted=1, available=0),
                events.Shortage(sku="B", wanted=2, available=None),
            ),
        ),
        events.PaymentOverdue(at=NOW + HOUR),
        events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("total 9 → 10",)),
        what=bought(
            line("A"),
            line("B", quantity=2),
            line(None, line_id="x"),
            total="99.00",
            locale=locale,
            billing=LONG,
            shipping=replace(LONG, city=""),
            note="Bitte neutral verpacken.\nDanke!",
        ),
        accepted=False,
    )
    return replace(one, id="omany")


def named(name: str, one: Order) -> Order:
    """Return an order under a name for the test's id."""
    return replace(one, id=name)


def dunned(*facts: events.Fact, locale: str = "de-DE") -> Order:
    """Return an order on account that was sent and not paid, with all letters written."""
    letters = [
        events.DunningRaised(at=NOW, level=level, due_on=(NOW + level * 240 * HOUR).date())
        for level in range(3)
    ]
    fee = events.DunningFeeCharged(
        at=NOW, source="dunning", reference="level-2", amount=eur("2.50"), booked_at=NOW
    )
    return order(
        reserved(),
        document("invoice", number="RE-42"),
        *shipped(1, {"l-TEE-1": 1}),
        events.PaymentOverdue(at=NOW),
        *letters,
        fee,
        *facts,
        what=bought(payment_method="Rechnung", locale=locale),
        policy=events.Policy(ship_on="acceptance", invoice_on="acceptance"),
    )


LOST = events.WriteOffRecorded(
    at=NOW, source="staff", reference="lost", amount=eur("10"), booked_at=NOW, kind="loss", by="x"
)


HELD = [
    many_reasons(),
    named("dunned", dunned()),
    named("overdue", order(events.PaymentOverdue(at=NOW))),
    named("collected", dunned(events.CollectionHandedOver(at=NOW, by="staff"))),
    named("lost", order(LOST)),
    named("unpaid", order()),
    named("empty", order(what=replace(bought(), lines=(), total=eur("0")), accepted=False)),
    named(
        "refund-due",
        order(
            paid(),
            *shipped(1, {"l-TEE-1": 1}),
            authorized_return(lines={"l-TEE-1": 1}),
            received_return({"l-TEE-1": 1}),
            events.RefundDue(at=NOW, return_id="R1", amount=eur("9.00")),
        ),
    ),
    named("cancelled-paid", order(paid(), cancelled(at=NOW + HOUR))),
    named("charged-back", order(paid(), reserved(), chargeback())),
    named("refunded", order(paid(), reserved(), refund("10.00"))),
    named(
        "cancelled-late",
        order(paid(), *shipped(1, {"l-TEE-1": 1}), cancelled(at=NOW + HOUR)),
    ),
]
