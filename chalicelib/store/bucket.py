"""The documents bucket: what lies there is never changed, only read by short-lived links."""

from __future__ import annotations

import base64
import hashlib
import os
import unicodedata
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Retryable
from chalicelib.store import session

if TYPE_CHECKING:
    from datetime import date

KEEP_YEARS = 8  # § 14b UStG: eight years from the end of the calendar year
LINK_SECONDS = 900


@cache
def client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    """Make the client of S3 once."""
    config = Config(signature_version="s3v4", retries={"mode": "standard", "max_attempts": 3})
    return session.client("s3", config)


def retain_until(issued_on: date) -> datetime:
    """Return the moment until which a document must be kept (`facts`: § 14b UStG)."""
    return datetime(issued_on.year + KEEP_YEARS + 1, 1, 1, tzinfo=UTC)


class Bucket:
    """The bucket of this stage."""

    def write(self, key: str, data: bytes, *, content_type: str, keep_until: datetime) -> str:
        """Store bytes and return their SHA-256 in hex; the same bytes again change nothing."""
        digest = hashlib.sha256(data).digest()
        options: dict[str, Any] = {}
        mode = os.environ.get("OBJECT_LOCK_MODE", "off")
        if mode != "off":
            options = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": keep_until}
        try:
            client().put_object(
                Bucket=os.environ["DOCUMENTS_BUCKET"],
                Key=key,
                Body=data,
                ContentType=content_type,
                ChecksumSHA256=base64.b64encode(digest).decode(),
                **options,
            )
        except (BotoCoreError, ClientError) as error:
            raise Retryable("archive", f"S3: {error}") from error
        return digest.hex()

    def put(self, key: str, data: bytes) -> None:
        """Store bytes that are no document, such as a long delivery."""
        try:
            client().put_object(Bucket=os.environ["DOCUMENTS_BUCKET"], Key=key, Body=data)
        except (BotoCoreError, ClientError) as error:
            raise Retryable("archive", f"S3: {error}") from error

    def read(self, key: str) -> bytes:
        """Read what is stored."""
        try:
            answer = client().get_object(Bucket=os.environ["DOCUMENTS_BUCKET"], Key=key)
            data: bytes = answer["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise Retryable("archive", f"S3: {error}") from error
        return data

    def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None if there is none."""
        try:
            answer = client().head_object(Bucket=os.environ["DOCUMENTS_BUCKET"], Key=key)
        except ClientError as error:
            # Who may not list a bucket is told "forbidden" of what is not in it.
            if error.response.get("Error", {}).get("Code") in {"404", "403", "NoSuchKey"}:
                return None
            raise Retryable("archive", f"S3: {error}") from error
        except BotoCoreError as error:
            raise Retryable("archive", f"S3: {error}") from error
        return int(answer["ContentLength"])

    def upload_link(self, key: str, size: int) -> str:
        """Return an address that takes exactly so many bytes with PUT, for a quarter of an hour."""
        place = {"Bucket": os.environ["DOCUMENTS_BUCKET"], "Key": key, "ContentLength": size}
        url: str = client().generate_presigned_url(
            "put_object", Params=place, ExpiresIn=LINK_SECONDS
        )
        return url

    def link(self, key: str, *, filename: str, kind: str = "application/pdf") -> str:
        """Return an address that opens a PDF, or saves another file, for a quarter of an hour."""
        way = "inline" if kind == "application/pdf" else "attachment"
        url: str = client().generate_presigned_url(
            "get_object",
            Params={
                "Bucket": os.environ["DOCUMENTS_BUCKET"],
                "Key": key,
                "ResponseContentDisposition": disposition(way, filename),
                "ResponseContentType": kind,
            },
            ExpiresIn=LINK_SECONDS,
        )
        return url


def disposition(way: str, filename: str) -> str:
    """Return a `Content-Disposition` (RFC 6266): the true name, and a plain one for old readers."""
    kept = "".join(sign if sign.isprintable() and sign not in '/\\"' else "-" for sign in filename)
    plain = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode()
    said = f'{way}; filename="{plain}"'
    return said if plain == kept else f"{said}; filename*=UTF-8''{quote(kept, safe='')}"
