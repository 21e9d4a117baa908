"""Mails that ask for money: the account, the code for banking apps, and to whom they go."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from chalicelib.domain import dunning, events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.order import Order
from chalicelib.notification.decide import PATIENCE, decide
from chalicelib.notification.mails import compose
from chalicelib.notification.port import Mail
from chalicelib.payment.dunning import raised
from tests.events import NOW, bought, line, order, paid
from tests.histories import document
from tests.notification.test_mails import SHOP

DAY = timedelta(days=1)


def unpaid(level: int = -1, *, method: str = "bacs", locale: str = "de-DE", **rules: Any) -> Order:
    """Return an unpaid order with the letters up to a level."""
    what = bought(line(price="149.90"), payment_method=method, locale=locale)
    one = order(what=what, policy=events.Policy(**rules))
    for number in range(level + 1):
        one = one.plus(raised(one, number, NOW + (11 + 11 * number) * DAY))
    return one


def mail(one: Order, kind: str) -> Mail:
    """Write one mail."""
    return compose(one, SendMail(kind=kind), sender=SHOP, base_url="https://kontor.example")


def code(found: Mail) -> list[str]:
    """Return what a banking app reads from the picture in a mail; nothing without one."""
    for one in found.enclosures:
        if one.content_id == "girocode":
            assert 'src="cid:girocode"' in found.html
            picture = Image.open(io.BytesIO(one.data))
            return zxingcpp.read_barcodes(picture)[0].text.splitlines()
    assert "cid:girocode" not in found.html
    return []


def test_the_confirmation_says_how_to_pay_and_a_banking_app_reads_it() -> None:
    """Amount, deadline, account and reference, as text and as a code."""
    found = mail(unpaid(), "order_confirmation")
    for text in ("149,90", "30.11.2026", "Blattwerk GmbH", "DE02 1203", "BYLADEM1001", "1042"):
        assert text in found.text.replace("\u00a0", " ")
        assert text in found.html.replace("\u00a0", " ")
    name, iban, amount = code(found)[5:8]
    assert (name, iban, amount) == ("Blattwerk GmbH", "DE02120300000000202051", "EUR149.9")
    assert "1042" in code(found)


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_every_letter_names_what_is_open_until_when(level: int, locale: str) -> None:
    """With its fee, in both languages, and never with a word that was left to fill in."""
    found = mail(unpaid(level, locale=locale), dunning.LETTERS[level])
    assert ("152" if level == 2 else "149") in found.subject + found.text
    assert any(part.startswith("EUR15" if level == 2 else "EUR14") for part in code(found))
    assert "{" not in found.text + found.subject
    fee = "Mahngebühren" if locale == "de-DE" else "dunning fees"
    assert (fee in found.text) == (level == 2)


@pytest.mark.parametrize(
    "one",
    [
        unpaid(method="klarna Rechnung"),
        unpaid(method="PayPal"),
        unpaid(method="Rechnung", ship_on="acceptance"),
    ],
    ids=["collected by another", "not a transfer", "on account before the invoice"],
)
def test_nobody_is_asked_for_a_transfer_who_pays_otherwise_or_later(one: Order) -> None:
    """Neither account nor code stands in the confirmation."""
    found = mail(one, "order_confirmation")
    assert "DE02" not in found.text
    assert code(found) == []


def test_a_letter_waits_a_moment_for_its_document() -> None:
    """Then it goes out without; with it at once, and only the newest one."""
    one = unpaid(1)
    letter = SendMail(kind="dunning_1")
    moment = one.all(events.DunningRaised)[-1].at
    assert letter not in [*decide(one, moment)]
    assert letter in [*decide(one, moment + PATIENCE)]
    assert letter in [*decide(one.plus([document("dunning_1", "1")]), moment)]
    assert SendMail(kind="payment_reminder") not in [*decide(one, moment + PATIENCE)]


def test_nobody_who_has_paid_gets_a_letter() -> None:
    """Not even one that was decided on before the money came."""
    one = unpaid(1).plus([paid("149.90")])
    kinds = {x.kind for x in decide(one, NOW + 60 * DAY) if isinstance(x, SendMail)}
    assert not kinds & {*dunning.LETTERS}
