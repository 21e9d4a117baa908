"""Documents with made-up goods, so that a merchant sees his own settings before they count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.documents import settling
from chalicelib.documents.choices import chosen
from chalicelib.documents.drafts import sender
from chalicelib.documents.facts import (
    Charge,
    DeliveryNoteFacts,
    InvoiceFacts,
    LabelFacts,
    Line,
    Original,
    Party,
    Payment,
)
from chalicelib.documents.papers import (
    Box,
    Item,
    LetterFacts,
    Pick,
    PickListFacts,
    ReturnSlipFacts,
    Share,
)
from chalicelib.documents.settling import day_of
from chalicelib.documents.tax import tax_summary, totals
from chalicelib.documents.wording import LANGUAGES, WORDS
from chalicelib.domain import formats
from chalicelib.domain.dunning import LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.documents.facts import Sender
    from chalicelib.documents.papers import Paper
    from chalicelib.store.merchants import Settings

ORDER = "10042"
CUSTOMER = Party(
    name="Maximiliane Mustermann", street="Beispielweg 7", zip="04109", city="Leipzig", country="DE"
)
EAN = "4006381333931"
PRICES = ((1290, "7"), (5490, "19"), (995, "7"), (349, "19"))  # minor units, per cent


def specimen(kind: str, settings: Settings, *, language: str, count: int, now: datetime) -> Paper:
    """Return the facts of a document of a kind over so many lines; KeyError for an unknown kind."""
    lines = _lines(language, count, settings)
    common = {"issued_on": day_of(now), "sender": sender(settings), "language": language}
    return MAKERS[kind](settings, lines, common)


def _lines(language: str, count: int, settings: Settings) -> tuple[Line, ...]:
    names = LANGUAGES[language]["sample_articles"]
    made = []
    for place in range(count):
        price, rate = PRICES[place % len(PRICES)]
        quantity = 1 + place % 3
        made.append(
            Line(
                position=place + 1,
                name=names[place % len(names)],
                sku=f"SKU-{1000 + place}",
                quantity=quantity,
                unit_price=price,
                total=price * quantity - (100 if place == 1 else 0),
                discount=100 if place == 1 else 0,
                tax_rate="0" if settings.small_business else rate,
                ean=EAN if settings.documents_ean else "",
            )
        )
    return tuple(made)


def _bill(settings: Settings, lines: tuple[Line, ...], common: dict[str, Any]) -> InvoiceFacts:
    rate = "0" if settings.small_business else "19"
    charges = (Charge(kind="shipping", amount=490, tax_rate=rate),)
    taxed = [(part.tax_rate, part.total) for part in lines]
    groups = tax_summary([*taxed, *((one.tax_rate, one.amount) for one in charges)], "EUR")
    return InvoiceFacts(
        number="RE-0000",
        currency="EUR",
        bill_to=CUSTOMER,
        lines=lines,
        charges=charges,
        taxes=groups,
        totals=totals(groups),
        supplied_on=common["issued_on"],
        order_number=ORDER,
        ordered_on=common["issued_on"],
        tax_treatment="small_business" if settings.small_business else "standard",
        payment=Payment(
            state="due", reference=ORDER, discount=settling.discount(settings, common["issued_on"])
        ),
        **common,
    )


def _invoice(settings: Settings, lines: tuple[Line, ...], common: dict[str, Any]) -> InvoiceFacts:
    return chosen(_bill(settings, lines, common), settings, intro="intro")


def _credit_note(
    settings: Settings, lines: tuple[Line, ...], common: dict[str, Any]
) -> InvoiceFacts:
    bill = _bill(settings, lines, common)
    corrected = replace(
        bill,
        number="RK-0000",
        totals=totals(bill.taxes, bill.totals.gross),
        payment=Payment(state="refunded", method="PayPal", on=common["issued_on"]),
        original=Original(number="RE-0000", issued_on=common["issued_on"]),
    )
    return chosen(corrected, settings)


def _cancellation(
    settings: Settings, lines: tuple[Line, ...], common: dict[str, Any]
) -> InvoiceFacts:
    taken_back = replace(
        _bill(settings, lines, common),
        number="RK-0000",
        payment=Payment(),
        reason=WORDS[common["language"]]["order_cancelled"],
        original=Original(number="RE-0000", issued_on=common["issued_on"]),
    )
    return chosen(taken_back, settings)


def _delivery_note(
    settings: Settings, lines: tuple[Line, ...], common: dict[str, Any]
) -> DeliveryNoteFacts:
    note = DeliveryNoteFacts(
        number=f"{ORDER}-1", ship_to=CUSTOMER, lines=lines, order_number=ORDER, **common
    )
    return chosen(note, settings)


def _label(_: Settings, __: tuple[Line, ...], common: dict[str, Any]) -> LabelFacts:
    return LabelFacts(
        number="LX7Q2M9K4T0B1XC",
        ship_to=CUSTOMER,
        tracking_number="LX7Q2M9K4T0B1XC",
        tracking_url="https://example.com/t/LX7Q2M9K4T0B1XC",
        order_number=ORDER,
        weight_g=2480,
        is_sample=True,
        **common,
    )


def _pick_list(_: Settings, lines: tuple[Line, ...], common: dict[str, Any]) -> PickListFacts:
    picks = tuple(
        Pick(sku=line.sku, name=line.name, quantity=line.quantity, bin=f"A-{line.position}-1",
             shares=(Share(box=1 + line.position % 2, quantity=line.quantity),))
        for line in lines
    )  # fmt: skip
    boxes = tuple(
        Box(
            number=f"{int(ORDER) + box}",
            recipient=CUSTOMER.name,
            lines=tuple(pick for pick in picks if pick.shares[0].box == box),
        )
        for box in (1, 2)
    )
    return PickListFacts(number="0000", picks=picks, boxes=boxes, **common)


def _return_slip(_: Settings, lines: tuple[Line, ...], common: dict[str, Any]) -> ReturnSlipFacts:
    return ReturnSlipFacts(
        number=f"RT-{ORDER}",
        send_to=home(common["sender"]),
        customer=CUSTOMER,
        lines=lines,
        order_number=ORDER,
        **common,
    )


def home(own: Sender) -> Party:
    """Return the merchant's address as one that something is sent to."""
    return Party(name=own.name, street=own.street, zip=own.zip, city=own.city, country=own.country)


def _letter(kind: str, _: Settings, lines: tuple[Line, ...], common: dict[str, Any]) -> LetterFacts:
    items = tuple(
        Item(text=line.name, amount=line.total, date=common["issued_on"]) for line in lines
    )
    on = formats.day(date.fromisoformat(common["issued_on"]), common["language"])
    return LetterFacts(
        number=ORDER,
        currency="EUR",
        to=CUSTOMER,
        items=items,
        total=sum(item.amount for item in items),
        order_number=ORDER,
        intro=WORDS[common["language"]][f"intro_{kind}"].format(due=on, last=on),
        payment=Payment(state="due", reference=ORDER),
        **common,
    )


MAKERS: dict[str, Callable[[Settings, tuple[Line, ...], dict[str, Any]], Paper]] = {
    "invoice": _invoice,
    "credit_note": _credit_note,
    "cancellation": _cancellation,
    "delivery_note": _delivery_note,
    "packing_slip": _delivery_note,
    "pick_list": _pick_list,
    "return_slip": _return_slip,
    **{kind: partial(_letter, kind) for kind in ("credit_balance", *LETTERS)},
    "label": _label,
}
