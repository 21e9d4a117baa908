"""Both languages, complete: words, facts, reasons, times."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest

from chalicelib.console import pages, reasons
from chalicelib.console.order_page import order_context
from chalicelib.console.tell import NOTES, VALUES, history
from chalicelib.console.words import LANGUAGES, WORDS, named, preferred
from chalicelib.domain import events, states, waiting
from chalicelib.domain.blocker import Blocker
from chalicelib.domain.commands import SendMail
from chalicelib.domain.order import Order
from chalicelib.notification.words import MAILS
from tests.console.samples import HELD, everything

CODE = Path(pages.__file__).parent
ROOT = CODE.parent


def fields(text: str) -> set[str | None]:
    """Return the names of the values that a text has room for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    """No half translation: same keys, same values in them."""
    assert WORDS["de"].keys() == WORDS["en"].keys()
    for key, text in WORDS["de"].items():
        assert fields(text) == fields(WORDS["en"][key]), key


def test_every_word_that_a_page_asks_for_exists() -> None:
    """A key with a slip of the pen would be an error page."""
    asked = set()
    for path in [*CODE.glob("templates/*.html"), *CODE.glob("*.py")]:
        asked |= set(re.findall(r'\bsay\((?:language, |lang, )?"([\w.]+)"', path.read_text()))
    assert len(asked) > 100
    for key in asked:
        begins = [known for known in WORDS["de"] if known.startswith(key)]
        assert begins if key.endswith((".", "_")) else key in WORDS["de"], key


def test_every_state_has_a_name() -> None:
    """Whatever an order is in, the page can say it."""
    axes: dict[str, type[states.StrEnum]] = {
        "order": states.Lifecycle,
        "payment": states.Payment,
        "stock": states.Stock,
        "fulfillment": states.Fulfillment,
        "invoice": states.Invoice,
        "return": states.Return,
    }
    for axis, kind in axes.items():
        for value in kind:
            assert f"state.{axis}.{value}" in WORDS["de"]


def test_every_list_has_a_name_and_a_word_for_being_empty() -> None:
    """An empty list says what that means."""
    for name in (*waiting.WORKLISTS, "open", "all", "found"):
        assert f"list.{name}" in WORDS["de"]
        assert f"empty.{name}" in WORDS["de"]


def test_every_kind_of_fact_is_told() -> None:
    """The history has a sentence for whatever can happen."""
    assert {f"fact.{name}" for name in events.FACTS} <= WORDS["de"].keys()
    assert VALUES.keys() | NOTES.keys() <= events.FACTS.keys()
    seen = {type(fact).__name__ for fact in everything().facts}
    assert seen == events.FACTS.keys(), "samples.everything must have one fact of each kind"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_reads_as_a_sentence(language: str) -> None:
    """No code, no key and no empty value is left in it."""
    for one in history(everything(), language):
        assert one.text
        assert not re.search(r"[{}_]|None", one.text), one.text


def test_every_mail_has_a_name() -> None:
    """Staff read which mail went out, not what its template is called."""
    for kind in MAILS["de"]:
        if kind not in {"order_confirmation_paid", "return_authorized_unpaid"}:
            assert f"mail.{kind}" in WORDS["de"]
            assert SendMail(kind=kind).key


SAID_AT_ONCE = {"api", "console", "intake", "payment"}
FILES = {"fields.py", "importing.py", "sheets.py", "shopware_app.py"}


def codes_in_the_code() -> set[str]:
    """Return every code that a hold or a blocker can have, read from the source."""
    found = set()
    for path in ROOT.rglob("*.py"):
        # What is wrong with a request or a file is said there, and holds no order up.
        if SAID_AT_ONCE & {*path.relative_to(ROOT).parts} or path.name in FILES:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = (
                node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            )
            given = {k.arg: k.value for k in node.keywords}
            first = given.get("code") or (node.args[0] if node.args else None)
            if name in {"Permanent", "NeedsHuman", "HoldPlaced", "Blocker", "_clarify"}:
                values = ast.walk(first) if first else ()
                found |= {x.value for x in values if isinstance(x, ast.Constant) and x.value}
    return {code for code in found if isinstance(code, str)}


def test_every_problem_has_a_name() -> None:
    """Whatever stops an order has a heading in both languages."""
    codes = codes_in_the_code()
    assert {"short_stock", "unpaid", "no_carrier", "missing_address"} <= codes
    assert {code for code in codes if f"hold.{code}" not in WORDS["de"]} == set()


@pytest.mark.parametrize("one", HELD, ids=lambda one: one.id)
def test_every_reason_is_said_in_german(one: Order) -> None:
    """What the domain says in English is known here word by word, so that it can be translated."""
    now = one.received.at + timedelta(days=9)
    found = waiting.blockers(one, now)
    assert found
    for blocker in found:
        if blocker.code == "manual":
            continue
        german = reasons.reason(blocker, one, "de")
        english = reasons.reason(blocker, one, "en")
        assert german.text != blocker.text, blocker
        assert german.title != english.title
        assert not re.search(r"\d EUR|\b(the|are|of|is)\b", german.text), german.text


def test_what_a_provider_says_stays_as_it_is() -> None:
    """Nobody can look up a translated error message."""
    words = "DHL: The postal code 00000 is unknown."
    blocker = Blocker(
        code="carrier_refused", text=words, owner="staff", since=everything().received.at, next=""
    )
    assert reasons.reason(blocker, everything(), "de").text == words


def test_an_unknown_code_is_shown_readable() -> None:
    """A connector of tomorrow may bring its own codes."""
    assert named("de", "hold", "customs_form_missing") == "customs form missing"


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-DE,de;q=0.9", "de"), ("en-GB", "en"), ("fr-FR,en;q=0.8", "en"), ("", "de"), ("xx", "de")],
)
def test_a_browser_is_answered_in_its_language(header: str, language: str) -> None:
    """Before the login nobody knows the merchant."""
    assert preferred(header) == language


def test_times_read_as_people_say_them() -> None:
    """Moments in the reader's time zone, ages in round numbers."""
    start = everything().received.at
    assert pages.moment("de", start) == "23.11.2026, 09:00"
    assert pages.ago("de", start, start + timedelta(minutes=5)) == "5 Min."
    assert pages.ago("de", start, start + timedelta(days=1, hours=2)) == "1 Tag"
    assert pages.before("en", start, start + timedelta(days=3)) == "3 days ago"
    assert pages.before("en", start, start) == "just now"


@pytest.mark.usefixtures("house")
def test_the_page_of_an_order_knows_all_its_facts() -> None:
    """Recent and earlier entries together are the whole history."""
    one = everything()
    shown = order_context(one, one.received.at, base_url="", language="de")
    assert len(shown["recent"]) + len(shown["earlier"]) == len(one.facts)
