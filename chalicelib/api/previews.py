"""Previews: any document with the merchant's settings, before it counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api import actions, merchants
from chalicelib.api.auth import merchant
from chalicelib.api.jobs import started
from chalicelib.api.problems import Problem, answered, body_as, shaped_as
from chalicelib.documents.wording import LANGUAGES
from chalicelib.runtime import clock
from chalicelib.store import codec
from chalicelib.store.jobs import Job, Jobs, new_job
from chalicelib.store.merchants import Merchants, Settings

bp = Blueprint(__name__)
KINDS = (
    "invoice", "credit_note", "cancellation", "delivery_note", "packing_slip", "pick_list",
    "return_slip", "credit_balance", "payment_reminder", "dunning_1", "dunning_2", "label",
)  # fmt: skip
MOST_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPreview:
    """Which document: of an order, or of so many made-up lines; `settings` are tried, not kept."""

    kind: str
    language: str = ""
    lines: int = 1
    order_id: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@bp.route("/v1/documents/preview", methods=["POST"])
@answered
def create() -> Response:
    """Start the job that draws a preview; its `file_url` leads to the PDF when it is done."""
    merchant_id = merchant(bp.current_request)
    return started(start(merchant_id, body_as(bp.current_request.raw_body, NewPreview)))


def start(merchant_id: str, new: NewPreview) -> Job:
    """Start a preview; Problem for what there is not, and for settings that could not be kept."""
    if new.kind not in KINDS:
        raise _bad("kind", f"one of {', '.join(KINDS)}")
    if new.language and new.language not in LANGUAGES:
        raise _bad("language", f"one of {', '.join(LANGUAGES)}")
    if not 1 <= new.lines <= MOST_LINES:
        raise _bad("lines", f"between 1 and {MOST_LINES}")
    if new.order_id:
        actions.load(merchant_id, new.order_id)
    kept = codec.plain(Merchants().settings(merchant_id))
    settings = shaped_as({**kept, **new.settings}, Settings)
    merchants.check(merchant_id, settings)
    cursor = {
        "kind": new.kind,
        "language": new.language,
        "lines": new.lines,
        "order_id": new.order_id,
        "settings": codec.plain(settings),
    }
    job = new_job(merchant_id, "preview", clock.now())
    return Jobs().start(replace(job, cursor=cursor))


def _bad(name: str, reason: str) -> Problem:
    return Problem(400, "bad_field", f"{name}: {reason}.", field=name)
