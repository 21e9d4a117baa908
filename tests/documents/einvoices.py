"""Invoices of every kind that the rules know: what the official rules are asked about."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from chalicelib.documents.electronic import embedded, separate
from chalicelib.documents.facts import (
    Charge,
    Discount,
    EInvoiceFormat,
    InvoiceFacts,
    Line,
    Original,
    Party,
    Payment,
    TaxGroup,
    TaxTreatment,
    Totals,
    freeze,
)
from tests.documents import samples

LEITWEG = "04011000-1234512345-06"
BUSINESS = Party(
    name="Petra Kühn",
    company="Kühn & Söhne Teehandel OHG",
    street="Hafenstraße 7",
    street2="Tor 3",
    zip="28195",
    city="Bremen",
    country="DE",
)
VIENNA = Party(
    name="Jonas Gruber",
    company="Gruber Handels GmbH",
    street="Ring 1",
    zip="1010",
    city="Wien",
    country="AT",
)
CITY_HALL = Party(
    company="Freie Hansestadt Bremen <Zentraler Einkauf>",
    street="Am Markt 21",
    zip="28195",
    city="Bremen",
    country="DE",
)
POST = Charge(kind="shipping", amount=490, tax_rate="19", name="DHL Paket")
ONE_RATE = (
    Line(position=1, name="Teekanne", sku="KAN-1", quantity=3, unit_price=999, total=2997,
         tax_rate="19"),
)  # fmt: skip
USUAL: dict[str, object] = {"einvoice": "zugferd", "customer_email": "einkauf@kuehn.example"}


def usual(count: int = 2, **changes: object) -> InvoiceFacts:
    """Make an unpaid hybrid invoice to a business."""
    facts = samples.unpaid(count, bill_to=BUSINESS, charges=(POST,))
    return samples.settled(facts, **{**USUAL, **changes})


def untaxed(treatment: TaxTreatment, **changes: object) -> InvoiceFacts:
    """Make an invoice that shows no tax."""
    free = tuple(replace(line, tax_rate="0") for line in samples.lines(2))
    post = (replace(POST, tax_rate="0"),)
    return usual(lines=free, charges=post, tax_treatment=treatment, **changes)


def at_rate(rate: str, **changes: object) -> InvoiceFacts:
    """Make an invoice at the rate of another country."""
    lines = tuple(replace(line, tax_rate=rate) for line in samples.lines(2))
    return usual(lines=lines, charges=(replace(POST, tax_rate=rate),), **changes)


def net_prices() -> InvoiceFacts:
    """Make an invoice whose prices are net, as business shops have them."""
    lines = tuple(
        replace(line, unit_price=1000, total=1000 * line.quantity, tax_rate="19")
        for line in samples.lines(2)
    )
    group = TaxGroup(rate="19", net=3000, tax=570, gross=3570)
    sums = Totals(net=3000, tax=570, gross=3570, due=3570)
    return replace(
        usual(), lines=lines, charges=(), prices_include_tax=False, taxes=(group,), totals=sums
    )


def discounted() -> InvoiceFacts:
    """Make an invoice with less to pay on a line and on the whole, of two rates."""
    first, second = samples.lines(2)
    lines = (replace(first, quantity=2, total=2080, discount=500), second)
    off = [Charge(kind="discount", amount=-x, tax_rate=r, name="HERBST10")
           for x, r in ((300, "7"), (700, "19"))]  # fmt: skip
    return usual(lines=lines, charges=(POST, *off))


def prepaid(part: int = 0, **changes: object) -> InvoiceFacts:
    """Make an invoice that was paid by PayPal, wholly or in part."""
    facts = usual(**changes)
    paid = part or facts.totals.gross
    payment = replace(facts.payment, state="due" if part else "paid", method="paypal")
    sums = replace(facts.totals, paid=paid, due=facts.totals.gross - paid)
    return replace(facts, payment=payment, totals=sums)


def credited(kind: str = "credit", **changes: object) -> InvoiceFacts:
    """Make a correction that names its invoice."""
    return usual(
        1,
        number="RK-2026-0007",
        original=Original(number="RE-2026-1042", issued_on="2026-11-23"),
        reason=f"Rücksendung ({kind})",
        payment=Payment(state="refunded", method="paypal", on="2026-12-02"),
        **changes,
    )


def abroad(currency: str, rate: str) -> InvoiceFacts:
    """Make an invoice in another currency, with the tax in euro."""
    facts = usual(currency=currency, payment=Payment(state="due", due_on="2026-12-07"))
    home = round(facts.totals.tax / Decimal(rate))
    return replace(facts, home_tax=home, exchange_rate=rate)


def gift_card() -> InvoiceFacts:
    """Make an invoice that was paid with a gift card in part: the tax is that of the whole."""
    facts = usual()
    card = Charge(kind="gift_card", amount=-2000, name="GESCHENK20")
    sums = replace(facts.totals, redeemed=2000, due=facts.totals.due - 2000)
    return replace(facts, charges=(*facts.charges, card), totals=sums)


def public(form: EInvoiceFormat, **changes: object) -> InvoiceFacts:
    """Make an invoice to a public buyer."""
    return usual(einvoice=form, buyer_reference=LEITWEG, bill_to=CITY_HALL, **changes)


def early(form: EInvoiceFormat, *, part: int = 0) -> InvoiceFacts:
    """Make an invoice of which who pays early may take something off."""
    facts = public(form)
    off = Discount(rate="2.5", days=10, until="2026-12-03")
    sums = replace(facts.totals, paid=part, due=facts.totals.gross - part)
    payment = replace(facts.payment, due_on="2026-12-23", discount=off)
    return replace(facts, payment=payment, totals=sums)


CASES: dict[str, tuple[str, InvoiceFacts]] = {
    "domestic-19": ("invoice", usual(lines=ONE_RATE, charges=())),
    "mixed-7-19": ("invoice", usual()),
    "gross-12-lines": ("invoice", usual(12)),
    "net-prices": ("invoice", net_prices()),
    "consumer-paid": ("invoice", prepaid(bill_to=samples.CUSTOMER, customer_email="a@b.example")),
    "discounts": ("invoice", discounted()),
    "deposit": (
        "invoice",
        usual(charges=(POST, Charge(kind="deposit", amount=150, tax_rate="19"))),
    ),
    "part-paid": ("invoice", prepaid(5000)),
    "gift-card": ("invoice", gift_card()),
    "intra-community": (
        "invoice",
        untaxed("intra_community", bill_to=VIENNA, ship_to=VIENNA, vat_id="ATU12345675"),
    ),
    "reverse-charge": ("invoice", untaxed("reverse_charge", bill_to=VIENNA, vat_id="ATU12345675")),
    "oss-austria": (
        "invoice",
        at_rate("20", tax_treatment="oss", bill_to=replace(VIENNA, company="")),
    ),
    "export": (
        "invoice",
        untaxed("export", bill_to=replace(VIENNA, country="CH", zip="8001", city="Zürich")),
    ),
    "small-business": ("invoice", untaxed("small_business")),
    "no-vat-id": ("invoice", usual(sender=replace(samples.SENDER, vat_id=""))),
    "public-no-vat-id-ubl": (
        "invoice",
        public("xrechnung_ubl", sender=replace(samples.SENDER, vat_id="")),
    ),
    "margin-goods": ("invoice", untaxed("margin_goods", language="en")),
    "margin-art": ("invoice", untaxed("margin_art")),
    "margin-antiques": ("invoice", untaxed("margin_antiques")),
    "zero-rate": ("invoice", untaxed("standard")),
    "credit-note": ("credit_note", credited()),
    "cancellation": ("cancellation", credited("Storno")),
    "partial-delivery": ("invoice", usual(supplied_until="2026-11-27")),
    "partial-invoice": ("invoice", usual(1, parcel=1)),
    "replacing": ("invoice", usual(1, notes=("Diese Rechnung ersetzt unsere Rechnung RE-1.",))),
    "replaced": (
        "cancellation",
        replace(credited("Storno"), intro="Unsere Rechnung heben wir auf."),
    ),
    "public-partial-ubl": ("invoice", public("xrechnung_ubl", parcel=2)),
    "swiss-francs": ("invoice", abroad("CHF", "0.9412")),
    "yen": ("invoice", abroad("JPY", "178.31")),
    "public-cii": ("invoice", public("xrechnung_cii")),
    "public-ubl": ("invoice", public("xrechnung_ubl")),
    "public-discounted-early-cii": ("invoice", early("xrechnung_cii")),
    "public-discounted-early-ubl": ("invoice", early("xrechnung_ubl", part=5000)),
    "discounted-early": ("invoice", early("zugferd")),
    "article-numbers": ("invoice", usual(lines=(replace(ONE_RATE[0], ean="4006381333931"),))),
    "public-article-numbers-ubl": (
        "invoice",
        public("xrechnung_ubl", lines=(replace(ONE_RATE[0], ean="4006381333931"),)),
    ),
    "own-order-number": ("invoice", usual(customer_reference="B-2026/4711")),
    "public-own-order-number-cii": ("invoice", public("xrechnung_cii", customer_reference="K 7")),
    "public-own-order-number-ubl": ("invoice", public("xrechnung_ubl", customer_reference="K 7")),
    "public-paid-ubl": (
        "invoice",
        replace(prepaid(bill_to=CITY_HALL), einvoice="xrechnung_ubl", buyer_reference=LEITWEG),
    ),
    "public-discounts-ubl": (
        "invoice",
        replace(discounted(), einvoice="xrechnung_ubl", buyer_reference=LEITWEG),
    ),
    "public-credit-note-cii": (
        "credit_note",
        credited(einvoice="xrechnung_cii", buyer_reference=LEITWEG),
    ),
    "public-credit-note-ubl": (
        "credit_note",
        credited(einvoice="xrechnung_ubl", buyer_reference=LEITWEG),
    ),
    "public-cancellation-ubl": (
        "cancellation",
        credited(einvoice="xrechnung_ubl", buyer_reference=LEITWEG),
    ),
    "wish-intra-community-ubl": (
        "invoice",
        untaxed(
            "intra_community",
            bill_to=VIENNA,
            vat_id="ATU12345675",
            einvoice="xrechnung_ubl",
            buyer_reference="4711",
        ),
    ),
    "public-swiss-francs-ubl": (
        "invoice",
        replace(abroad("CHF", "0.9412"), einvoice="xrechnung_ubl", buyer_reference=LEITWEG),
    ),
}


def xml_of(name: str) -> str:
    """Return the XML of a case."""
    kind, facts = CASES[name]
    frozen = freeze(facts)
    return embedded(kind, frozen) or separate(kind, frozen)
