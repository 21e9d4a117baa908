"""HTTP errors as RFC 9457 problem documents, each with a stable code."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import Response

from chalicelib.domain.errors import Conflict, KontorError, Retryable
from chalicelib.runtime.logging import log
from chalicelib.store import codec

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    415: "Wrong content type",
    422: "Cannot be done",
    500: "Our mistake",
    503: "Try again later",
}


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An answer that is not the one asked for."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:  # noqa: ANN401
        """Keep the HTTP status, the stable code and the sentence for people."""
        super().__init__(detail)
        self.status, self.code, self.detail, self.more = status, code, detail, more

    def response(self) -> Response:
        """Return the problem as an HTTP answer."""
        body = {
            "type": f"urn:kontor:problem:{self.code}",
            "title": TITLES[self.status],
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.more,
        }
        return Response(
            json.dumps(body),
            status_code=self.status,
            headers={"Content-Type": "application/problem+json"},
        )


def not_found(what: str) -> Problem:
    """Return the problem of something that does not exist, or is another merchant's."""
    return Problem(404, "not_found", f"There is no such {what}.")


def answered(view: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what a view raises into a problem document."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - views are untyped in Chalice
        # API Gateway hands over the parts of a path as they were sent, still encoded.
        named = {name: unquote(str(value)) for name, value in kwargs.items()}
        try:
            return view(*args, **named)
        except Problem as problem:
            return problem.response()
        except Conflict as error:
            return Problem(409, error.code, "Somebody else was faster. Try again.").response()
        except Retryable as error:
            log.exception("not available", step="api")
            return Problem(503, error.code, "Not available just now. Try again.").response()
        except KontorError as error:
            return Problem(422, error.code, error.text).response()
        except Exception:  # noqa: BLE001 - the last door: callers get a problem, the log the trace
            log.exception("unexpected", step="api")
            return Problem(500, "unexpected", "Something went wrong on our side.").response()

    return wrapper


def body_as(raw: str | bytes, kind: type[T]) -> T:
    """Read a JSON body as a dataclass; the problem names the field and the reason."""
    try:
        document = json.loads(raw or b"{}")
    except ValueError as error:
        raise Problem(400, "not_json", f"The body is not JSON: {error}.") from error
    return shaped_as(document, kind)


def shaped_as(document: object, kind: type[T]) -> T:
    """Read plain JSON values as a dataclass; the problem names the field and the reason."""
    try:
        return codec.shaped(document, kind)
    except msgspec.ValidationError as error:
        reason, _, field = str(error).partition(" - at `$")
        name = field.strip("`.") or "body"
        raise Problem(400, "bad_field", f"{name}: {reason}.", field=name) from error
