"""Frozen facts rendered as PDF/A-3b and PDF/UA-1 by Typst; the same facts give the same bytes."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.documents import electronic, layout, letters, parcel_label, picking, xmp
from chalicelib.documents.characters import printable, printable_lines
from chalicelib.documents.facts import DeliveryNoteFacts, InvoiceFacts, LabelFacts
from chalicelib.documents.fonts import NEAR, far
from chalicelib.documents.logo import logo_svg
from chalicelib.documents.papers import LetterFacts, Paper, PickListFacts, ReturnSlipFacts
from chalicelib.documents.reversal import reversed_amounts
from chalicelib.documents.wording import WORDS
from chalicelib.domain import logos
from chalicelib.domain.dunning import LETTERS
from chalicelib.domain.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typst

TEMPLATES = Path(__file__).parent / "templates"
FACTS: dict[str, type[Paper]] = {
    "invoice": InvoiceFacts,
    "credit_note": InvoiceFacts,
    "cancellation": InvoiceFacts,
    "delivery_note": DeliveryNoteFacts,
    "packing_slip": DeliveryNoteFacts,
    "label": LabelFacts,
    "pick_list": PickListFacts,
    "return_slip": ReturnSlipFacts,
    "credit_balance": LetterFacts,
    **dict.fromkeys(LETTERS, LetterFacts),
}
_TEMPLATE = {
    "credit_note": "invoice",
    "cancellation": "invoice",
    "packing_slip": "delivery_note",
    **dict.fromkeys(("credit_balance", *LETTERS), "notice"),
}
_STANDARDS: list[typst.PDFStandard] = ["a-3b", "ua-1"]
# Never printed as text: a logo is drawn, a link is encoded.
_AS_IT_IS = frozenset({"logo", "tracking_url"})
_WITH_LINES = frozenset({"intro", "notes", "note", "small_print", "paragraphs", "gift_message"})


def render(kind: str, facts: Mapping[str, Any], *, is_sample: bool = False) -> bytes:
    """Return the PDF of a document, marked if it is a sample; Permanent if it cannot be printed."""
    import typst  # noqa: PLC0415 - heavy, and in the layer of one function only

    # A sample must not be taken for an invoice by a machine either.
    xml = "" if is_sample else electronic.embedded(kind, facts)
    data = page_data(kind, read_facts(kind, facts))
    if is_sample:
        data["is_sample"] = True
    template = TEMPLATES / f"{_TEMPLATE.get(kind, kind)}.typ"
    try:
        pdf = _compiler().compile(
            input=template,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False), "xml": xml},
            pdf_standards=_STANDARDS,
        )
    except typst.TypstError as error:
        raise Permanent("document_not_printable", f"{kind}: {error.message}") from error
    if not isinstance(pdf, bytes):
        raise TypeError(kind)
    return xmp.announced(pdf) if xml else pdf


def check(kind: str, facts: Mapping[str, Any]) -> None:
    """Tell cheaply, before a number is drawn, that the facts are sound and can be laid out."""
    read = read_facts(kind, facts)
    page_data(kind, read)
    wrong = logos.fault(read.sender.logo)
    if wrong:
        raise Permanent("document_not_printable", f"{kind}: logo: {wrong}")
    if logo := logo_svg(read.sender.logo):
        _try_logo(logo)
    electronic.check(kind, facts)


@lru_cache(maxsize=16)
def _try_logo(logo: str) -> None:
    """Draw a logo alone; Permanent if it cannot be, as for markup that only looks like SVG."""
    import typst  # noqa: PLC0415 - heavy, and in the layer of one function only

    try:
        _compiler().compile(
            input=TEMPLATES / "logo.typ",
            format="pdf",
            sys_inputs={"logo": logo},
            pdf_standards=_STANDARDS,
        )
    except typst.TypstError as error:
        text = f"settings.logo: cannot be drawn, choose another one ({error.message})"
        raise Permanent("document_not_printable", text) from error


def read_facts(kind: str, facts: Mapping[str, Any]) -> Paper:
    """Read frozen facts, with text reduced to printable characters; Permanent if unreadable."""
    if kind not in FACTS:
        raise Permanent("document_kind_unknown", f"there is no document of the kind {kind!r}")
    try:
        read = msgspec.convert(_cleaned(facts), FACTS[kind])
    except msgspec.ValidationError as error:
        raise Permanent("document_facts_unreadable", f"{kind}: {error}") from error
    if read.language not in WORDS:
        text = f"{kind}: there are no words in the language {read.language!r}"
        raise Permanent("document_facts_unreadable", text)
    return read


def page_data(kind: str, facts: Paper) -> dict[str, Any]:
    """Return what the kind's template prints; Permanent for a bad logo, date or number."""
    try:
        match facts:
            case InvoiceFacts():
                shown = reversed_amounts(facts) if kind == "cancellation" else facts
                return layout.invoice(kind, shown)
            case DeliveryNoteFacts():
                return layout.delivery_note(kind, facts)
            case LabelFacts():
                return parcel_label.label(kind, facts)
            case PickListFacts():
                return picking.pick_list(kind, facts)
            case ReturnSlipFacts():
                return letters.return_slip(kind, facts)
            case LetterFacts():
                return letters.letter(kind, facts)
    except ValueError as error:
        raise Permanent("document_facts_unreadable", f"{kind}: {error}") from error


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """Make the one compiler of this process: a new one for each document leaks its caches."""
    import typst  # noqa: PLC0415 - heavy, and in the layer of one function only

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[NEAR, *far()],
    )
    return typst.Compiler(root=TEMPLATES, font_paths=fonts)


def _cleaned(value: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        if key in _AS_IT_IS:
            return value
        return printable_lines(value) if key in _WITH_LINES else printable(value)
    if isinstance(value, dict):
        return {name: _cleaned(part, name) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(part, key) for part in value]
    return value
