"""Settings as a form shows them, and a form as settings."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from chalicelib.api.problems import Problem, shaped_as
from chalicelib.console.settings_fields import SECTIONS, Setting
from chalicelib.console.settings_tables import TABLES, Row, Table, whole
from chalicelib.store import codec
from chalicelib.store.merchants import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    Form = Mapping[str, str]

BLANK_ROWS = 1
LOGO_MOST = 48 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


def shown(settings: Settings) -> dict[str, str]:
    """Return what the form holds for settings as they are."""
    plain = codec.plain(settings)
    form = {one.name: _text(_at(plain, one.name)) for some in SECTIONS.values() for one in some}
    for table in TABLES.values():
        for index, row in enumerate(table.rows(plain[table.field])):
            form |= {f"{one.name}:{index}": _text(row[one.name]) for one in table.columns}
    return form


def rows(table: Table, form: Form, *, more: bool = False) -> int:
    """Return how many rows of a table the form has: those that are filled in, and a blank one."""
    names, most = [one.name for one in table.columns], table.most
    used = [at for at in range(most) if any(form.get(f"{name}:{at}") for name in names)]
    return min((used[-1] + 1 if used else 1) + (BLANK_ROWS if more else 0), most)


def changed(settings: Settings, section: str, form: Form, logo: bytes) -> Settings:
    """Return settings with what one section of the form says; the problem names the field."""
    plain = codec.plain(settings)
    if table := TABLES.get(section):
        plain[table.field] = table.read(_filled(table, form))
    for one in SECTIONS.get(section, ()):
        holder, name = _holder(plain, one.name)
        holder[name] = _logo(holder[name], form, logo) if one.kind == "logo" else _value(one, form)
    return shaped_as(plain, Settings)


def _value(one: Setting, form: Form) -> Any:  # noqa: ANN401 - a field may be of any plain type
    text = form.get(one.name, "").strip()
    if one.kind == "flag":
        return bool(text)
    if one.kind == "number":
        return whole(text, one.name)
    if one.kind == "rate":
        return text.replace(",", ".")
    if one.choices and text not in {choice.value for choice in one.choices}:
        words = ", ".join(choice.value for choice in one.choices)
        raise Problem(400, "bad_field", f"{one.name}: one of {words}.", field=one.name)
    if one.choices and text.isdecimal():
        return int(text)
    if len(text) > one.size and one.kind != "long":
        detail = f"{one.name}: at most {one.size} characters."
        raise Problem(400, "bad_field", detail, field=one.name)
    return text


def _logo(old: str, form: Form, data: bytes) -> str:
    if form.get("logo_off"):
        return ""
    if not data:
        return old
    if not data.startswith(PNG) or len(data) > LOGO_MOST:
        detail = f"logo: must be a PNG of at most {LOGO_MOST // 1024} kB."
        raise Problem(400, "bad_field", detail, field="logo")
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _filled(table: Table, form: Form) -> list[Row]:
    """Return the rows that are filled in."""
    names = [one.name for one in table.columns]
    typed = (
        {name: form.get(f"{name}:{at}", "").strip() for name in names} for at in range(table.most)
    )
    return [row for row in typed if any(row[name] for name in table.marks)]


def _holder(plain: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    group, _, rest = name.partition(".")
    return (plain[group], rest) if rest else (plain, group)


def _at(plain: dict[str, Any], name: str) -> object:
    holder, rest = _holder(plain, name)
    return holder[rest]


def _text(value: object) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)
