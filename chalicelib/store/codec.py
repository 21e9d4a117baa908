"""Facts and frozen documents to bytes and back; the format is JSON, packed where it is long."""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec

from chalicelib.domain.events import FACTS, Fact

T = TypeVar("T")


def facts_to_json(facts: tuple[Fact, ...]) -> str:
    """Write facts as a JSON list of `{"fact": …, …}`."""
    rows = [{"fact": type(fact).__name__, **msgspec.to_builtins(fact)} for fact in facts]
    return msgspec.json.encode(rows).decode()


def facts_from_json(text: str) -> tuple[Fact, ...]:
    """Read what `facts_to_json` wrote; fields added later take their defaults."""
    return tuple(msgspec.convert(row, FACTS[row["fact"]], strict=False) for row in _rows(text))


def _rows(text: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(text, type=list[dict[str, Any]])


def pack(value: object) -> bytes:
    """Write any dataclass or plain value as deflated JSON."""
    return zlib.compress(msgspec.json.encode(value), 9)


def unpack(data: bytes, kind: type[T]) -> T:
    """Read what `pack` wrote as a value of `kind`."""
    return msgspec.json.decode(zlib.decompress(data), type=kind, strict=False)


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is any
    """Turn a dataclass into plain dicts, lists, strings and numbers."""
    return msgspec.to_builtins(value)


def shaped(value: object, kind: type[T]) -> T:
    """Read plain dicts as a dataclass; msgspec.ValidationError names the field."""
    return msgspec.convert(value, kind, strict=False)
