"""Finding the numbers of orders and invoices in what payers write."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What looks like a number of ours but is a bank's or the calendar's.
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
DATE = re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?(?!\d)|\b\d{4}-\d{2}-\d{2}\b")
MONEY = re.compile(r"\b\d+[.,]\d{2}\s?(?:EUR|€|EURO)|(?:EUR|€)\s?\d+[.,]\d{2}\b")
ALIKE = str.maketrans("OQILSBZ", "0011582")  # letters that scanners and people take for digits
WORTHY = re.compile(r"(?:BEST|ORDER|AUFTR|RECH|RG|RE|INV|NR|NO|NUMMER|REF|KAUF|#)[A-Z.]*[\s:.#-]*$")
SHORT = 4  # digits up to which a number alone says little
FUZZY = 6  # signs from which one wrong sign is still a hint
SIGNS = "".join(dict.fromkeys(f"{digits}{ascii_uppercase}".translate(ALIKE)))


class Sight(IntEnum):
    """How well a number was seen."""

    GUESSED = 1  # one sign differs
    PLAIN = 2  # a short number that stands there without a word around it
    BROKEN = 3  # blanks, line ends or look-alike letters within it
    CLEAR = 4  # it stands there as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One of our numbers found in a text."""

    reference: str
    sight: Sight


def plain(reference: str) -> str:
    """Return a number without case, blanks and marks."""
    return "".join(sign for sign in reference.upper() if sign.isalnum())


class References:
    """All numbers that are waited for, to be found in one pass over a text."""

    def __init__(self, references: Iterable[str]) -> None:
        """Index the numbers by their plain form and by look-alikes."""
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._alike: dict[str, set[str]] = defaultdict(set)
        for reference in references:
            key = plain(reference)
            if not any(sign.isdigit() for sign in key):
                continue
            self._exact[key].add(reference)
            self._alike[key.translate(ALIKE)].add(reference)
        self._lengths = sorted({len(key) for key in self._exact})
        self._digits = {len(key) for key in self._exact if key.isdigit()}

    def exactly(self, reference: str) -> set[str]:
        """Return the numbers that are this one but for case, blanks and marks."""
        return self._exact.get(plain(reference), set())

    def find(self, pieces: Iterable[str]) -> dict[str, Sight]:
        """Return every number seen in a text, each with its best sight.

        The text is looked at with its pieces joined by a blank and joined by nothing, because a
        bank may cut anywhere.
        """
        parts = [part for part in pieces if part]
        best: dict[str, Sight] = {}
        for text in dict.fromkeys((" ".join(parts), "".join(parts))):
            for hit in self._hits(_without_noise(text.upper())):
                best[hit.reference] = max(best.get(hit.reference, hit.sight), hit.sight)
        return _without_parts(best)

    def names_another(self, pieces: Iterable[str]) -> bool:
        """Tell whether a text names a number of the kind of ours that nothing waits for."""
        text = _without_noise(" ".join(pieces).upper())
        numbers = re.findall(r"(?<!\d)\d+(?!\d)", text)
        return any(len(number) in self._digits and number not in self._exact for number in numbers)

    def guess(self, pieces: Iterable[str]) -> dict[str, Sight]:
        """Return numbers of which one sign differs; only worth asking when nothing was found.

        Other signs are tried one by one: an index of them would be ten times the numbers.
        """
        text = _without_noise(" ".join(pieces).upper())
        words = [plain(word).translate(ALIKE) for word in re.findall(r"[A-Z0-9#/_-]+", text)]
        found: dict[str, Sight] = {}
        for word in words:
            if len(word) >= FUZZY and len(word) in self._lengths and not word.isalpha():
                for like in _likes(word):
                    found |= dict.fromkeys(self._alike.get(like, ()), Sight.GUESSED)
        return found

    def _hits(self, text: str) -> Iterator[Hit]:
        signs = [(at, sign) for at, sign in enumerate(text) if sign.isalnum()]
        line = "".join(sign for _, sign in signs)
        alike = line.translate(ALIKE)
        for length in self._lengths:
            for start in range(len(line) - length + 1):
                exact = self._exact.get(line[start : start + length])
                seen = exact or self._alike.get(alike[start : start + length])
                if not seen:
                    continue
                first, last = signs[start][0], signs[start + length - 1][0]
                if not _stands_alone(text, first, last):
                    continue
                sight = _sight(text, first, last, is_exact=bool(exact))
                yield from (Hit(reference=reference, sight=sight) for reference in seen)


def _likes(word: str) -> Iterator[str]:
    for at, sign in enumerate(word):
        before, behind = word[:at], word[at + 1 :]
        yield from (f"{before}{other}{behind}" for other in SIGNS if other != sign)


def _without_noise(text: str) -> str:
    for pattern in (IBAN, DATE, MONEY):
        text = pattern.sub(" | ", text)
    return text


def _stands_alone(text: str, first: int, last: int) -> bool:
    """Tell whether a number is not merely the middle of a longer one."""
    before = text[first - 1] if first else " "
    after = text[last + 1] if last + 1 < len(text) else " "
    if text[first].isdigit() and before.isdigit():
        return False
    if text[first].isalpha() and before.isalpha():
        return False
    return not (text[last].isdigit() and after.isdigit())


def _sight(text: str, first: int, last: int, *, is_exact: bool) -> Sight:
    found = text[first : last + 1]
    if "|" in found:
        return Sight.GUESSED
    is_whole = not any(sign.isspace() for sign in found)
    if not (is_exact and is_whole):
        digits = sum(sign.isdigit() for sign in found.translate(ALIKE))
        return Sight.BROKEN if digits >= SHORT else Sight.GUESSED
    is_short = len(found) <= SHORT and found.isdigit()
    return Sight.PLAIN if is_short and not WORTHY.search(text[:first]) else Sight.CLEAR


def _without_parts(found: dict[str, Sight]) -> dict[str, Sight]:
    """Leave out a number that is only a part of a longer one that was found as well."""
    keys = {reference: plain(reference) for reference in found}
    return {
        reference: sight
        for reference, sight in found.items()
        if not any(
            keys[reference] in key and keys[reference] != key and found[other] >= sight
            for other, key in keys.items()
        )
    }
