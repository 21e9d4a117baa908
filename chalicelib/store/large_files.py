"""Large files of jobs, written to the bucket part by part; a part written again replaces itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Retryable
from chalicelib.store.bucket import client

if TYPE_CHECKING:
    from collections.abc import Sequence

PART = 6 * 1024 * 1024  # S3 wants 5 MiB at least for each part but the last


class LargeFiles:
    """Uploads in parts (S3's multipart uploads); what is never finished S3 removes in a week."""

    def begin(self, key: str, *, content_type: str) -> str:
        """Begin a file and return the id of its upload."""
        try:
            answer = client().create_multipart_upload(
                Bucket=os.environ["DOCUMENTS_BUCKET"], Key=key, ContentType=content_type
            )
        except (BotoCoreError, ClientError) as error:
            raise Retryable("archive", f"S3: {error}") from error
        upload_id: str = answer["UploadId"]
        return upload_id

    def part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Write a part, the first has number 1, and return its mark."""
        try:
            answer = client().upload_part(
                Bucket=os.environ["DOCUMENTS_BUCKET"],
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=data,
            )
        except (BotoCoreError, ClientError) as error:
            raise Retryable("archive", f"S3: {error}") from error
        mark: str = answer["ETag"]
        return mark

    def finish(self, key: str, upload_id: str, marks: Sequence[str]) -> None:
        """Put the parts together in the order of their marks."""
        parts = [{"PartNumber": number, "ETag": mark} for number, mark in enumerate(marks, 1)]
        try:
            client().complete_multipart_upload(
                Bucket=os.environ["DOCUMENTS_BUCKET"],
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
            )
        except ClientError as error:
            # Finished before, and lost before it was noted.
            if error.response.get("Error", {}).get("Code") != "NoSuchUpload":
                raise Retryable("archive", f"S3: {error}") from error
        except BotoCoreError as error:
            raise Retryable("archive", f"S3: {error}") from error
