"""The work lists as pages; `open` and `all` are several lists one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.paging import bad_cursor, read_key
from chalicelib.domain import waiting
from chalicelib.domain.money import Money
from chalicelib.domain.order import order_id
from chalicelib.runtime.settings import connections_of
from chalicelib.store.worklists import BLANK, Listed, Worklists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.store.worklists import Waiting

KEY = ("pk", "sk", "list", "since")
AT_ONCE = 500  # heads of a call, for who looks through a list
NEWEST_FIRST = frozenset({"shipped", "cancelled"})
PARTS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in waiting.WORKLISTS},
    "open": waiting.OPEN,
    "all": waiting.WORKLISTS,
}


def page(
    merchant_id: str,
    worklist: str,
    *,
    limit: int,
    cursor: Any,  # noqa: ANN401 - callers may send anything back
) -> tuple[list[Listed], dict[str, Any] | None]:
    """Return a page of a list and the cursor of the next; `cursor` is `{part, key}`."""
    parts = PARTS[worklist]
    index, key = _begin(merchant_id, parts, cursor) if cursor is not None else (0, None)
    found: list[Listed] = []
    while index < len(parts) and len(found) < limit:
        part = Worklists().page(
            merchant_id,
            parts[index],
            limit=limit - len(found),
            start=key,
            newest=parts[index] in NEWEST_FIRST,
        )
        found += part.items
        key = part.next
        index += key is None
    is_end = index >= len(parts)
    # An order may go from one part to the next between the two questions: the newer answer counts.
    found = list({one.order_id: one for one in found}.values())
    return found, None if is_end else {"part": index, "key": key}


def walk(
    merchant_id: str,
    worklist: str,
    *,
    cursor: Any,  # noqa: ANN401 - callers may send anything back
) -> Iterator[Waiting]:
    """Yield a list from a cursor on; it is read as far as it is asked for."""
    parts = PARTS[worklist]
    index, key = _begin(merchant_id, parts, cursor) if cursor is not None else (0, None)
    for name in parts[index:]:
        yield from Worklists().some(merchant_id, name, start=key, at_once=AT_ONCE)
        key = None


def after(merchant_id: str, worklist: str, last: Waiting) -> dict[str, Any]:
    """Return the cursor of what comes behind an order of a list."""
    key = {
        "pk": f"{merchant_id}#{last.order_id}",
        "sk": "HEAD",
        "list": f"{merchant_id}#{last.worklist}",
        "since": last.since,
    }
    part = PARTS[worklist].index(last.worklist)
    return {"part": part, "key": {name: {"S": text} for name, text in key.items()}}


def _begin(
    merchant_id: str,
    parts: tuple[str, ...],
    cursor: Any,  # noqa: ANN401
) -> tuple[int, dict[str, Any] | None]:
    if not isinstance(cursor, dict) or cursor.keys() != {"part", "key"}:
        raise bad_cursor()
    index = cursor["part"]
    if not isinstance(index, int) or not 0 <= index < len(parts):
        raise bad_cursor()
    return index, read_key(cursor["key"], KEY, list=f"{merchant_id}#{parts[index]}")


def counts(merchant_id: str) -> dict[str, int]:
    """Count the open work lists; the closed ones grow for ever and are not counted."""
    return {name: Worklists().count(merchant_id, name) for name in waiting.OPEN}


def find(merchant_id: str, *, number: str = "", external_id: str = "") -> list[Listed]:
    """Find orders by the beginning of their number, or by the shop's own id."""
    if number:
        return Worklists().by_number(merchant_id, number)
    shops = [one.id for one in connections_of(merchant_id) if one.reader == "intake"]
    return Worklists().find(merchant_id, [order_id(shop, external_id) for shop in shops])


def listed_view(listed: Listed | Waiting) -> Mapping[str, Any]:
    """Return one order as the lists show it."""
    summary = BLANK | listed.summary
    total = summary.pop("total")
    return {
        "id": listed.order_id,
        "number": listed.number,
        "worklist": listed.worklist,
        "received_at": listed.since,
        "total": _money(total),
        **summary,
    }


def _money(total: dict[str, Any]) -> dict[str, str]:
    amount = Money(minor=total["minor"], currency=total["currency"])
    return {"amount": str(amount.amount), "currency": amount.currency}
