"""What the mails say, in both languages, as text and as HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import Address, LineKind, Order
from chalicelib.notification.labels import LABELS
from chalicelib.notification.letter import look
from chalicelib.notification.mails import address, compose, enclosed, file_name, one_line
from chalicelib.notification.port import Mail
from chalicelib.notification.words import MAILS
from chalicelib.store.merchants import Settings
from tests.events import NOW, bought, eur, line, order, paid
from tests.histories import authorized_return, document, number_of, refund, shipped

PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
SHOP = Settings(
    name="Blattwerk & Söhne",
    email="shop@blattwerk.example",
    phone="+49 341 123456",
    website="https://blattwerk.example",
    street="Gartenweg 3",
    zip="04109",
    city="Leipzig",
    vat_id="DE123456789",
    register="Amtsgericht Leipzig, HRB 12345",
    manager="Erika Muster",
    iban="DE02120300000000202051",
    bic="BYLADEM1001",
    bank_holder="Blattwerk GmbH",
    logo=f"data:image/gif;base64,{PIXEL}",
)
KINDS = {
    "order_confirmation": "",
    "payment_received": "",
    "shipping_confirmation": "1",
    "order_cancelled": "",
    "order_changed": "1",
    "order_reinstated": "1",
    "invoice_corrected": "2",
    "return_authorized": "R1",
    "refund_confirmation": "back-4.00",
}


def full(locale: str = "de-DE", *, is_corrected: bool = False, **more: Any) -> Order:
    """Return an order to which everything has happened that a mail could be about."""
    lines = (
        replace(line("A", quantity=2, price="14.29", rate="7"), discount=eur("2.00")),
        line("B", price="39.00"),
        line(None, price="4.90", kind=LineKind.SHIPPING, line_id="ship"),
    )
    corrected = (
        events.InvoiceWithdrawn(at=NOW, number="RE-42", by="staff"),
        document("cancellation", "cancelled", number="RK-4"),
        document("invoice", "2", number="RE-43"),
    ) if is_corrected else ()  # fmt: skip
    return order(
        paid("72.48", at=NOW),
        *shipped(1, {"l-A": 1}),
        document("invoice", number="RE-42"),
        authorized_return(lines={"l-A": 1}),
        refund("4.00"),
        document("credit_note", "back-4.00", number="RK-3"),
        *corrected,
        what=bought(*lines, locale=locale, **more),
    )


def mail(kind: str = "order_confirmation", one: Order | None = None, **more: Any) -> Mail:
    """Write a mail."""
    return compose(
        one or full(),
        SendMail(kind=kind, refers_to=KINDS[kind]),
        sender=more.pop("sender", SHOP),
        base_url="https://kontor.example",
        **more,
    )


class Reader(HTMLParser):
    """Reads what a person sees of an HTML mail, and checks that every tag is closed."""

    VOID = frozenset({"meta", "br", "img", "hr", "link", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "title" not in self.open:
            self.seen.append(data)


def read(html: str) -> Reader:
    """Read an HTML mail to its end."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def facts_in(text: str) -> set[str]:
    """Return the amounts, numbers and names in a text."""
    plain = " ".join(text.replace("\u00a0", " ").split())
    return set(re.findall(r"\d+[,.]\d\d|DE\d\d(?: \d{2,4})+|RE-\d+|RK-\d+|LX\d+|\b1042\b", plain))


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind: str, locale: str) -> None:
    """Whoever reads the plain part misses no amount, number or link."""
    one = mail(kind, full(locale, is_corrected=kind == "invoice_corrected"))
    seen = read(one.html)
    assert facts_in(" ".join(seen.seen)) == facts_in(one.text)
    links = {link for link in seen.links if link.startswith("http")}
    assert links == set(re.findall(r"https?://\S+", one.text)) - {SHOP.website}
    assert "1042" in one.text


@pytest.mark.parametrize("kind", KINDS)
def test_each_mail_speaks_the_customers_language(kind: str) -> None:
    """German customers read German, all others English."""
    german, english = mail(kind, full("de-AT")), mail(kind, full("fr-FR"))
    assert "Freundliche Grüße" in german.text
    assert "Guten Tag Anna Beispiel," in german.text
    assert "Kind regards" in english.text
    assert "Hello Anna Beispiel," in english.text
    assert '<html lang="de">' in german.html


def test_every_mail_exists_in_both_languages() -> None:
    """Nobody gets half a translation: same mails, same labels, same values in them."""
    assert MAILS["de"].keys() == MAILS["en"].keys()
    assert LABELS["de"].keys() == LABELS["en"].keys()
    assert set(KINDS) <= set(MAILS["de"])
    for name, text in LABELS["de"].items():
        assert fields(text) == fields(LABELS["en"][name]), name


def fields(text: str) -> set[str | None]:
    """Return the names of the values that a text has room for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_name_that_is_html_is_shown_and_not_run() -> None:
    """Nothing that a shop or a customer writes becomes part of the page."""
    evil = '<script>alert(1)</script> & "Co"'
    lines = (replace(line(), name=evil),)
    one = mail(one=order(what=bought(*lines, billing=Address(name=evil), shipping=Address())))
    assert "<script>" not in one.html
    assert evil in "".join(read(one.html).seen)
    assert evil in one.text


def test_a_name_with_line_breaks_adds_no_header() -> None:
    """Header injection ends up as harmless words in one line."""
    evil = "Anna\r\nBcc: all@example.com\u2028X\u202e"
    one = mail(
        one=order(what=bought(billing=Address(name=evil), number="1\n2")),
        sender=replace(SHOP, name="Shop\nX: y"),
    )
    for text in (one.to_name, one.sender_name, one.subject):
        assert text == one_line(text)
        assert "\n" not in text
    assert one.to_name == "Anna Bcc: all@example.com X"


@pytest.mark.parametrize(
    "wrong", ["", "anna", "a@b", "a b@example.com", "a@example.com,b@example.com", "ü@example.com"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(wrong: str) -> None:
    """A person sees the address in words instead of an error of the post office."""
    with pytest.raises(Permanent) as refused:
        address(wrong)
    assert refused.value.code == "bad_address"


def test_a_domain_with_umlauts_is_written_as_the_net_knows_it() -> None:
    """Müller's own domain works."""
    assert address(" info@müller.de ") == "info@xn--mller-kva.de"


def test_who_has_to_pay_by_bank_transfer_reads_how() -> None:
    """Account, amount and the number that makes the money find its order."""
    one = mail(one=order(what=bought(payment_method="bacs")))
    assert "DE02 1203 0000 0000 2020 51" in one.text
    assert "Verwendungszweck: 1042" in one.text
    assert "10,00" in one.text


@pytest.mark.parametrize("method", ["paypal", "stripe_cc", "klarna_paynow"])
def test_who_pays_another_way_sees_no_account(method: str) -> None:
    """Nobody pays twice because a mail named an account."""
    assert "IBAN" not in mail(one=order(what=bought(payment_method=method))).text


def test_who_has_paid_sees_no_account() -> None:
    """The confirmation of a paid order says so instead."""
    one = mail(one=order(paid(), what=bought(payment_method="bacs")))
    assert "IBAN" not in one.text
    assert "Ihre Zahlung über 10,00" in one.text


def test_the_parcel_mail_lists_what_is_in_the_parcel() -> None:
    """One of two pieces is on its way; the rest is promised, not claimed."""
    one = mail("shipping_confirmation")
    assert "1 x Article A" in one.text
    assert "Article B" not in one.text
    assert "folgen in einem weiteren Paket" in one.text
    assert f"https://track.example/{number_of(1)}" in one.text


def test_the_invoice_travels_with_the_first_parcel_only() -> None:
    """Two parcels are not two invoices."""
    one = full().plus(shipped(2, {"l-A": 1}))
    first = enclosed(one, SendMail(kind="shipping_confirmation", refers_to="1"))
    assert first is not None
    assert file_name(first, "de") == "Rechnung-RE-42.pdf"
    assert enclosed(one, SendMail(kind="shipping_confirmation", refers_to="2")) is None
    assert enclosed(one, SendMail(kind="order_confirmation")) is None


def test_the_credit_note_travels_with_its_refund() -> None:
    """Each refund has its own document."""
    found = enclosed(full(), SendMail(kind="refund_confirmation", refers_to="back-4.00"))
    assert found is not None
    assert found.number == "RK-3"


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de-DE", "Ihre Stornorechnung RK-4 finden Sie auf der Seite"),
        ("en-GB", "You find the cancellation RK-4 of your invoice on your order's page."),
    ],
)
def test_the_cancellation_of_an_invoice_travels_with_its_mail(locale: str, words: str) -> None:
    """Once: an order that is off again later does not bring the old one again."""
    paper = document("cancellation", "cancelled", number="RK-4")
    off = [document("invoice", number="RE-42"), events.OrderCancelled(at=NOW, by="staff"), paper]
    one = order(*off, what=bought(locale=locale))
    command = SendMail(kind="order_cancelled")
    assert enclosed(one, command) == paper
    assert words in " ".join(mail("order_cancelled", one).text.split())
    again = one.plus([events.OrderReinstated(at=NOW, modified_at=NOW), off[1]])
    assert enclosed(again, replace(command, refers_to="1")) is None


def test_a_cancelled_order_that_was_paid_promises_the_money_back() -> None:
    """Who has paid must not wonder."""
    assert "erstatten wir Ihnen" in mail("order_cancelled", order(paid())).text
    assert "erstatten" not in mail("order_cancelled", order()).text


def test_the_imprint_is_complete() -> None:
    """Business letters name the firm, its court, its head and its tax id (§ 35a GmbHG)."""
    for part in ("Gartenweg 3", "04109 Leipzig", "HRB 12345", "Erika Muster", "DE123456789"):
        assert part in mail().text
        assert part in mail().html


def test_a_logo_is_in_the_mail_and_not_behind_a_link() -> None:
    """Nothing is loaded from elsewhere when the mail is opened."""
    one = mail()
    assert [part.content_id for part in one.enclosures] == ["logo"]
    assert 'src="cid:logo"' in one.html
    without = mail(sender=replace(SHOP, logo="<svg/>"))
    assert without.enclosures == ()
    assert "<img" not in without.html


@pytest.mark.parametrize(
    ("colour", "on_it"), [("#000000", "#ffffff"), ("#ffff00", "#111111"), ("red;x:y", "#ffffff")]
)
def test_the_button_can_be_read_on_any_colour(colour: str, on_it: str) -> None:
    """Light accents get dark words; what is no colour is not used at all."""
    assert look(colour)["on_accent"] == on_it
    assert ";" not in look(colour)["accent"]


def test_an_order_without_a_name_is_greeted_politely() -> None:
    """No empty comma."""
    nobody = bought(billing=Address(), shipping=Address())
    assert "Guten Tag,\n" in mail(one=order(what=nobody)).text


def test_two_hundred_lines_stay_one_mail() -> None:
    """The largest order of the year is confirmed too, below Gmail's limit of 102 KB."""
    many = bought(*(line(f"SKU-{i}") for i in range(200)))
    one = mail(one=order(what=many))
    assert one.text.count("Article SKU-") == 200
    assert len(one.html.encode()) < 102 * 1024
    read(one.html)
