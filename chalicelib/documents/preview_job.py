"""The job that shows a document before it counts: no number is drawn, nothing is filed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.documents import drafts, parcel_papers, pick_lists
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from chalicelib.documents.specimen import specimen
from chalicelib.domain.errors import NeedsHuman
from chalicelib.runtime.made import file_of
from chalicelib.store import codec
from chalicelib.store.bucket import Bucket
from chalicelib.store.merchants import Settings
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.documents.papers import Paper
    from chalicelib.domain.order import Order
    from chalicelib.store.jobs import Job

NUMBER = "0000"


def advance(job: Job, now: datetime) -> Job:
    """Draw the preview that was asked for, marked as one."""
    asked = job.cursor
    settings = codec.shaped(asked["settings"], Settings)
    kind, language = asked["kind"], asked["language"]
    if asked["order_id"]:
        order = Orders().load(job.merchant_id, asked["order_id"])
        if order is None:
            raise NeedsHuman("no_such_order", "There is no such order.")
        facts = of_order(kind, order, settings, now)
        facts = replace(facts, language=language) if language else facts
    else:
        facts = specimen(kind, settings, language=language or "de", count=asked["lines"], now=now)
    Bucket().put(file_of(job), render(kind, freeze(facts), is_sample=True))
    return replace(job, state="done", done=1, total=1, result={"file": f"preview-{kind}.pdf"})


def of_order(kind: str, order: Order, settings: Settings, now: datetime) -> Paper:
    """Return what a document would say of an order as it stands; NeedsHuman if it could not."""
    match kind:
        case "invoice":
            return drafts.invoice(order, settings, number=NUMBER, now=now)
        case "delivery_note" | "packing_slip":
            lines = pick_lists.to_pick(order, "")
            number = f"{order.bought.number}-1"
            return parcel_papers.delivery_note(order, settings, lines, number=number, now=now)
        case "pick_list":
            return pick_lists.pick_list([order], {}, settings, number=NUMBER, location="", now=now)
    text = "With an order: invoice, delivery_note, packing_slip or pick_list; others as samples."
    raise NeedsHuman("no_preview", text)
