"""Files over the register as jobs: `GET /v1/jobs/{id}` shows how far one is."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.documents.exports import datev, procedure
from chalicelib.documents.exports.accounts import Accounts
from chalicelib.documents.exports.datev_payments import paying
from chalicelib.documents.exports.outputs import documents_table
from chalicelib.documents.exports.pack import Pack
from chalicelib.documents.exports.writing import Writer
from chalicelib.domain.errors import Permanent
from chalicelib.domain.formats import HOME
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import new_job
from chalicelib.store.large_files import LargeFiles
from chalicelib.store.register import Register, Span

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.documents.exports.writing import Output
    from chalicelib.store.jobs import Job
    from chalicelib.store.merchants import Settings

# What can be written, and the kind of its job.
KINDS = {
    "datev": "export_datev",
    "documents": "export_documents",
    "documents-zip": "export_pack",
    "audit-pack": "audit_pack",
}


def asked(
    merchant_id: str, what: str, span: Span, now: datetime, *, has_payments: bool = False
) -> Job:
    """Return the job that writes a file over some days, not saved yet."""
    job = new_job(merchant_id, KINDS[what], now, subject=f"{span.since} – {span.until}")
    memory = {"since": span.since, "until": span.until, "kind": span.kind}
    return replace(job, memory=memory | ({"payments": True} if has_payments else {}))


def advance(job: Job, now: datetime) -> Job:
    """Write some more."""
    memory = {name: text for name, text in job.memory.items() if name != "payments"}
    span = Span(**memory)
    writer = Writer(source=Register(), parts=LargeFiles(), files=Bucket())
    del now  # a slice that is repeated tomorrow writes the same
    return writer.advance(job, span, _output(job, span, settings_of(job.merchant_id)))


def _output(job: Job, span: Span, settings: Settings) -> Output:
    match job.kind:
        case "export_datev":
            if wrong := datev.fault(settings):
                raise Permanent("datev_settings", f"{wrong[0]}: {wrong[1]}")
            more = paying(job, span, Accounts.of(settings)) if job.memory.get("payments") else ()
            return datev.bookings(settings, job.merchant_id, span, job.created_at, more)
        case "export_documents":
            return documents_table(span)
        case _:
            return _pack(job, span, settings).output()


def _pack(job: Job, span: Span, settings: Settings) -> Pack:
    on, is_audit = job.created_at.astimezone(HOME).date(), job.kind == "audit_pack"
    mode = os.environ.get("OBJECT_LOCK_MODE", "off")
    text = procedure.text(settings, job.merchant_id, lock_mode=mode, on=on)
    return Pack(
        merchant_id=job.merchant_id,
        span=span,
        files=Bucket(),
        source=Register(),
        now=job.created_at,
        is_newest=span.until >= on.isoformat(),
        extras=[("Verfahrensdokumentation.md", text.encode())] if is_audit else [],
        is_audit=is_audit,
    )
