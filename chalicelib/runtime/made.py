"""Files that jobs make: where each lies, so that the one who asked can fetch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.store.jobs import Job


def file_of(job: Job) -> str:
    """Return where the PDF of a job lies in the bucket."""
    return f"jobs/{job.merchant_id}/{job.id}.pdf"
