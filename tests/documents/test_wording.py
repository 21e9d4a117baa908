"""Addresses, account numbers and words as people in Germany and abroad expect them."""

from __future__ import annotations

import pytest

from chalicelib.documents.addresses import address_lines
from chalicelib.documents.facts import Language, Party
from chalicelib.documents.wording import WORDS, method_name
from chalicelib.domain.formats import is_iban


@pytest.mark.parametrize(
    ("party", "language", "last_lines"),
    [
        (Party(zip="04109", city="Leipzig", region="DE-SN", country="DE"), "de", ["04109 Leipzig"]),
        (Party(zip="1010", city="Wien", country="AT"), "de", ["1010 Wien", "ÖSTERREICH"]),
        (
            Party(zip="97201", city="Portland", region="US-OR", country="US"),
            "en",
            ["Portland, OR 97201", "UNITED STATES"],
        ),
        (
            Party(zip="NW1 6XE", city="London", country="GB"),
            "en",
            ["London", "NW1 6XE", "UNITED KINGDOM"],
        ),
        (
            Party(zip="00184", city="Roma", region="RM", country="it"),
            "de",
            ["00184 Roma RM", "ITALIEN"],
        ),
        (Party(city="Irgendwo", country="QQ"), "de", ["Irgendwo", "QQ"]),
    ],
)
def test_addresses_are_written_as_their_country_does(
    party: Party, language: Language, last_lines: list[str]
) -> None:
    """Place and code in the order of the destination, its name in capitals when it is abroad."""
    assert address_lines(party, "DE", language)[-len(last_lines) :] == last_lines


@pytest.mark.parametrize(
    ("iban", "valid"),
    [
        ("DE02 1203 0000 0000 2020 51", True),
        ("GB82WEST12345698765432", True),
        ("DE99120300000000202051", False),
        ("DE03120300000000202051", False),
        ("DE02", False),
        ("", False),
    ],
)
def test_an_account_number_is_checked(iban: str, valid: bool) -> None:  # noqa: FBT001
    """Modulo 97, with check digits from 02 to 98 only."""
    assert is_iban(iban) is valid


def test_both_languages_have_every_word() -> None:
    """Nothing is missing in one of them, and placeholders are the same."""
    assert WORDS["de"].keys() == WORDS["en"].keys()
    for key, german in WORDS["de"].items():
        assert german.count("{") == WORDS["en"][key].count("{"), key


def test_a_method_of_payment_has_a_name() -> None:
    """Codes of shops become words; a name stays as it is; no code, no words."""
    assert method_name("bacs", "de", "per {method}") == "per Überweisung"
    assert method_name("Apple Pay", "en", "by {method}") == "by Apple Pay"
    assert method_name("", "en", "by {method}") == ""
    assert method_name("shop", "de", "per {method}") == ""
    assert method_name("manual", "en", "by {method}") == ""
