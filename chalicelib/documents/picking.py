"""The pick list as its template prints it: articles by bin, then what goes into each box."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.documents import layout, sheet
from chalicelib.documents.wording import WORDS
from chalicelib.domain.formats import NBSP

if TYPE_CHECKING:
    from chalicelib.documents.papers import Box, Pick, PickListFacts

_NUMBERS = re.compile(r"(\d+)")


def pick_list(kind: str, facts: PickListFacts) -> dict[str, Any]:
    """Return the data of a pick list; without a bin an article comes last."""
    words = WORDS[facts.language]
    is_batch = len(facts.boxes) > 1
    about = [
        [words["letter_date"], layout.day(facts.issued_on, facts.language)],
        [words["location"], facts.location],
        [words["orders"], str(len(facts.boxes)) if is_batch else ""],
        [words["order_number"], "" if is_batch else sheet.breakable(facts.boxes[0].number, 24)],
        [words["recipient"], "" if is_batch else sheet.breakable(facts.boxes[0].recipient)],
        [words["articles"], f"{len(facts.picks)}"],
        [words["pieces"], f"{sum(pick.quantity for pick in facts.picks)}"],
    ]
    return {
        **sheet.basics(kind, facts),
        "title": words[kind],
        "running": f"{words[kind]} {facts.number}",
        "page": words["page"],
        "of": words["of"],
        "code": None if is_batch else sheet.order_code(facts.boxes[0].number, facts.language),
        "about": [row for row in about if row[1]],
        "note": "" if is_batch else sheet.breakable(facts.boxes[0].note),
        "columns": [words[name] for name in ("bin", "article", "quantity")],
        "shares": words["boxes"] if is_batch else "",
        "lines": [_pick(pick, facts, is_batch) for pick in sorted(facts.picks, key=by_bin)],
        "boxes_title": words["boxes_title"],
        "boxes": [_box(i, box, facts) for i, box in enumerate(facts.boxes, 1)] if is_batch else [],
    }


def by_bin(pick: Pick) -> tuple[bool, list[tuple[int, int, str]], str]:
    """Sort bins as people count: A-2 before A-10, and what has no bin at the end."""
    parts = [part for part in _NUMBERS.split(pick.bin.casefold()) if part]
    keys = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return not pick.bin, keys, pick.sku


def _pick(pick: Pick, facts: PickListFacts, is_batch: bool) -> dict[str, Any]:  # noqa: FBT001
    small = [pick.sku, f"EAN {pick.ean}" if pick.ean else "", pick.lots]
    return {
        "bin": sheet.breakable(pick.bin, 12) or "–",
        "name": sheet.breakable(pick.name or pick.sku),
        "small": " · ".join(sheet.breakable(text) for text in small if text),
        "quantity": f"{pick.quantity}",
        "code": sheet.order_code(pick.sku, facts.language, room=48.0),
        "shares": [
            [f"{share.box}", f"{NBSP}× {share.quantity}" if share.quantity > 1 else ""]
            for share in (pick.shares if is_batch else ())
        ],
    }


def _box(place: int, box: Box, facts: PickListFacts) -> dict[str, Any]:
    words = WORDS[facts.language]
    return {
        "place": f"{place}",
        "title": f"{words['order_number']} {sheet.breakable(box.number)}",
        "recipient": sheet.breakable(box.recipient),
        "note": sheet.breakable(box.note),
        "code": sheet.order_code(box.number, facts.language, room=45.0),
        "lines": [
            [
                f"{line.quantity} ×",
                sheet.breakable(line.name or line.sku),
                sheet.breakable(line.sku),
                sheet.breakable(line.bin, 12),
            ]
            for line in sorted(box.lines, key=by_bin)
        ],
    }
