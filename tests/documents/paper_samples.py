"""Pick lists, slips and letters as a merchant could have them, to render in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.documents.facts import DeliveryNoteFacts, Party, Payment
from chalicelib.documents.papers import (
    Box,
    Item,
    LetterFacts,
    Pick,
    PickListFacts,
    ReturnSlipFacts,
    Share,
)
from chalicelib.documents.wording import WORDS
from chalicelib.domain import formats
from tests.documents import samples

RETURNS = Party(
    name="Teehaus Nordlicht GmbH",
    company="Retourenlager",
    street="Am Speicher 3",
    zip="20457",
    city="Hamburg",
    country="DE",
)


def packing_slip(count: int = 3, **changes: object) -> DeliveryNoteFacts:
    """Make the packing slip of a gift."""
    usual: dict[str, object] = {
        "number": "10042-1",
        "open_lines": (),
        "carrier": "",
        "tracking_number": "",
        "weight_g": 0,
        "gift_message": "Alles Liebe zum Geburtstag!\nDeine Tante Frauke",
    }
    return samples.delivery_note(count, **{**usual, **changes})


def pick(place: int, *, boxes: int = 1) -> Pick:
    """Make an article that several boxes want."""
    sku, name, _, _, _ = samples.ARTICLES[place % len(samples.ARTICLES)]
    every = tuple(Share(box=box, quantity=1 + (box + place) % 2) for box in range(1, boxes + 1))
    shares = every[place % 17 :: 17] or every[:1]
    return Pick(
        sku=f"{sku}-{place}",
        name=name,
        quantity=sum(share.quantity for share in shares),
        bin=f"{'ABC'[place % 3]}-{place + 1}-{1 + place % 4}" if place % 7 else "",
        ean="4006381333931" if place % 2 else "",
        shares=shares,
    )


def pick_list(articles: int = 3, boxes: int = 1, **changes: object) -> PickListFacts:
    """Make a pick list of so many articles for so many orders."""
    picks = tuple(pick(place, boxes=boxes) for place in range(articles))
    facts = PickListFacts(
        number="20261123-0815",
        issued_on="2026-11-23",
        sender=samples.SENDER,
        location="Hamburg",
        picks=picks,
        boxes=tuple(
            Box(
                number=f"{10041 + box}",
                recipient=samples.CUSTOMER.name,
                lines=tuple(
                    replace(one, quantity=share.quantity, shares=())
                    for one in picks
                    for share in one.shares
                    if share.box == box
                ),
                note="Bitte ohne Rechnung" if box % 5 == 0 else "",
            )
            for box in range(1, boxes + 1)
        ),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def return_slip(count: int = 2, **changes: object) -> ReturnSlipFacts:
    """Make a return slip over `count` lines."""
    facts = ReturnSlipFacts(
        number="RT-10042-1",
        issued_on="2026-11-30",
        sender=samples.SENDER,
        send_to=RETURNS,
        customer=samples.CUSTOMER,
        lines=samples.lines(count),
        order_number="10042",
        ordered_on="2026-11-22",
        reason="Gefällt nicht",
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def credit_balance(**changes: object) -> LetterFacts:
    """Make a letter that tells a customer what was paid too much."""
    facts = LetterFacts(
        number="10042",
        issued_on="2026-12-02",
        currency="EUR",
        sender=samples.SENDER,
        to=samples.CUSTOMER,
        items=(
            Item(text="Rechnung RE-2026-1042", amount=-49234, date="2026-11-23"),
            Item(text="Ihre Überweisung", amount=50000, date="2026-11-27"),
        ),
        total=766,
        order_number="10042",
        paragraphs=("Bitte sagen Sie uns, wohin wir den Betrag überweisen dürfen.",),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def dunning(kind: str, language: str = "de", **changes: object) -> LetterFacts:
    """Make a dunning letter with its own words and the fee of the one before."""
    words, due = WORDS[language], formats.day(date(2026, 12, 28), language)
    before = formats.day(date(2026, 12, 14), language)
    invoice = Item(text=f"{words['invoice']} RE-2026-1042", amount=49234, date="2026-11-23")
    fee = Item(text=words["dunning_fee"].format(letter=words["dunning_1"]), amount=500)
    return reminder(
        **{
            "language": language,
            "issued_on": "2026-12-21",
            "items": (invoice, fee),
            "total": 49734,
            "salutation": words["dunning_hello"].format(name=samples.CUSTOMER.name),
            "intro": words[f"intro_{kind}"].format(due=before, last=before),
            "paragraphs": (
                words["then_collection"].format(due_on=due),
                words["dunning_crossed"],
            ),
            "payment": Payment(state="due", due_on="2026-12-28", reference="RE-2026-1042"),
            **changes,
        }
    )  # fmt: skip


def reminder(**changes: object) -> LetterFacts:
    """Make a friendly reminder of an invoice that is still open."""
    return credit_balance(
        **{
            "number": "10042",
            "items": (Item(text="Rechnung RE-2026-1042", amount=49234, date="2026-11-23"),),
            "total": 49234,
            "invoice_number": "RE-2026-1042",
            "invoice_date": "2026-11-23",
            "payment": Payment(state="due", due_on="2026-12-14", reference="RE-2026-1042"),
            "intro": "sicher haben Sie es nur übersehen: Die folgende Rechnung ist noch offen.",
            "paragraphs": ("Haben Sie inzwischen bezahlt? Dann ist dieser Brief erledigt.",),
            **changes,
        }
    )  # fmt: skip
