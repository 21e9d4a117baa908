"""Facts of documents as a merchant could have them, to render in tests."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.documents.facts import (
    Charge,
    DeliveryNoteFacts,
    InvoiceFacts,
    LabelFacts,
    Line,
    OpenLine,
    Original,
    Party,
    Payment,
    Sender,
)
from chalicelib.documents.tax import tax_summary, totals

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40" width="150" height="40">'
    '<circle cx="20" cy="20" r="18" fill="#0f766e"/>'
    '<path d="M12 24c0-8 6-13 16-13 0 10-5 16-13 16l-3 4" fill="none" stroke="#fff" '
    'stroke-width="2.5" stroke-linecap="round"/>'
    '<path d="M50 12h16M58 12v17M86 12H74v17h12M74 20h10M106 12H94v17h12M94 20h10" '
    'fill="none" stroke="#111827" stroke-width="3" stroke-linecap="round"/></svg>'
)
PNG_LOGO = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAAEUlEQVR4nGPgL8vDihioJwEA448eYaHw"
    "NTcAAAAASUVORK5CYII="
)
SENDER = Sender(
    name="Teehaus Nordlicht GmbH",
    street="Große Bleichen 21",
    zip="20354",
    city="Hamburg",
    managing_director="Frauke Jensen",
    register="Amtsgericht Hamburg, HRB 154321",
    tax_number="48/123/45678",
    vat_id="DE313233343",
    email="hallo@teehaus-nordlicht.example",
    phone="+49 40 1234567",
    website="www.teehaus-nordlicht.example",
    iban="DE02120300000000202051",
    bic="BYLADEM1001",
    bank="DKB Berlin",
    logo=LOGO,
)
CUSTOMER = Party(
    name="Jürgen Größmann", street="Lindenstraße 12a", zip="04109", city="Leipzig", country="DE"
)
ARTICLES = (
    ("TEE-ASSAM-250", "Assam Mangalam FTGFOP1, 250 g", "", 1290, "7"),
    ("KAN-GUSS-09", "Gusseiserne Teekanne „Arare“, 0,9 l", "Farbe: Nachtblau", 5490, "19"),
    ("TEE-SENCHA-100", "Sencha Uji Bio, 100 g", "MHD 06/2028 · Charge L2291", 995, "7"),
    ("FIL-PAP-100", "Teefilter aus Papier, 100 Stück", "", 349, "19"),
)


def lines(count: int) -> tuple[Line, ...]:
    """Make so many lines out of four articles."""
    made = []
    for i in range(count):
        sku, name, details, price, rate = ARTICLES[i % len(ARTICLES)]
        quantity = 1 + i % 3
        made.append(
            Line(
                position=i + 1,
                sku=sku,
                name=name,
                details=details,
                quantity=quantity,
                unit_price=price,
                total=price * quantity,
                tax_rate=rate,
            )
        )
    return tuple(made)


def invoice(count: int = 2, **changes: object) -> InvoiceFacts:
    """Make a paid invoice over `count` lines with shipping."""
    articles = lines(count)
    return settled(
        InvoiceFacts(
            number="RE-2026-1042",
            issued_on="2026-11-23",
            supplied_on="2026-11-24",
            currency="EUR",
            sender=SENDER,
            bill_to=CUSTOMER,
            lines=articles,
            charges=(Charge(kind="shipping", amount=490, tax_rate="19", name="DHL Paket"),),
            taxes=(),
            totals=totals(()),
            order_number="10042",
            ordered_on="2026-11-22",
            payment=Payment(state="paid", method="PayPal", on="2026-11-22"),
        ),
        **changes,
    )


def settled(facts: InvoiceFacts, **changes: object) -> InvoiceFacts:
    """Apply changes, then work out taxes and totals from the gross amounts."""
    facts = replace(facts, **changes)  # type: ignore[arg-type]
    if "totals" in changes:
        return facts
    parts = [(part.tax_rate, part.total) for part in facts.lines]
    parts += [(charge.tax_rate, charge.amount) for charge in facts.charges]
    taxes = tax_summary(parts, facts.currency)
    gross = sum(group.gross for group in taxes)
    paid = gross if facts.payment.state in {"paid", "refunded"} else 0
    return replace(facts, taxes=taxes, totals=totals(taxes, paid))


def unpaid(count: int = 2, **changes: object) -> InvoiceFacts:
    """Make an invoice to be paid by bank transfer."""
    payment = Payment(state="due", due_on="2026-12-07", reference="RE-2026-1042")
    return invoice(count, payment=payment, **changes)


def credit_note(**changes: object) -> InvoiceFacts:
    """Make a credit note over one of the lines."""
    usual: dict[str, object] = {
        "number": "RK-2026-0007",
        "issued_on": "2026-12-02",
        "charges": (),
        "original": Original(number="RE-2026-1042", issued_on="2026-11-23"),
        "reason": "Rücksendung vom 30.11.2026",
        "payment": Payment(state="refunded", method="PayPal", on="2026-12-02"),
    }
    return invoice(1, **{**usual, **changes})


def cancellation(count: int = 2, **changes: object) -> InvoiceFacts:
    """Make the document that takes back an invoice nobody paid."""
    usual: dict[str, object] = {
        "number": "RK-2026-0009",
        "issued_on": "2026-12-14",
        "original": Original(number="RE-2026-1042", issued_on="2026-11-23"),
        "reason": "Die Bestellung wurde storniert.",
        "payment": Payment(),
    }
    return invoice(count, **{**usual, **changes})


def delivery_note(count: int = 3, **changes: object) -> DeliveryNoteFacts:
    """Make a delivery note with something still to come."""
    facts = DeliveryNoteFacts(
        number="LS-2026-0815",
        issued_on="2026-11-24",
        sender=SENDER,
        ship_to=CUSTOMER,
        lines=lines(count),
        order_number="10042",
        ordered_on="2026-11-22",
        open_lines=(OpenLine(name="Matcha-Schale „Kuro“", sku="SCH-KURO", quantity=1),),
        carrier="Eigenzustellung",
        tracking_number="LX7Q2M9K4T0B1XC",
        weight_g=2480,
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def label(**changes: object) -> LabelFacts:
    """Make a label of the merchant's own delivery."""
    facts = LabelFacts(
        number="LS-2026-0815",
        issued_on="2026-11-24",
        sender=SENDER,
        ship_to=CUSTOMER,
        tracking_number="LX7Q2M9K4T0B1XC",
        tracking_url="https://shop.example/t/LX7Q2M9K4T0B1XC",
        order_number="10042",
        weight_g=2480,
    )
    return replace(facts, **changes)  # type: ignore[arg-type]
