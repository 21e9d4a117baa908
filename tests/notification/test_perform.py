"""Sending, and what the post office reports afterwards."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.errors import Permanent
from chalicelib.notification.perform import Post, reported, tags
from chalicelib.notification.port import Mail
from chalicelib.store.merchants import Settings
from tests.events import NOW, bought, order
from tests.fakes import Clock, FakeArchive, FakePost, Fuse
from tests.histories import authorized_return, document, shipped

CONFIRM = SendMail(kind="order_confirmation")
REFUND = SendMail(kind="refund_confirmation", refers_to="re_3/Rück ✓")


def house(
    archive: dict[str, bytes] | None = None, *, attaches: bool = True
) -> tuple[Post, FakePost]:
    """Return the hands of the mail step over a post office and an archive in memory."""
    office, shelf = FakePost(Fuse(), Clock()), FakeArchive(Fuse())
    shelf.objects = archive or {}
    shop = Settings(name="Blattwerk", email="shop@blattwerk.example", attach_documents=attaches)
    post = Post(
        mailer=office,
        reports=office,
        archive=shelf,
        sender_of=lambda _: shop,
        base_url=lambda: "https://k.example",
    )
    return post, office


def intended(*commands: SendMail) -> list[events.Fact]:
    """Return the facts that these mails were begun."""
    return [events.EffectIntended(at=NOW, effect=one.key) for one in commands]


def report(happened: str, command: SendMail, **more: Any) -> dict[str, Any]:
    """Return what SES reports of a mail, in its shape."""
    given = {name: [value] for name, value in tags(order(), command).items()}
    mail = {"messageId": "ses-1", "destination": ["anna@example.com"], "tags": given}
    return {"eventType": happened, "mail": mail, **more}


def test_sending_is_a_fact_with_the_providers_id() -> None:
    """Who got what, when, and by which number the provider knows it."""
    post, office = house()
    (fact,) = post.perform(order(), CONFIRM, NOW)
    assert fact == events.MessageSent(
        at=NOW, kind="order_confirmation", to="anna@example.com", message_id="m1"
    )
    assert len(office.sent) == 1


def test_the_invoice_is_read_from_the_archive_and_enclosed() -> None:
    """The customer gets the very file that lies in the archive."""
    issued = document("invoice", number="RE-42")
    post, office = house({issued.key: b"%PDF-invoice"})
    one = order(*shipped(1, {"l-TEE-1": 1}), issued)
    list(post.perform(one, SendMail(kind="shipping_confirmation", refers_to="1"), NOW))
    (mail,) = office.sent
    (file,) = mail.enclosures
    assert (file.name, file.data) == ("Rechnung-RE-42.pdf", b"%PDF-invoice")


def test_an_xrechnung_travels_beside_its_picture() -> None:
    """The XML is the invoice; the customer gets both, and is told which is which."""
    picture = document("invoice", number="RE-42")
    xml = replace(picture, kind="invoice_xml", key="demo/invoice.xml")
    post, office = house({picture.key: b"%PDF-invoice", xml.key: b"<Invoice/>"})
    one = order(*shipped(1, {"l-TEE-1": 1}), picture, xml)
    list(post.perform(one, SendMail(kind="shipping_confirmation", refers_to="1"), NOW))
    (mail,) = office.sent
    assert [(file.name, file.media_type, file.data) for file in mail.enclosures] == [
        ("Rechnung-RE-42.pdf", "application/pdf", b"%PDF-invoice"),
        ("XRechnung-RE-42.xml", "application/xml", b"<Invoice/>"),
    ]
    assert "RE-42 liegt dieser E-Mail als XRechnung bei" in " ".join(mail.text.split())


def test_what_is_too_large_together_is_linked_together() -> None:
    """A picture that would just fit does not leave without its XRechnung."""
    picture = document("invoice", number="RE-42")
    xml = replace(picture, kind="invoice_xml", key="demo/invoice.xml")
    post, office = house({picture.key: b"%" * 7_000_000, xml.key: b"<Invoice/>"})
    one = order(*shipped(1, {"l-TEE-1": 1}), picture, xml)
    list(post.perform(one, SendMail(kind="shipping_confirmation", refers_to="1"), NOW))
    (mail,) = office.sent
    assert mail.enclosures == ()
    assert "RE-42 finden Sie auf der Seite Ihrer Bestellung" in " ".join(mail.text.split())


@pytest.mark.parametrize(("attaches", "size"), [(False, 10), (True, 7_000_001)])
def test_a_return_slip_that_does_not_travel_is_linked_too(*, attaches: bool, size: int) -> None:
    """The mail about the return goes out all the same."""
    slip = document("return_slip", "R1")
    post, office = house({slip.key: b"%" * size}, attaches=attaches)
    one = order(*shipped(1, {"l-TEE-1": 1}), authorized_return(), slip)
    list(post.perform(one, SendMail(kind="return_authorized", refers_to="R1"), NOW))
    (mail,) = office.sent
    assert mail.enclosures == ()
    assert "Rücksendeschein finden Sie auf der Seite" in " ".join(mail.text.split())


@pytest.mark.parametrize(("attaches", "size"), [(False, 10), (True, 7_000_001)])
def test_a_document_that_does_not_travel_is_linked(*, attaches: bool, size: int) -> None:
    """Because the merchant wants it so, or because SES would refuse so large a mail."""
    issued = document("invoice", number="RE-42")
    post, office = house({issued.key: b"%" * size}, attaches=attaches)
    one = order(*shipped(1, {"l-TEE-1": 1}), issued)
    list(post.perform(one, SendMail(kind="shipping_confirmation", refers_to="1"), NOW))
    (mail,) = office.sent
    assert mail.enclosures == ()
    assert "RE-42 finden Sie auf der Seite Ihrer Bestellung" in " ".join(mail.text.split())
    assert f"https://k.example/s/{one.customer_token}" in mail.text


def test_nothing_is_sent_to_an_address_that_is_none() -> None:
    """The order gets a hold; the post office is not bothered."""
    post, office = house()
    with pytest.raises(Permanent):
        list(post.perform(order(what=bought(email="nobody")), CONFIRM, NOW))
    assert office.sent == []


def test_tags_have_only_signs_that_ses_takes() -> None:
    """SES refuses a mail whose tag values hold anything but letters, digits, _ and -."""
    for value in tags(order(), REFUND).values():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value)


@pytest.mark.parametrize("command", [CONFIRM, REFUND])
def test_a_mail_whose_answer_was_lost_is_not_sent_again(command: SendMail) -> None:
    """The post office is asked with the second attempt, and says that the mail is out."""
    post, office = house()
    begun = order(*intended(CONFIRM, REFUND))
    list(post.perform(begun, command, NOW))  # and the process dies before it is recorded
    again = begun.plus([events.EffectIntended(at=NOW, effect=command.key, attempt=2)])
    (fact,) = post.perform(again, command, NOW)
    assert isinstance(fact, events.MessageSent)
    assert (fact.kind, fact.refers_to) == (command.kind, command.refers_to)
    assert (fact.message_id, len(office.sent)) == ("m1", 1)


def test_a_mail_that_was_never_taken_is_sent_with_the_next_attempt() -> None:
    """The process died before it called."""
    post, office = house()
    begun = order(*intended(CONFIRM, REFUND))
    list(post.perform(begun, REFUND, NOW))
    again = begun.plus([events.EffectIntended(at=NOW, effect=CONFIRM.key, attempt=2)])
    (fact,) = post.perform(again, CONFIRM, NOW)
    assert isinstance(fact, events.MessageSent)
    assert (fact.message_id, len(office.sent)) == ("m2", 2)


def test_a_mail_that_a_person_wants_sent_again_is_sent_though_an_older_one_was() -> None:
    """After a release the attempts begin anew, and only reports of these attempts count."""
    post, office = house()
    begun = order(*intended(CONFIRM))
    list(post.perform(begun, CONFIRM, NOW))  # bounced, and released by a person
    later = office.clock.now = NOW + timedelta(hours=1)
    tries = [events.EffectIntended(at=later, effect=CONFIRM.key, attempt=n) for n in (1, 2)]
    list(post.perform(begun.plus(tries), CONFIRM, later))
    assert len(office.sent) == 2


def test_nobody_is_asked_at_the_first_attempt() -> None:
    """A mail that nobody has tried to send costs no call to look for it."""
    post, office = house()
    list(post.perform(order(*intended(CONFIRM)), CONFIRM, NOW))
    assert office.fuse.touches == ["post.send"]


def test_a_mail_that_came_back_is_a_task_in_the_providers_words() -> None:
    """Staff see which address failed and what the other side said; the parcel does not wait."""
    one = order(*intended(CONFIRM))
    bounce = {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"diagnosticCode": "smtp; 550 5.1.1\r\nuser unknown"}],
    }
    facts = reported(one, report("Bounce", CONFIRM, bounce=bounce), NOW)
    (hold,) = [fact for fact in facts if isinstance(fact, events.HoldPlaced)]
    assert hold.code == "mail_bounced"
    assert hold.effect == CONFIRM.key
    assert "anna@example.com (smtp; 550 5.1.1 user unknown)" in hold.text


def test_a_bounce_that_is_told_twice_is_one_task() -> None:
    """The post office repeats itself; the task does not."""
    one = order(*intended(CONFIRM))
    once = one.plus(reported(one, report("Bounce", CONFIRM), NOW))
    assert reported(once, report("Bounce", CONFIRM), NOW) == ()


def test_a_complaint_is_a_task_too() -> None:
    """Whoever calls us spam is not written to as if nothing had happened."""
    one = order(*intended(CONFIRM))
    spam = {"complaintFeedbackType": "abuse"}
    facts = reported(one, report("Complaint", CONFIRM, complaint=spam), NOW)
    assert [fact.code for fact in facts if isinstance(fact, events.HoldPlaced)] == [
        "mail_complaint"
    ]


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"eventType": "Bounce"},
        {"eventType": "Bounce", "mail": {"tags": {"effect": ["other"]}}},
        {"eventType": "Open", "mail": {"tags": {"effect": []}}},
    ],
)
def test_a_report_about_nothing_of_ours_is_left_alone(strange: dict[str, Any]) -> None:
    """Events of other mails, or of another shape, change no order."""
    assert reported(order(*intended(CONFIRM)), strange, NOW) == ()


def test_every_mail_carries_its_tags() -> None:
    """Without them the post office could not tell us what became of it."""
    post, office = house()
    list(post.perform(order(), CONFIRM, NOW))
    sent: Mail = office.sent[0]
    assert sent.tags["merchant_id"] == "demo"
    assert sent.tags["order_id"] == "o1"
    assert sent.tags["kind"] == "order_confirmation"
