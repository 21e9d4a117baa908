"""What a merchant has chosen for his documents: texts and columns, frozen into each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain import articles

if TYPE_CHECKING:
    from chalicelib.documents.facts import DeliveryNoteFacts, InvoiceFacts, Language, Line
    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings

    Letter = TypeVar("Letter", InvoiceFacts, DeliveryNoteFacts)

COLUMNS = ("position", "sku", "discount", "tax_rate")


def hidden(settings: Settings) -> tuple[str, ...]:
    """Return the columns that the merchant does not want."""
    return tuple(name for name in COLUMNS if not getattr(settings, f"documents_{name}"))


def with_eans(lines: tuple[Line, ...], order: Order, settings: Settings) -> tuple[Line, ...]:
    """Return lines with the EANs that their products had, where the merchant wants them."""
    if not settings.documents_ean:
        return lines
    known = articles.eans(order)
    return tuple(replace(line, ean=known.get(line.sku, "")) for line in lines)


def text(settings: Settings, name: str, language: Language) -> str:
    """Return a text of the merchant's own; nothing in a language that he wrote none for."""
    return str(getattr(settings, f"documents_{name}_{language}", "")).strip()


def chosen(facts: Letter, settings: Settings, *, intro: str = "") -> Letter:
    """Return facts with the merchant's texts and columns; `intro` names his opening, if any."""
    closing = text(settings, "closing", facts.language)
    return replace(
        facts,
        intro=text(settings, intro, facts.language) if intro else "",
        notes=(*facts.notes, closing) if closing else facts.notes,
        small_print=text(settings, "footer", facts.language),
        hidden=hidden(settings),
    )
