"""Typed reading of somebody's JSON: every complaint names the field, as `lines[2].quantity`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NoReturn

from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import exponent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


# Control characters, lone surrogates and signs that turn the direction of writing: none of them
# belongs in a name, some of them break the database or the printed page. Emoji joiners stay.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# No order of a small merchant comes near it; beyond it arithmetic would only burn time.
LARGEST = Decimal(10) ** 12
SHOWN = 40
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A value in a JSON document that knows where it stands; a missing one holds None."""

    path: str
    value: object

    def refuse(self, reason: str) -> NoReturn:
        """Raise Permanent `bad_payload`: the field's path, what it must be, and what it is."""
        text = f"{self.path or 'body'}: {reason}, is {_shown(self.value)}"
        raise Permanent("bad_payload", text) from None

    def at(self, name: str) -> Field:
        """Return a member of an object; PHP writes an empty object as an empty list."""
        path = f"{self.path}.{name}" if self.path else name
        if self.value is None or self.value in ([], "", False):
            return Field(path, None)
        if not isinstance(self.value, dict):
            self.refuse("must be an object")
        return Field(path, self.value.get(name))

    def each(self) -> list[Field]:
        """Return the elements of a list; PHP writes a list with gaps as an object."""
        if self.value is None or self.value == "":
            return []
        items = self.value
        if isinstance(items, dict) and all(str(key).isdigit() for key in items):
            items = list(items.values())
        if not isinstance(items, list):
            self.refuse("must be a list")
        return [Field(f"{self.path}[{index}]", item) for index, item in enumerate(items)]

    def text(self) -> str:
        """Return one line of text; empty where there is none."""
        return " ".join(self.lines().split())

    def name(self) -> str:
        """Return a text that other things are found by: given, and short enough for a key."""
        text = self.text()
        if not text or len(text) > LONGEST_NAME:
            self.refuse(f"must be given, in at most {LONGEST_NAME} characters")
        return text

    def lines(self) -> str:
        """Return text that may have several lines, without what cannot be printed."""
        value = self.value
        if value is None or value is False:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            self.refuse("must be text")
        return UNPRINTABLE.sub("", str(value).replace("\r\n", "\n")).strip()

    def email(self) -> str:
        """Return an e-mail address; empty for what cannot be one."""
        text = self.text()
        return text if "@" in text and " " not in text else ""

    def number(self) -> Decimal:
        """Return a number, written as a JSON number or as text; an empty one is zero."""
        value = self.value
        if value is None or value == "" or value is False:
            return Decimal(0)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            self.refuse("must be a number")
        try:
            found = Decimal(value)
        except InvalidOperation:
            self.refuse("must be a number")
        if not found.is_finite() or abs(found) >= LARGEST:
            self.refuse("must be a number below a million millions")
        return found

    def sum(self, name: str, amount: str) -> Decimal:
        """Add up one number of every element of a list: its tax lines, say."""
        numbers = (each.at(amount).number() for each in self.at(name).each())
        return sum(numbers, start=Decimal(0))

    def needed(self) -> Field:
        """Return this field, or complain that it is missing."""
        if self.value is None or self.value == "":
            self.refuse("must be given")
        return self

    def count(self) -> int:
        """Return a whole number above zero."""
        try:
            found = self.needed().number()
        except Permanent:
            found = Decimal(-1)
        if found != found.to_integral_value() or found < 1:
            self.refuse("must be a whole number above 0")
        return int(found)

    def currency(self) -> str:
        """Return an ISO 4217 code we know."""
        code = self.needed().text().upper()
        try:
            exponent(code)
        except ValueError:
            self.refuse("must be a currency of ISO 4217")
        return code

    def choice(self, words: Sequence[str], usual: str = "") -> str:
        """Return one of the words allowed; the usual one, else the first, where none is given."""
        found = self.text().lower()
        if found and found not in words:
            self.refuse(f"must be one of {', '.join(words)}")
        return found or usual or words[0]

    def flag(self) -> bool:
        """Return a yes or no; text as PHP and its plugins write it counts."""
        if isinstance(self.value, str):
            return self.value.strip().lower() in {"1", "yes", "true", "on"}
        return bool(self.value)

    def moment(self) -> datetime | None:
        """Return a moment in UTC; one without an offset is meant as UTC."""
        if self.value is None or self.value == "" or self.value is False:
            return None
        try:
            found = datetime.fromisoformat(self.text())
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse("must be a date and time of ISO 8601")


def read(body: bytes) -> Field:
    """Parse the raw bytes; numbers with a point become Decimal, never float."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation) as error:
        text = f"body: must be JSON ({type(error).__name__})"
        raise Permanent("bad_payload", text) from None
    if not isinstance(value, dict):
        Field("", value).refuse("must be an object")
    return Field("", value)


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header whatever the case it was sent in; empty where there is none."""
    found = headers.get(name)
    if found is None:
        found = next((text for key, text in headers.items() if key.lower() == name), "")
    return found.strip()


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(str(value) if isinstance(value, Decimal) else value)
    text = text.strip('"') if isinstance(value, Decimal) else text
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
