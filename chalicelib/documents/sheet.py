"""What every letter-sized document shows around its table: head, address, info block, foot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.documents.addresses import address_lines, one_line
from chalicelib.documents.code128 import barcode_svg, bars
from chalicelib.documents.logo import logo_svg
from chalicelib.documents.wording import WORDS
from chalicelib.domain import colours, formats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.documents.facts import (
        DeliveryNoteFacts,
        InvoiceFacts,
        Language,
        Party,
        Sender,
    )
    from chalicelib.documents.papers import LetterFacts, Paper, ReturnSlipFacts

    Letter = InvoiceFacts | DeliveryNoteFacts | LetterFacts | ReturnSlipFacts

DEFAULT_ACCENT = "#0f766e"
INK = "#111827"
ZERO_WIDTH_SPACE = "\u200b"
# A barcode on paper: the room it has, and how wide its narrowest bar may and must be.
CODE_MM = 65.0
WIDEST_MM = 0.33
NARROWEST_MM = 0.19


def frame(kind: str, facts: Letter, recipient: Party, info: Iterable[list[str]]) -> dict[str, Any]:
    """Return everything around the table; `info` are label and value, empty values left out."""
    words, sender = WORDS[facts.language], facts.sender
    title = words[kind]
    return {
        **basics(kind, facts),
        "headline": f"{title} {facts.number}",
        "recipient": [
            breakable(line) for line in address_lines(recipient, sender.country, facts.language)
        ],
        "sender_line": breakable(one_line(sender)),
        "info": [[label, breakable(value, 23)] for label, value in info if value],
        "running": f"{title} {facts.number}",
        "page": words["page"],
        "of": words["of"],
        "foot": foot(sender, facts.language),
        "code": None,
        "notes": [breakable(note) for note in facts.notes],
        "small_print": breakable(facts.small_print),
    }


def basics(kind: str, facts: Paper) -> dict[str, Any]:
    """Return language, date, names and the sender's look."""
    words, sender = WORDS[facts.language], facts.sender
    accent = colours.or_else(sender.accent, DEFAULT_ACCENT)
    year, month, day = facts.issued_on.split("-")
    return {
        "language": facts.language,
        "date": [int(year), int(month), int(day)],
        "document_title": f"{words[kind]} {facts.number}",
        "is_sample": False,
        "sample": words["sample"],
        "sender_name": breakable(sender.name),
        "logo": logo_svg(sender.logo),
        "logo_alt": words["logo_alt"].format(name=sender.name),
        "accent": accent,
        # A pale accent only draws lines.
        "accent_ink": accent if colours.is_readable_on_white(accent) else INK,
    }


def foot(sender: Sender, language: Language) -> list[list[str]]:
    """Return the columns at the foot: company, contact, registration, bank; empty ones left out."""
    words = WORDS[language]

    def tell(word: str, value: str) -> str:
        return words[word].format(value=value) if value else ""

    columns = [
        [sender.name, sender.street, f"{sender.zip} {sender.city}".strip()],
        [sender.website, sender.email, sender.phone],
        [
            tell("managing_director", sender.managing_director),
            sender.register,
            tell("tax_number", sender.tax_number),
            tell("vat_id", sender.vat_id),
        ],
        [sender.bank, iban(sender.iban), tell("bic_value", sender.bic)],
    ]
    return [kept for column in columns if (kept := [breakable(line) for line in column if line])]


def order_code(number: str, language: Language, room: float = CODE_MM) -> dict[str, Any] | None:
    """Return Code 128 within so many millimetres; None if no scanner could read it there."""
    try:
        widths = bars(number)
    except ValueError:
        return None
    modules = sum(widths)
    if modules * NARROWEST_MM > room:
        return None
    return {
        "svg": barcode_svg(widths),
        "width": round(min(modules * WIDEST_MM, room), 3),
        "alt": WORDS[language]["order_code_alt"].format(number=number),
        "text": number,
    }


def iban(value: str) -> str:
    """Return an IBAN in fours that no line breaks apart."""
    return formats.iban(value).replace(" ", formats.NBSP)


def breakable(text: str, longest: int = 36) -> str:
    """Let words that are wider than a column break at hyphens, or else at any third of it."""
    step = longest // 3

    def pieces(word: str) -> str:
        if len(word) < longest:
            return word
        return ZERO_WIDTH_SPACE.join(word[i : i + step] for i in range(0, len(word), step))

    def broken(word: str) -> str:
        if len(word) < longest:
            return word
        return f"-{ZERO_WIDTH_SPACE}".join(pieces(part) for part in word.split("-"))

    if len(text) < longest:
        return text
    return "".join(broken(word) for word in re.split(r"([ \n\u00a0])", text))
