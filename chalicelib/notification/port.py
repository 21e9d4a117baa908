"""What the mail step needs from outside: a post office, the archive, and who writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file in a mail; with a `content_id` it is a picture inside the HTML."""

    name: str
    media_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person; text and HTML say the same. Tag values are `[A-Za-z0-9_-]`."""

    sender_name: str
    sender: str
    to_name: str
    to: str
    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """A post office."""

    def send(self, mail: Mail) -> str:
        """Hand a mail over and return its id.

        Retryable when it was not or may not have been taken, Permanent with the provider's words
        when it was refused.
        """
        ...


class Reports(Protocol):
    """What the post office tells of the mails that it took."""

    def find(self, tags: Mapping[str, str], since: datetime) -> str:
        """Return the id of the mail with these tags that was taken since then, empty if none was.

        Retryable when it can not be asked.
        """
        ...


class Archive(Protocol):
    """Where issued documents lie."""

    def read(self, key: str) -> bytes:
        """Return a document's bytes by its key."""
        ...


class Sender(Protocol):
    """The merchant as the customer sees it; empty strings where nothing is known."""

    @property
    def name(self) -> str:
        """The shop's name."""
        ...

    @property
    def email(self) -> str:
        """The address mails come from and answers go to."""
        ...

    @property
    def phone(self) -> str:
        """The number customers may call."""
        ...

    @property
    def website(self) -> str:
        """The shop's address on the web."""
        ...

    @property
    def street(self) -> str:
        """Street and number."""
        ...

    @property
    def zip(self) -> str:
        """The postal code."""
        ...

    @property
    def city(self) -> str:
        """The town."""
        ...

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""
        ...

    @property
    def tax_number(self) -> str:
        """The number at the tax office."""
        ...

    @property
    def vat_id(self) -> str:
        """The VAT identification number."""
        ...

    @property
    def register(self) -> str:
        """Court and number of the commercial register."""
        ...

    @property
    def manager(self) -> str:
        """Who represents the merchant."""
        ...

    @property
    def bank_holder(self) -> str:
        """The name on the bank account."""
        ...

    @property
    def iban(self) -> str:
        """The bank account."""
        ...

    @property
    def bic(self) -> str:
        """The bank's code."""
        ...

    @property
    def bank(self) -> str:
        """The bank's name."""
        ...

    @property
    def logo(self) -> str:
        """A `data:` URI, PNG or JPEG for mails."""
        ...

    @property
    def colour(self) -> str:
        """The accent colour, `#rrggbb`."""
        ...

    @property
    def attach_documents(self) -> bool:
        """Whether invoices travel with the mails, or are only linked."""
        ...
