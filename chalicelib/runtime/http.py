"""Calls to the outside: only to the host a connection names, and never into our own network."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.runtime.outside import Answer, Line, is_local_allowed, parted
from chalicelib.runtime.refusals import retry_after, words_of

# Returns the headers that sign a call; True: those of before were refused, get new ones.
Sign = Callable[[bool], Mapping[str, str]]

REDIRECTS = 3
WAITS = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
# After these two a body may be sent again; the others make a GET of it.
KEEPING = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}
MOVED = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER} | KEEPING


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the outside answered; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - JSON is any
        """Parse the body; numbers with a point become Decimal.

        A page in place of JSON is Retryable(`outside_garbled`): some shops print warnings first.
        """
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError as error:
            kind = self.headers.get("content-type", "an unnamed type")
            text = f"The outside answered with {kind} where JSON was expected."
            raise Retryable("outside_garbled", text) from error


class Api(Protocol):
    """One outside interface: its address, its credentials and its manners."""

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: object | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> Reply:
        """Call `path` (or a full address on the same host); `data` goes as JSON.

        Raises Retryable for time-outs, 408, 425, 429 and 5xx, Permanent(`outside_refused`) with the
        outside's own words for any other 4xx, unless its status is in `allow`.
        """
        ...


def fixed(**headers: str) -> Sign:
    """Sign every call with the same headers; `_` in a name is written as `-`."""
    same = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: same


class HttpApi:
    """An interface over HTTPS at one host; its connection is kept between calls."""

    def __init__(
        self, base_url: str, sign: Sign | None = None, *, hide: Collection[str] = ()
    ) -> None:
        """Take the address all paths are under; Permanent(`bad_address`) if it is none.

        `hide` are secrets in bodies, which no error may repeat; those of `sign` are hidden anyway.
        """
        parts = parted(base_url.strip().rstrip("/"))
        schemes = {"https", "http"} if is_local_allowed() else {"https"}
        is_more = parts.username is not None or parts.query or parts.fragment
        if parts.scheme not in schemes or not parts.hostname or is_more:
            text = f"{parts.hostname or 'This'} is no address like https://shop.example."
            raise Permanent("bad_address", text)
        self._base = parts.geturl()
        self._sign = sign or fixed()
        self._hidden = hide
        self._line = Line(parts)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: object | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> Reply:
        """Call as `Api` says; a sign-in that was refused is renewed once."""
        target = self._target(path, query)
        body, kind = _written(data, form)
        sent = {"accept": "application/json"} | ({"content-type": kind} if kind else {})
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        signed = self._signed(is_refused=False)
        answer = self._follow(method, target, body, sent | signed)
        if answer.status == HTTPStatus.UNAUTHORIZED and answer.status not in allow:
            renewed = self._signed(is_refused=True)
            if renewed != signed:
                signed = renewed
                answer = self._follow(method, target, body, sent | signed)
        _check(method, urlsplit(target).path, answer, allow, [*signed.values(), *self._hidden])
        return Reply(status=answer.status, headers=answer.headers, body=answer.body)

    def _signed(self, *, is_refused: bool) -> dict[str, str]:
        signed = {name.lower(): value for name, value in self._sign(is_refused).items()}
        # A header that can not be sent would be repeated, with the secret, by Python's own error.
        if not all(value.isascii() and value.isprintable() for value in signed.values()):
            text = "A secret of the connection holds a line break or a sign no header may hold."
            raise Permanent("not_set_up", text)
        return signed

    def _target(self, path: str, query: Mapping[str, str] | None) -> str:
        is_full = path.startswith(("https:", "http:", "//"))
        target = _seen_from(self._base, path) if is_full else f"{self._base}/{path.lstrip('/')}"
        self._line.check(target)
        joint = "&" if "?" in target else "?"
        return f"{target}{joint}{urlencode(query)}" if query else target

    def _follow(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send, and go along where the host points to another of its own addresses."""
        for _ in range(REDIRECTS):
            answer = self._line.send(method, target, body, headers)
            may_follow = method in {"GET", "HEAD"} or answer.status in KEEPING
            if answer.status not in MOVED or "location" not in answer.headers or not may_follow:
                return answer
            target = _seen_from(target, answer.headers["location"])
            self._line.check(target)
        raise Permanent("outside_refused", "The outside sends us in circles (redirects).")


def _seen_from(target: str, place: str) -> str:
    """Return the address that a place means; Permanent where a shop has written none."""
    parted(place)
    return urljoin(target, place)


def _written(data: object | None, form: Mapping[str, str] | None) -> tuple[bytes | None, str]:
    """Return the bytes of a body and what kind they are."""
    if data is not None:
        return json.dumps(data, default=_plain).encode(), "application/json"
    if form is not None:
        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    return None, ""


def _check(
    method: str, path: str, answer: Answer, allow: Collection[int], secrets: Collection[str]
) -> None:
    """Raise what an answer means that is no success and was not expected."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status in allow:
        return
    said = f"{method} {path} was answered with {answer.status}: {words_of(answer, secrets)}"
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in WAITS:
        wait = retry_after(answer.headers)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and wait is None:
            wait = 0.0  # it is too often for some time, also where it is not said for how long
        raise Retryable("outside_down", said, after=wait)
    raise Permanent("outside_refused", said)


def _plain(value: object) -> object:
    """Write a Decimal as the outside reads sums best: as text, to the last digit."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
