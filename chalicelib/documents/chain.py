"""The check of the archive: every number linked to the one before, every byte as it was filed.

What is kept between two pages is small, whatever the days hold: of each series only the links that
have found no neighbour yet.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.store.documents import Counter, link_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.store.register import Entry, Frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What does not hold, by the number it was found at."""

    number: str
    code: str
    text: str


class Chain:
    """Follows the links of a register, page after page."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        """Go on from what `state` returned, or begin."""
        self._series: dict[str, dict[str, Any]] = {
            name: {**kept, "links": {**kept["links"]}, "befores": {**kept["befores"]}}
            for name, kept in (state or {}).items()
        }

    @property
    def state(self) -> dict[str, Any]:
        """What must be kept for the next page, as plain JSON."""
        return self._series

    def follow(self, entry: Entry) -> Iterator[Fault]:
        """Take one entry, and tell if its own link is not what number and facts make."""
        kept = self._series.setdefault(
            entry.series, {"links": {}, "befores": {}, "first": entry.seq, "last": 0}
        )
        links, befores = kept["links"], kept["befores"]
        if entry.before in links:
            del links[entry.before]
        else:
            befores[entry.before] = [entry.seq, entry.number]
        if entry.link in befores:
            del befores[entry.link]
        else:
            links[entry.link] = entry.number
        kept["first"], kept["last"] = min(kept["first"], entry.seq), max(kept["last"], entry.seq)
        if entry.link != link_of(entry.before, entry.number, entry.facts_sha256):
            yield _fault(entry.number, "link")

    @property
    def last(self) -> dict[str, dict[str, Any]]:
        """How far each series was followed, as plain JSON: what the day after goes on from."""
        return {
            name: {**kept, "befores": {}, "first": kept["last"]}
            for name, kept in self._series.items()
        }

    def ends(
        self,
        counters: Mapping[str, Counter],
        *,
        is_newest: bool,
        least: Mapping[str, int] | None = None,
    ) -> Iterator[Fault]:
        """Tell where a link leads nowhere; `is_newest`: the days reach to the last number.

        `least` is how far the series were when the reading began: numbers go on being drawn.
        """
        for name, kept in self._series.items():
            for seq, number in kept["befores"].values():
                if seq != kept["first"]:
                    yield _fault(number, "gap")
            counter = counters.get(name) or Counter()
            if counter.last > kept["last"]:
                wanted = counter.last if least is None else least.get(name, 0)
                is_whole = not is_newest or kept["last"] >= wanted
            else:
                is_whole = counter.last == kept["last"] and counter.link in kept["links"]
            if not is_whole:
                yield _fault(name, "end")


TEXTS = {
    "link": "number, facts and link do not belong together: the entry was changed",
    "gap": "the entry before it is missing or was changed",
    "end": "the last entries of the series are missing or were changed",
    "facts": "the facts are not those the number was drawn for",
    "missing": "the document does not lie where it was filed",
    "bytes": "the document's bytes are not those that were filed",
    "open": "the number is drawn, its document is not filed",
}


def _fault(number: str, code: str) -> Fault:
    return Fault(number=number, code=code, text=f"{number}: {TEXTS[code]}.")


def of_document(
    entry: Entry, frozen: Frozen | None, read: Callable[[Entry], bytes | None]
) -> Iterator[Fault]:
    """Tell what is wrong with one document: its facts, and its bytes as the archive has them."""
    if frozen is None or frozen.sha256 != entry.facts_sha256:
        yield _fault(entry.number, "facts")
    if entry.filed is None:
        yield _fault(entry.number, "open")
        return
    data = read(entry)
    if data is None:
        yield _fault(entry.number, "missing")
    elif hashlib.sha256(data).hexdigest() != entry.filed.sha256:
        yield _fault(entry.number, "bytes")


def of_xml(entry: Entry, data: bytes | None) -> Iterator[Fault]:
    """Tell what is wrong with the XRechnung beside a document: it is the invoice itself."""
    if entry.filed is None or not entry.filed.xml_sha256:
        return
    if data is None:
        yield _fault(entry.number, "missing")
    elif hashlib.sha256(data).hexdigest() != entry.filed.xml_sha256:
        yield _fault(entry.number, "bytes")
