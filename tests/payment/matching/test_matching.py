"""Whose money it is: enough signs book, fewer suggest, the amount alone does nothing."""

from __future__ import annotations

from datetime import date

import pytest

from bench import bank_confusion
from bench.bank_month import month
from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.money import Money
from chalicelib.payment.matching.engine import Matcher
from chalicelib.payment.matching.items import OpenItem, Rules, Share
from chalicelib.payment.matching.names import Likeness, likeness
from chalicelib.payment.matching.references import References, Sight

TODAY = date(2026, 11, 20)


def eur(text: str) -> Money:
    """Return euros."""
    return Money.of(text, "EUR")


def item(order_id: str = "o1", owed: str = "38.67", **given: object) -> OpenItem:
    """Return an open order of Jürgen Weiß."""
    fields: dict[str, object] = {
        "order_id": order_id,
        "outstanding": eur(owed),
        "references": ("100042", "RE-2026-00123"),
        "names": ("Jürgen Weiß",),
    }
    return OpenItem(**(fields | given))  # type: ignore[arg-type]


def paid(text: str = "", amount: str = "38.67", **given: object) -> BankTransaction:
    """Return money that came in."""
    fields: dict[str, object] = {
        "account": "DE02120300000000202051",
        "booked_on": TODAY,
        "value_on": TODAY,
        "amount": eur(amount),
        "name": "Jürgen Weiß",
        "pieces": tuple(text.split("\n")),
    }
    return BankTransaction(**(fields | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "100042",
        "Bestellung 100042 vielen Dank",
        "100 042",
        "Bestellung 1000\n42",
        "1OOO42",
        "re 2026 00123",
        "RE202600123",
        "RE-2026-OO123",
        "Rechnung RE-2026-00123 vom 03.11.2026 ueber 38,67 EUR",
    ],
)
def test_a_number_is_found_however_it_was_written(text: str) -> None:
    """Number and amount to the cent are enough, whoever pays."""
    booked = Matcher([item()]).match(paid(text, name="Fremde Bank AG")).booked
    assert booked is not None
    assert booked.shares == (Share(order_id="o1", amount=eur("38.67")),)
    assert any("100042" in reason for reason in booked.reasons)


@pytest.mark.parametrize(
    "text",
    ["1000421", "9100042", "DE10 0042 1000 4210 0042 00", "10.00.42", "Kundennr 2100042"],
)
def test_a_part_of_another_number_is_not_the_number(text: str) -> None:
    """An IBAN, a day or a customer's number that holds our digits is not our order."""
    verdict = Matcher([item()]).match(paid(text, name="Fremde Bank AG"))
    assert (verdict.booked, verdict.suggestions) == (None, ())


def test_the_amount_alone_does_nothing() -> None:
    """Somebody else's 38.67 euros are not this order's."""
    verdict = Matcher([item()]).match(paid("Miete", name="Eva Kurz"))
    assert (verdict.booked, verdict.suggestions) == (None, ())


def test_name_and_amount_are_a_suggestion_and_a_known_account_books() -> None:
    """Two people may have one name; an account that paid before is more."""
    suggested = Matcher([item()]).match(paid("Danke"))
    assert suggested.booked is None
    assert suggested.suggestions[0].shares[0].order_id == "o1"
    known = item(accounts=("DE89370400440532013000",))
    assert Matcher([known]).match(paid("Danke", iban="DE89370400440532013000")).booked


def test_a_spouse_who_pays_without_a_number_is_a_suggestion() -> None:
    """Surname and amount are worth a look, another name and the amount are not."""
    verdict = Matcher([item()]).match(paid("Danke", name="Petra Weiss"))
    assert verdict.booked is None
    assert [match.score for match in verdict.suggestions] == [45]
    assert Matcher([item()]).match(paid("Danke", name="Petra Meier")).suggestions == ()


def test_a_number_that_nothing_waits_for_keeps_a_person_in_the_loop() -> None:
    """Who pays an order twice must not have paid another one."""
    known = item(accounts=("DE89370400440532013000",))
    verdict = Matcher([known]).match(paid("100099", iban="DE89370400440532013000"))
    assert verdict.booked is None
    assert "nothing waits for" in " ".join(verdict.suggestions[0].reasons)


def test_a_mistyped_number_does_not_beat_the_payers_own_order() -> None:
    """The number says Eva, the name and the amount say Jürgen: a person decides."""
    eva = item("o2", references=("100043",), names=("Eva Kurz",))
    verdict = Matcher([item(), eva]).match(paid("100043"))
    assert verdict.booked is None
    assert {match.shares[0].order_id for match in verdict.suggestions} == {"o1", "o2"}


def test_two_orders_of_one_name_and_amount_are_a_question() -> None:
    """Without a number nobody knows which of the two was meant."""
    twin = item("o2", references=("100043",), accounts=("DE1",))
    verdict = Matcher([item(accounts=("DE1",)), twin]).match(paid("Danke", iban="DE1"))
    assert verdict.booked is None
    assert len(verdict.suggestions) == 2


def test_one_payment_for_several_orders_is_shared_out() -> None:
    """All named orders are paid when they add up to the amount."""
    other = item("o2", "10.00", references=("100043",))
    booked = Matcher([item(), other]).match(paid("100042, 100043", "48.67")).booked
    assert booked is not None
    assert {share.order_id: share.amount for share in booked.shares} == {
        "o1": eur("38.67"),
        "o2": eur("10.00"),
    }
    apart = Matcher([item(), other]).match(paid("100042, 100043", "48.00"))
    assert apart.booked is None


def test_several_payments_for_one_order_leave_the_rest_open() -> None:
    """After the first part the second is expected, to the cent."""
    matcher = Matcher([item()])
    first = matcher.match(paid("100042", "20.00")).booked
    assert first is not None
    assert "stay open" in " ".join(first.reasons)
    matcher.paid(first.shares)
    second = matcher.match(paid("100042", "18.67")).booked
    assert second is not None
    assert "amount to the cent" in second.reasons
    matcher.paid(second.shares)
    assert matcher.match(paid("100042")).booked is None


def test_a_few_cents_short_are_let_go_within_the_tolerance() -> None:
    """What the merchant forgives is named, so that the ledger can write it off."""
    booked = Matcher([item()], Rules(tolerance=5)).match(paid("100042", "38.62")).booked
    assert booked is not None
    assert booked.shares[0].forgiven == eur("0.05")
    strict = Matcher([item()], Rules(tolerance=4)).match(paid("100042", "38.62")).booked
    assert strict is not None
    assert strict.shares[0].forgiven is None


def test_cash_discount_counts_until_its_day() -> None:
    """Two per cent less are fine in time and a part afterwards."""
    agreed = item(discounted=eur("37.90"), discount_until=TODAY)
    booked = Matcher([agreed]).match(paid("100042", "37.90")).booked
    assert booked is not None
    assert booked.shares[0].forgiven == eur("0.77")
    late = item(discounted=eur("37.90"), discount_until=date(2026, 11, 19))
    booked = Matcher([late]).match(paid("100042", "37.90")).booked
    assert booked is not None
    assert booked.shares[0].forgiven is None


def test_who_pays_all_but_the_dunning_fee_pays_the_order() -> None:
    """The amount without the fees is known as well as the one with them."""
    late = item(outstanding=eur("41.17"), principal=eur("38.67"))
    for amount in ("41.17", "38.67"):
        booked = Matcher([late]).match(paid("100042", amount)).booked
        assert booked is not None
        assert booked.score == 100
        assert booked.shares[0].forgiven is None
    assert "amount without dunning fees of 2.50 EUR" in booked.reasons


def test_far_too_much_is_a_question() -> None:
    """A fifth more than is owed may be somebody else's money."""
    assert Matcher([item()]).match(paid("100042", "40.00")).booked
    verdict = Matcher([item()]).match(paid("100042", "60.00"))
    assert verdict.booked is None
    assert verdict.suggestions


def test_a_structured_reference_is_enough_with_the_amount() -> None:
    """What the payer's bank carried unchanged needs no name."""
    rf = item(references=("RF18539007547034",))
    one = paid("", creditor_reference="RF18 5390 0754 7034", name="X")
    assert Matcher([rf]).match(one).booked


def test_money_of_another_currency_is_never_matched() -> None:
    """38.67 francs are not 38.67 euros."""
    one = paid("100042", amount="38.67")
    francs = item(outstanding=Money.of("38.67", "CHF"))
    verdict = Matcher([francs]).match(one)
    assert (verdict.booked, verdict.suggestions) == (None, ())


def test_a_providers_payout_is_not_a_customers_payment() -> None:
    """PayPal pays many orders at once, less its fees."""
    verdict = Matcher([item()]).match(paid("100042", name="PayPal Europe S.a.r.l. et Cie"))
    assert verdict.is_payout
    assert verdict.booked is None


@pytest.mark.parametrize(
    ("name", "text", "is_it"),
    [
        ("PayPal (Europe) S.à r.l. et Cie., S.C.A.", "PP.8078.PP ABBUCHUNG VOM PAYPAL-KONTO", True),
        ("", "GUTSCHRIFT PAYPAL EUROPE 1039277488231", True),
        ("ADYEN N.V.", "TX4313726XT batch 7, BlattwerkECOM", True),
        ("Klarna Bank AB (publ)", "XISA93DJ", True),
        ("SUMUP PAYMENTS LIMITED", "SUMUP PID1283966 PAYOUT 181126", True),
        ("STICHTING MOLLIE PAYMENTS", "1234567.2611.07", True),
        ("Mollie B.V.", "1234567.2611.07", True),
        ("Mollie Musterfrau", "100042", False),
        ("Anna Muster", "100042 doch nicht mit PayPal", False),
        ("", "100042 doch nicht mit PayPal", False),
    ],
)
def test_payouts_are_known_by_who_sends_them(name: str, text: str, is_it: bool) -> None:  # noqa: FBT001
    """As banks write it; people who are called like a provider or speak of one are customers."""
    verdict = Matcher([item()]).match(paid(text, name=name))
    assert verdict.is_payout is is_it
    assert not (is_it and (verdict.booked or verdict.suggestions))


def test_money_that_leaves_is_not_matched_here() -> None:
    """A debit is no payment."""
    assert Matcher([item()]).match(paid("100042", "-38.67")).booked is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Jürgen Weiß", "JUERGEN WEISS", Likeness.FULL),
        ("Jürgen Weiß", "Jurgen Weiss", Likeness.FULL),
        ("Weiß, Jürgen", "Herr Dr. Jürgen Weiß", Likeness.FULL),
        ("Jürgen Weiß", "Jürgen und Eva Weiß", Likeness.FULL),
        ("Eva Weiß", "Jürgen Weiß", Likeness.SURNAME),
        ("Muster GmbH", "Muster GmbH & Co. KG", Likeness.FULL),
        ("Eva Kurz", "Jürgen Weiß", Likeness.NONE),
        ("", "Jürgen Weiß", Likeness.NONE),
        ("Özdemir Yılmaz", "OEZDEMIR YILMAZ", Likeness.FULL),
    ],
)
def test_names_agree_in_the_spelling_of_banks(one: str, other: str, expected: Likeness) -> None:
    """Umlauts, order, titles and legal forms say nothing; a surname alone says little."""
    assert likeness(one, other) is expected
    assert likeness(other, one) is expected


def test_a_short_number_says_little_unless_a_word_stands_before_it() -> None:
    """1042 may be anything; "Bestellung 1042" is an order."""
    numbers = References(["1042"])
    assert numbers.find(["1042"]) == {"1042": Sight.PLAIN}
    assert numbers.find(["Bestellung 1042"]) == {"1042": Sight.CLEAR}
    assert numbers.find(["Best.-Nr.: 1042"]) == {"1042": Sight.CLEAR}


def test_a_month_is_booked_by_itself_and_nothing_wrongly() -> None:
    """Of 2,000 orders' payments at least 92 of 100 are booked, none to another order."""
    made = bank_confusion.measure()
    assert made.wrong() == 0
    assert made.automatic() >= 92
    assert sum(made.counts.values()) == len(month().bookings)


@pytest.mark.parametrize(
    ("amount", "forgiven"), [("38.67", None), ("38.62", "0.05"), ("38.61", None)]
)
def test_the_tolerance_ends_at_its_cent(amount: str, forgiven: str | None) -> None:
    """Five cents are let go, six stay open."""
    booked = Matcher([item()]).match(paid("100042", amount)).booked
    assert booked is not None
    assert booked.shares[0].forgiven == (eur(forgiven) if forgiven else None)
