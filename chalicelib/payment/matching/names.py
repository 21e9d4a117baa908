"""Whether two names mean the same person, as banks and shops write them."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
)
WORD = re.compile(r"[a-z]{2,}")
# Words that say nothing about who somebody is.
NOISE = frozenset(
    """
    herr frau dr prof dipl ing und oder von van der den de zu co kg gmbh ag ohg ug ev mbh
    haftungsbeschraenkt inh inhaber mr mrs ms
    """.split()  # noqa: SIM905 - thirty words are read as words
)
KEPT = 10_000  # names whose words are remembered: a payer is compared with many of them
SURNAME = 4  # letters from which one word in common is worth something


class Likeness(IntEnum):
    """How much two names agree."""

    NONE = 0
    SURNAME = 1  # a rare word in common: family, or a coincidence
    FULL = 2  # first name and surname, in whatever order and spelling of umlauts


@lru_cache(KEPT)
def words(name: str) -> frozenset[str]:
    """Return the words of a name without case, accents, titles and legal forms.

    `ü` and the `u` a bank makes of it are told apart by no bank; both become `ue` or `u` here, so
    a name is compared in both spellings.
    """
    lower = name.lower()
    spelled = unicodedata.normalize("NFKD", lower.translate(UMLAUTS))
    return frozenset(WORD.findall(spelled)) - NOISE


@lru_cache(KEPT)
def flat(name: str) -> frozenset[str]:
    """Return the words with umlauts cut to their letter, as banks do that know no umlauts."""
    bare = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss"))
    ascii_only = bare.encode("ascii", "ignore").decode()
    return frozenset(WORD.findall(ascii_only)) - NOISE


def likeness(one: str, other: str) -> Likeness:
    """Compare two names."""
    return max(_likeness(words(one), words(other)), _likeness(flat(one), flat(other)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> Likeness:
    common = one & other
    if not common:
        return Likeness.NONE
    shorter = min(len(one), len(other))
    if shorter > 1 and len(common) >= shorter:
        return Likeness.FULL
    # Three given names at the bank and two in the shop: two words in common are a person.
    if len(common) > 1:
        return Likeness.FULL
    if shorter == 1 and len(one) == len(other):
        return Likeness.FULL if max(map(len, common)) >= SURNAME else Likeness.NONE
    return Likeness.SURNAME if max(map(len, common)) >= SURNAME else Likeness.NONE
