"""Files that jobs make: where each lies, so that the one who asked can fetch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.store.jobs import Job


def file_of(job: Job, name: str = "") -> str:
    """Return where the file of a job lies in the bucket; its name is given while it is made."""
    ending = (name or str(job.result.get("file", ""))).rpartition(".")[2] or "pdf"
    return f"jobs/{job.merchant_id}/{job.id}.{ending}"
