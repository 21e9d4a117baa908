"""All words of the pages by language, and how a page asks for them."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.console import (
    bank_words,
    connection_kinds,
    connection_words,
    correcting_words,
    debit_words,
    dunning_words,
    english,
    german,
    happenings,
    import_words,
    invoicing_words,
    obstacles,
    payments_words,
    payout_words,
    preview_words,
    product_words,
    progress,
    refund_words,
    register_words,
    settings_words,
    shopper,
    wares,
)

LANGUAGES = ("de", "en")

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        **connection_kinds.GERMAN,
        **connection_words.GERMAN,
        **correcting_words.GERMAN,
        **debit_words.GERMAN,
        **dunning_words.GERMAN,
        **german.GERMAN,
        **{f"state.{key}": text for key, text in german.WORDS_OF_STATES.items()},
        **bank_words.GERMAN,
        **happenings.GERMAN,
        **import_words.GERMAN,
        **invoicing_words.GERMAN,
        **obstacles.GERMAN,
        **payments_words.GERMAN,
        **payout_words.GERMAN,
        **product_words.GERMAN,
        **preview_words.GERMAN,
        **progress.GERMAN,
        **refund_words.GERMAN,
        **register_words.GERMAN,
        **settings_words.GERMAN,
        **shopper.GERMAN,
        **wares.GERMAN,
    },
    "en": {
        **connection_kinds.ENGLISH,
        **connection_words.ENGLISH,
        **correcting_words.ENGLISH,
        **debit_words.ENGLISH,
        **dunning_words.ENGLISH,
        **english.ENGLISH,
        **{f"state.{key}": text for key, text in english.WORDS_OF_STATES.items()},
        **bank_words.ENGLISH,
        **happenings.ENGLISH,
        **import_words.ENGLISH,
        **invoicing_words.ENGLISH,
        **obstacles.ENGLISH,
        **payments_words.ENGLISH,
        **payout_words.ENGLISH,
        **product_words.ENGLISH,
        **preview_words.ENGLISH,
        **progress.ENGLISH,
        **refund_words.ENGLISH,
        **register_words.ENGLISH,
        **settings_words.ENGLISH,
        **shopper.ENGLISH,
        **wares.ENGLISH,
    },
}


def say(language: str, key: str, **values: object) -> str:
    """Return a text with its values put in; KeyError for a key that is not there."""
    return WORDS[language][key].format_map(values)


def named(language: str, kind: str, code: str) -> str:
    """Return the name of a code; one that nobody translated reads as it is, without underscores."""
    return WORDS[language].get(f"{kind}.{code}") or code.replace("_", " ")


def preferred(accept_language: str) -> str:
    """Choose German or English by the header `Accept-Language`; German when it says neither."""
    for part in accept_language.lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in LANGUAGES:
            return code
    return "de"
