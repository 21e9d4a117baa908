"""Sends what `decide` asks for, and reads what SES reports of a mail afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.commands import Command, SendMail
from chalicelib.domain.events import DocumentIssued, EffectIntended, Fact, HoldPlaced, MessageSent
from chalicelib.domain.order import Order
from chalicelib.notification import mails
from chalicelib.notification.port import Archive, Enclosure, Mailer, Reports, Sender

# What SES says became of a mail; the rest of its reports change nothing for an order.
FAILED = {
    "Bounce": ("mail_bounced", "The mail could not be delivered"),
    "Complaint": ("mail_complaint", "The customer marked the mail as spam"),
    "Reject": ("mail_refused", "Amazon SES refused the mail"),
}


# SES takes raw mails of 10 MB; base64 makes four bytes of three, and pictures take some room.
MOST_ATTACHED = 7_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Carries out the wishes of the mail step."""

    mailer: Mailer
    reports: Reports
    archive: Archive
    sender_of: Callable[[str], Sender]
    base_url: Callable[[], str]

    def perform(self, order: Order, command: Command, now: datetime) -> Iterable[Fact]:
        """Send one mail, unless it was sent already, and return the fact that it was."""
        if not isinstance(command, SendMail):
            return ()
        if found := self._sent_before(order, command):
            return (_sent(command, order.bought.email, found, now),)
        mail = mails.compose(
            order,
            command,
            sender=self.sender_of(order.merchant_id),
            base_url=self.base_url(),
            enclosures=self._enclosures(order, command),
            tags=tags(order, command),
        )
        return (_sent(command, mail.to, self.mailer.send(mail), now),)

    def _sent_before(self, order: Order, command: SendMail) -> str:
        """Return the id of a mail whose answer was lost; empty if it was never taken."""
        tries = [fact for fact in order.all(EffectIntended) if fact.effect == command.key]
        if not tries or tries[-1].attempt == 1:
            return ""
        first = next(fact for fact in reversed(tries) if fact.attempt == 1)
        return self.reports.find(tags(order, command), first.at)

    def _enclosures(self, order: Order, command: SendMail) -> tuple[Enclosure, ...]:
        """Return the document that goes with a mail, and its XML; else the mail names the link."""
        document = mails.enclosed(order, command)
        if document is None or not self.sender_of(order.merchant_id).attach_documents:
            return ()
        papers = [document, *filter(None, [mails.beside(order, command)])]
        issued = [x for one in papers for x in (one, mails.electronic(order, one)) if x]
        files = tuple(self._enclosure(one, order.bought.language) for one in issued)
        return files if sum(len(file.data) for file in files) <= MOST_ATTACHED else ()

    def _enclosure(self, document: DocumentIssued, language: str) -> Enclosure:
        name = mails.file_name(document, language)
        kind = "application/xml" if name.endswith(".xml") else "application/pdf"
        return Enclosure(name=name, media_type=kind, data=self.archive.read(document.key))


def _sent(command: SendMail, to: str, message_id: str, now: datetime) -> MessageSent:
    return MessageSent(
        at=now, kind=command.kind, to=to, message_id=message_id, refers_to=command.refers_to
    )


def tags(order: Order, command: SendMail) -> dict[str, str]:
    """Return what SES repeats in its reports; the effect is hashed, for tags take few signs."""
    return {
        "merchant_id": order.merchant_id,
        "order_id": order.id,
        "kind": command.kind,
        "effect": mark(command.key),
    }


def mark(effect: str) -> str:
    """Return a short name of an effect that fits into a tag."""
    return hashlib.sha256(effect.encode()).hexdigest()[:32]


def reported(order: Order, report: Mapping[str, Any], now: datetime) -> tuple[Fact, ...]:
    """Read a report of SES (an event's `detail`) as facts; none if it tells nothing new.

    What failed was sent before. Facts the order knows are dropped on recording.
    """
    mail: Mapping[str, Any] = report.get("mail") or {}
    given: Mapping[str, Any] = mail.get("tags") or {}
    effect = _effect(order, given.get("effect"))
    if effect is None:
        return ()
    kind, _, refers_to = effect.removeprefix("mail:").partition(":")
    to = next(iter(mail.get("destination") or ()), order.bought.email)
    happened = report.get("eventType", "")
    sent = MessageSent(
        at=now, kind=kind, to=to, message_id=str(mail.get("messageId", "")), refers_to=refers_to
    )
    if happened in FAILED and not order.is_held(effect):
        code, text = FAILED[happened]
        said = _words(report.get(happened.lower()) or {})
        return (sent, HoldPlaced(at=now, code=code, text=f"{text}: {to}{said}", effect=effect))
    return ()


def _effect(order: Order, marks: object) -> str | None:
    """Find the effect that a report's tag names among what the order has intended."""
    wanted = marks[0] if isinstance(marks, list) and marks else marks
    for fact in order.all(EffectIntended):
        if fact.effect.startswith("mail:") and mark(fact.effect) == wanted:
            return fact.effect
    return None


def _words(detail: Mapping[str, Any]) -> str:
    """Return the provider's own words, if it gave any."""
    people: list[Mapping[str, Any]] = detail.get("bouncedRecipients") or []
    said = [str(one.get("diagnosticCode", "")) for one in people]
    said += [str(detail.get(name, "")) for name in ("reason", "complaintFeedbackType")]
    if not any(said):
        said = [str(detail.get("bounceType", "")), str(detail.get("bounceSubType", ""))]
    words = "; ".join(word for word in said if word)
    return f" ({mails.one_line(words)})" if words else ""
