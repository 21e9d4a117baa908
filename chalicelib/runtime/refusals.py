"""Reads why the outside refused: its own words, short, and never with our secrets in them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from chalicelib.runtime import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from chalicelib.runtime.outside import Answer

LONGEST = 300  # characters of the outside's words
LONGEST_WAIT = 12 * 3600.0  # seconds; who wants us to wait longer is asked again all the same
SHORTEST_SECRET = 6
MARKUP = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
WORDS = (
    "message", "error_description", "detail", "longMessage", "title", "error", "errors", "code",
)  # fmt: skip


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds the outside wants us to wait, given as seconds or as a date."""
    given = headers.get("retry-after", "").strip()
    with suppress(ValueError):
        # The larger bound last: of `nan` this makes no wait at all, and not one without end.
        return min(max(0.0, float(given)), LONGEST_WAIT)
    with suppress(ValueError, TypeError):
        wait = (parsedate_to_datetime(given) - clock.now()).total_seconds()
        return min(max(wait, 0.0), LONGEST_WAIT)
    return None


def words_of(answer: Answer, secrets: Collection[str]) -> str:
    """Return what the outside said, in one line, without markup and secrets."""
    text = answer.body[: 64 * 1024].decode(errors="replace")
    with suppress(ValueError):
        text = "; ".join(dict.fromkeys(_said(json.loads(text)))) or text
    line = " ".join(MARKUP.sub(" ", text).split())
    for secret in sorted(_parts(secrets), key=len, reverse=True):
        line = line.replace(secret, "…")
    return line[:LONGEST] or "nothing"


def _said(document: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is any
    """Yield the sentences of an error document, whatever its shop calls them."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for inner in document:
            yield from _said(inner)
    elif isinstance(document, dict):
        known = [document[name] for name in WORDS if document.get(name)]
        for inner in known or document.values():
            yield from _said(inner)


def _parts(secrets: Collection[str]) -> set[str]:
    """Return every form in which a secret may come back: with its scheme, bare, and decoded."""
    found = set(secrets)
    for secret in secrets:
        found |= {secret.rpartition(" ")[2]}
        with suppress(binascii.Error, UnicodeDecodeError):
            found |= set(base64.b64decode(secret.rpartition(" ")[2]).decode().split(":"))
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}
