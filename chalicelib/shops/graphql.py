"""GraphQL as the shops speak it: what they answer with status 200 may still be a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.domain.errors import Permanent, Retryable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.runtime.http import Api

Json = dict[str, Any]
# What a shop says when it would answer the same question a little later.
LATER = frozenset({"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT", "SHOP_INACTIVE_TEMPORARILY"})
LONGEST = 500  # characters of a shop's own words that a person needs to see
MOST_PAGES = 1000


class Ask(Protocol):
    """Sends one query or mutation to a shop."""

    def __call__(self, query: str, /, **variables: object) -> Json:
        """Return the answer's data."""
        ...


def ask(api: Api, path: str, query: str, variables: Mapping[str, object] | None = None) -> Json:
    """Send one query; Retryable if the shop is busy, Permanent with its words if it refuses."""
    answer = api.call("POST", path, data={"query": query, "variables": dict(variables or {})})
    found = answer.json()
    errors = found.get("errors") if isinstance(found, dict) else None
    if errors:
        _refuse(errors if isinstance(errors, list) else [{"message": str(errors)}], found)
    data = found.get("data") if isinstance(found, dict) else None
    if not isinstance(data, dict):
        raise Permanent("outside_answer", "The shop answered without data.")
    return data


def settled(answer: Json, *lists: str) -> Json:
    """Return what a mutation answered; Permanent with the errors it names in one of the lists."""
    errors = [error for name in lists for error in answer.get(name) or []]
    if errors:
        raise Permanent("outside_refused", words(errors))
    return answer


def words(errors: list[Json]) -> str:
    """Write errors as the shop words them, each with the field it names."""
    found = []
    for error in errors:
        field = error.get("field")
        where = ".".join(map(str, field)) if isinstance(field, list) else str(field or "")
        text = str(error.get("message") or error.get("code") or "refused without a word")
        found.append(f"{where}: {text}" if where else text)
    return "; ".join(found)[:LONGEST]


def every(read: Callable[[str | None], Json | None]) -> Iterator[Json]:
    """Return all nodes of a list that comes in pages; `read` gets the cursor of the last one."""
    cursor = None
    for _ in range(MOST_PAGES):
        page = read(cursor) or {}
        yield from page.get("nodes") or [edge["node"] for edge in page.get("edges") or []]
        info = page.get("pageInfo") or {}
        if not info.get("hasNextPage") or info.get("endCursor") in {None, cursor}:
            return
        cursor = info["endCursor"]


def _refuse(errors: list[Json], answer: Json) -> None:
    codes = {str((error.get("extensions") or {}).get("code")) for error in errors}
    if codes & LATER:
        raise Retryable("outside_down", words(errors), after=_wait(answer))
    raise Permanent("outside_refused", words(errors))


def _wait(answer: Json) -> float | None:
    """Return the seconds until the shop has enough points for the same query, if it says so."""
    cost = (answer.get("extensions") or {}).get("cost") or {}
    bucket = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost") or 0)
    missing -= float(bucket.get("currentlyAvailable") or 0)
    refill = float(bucket.get("restoreRate") or 0)
    return missing / refill if missing > 0 and refill > 0 else None
