"""Who is at the console: a session in a cookie, and proof that a form is one of ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.runtime.settings import public_url
from chalicelib.store.merchants import Merchants

if TYPE_CHECKING:
    from chalice.app import Request

COOKIE = "kontor_session"
LASTS = timedelta(hours=12)
WORDS = frozenset({"/console", "/s/", "/t/"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open session; `form_key` stands in every form of it."""

    merchant_id: str
    secret: str

    @property
    def form_key(self) -> str:
        """A value that only pages of this session know (against cross-site request forgery)."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    def is_own_form(self, given: str) -> bool:
        """Tell whether a form came from a page of this session."""
        return hmac.compare_digest(self.form_key, given)


def begin(merchant_id: str, now: datetime) -> Session:
    """Open a session for half a day."""
    session = Session(merchant_id=merchant_id, secret=secrets.token_urlsafe(32))
    Merchants().open_session(merchant_id, session.secret, now + LASTS)
    return session


def current(request: Request, now: datetime) -> Session | None:
    """Return the session that the request's cookie opens, if there is one."""
    try:
        cookies = SimpleCookie(str(request.headers.get("cookie", "")))
    except CookieError:
        return None
    given = cookies[COOKIE].value if COOKIE in cookies else ""
    merchant_id, _, secret = given.partition(".")
    if not merchant_id or not secret or not Merchants().knows_session(merchant_id, secret, now):
        return None
    return Session(merchant_id=merchant_id, secret=secret)


def end(session: Session) -> None:
    """Close a session."""
    Merchants().close_session(session.merchant_id, session.secret)


def cookie(session: Session, request: Request) -> str:
    """Return the header that gives the browser its session."""
    return _cookie(f"{session.merchant_id}.{session.secret}", request, int(LASTS.total_seconds()))


def no_cookie(request: Request) -> str:
    """Return the header that takes the session away from the browser."""
    return _cookie("", request, 0)


def _cookie(value: str, request: Request, seconds: int) -> str:
    scheme = urlsplit(public_url()).scheme or str(request.headers.get("x-forwarded-proto", ""))
    secure = "; Secure" if scheme == "https" else ""
    path = f"{base_path(request)}/console"
    return f"{COOKIE}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def base_path(request: Request) -> str:
    """Return what stands before our paths: nothing, or the stage behind API Gateway."""
    if public_url():
        return urlsplit(public_url()).path.rstrip("/")
    path = str(request.context.get("path", ""))
    ours = max((path.rfind(word) for word in WORDS), default=-1)
    return path[:ours] if ours > 0 else ""
