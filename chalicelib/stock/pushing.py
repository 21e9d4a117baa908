"""The job that tells a shop everything that may be sold again: each night, and when it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.runtime.changes import announce, changes_of
from chalicelib.store.products import Products

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.store.jobs import Job

AT_ONCE = 200


def advance(job: Job, now: datetime) -> Job:
    """Send word of the next products; their levels are read when the shop is told, not here.

    It goes the way of every other change, so that a newer level never overtakes it.
    """
    after = str(job.cursor.get("after", ""))
    found = [one.sku for one in Products().page(job.merchant_id, limit=AT_ONCE, after=after)]
    occasion = f"{job.id} {job.began_at.isoformat()} {after}"
    announce(changes_of(job.merchant_id, job.subject, found, again=True), occasion)
    if len(found) < AT_ONCE:
        done = job.done + len(found)
        return replace(job, state="done", done=done, total=done, cursor={}, updated_at=now)
    return replace(job, done=job.done + len(found), cursor={"after": found[-1]}, updated_at=now)
