"""A shop that answers GraphQL as its schema says: only what was asked for, nothing unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLSchema, build_schema, graphql_sync

from chalicelib.runtime.http import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORDED = Path(__file__).parents[1] / "recorded"
_SCHEMAS: dict[str, GraphQLSchema] = {}


def schema(name: str) -> GraphQLSchema:
    """Return a recorded schema; parsed once."""
    if name not in _SCHEMAS:
        _SCHEMAS[name] = build_schema((RECORDED / name).read_text(encoding="utf-8"))
    return _SCHEMAS[name]


def page(items: Sequence[Any], first: int, after: str | None) -> dict[str, Any]:
    """Cut one page out of a list; the cursor is a place in it."""
    start = int(after or 0)
    end = min(start + first, len(items))
    info = {"hasNextPage": end < len(items), "endCursor": str(end) if items else None}
    return {"nodes": list(items[start:end]), "pageInfo": info}


class GraphQLShop:
    """The `Api` of a shop whose fields are what a subclass has under their names."""

    schema_name = ""
    path = ""

    def __init__(self) -> None:
        """Open the shop; `queue` answers the next calls in place of it, `calls` keeps all."""
        self.calls: list[dict[str, Any]] = []
        self.queue: list[Any] = []

    def call(self, method: str, path: str, *, data: Any = None, **_: Any) -> Reply:
        """Answer one POST as GraphQL does."""
        assert (method, path) == ("POST", self.path)
        sent = json.loads(json.dumps(data))  # only what JSON can carry
        self.calls.append(sent)
        if self.queue:
            found = self.queue.pop(0)
            if isinstance(found, Exception):
                raise found
        else:
            found = self.answer(sent)
        body = json.dumps(found, default=str).encode()
        return Reply(status=200, headers={"content-type": "application/json"}, body=body)

    def answer(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Carry out one operation."""
        result = graphql_sync(
            schema(self.schema_name), sent["query"], self, variable_values=sent["variables"]
        )
        return {"data": result.data, "errors": [e.formatted for e in result.errors or ()]}

    def mutations(self, name: str) -> list[dict[str, Any]]:
        """Return the variables of every call of one mutation."""
        return [sent["variables"] for sent in self.calls if f"{name}(" in sent["query"]]
