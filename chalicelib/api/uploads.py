"""Files that are too large for one call: a place to put them, and what came of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.problems import Problem, answered, body_as
from chalicelib.runtime import sheets
from chalicelib.runtime.importing import key_of
from chalicelib.store.bucket import LINK_SECONDS, Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

bp = Blueprint(__name__)
NAME_LENGTH = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """The size of a file that is to come, in bytes."""

    bytes: int


@bp.route("/v1/uploads", methods=["POST"])
@answered
def create() -> Response:
    """Return an address to which a large file is sent with PUT, within a quarter of an hour."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, NewUpload)
    if new.bytes < 1:
        raise Problem(400, "bad_field", "bytes: must be above 0.", field="bytes")
    check_size(new.bytes)
    upload_id = new_id()
    return Response(
        {
            "upload_id": upload_id,
            "method": "PUT",
            "url": Bucket().upload_link(key_of(merchant_id, upload_id), new.bytes),
            "headers": {"Content-Length": str(new.bytes)},
            "expires_in": LINK_SECONDS,
        },
        status_code=201,
    )


def new_id() -> str:
    """Name an upload so that nobody can guess it."""
    return secrets.token_hex(NAME_LENGTH // 2)


def kept(merchant_id: str, data: bytes) -> str:
    """Keep a file that was sent with the call itself; returns the upload's id."""
    check_size(len(data))
    upload_id = new_id()
    Bucket().put(key_of(merchant_id, upload_id), data)
    return upload_id


def fetched(merchant_id: str, upload_id: str) -> bytes:
    """Read an uploaded file; 404 for none, 413 for one that is too large."""
    is_name = len(upload_id) == NAME_LENGTH and upload_id.isalnum() and upload_id.isascii()
    size = Bucket().size(key_of(merchant_id, upload_id)) if is_name else None
    if size is None:
        raise Problem(404, "not_found", "There is no such upload; they are kept for a week.")
    check_size(size)
    return Bucket().read(key_of(merchant_id, upload_id))


def check_size(size: int) -> None:
    """Refuse a file that is too large, naming the limit (413)."""
    if size > sheets.MOST_BYTES:
        most = sheets.MOST_BYTES // sheets.MB
        text = f"The file has {size / sheets.MB:.1f} MB, at most {most} MB are taken: split it."
        raise Problem(413, "too_large", text)


def parts(content_type: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    """Return file and fields of a form (`multipart/form-data`); of any other body the file."""
    if not content_type.lower().startswith("multipart/form-data"):
        return body, {}
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    form: Any = message_from_bytes(head + body)
    file, fields = b"", {}
    for part in form.get_payload() if form.is_multipart() else ():
        name = str(part.get_param("name", "", header="content-disposition"))
        content: Any = part.get_payload(decode=True)
        if part.get_filename() is not None:
            file = content or b""
        elif name:
            fields[name] = (content or b"").decode("utf-8", "replace")
    return file, fields


def sent(request: Any) -> tuple[bytes, Mapping[str, str]]:  # noqa: ANN401 - Chalice is untyped
    """Return the file of a request, and its parameters with the fields of its form."""
    raw = request.raw_body
    body = raw if isinstance(raw, bytes) else str(raw).encode()
    file, fields = parts(str(request.headers.get("content-type", "")), body)
    return file, {**dict(request.query_params or {}), **fields}
