"""The jobs function: which long work it does, and who does a slice of it."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.runtime.batch import each
from chalicelib.runtime.jobs import Runner, by_kind
from chalicelib.store.jobs import Jobs, wake

bp = Blueprint(__name__)

# Each module has `advance(job, now) -> Job`: one slice of some seconds, harmless if repeated.
HANDLERS = {
    "poll": "chalicelib.intake.polling",
    "import_open": "chalicelib.intake.polling",
    "register": "chalicelib.intake.registering",
    "check": "chalicelib.intake.registering",
    "import_orders": "chalicelib.intake.importing",
    "import_products": "chalicelib.stock.importing",
    "push_levels": "chalicelib.stock.pushing",
    "replay": "chalicelib.flow.replaying",
    "arrivals": "chalicelib.stock.arriving",
    "reconcile": "chalicelib.payment.reconciling",
    "payouts": "chalicelib.payment.payouts",
    "transfer_file": "chalicelib.payment.transfers",
    "debit_file": "chalicelib.payment.collecting",
    "match_bank": "chalicelib.payment.matching_job",
    "rematch_bank": "chalicelib.payment.rematching",
    "export_datev": "chalicelib.documents.exports.job",
    "export_documents": "chalicelib.documents.exports.job",
    "export_pack": "chalicelib.documents.exports.job",
    "audit_pack": "chalicelib.documents.exports.job",
    "check_archive": "chalicelib.documents.exports.checking",
}
advance = by_kind(HANDLERS)


@bp.on_sqs_message(queue_arn="arn:placeholder:jobs", name="jobs", batch_size=1)
def jobs(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Work at the jobs named."""
    runner = Runner(jobs=Jobs(), advance=advance, wake=wake)
    return each(event, "jobs", runner.run)
