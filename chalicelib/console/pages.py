"""Pages: templates in, HTML with the right headers out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from chalice.app import Response

from chalicelib.console.row_words import complaint, reason
from chalicelib.console.words import named, say
from chalicelib.domain import formats
from chalicelib.domain.countries import country_name
from chalicelib.domain.money import Money
from chalicelib.notification.labels import LABELS
from chalicelib.notification.letter import look

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def render(template: str, *, language: str, colour: str = "", **context: object) -> str:
    """Return a page as HTML; the same context gives the same bytes."""
    return (
        _templates()
        .get_template(template)
        .render(
            lang=language,
            style=style(colour),
            say=partial(say, language),
            named=partial(named, language),
            money=partial(money, language),
            day=partial(day, language),
            moment=partial(moment, language),
            ago=partial(ago, language),
            before=partial(before, language),
            weight=lambda grams: formats.weight(grams, language),
            country=lambda code: country_name(code, language),
            percent=lambda rate: formats.rate(Decimal(rate), language),
            plain=partial(plain, language),
            reason=partial(reason, language),
            complaint=partial(complaint, language),
            labels=LABELS[language],
            **context,
        )
    )


def answer(page: str, *, status: int = 200, cookie: str = "") -> Response:
    """Return a page as an answer that no cache keeps, no frame shows and no crawler lists."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy(page),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
    if cookie:
        headers["Set-Cookie"] = cookie
    return Response(page, status_code=status, headers=headers)


def go_to(path: str, *, cookie: str = "") -> Response:
    """Send the browser to another page, with GET."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Location": path,
        "Cache-Control": "no-store",
    }
    if cookie:
        headers["Set-Cookie"] = cookie
    return Response("", status_code=303, headers=headers)


def policy(page: str) -> str:
    """Return the content security policy: no scripts, nothing from elsewhere, this style only."""
    sheet = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def style(colour: str) -> str:
    """Return the style sheet in the merchant's colour; a colour that is none changes nothing."""
    seen = look(colour)
    return f":root{{--accent:{seen['accent']};--on-accent:{seen['on_accent']}}}\n{_sheet()}"


@cache
def _sheet() -> str:
    return (FOLDER / "style.css").read_text(encoding="utf-8")


def money(language: str, amount: Mapping[str, str]) -> str:
    """Show `{"amount", "currency"}` as the reader expects it."""
    return formats.money(Money.of(amount["amount"], amount["currency"]), language)


def plain(language: str, amount: Mapping[str, str]) -> str:
    """Show an amount as people type it into a form: 12,34 or 12.34."""
    return amount["amount"].replace(".", ",") if language == "de" else amount["amount"]


def day(language: str, at: str | datetime) -> str:
    """Show the date of a moment, or of an ISO date."""
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    return formats.day(when if when.tzinfo else when.date(), language)


def moment(language: str, at: str | datetime) -> str:
    """Show date and time on the reader's clock."""
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    clock = when.astimezone(formats.HOME)
    return f"{formats.day(when, language)}, {clock:%H:%M}"


def ago(language: str, since: str | datetime, now: datetime) -> str:
    """Say roughly how long ago something was."""
    when = datetime.fromisoformat(since) if isinstance(since, str) else since
    span = now - when
    if span < MINUTE:
        return say(language, "time.now")
    if span < HOUR:
        return say(language, "time.minutes", count=span // MINUTE)
    if span < DAY:
        return say(language, "time.hours", count=span // HOUR)
    days = span // DAY
    return say(language, "time.day") if days == 1 else say(language, "time.days", count=days)


def before(language: str, at: str | datetime, now: datetime) -> str:
    """Say roughly when something was: 3 days ago."""
    span = ago(language, at, now)
    if span == say(language, "time.now"):
        return say(language, "time.just_now")
    return say(language, "time.before", time=span)


@cache
def _templates() -> Environment:
    """Load Jinja2 when the first page is asked for: the API never needs it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
