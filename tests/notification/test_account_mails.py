"""Mails of an order on account: what is to pay when the parcel leaves, and once goods are back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain import balance, events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.order import Order
from chalicelib.notification.decide import PATIENCE, decide
from chalicelib.notification.mails import compose
from chalicelib.notification.port import Mail
from chalicelib.returns.decide import decide as decide_returns
from chalicelib.returns.perform import perform
from tests.events import NOW, bought, line, order, paid
from tests.histories import authorized_return, document, received_return, shipped
from tests.notification.test_dunning_mails import code
from tests.notification.test_mails import SHOP

ACCOUNT = events.Policy(ship_on="acceptance", invoice_on="shipment", payment_days=14)


def on_account(*facts: events.Fact, method: str = "invoice", locale: str = "de-DE") -> Order:
    """Return an order over two pots of 40.00 that was sent and billed."""
    what = bought(line("POT", quantity=2, price="40.00"), payment_method=method, locale=locale)
    first = [*shipped(1, {"l-POT": 2}), document("invoice", number="RE-2026-00042")]
    return order(*first, *facts, what=what, policy=ACCOUNT)


def with_return(one: Order, pieces: int = 1) -> Order:
    """Return the order once pots are back, with what the house says to that."""
    back = {"l-POT": pieces}
    one = one.plus([authorized_return("R1", back), received_return(back, "R1")])
    for wish in decide_returns(one, NOW):
        one = one.plus(perform(one, wish, NOW))
    return one.plus([document("credit_note", "return:R1", number="RK-2026-00007")])


def mail(one: Order, kind: str, about: str) -> Mail:
    """Write one mail."""
    command = SendMail(kind=kind, refers_to=about)
    return compose(one, command, sender=SHOP, base_url="https://kontor.example")


def plain(found: Mail) -> str:
    """Return the text of a mail with ordinary blanks."""
    return found.text.replace("\u00a0", " ")


def kinds(one: Order) -> list[str]:
    """Return the mails that are due once nobody waits for papers any more."""
    return [x.kind for x in decide(one, NOW + PATIENCE) if isinstance(x, SendMail)]


def test_the_shipping_mail_says_what_to_pay_until_when() -> None:
    """With account and code, for who bought on account and transfers the money."""
    found = mail(on_account(), "shipping_confirmation", "1")
    for text in ("80,00 €", "07.12.2026", "DE02 1203", "1042"):
        assert text in plain(found)
        assert text in found.html.replace("\u00a0", " ")
    assert code(found)[7] == "EUR80"


@pytest.mark.parametrize(
    "one",
    [on_account(method="klarna"), on_account(paid("80.00"))],
    ids=["Klarna collects it", "paid"],
)
def test_no_other_shipping_mail_asks_for_money(one: Order) -> None:
    """Nobody pays twice."""
    found = mail(one, "shipping_confirmation", "1")
    assert "DE02" not in found.text
    assert code(found) == []


def test_the_rest_of_a_part_payment_is_asked_for() -> None:
    """30.00 came in before the parcel left."""
    assert code(mail(on_account(paid("30.00")), "shipping_confirmation", "1"))[7] == "EUR50"


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("de-DE", ("Dafür sind 40,00 € weniger zu zahlen.", "Zu zahlen bleiben 40,00 €.",
                   "Rechnungskorrektur RK-2026-00007", "07.12.2026")),
        ("en-GB", ("This reduces what you have to pay by €40.00.", "€40.00 is left to pay.",
                   "credit note RK-2026-00007", "7 Dec 2026")),
    ],
)  # fmt: skip
def test_goods_that_are_back_leave_a_new_sum(locale: str, texts: tuple[str, ...]) -> None:
    """Told with the corrected invoice, the day, and a code over the rest."""
    one = with_return(on_account(locale=locale))
    assert "return_credited" in kinds(one)
    assert "payment_received" not in kinds(one)
    found = mail(one, "return_credited", "R1")
    for text in texts:
        assert text in plain(found)
    assert code(found)[7] == "EUR40"


def test_the_mail_waits_for_its_document() -> None:
    """And says nothing of a correction that is not there."""
    one = with_return(on_account())
    early = Order(merchant_id=one.merchant_id, id=one.id, bought=one.bought, facts=one.facts[:-1])
    assert "return_credited" not in kinds(early)


def test_who_sends_all_back_has_nothing_to_pay() -> None:
    """No account, no code, and no thanks for a payment."""
    one = with_return(on_account(), pieces=2)
    found = mail(one, "return_credited", "R1")
    assert "Für diese Bestellung ist nichts mehr zu zahlen." in plain(found)
    assert "DE02" not in found.text
    assert "payment_received" not in kinds(one)


def test_what_was_paid_beyond_the_rest_comes_back() -> None:
    """60.00 of 80.00 were paid, one pot is back: 20.00 are owed to the customer."""
    one = with_return(on_account(paid("60.00")))
    assert balance.due_back(one, "R1") == balance.surplus(one)
    assert str(balance.surplus(one)) == "20.00 EUR"
    text = plain(mail(one, "return_credited", "R1"))
    assert "ist nichts mehr zu zahlen" in text
    assert "erstatten wir Ihnen" in text


def test_a_payment_after_the_return_is_thanked_for() -> None:
    """The rest was paid: that is a payment like any other."""
    later = NOW + timedelta(days=1)
    assert "payment_received" in kinds(with_return(on_account()).plus([paid("40.00", at=later)]))


def test_a_return_that_is_agreed_to_promises_no_money_that_nobody_paid() -> None:
    """Its price comes off what is to be paid."""
    agreed = authorized_return("R1", {"l-POT": 1})
    unpaid = plain(mail(on_account(agreed), "return_authorized", "R1"))
    assert "ziehen wir ihren Preis von dem ab" in unpaid
    assert "erstatten wir Ihnen das Geld" not in unpaid
    settled = plain(mail(on_account(paid("80.00"), agreed), "return_authorized", "R1"))
    assert "erstatten wir Ihnen das Geld" in settled
