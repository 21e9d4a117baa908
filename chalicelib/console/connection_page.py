"""The page of one connection: how it is, what it sent, and everything that can be done to it."""

from __future__ import annotations

import secrets as random
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from chalice.app import Response

from chalicelib.api import deliveries
from chalicelib.api.asking import NEEDS, ask, is_offered
from chalicelib.api.connections import ConnectionChanges, alter, cut, own, renew
from chalicelib.api.health import views
from chalicelib.api.jobs import job_view
from chalicelib.api.paging import read_cursor, write_cursor
from chalicelib.api.problems import Problem, not_found
from chalicelib.api.shopware import manifest_of
from chalicelib.console import forms
from chalicelib.console.connection_fields import SWITCH_NEEDS, SWITCHES, fields_of
from chalicelib.console.connections import bp, trouble_of
from chalicelib.console.pages import go_to
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import WORDS
from chalicelib.domain.errors import Permanent
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url, settings_of
from chalicelib.shops.port import can
from chalicelib.store.jobs import Jobs, standing
from chalicelib.store.merchants import Merchants

if TYPE_CHECKING:
    from chalicelib.console.session import Session
    from chalicelib.store.connections import Connection
    from chalicelib.store.jobs import Job

PER_PAGE = 25


@bp.route("/console/connections/{connection_id}", methods=["GET"])
@at_the_console
def read(who: Session, connection_id: str) -> Response:
    """Show one connection."""
    params = dict(bp.current_request.query_params or {})
    done = params.get("done", "")
    known = f"connection.done_{done}" in WORDS["de"]
    return _page(who, own(who.merchant_id, connection_id), done=done if known else "")


@bp.route("/console/connections/{connection_id}/manifest.xml", methods=["GET"])
@at_the_console
def manifest(who: Session, connection_id: str) -> Response:
    """Hand out the app of a Shopware shop."""
    connection = own(who.merchant_id, connection_id)
    if connection.kind != "shopware":
        raise not_found("manifest")
    return manifest_of(connection)


@bp.route("/console/connections/{connection_id}/deliveries/{delivery}", methods=["GET"])
@at_the_console
def delivery(who: Session, connection_id: str, delivery: str) -> Response:
    """Show one delivery as it came."""
    connection = own(who.merchant_id, connection_id)
    found = deliveries.find(connection, unquote(delivery))
    return page("delivery.html", who=who, connection=connection, delivery=deliveries.shown(found))


@bp.route("/console/connections/{connection_id}/{action}", methods=["POST"], content_types=FORM)
@at_the_console
def act(who: Session, connection_id: str, action: str) -> Response:
    """Do what a form asks for, then show how it goes."""
    connection, form = own(who.merchant_id, connection_id), forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    do = ACTIONS.get(action)
    if do is None:
        raise not_found("action")
    try:
        return go_to(path_of(do(connection, form)))
    except (Problem, Permanent) as problem:
        return _page(who, connection, problem=problem)


def _here(connection: Connection, done: str) -> str:
    return f"/connections/{connection.id}?done={done}"


def _asks(kind: str) -> Callable[[Connection, forms.Form], str]:
    def start(connection: Connection, form: forms.Form) -> str:
        del form
        return f"/jobs/{quote(ask(connection, kind).id)}"

    return start


def _test(connection: Connection, form: forms.Form) -> str:
    del form
    sent, job = deliveries.tried(connection)
    if job:
        return f"/jobs/{quote(job.id)}"
    key = (sent or "").partition("/")[2]
    return f"/connections/{connection.id}/deliveries/{quote(key, safe='')}"


def _replay(connection: Connection, form: forms.Form) -> str:
    if name := form.get("delivery_id"):
        deliveries.replay_these(connection, [deliveries.find(connection, name)])
    elif "since" in form:
        job = deliveries.replay_since(connection, form["since"])
        return f"/jobs/{quote(job.id)}"
    else:
        deliveries.replay_failed(connection)
    return _here(connection, "replayed")


def _settings(connection: Connection, form: forms.Form) -> str:
    """Read the switches; one that is not ticked is off."""
    new = {name: "on" if form.get(name) else "off" for name in _switches(connection)}
    if "push_stock" in new:
        new["reserve_units"] = form.get("reserve_units", "")
    for one in fields_of(connection.kind):
        if not one.is_secret:
            new[one.key] = form.get(one.name, "")
    alter(connection, ConnectionChanges(name=form.get("name", ""), settings=new))
    return _here(connection, "saved")


def _renew(connection: Connection, form: forms.Form) -> str:
    fields = fields_of(connection.kind)
    new = {one.key: form[one.name] for one in fields if one.is_secret and form.get(one.name)}
    if not new:
        raise Problem(400, "no_secret", "Nothing was filled in.")
    renew(connection, new)
    return _here(connection, "renewed")


def _remove(connection: Connection, form: forms.Form) -> str:
    if not form.get("sure"):
        raise Problem(400, "not_sure", "Tick that you are sure.")
    cut(connection)
    return "/connections"


def _key(connection: Connection, form: forms.Form) -> str:
    """Make the public key with which the shop's pages ask what can be sold, if there is none."""
    del form
    settings = Merchants().settings(connection.merchant_id)
    if not settings.availability_key:
        key = f"{connection.merchant_id}.{random.token_hex(16)}"
        Merchants().save_settings(connection.merchant_id, replace(settings, availability_key=key))
        settings_of.forget()
    return _here(connection, "key")


ACTIONS: dict[str, Callable[[Connection, forms.Form], str]] = {
    "check": _asks("check"),
    "poll": _asks("poll"),
    "register": _asks("register"),
    "import": _asks("import_open"),
    "levels": _asks("push_levels"),
    "payouts": _asks("payouts"),
    "test": _test,
    "replay": _replay,
    "settings": _settings,
    "secrets": _renew,
    "remove": _remove,
    "key": _key,
}


def _page(
    who: Session,
    connection: Connection,
    *,
    done: str = "",
    problem: Problem | Permanent | None = None,
) -> Response:
    params = dict(bp.current_request.query_params or {})
    cursor = read_cursor(params)
    items, following = deliveries.listed(connection, limit=PER_PAGE, cursor=cursor)
    jobs = _jobs(connection)
    language = language_of(who)
    status = problem.status if isinstance(problem, Problem) else 422 if problem else 200
    return page(
        "connection.html",
        who=who,
        status=status,
        connection=views([connection], who.merchant_id)[0],
        fields=fields_of(connection.kind),
        switches={name: connection.settings.get(name, usual) == "on"
                  for name, usual in _switches(connection).items()},
        calls=_calls(connection),
        reader=connection.reader,
        deliveries=items,
        is_first=cursor is None,
        next=write_cursor(following),
        jobs=[job_view(job) for job in jobs],
        names={},
        key=settings_of(who.merchant_id).availability_key,
        url=public_url(),
        done=done,
        trouble=_said(problem, language) if problem else "",
        now=clock.now(),
    )  # fmt: skip


def _said(problem: Problem | Permanent, language: str) -> str:
    return WORDS[language].get(f"problem.{problem.code}") or trouble_of(problem, language)


def _switches(connection: Connection) -> dict[str, str]:
    return {
        name: usual for name, usual in SWITCHES.items() if can(connection.kind, SWITCH_NEEDS[name])
    }


def _calls(connection: Connection) -> set[str]:
    """Return the kinds of jobs that can be asked for."""
    calls = {name for name, call in NEEDS.items() if can(connection.kind, call)}
    return calls | ({"payouts"} if is_offered(connection, "payouts") else set())


def _jobs(connection: Connection) -> list[Job]:
    """Return the standing jobs of a connection, newest first."""
    found = (
        Jobs().load(connection.merchant_id, standing(kind, connection.id))
        for kind in sorted(_calls(connection))
    )
    return sorted(filter(None, found), key=lambda job: job.updated_at, reverse=True)
