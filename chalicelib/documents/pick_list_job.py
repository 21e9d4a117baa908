"""The job that makes a pick list of many orders: reads them, adds up, prints."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.documents import pick_lists
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from chalicelib.domain.errors import NeedsHuman
from chalicelib.runtime.made import file_of
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.orders import Orders
from chalicelib.store.stock import Shelf

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.store.jobs import Job


def advance(job: Job, now: datetime) -> Job:
    """Make the whole list: even two hundred orders are a few seconds' work."""
    location = job.cursor["location"]
    found = [Orders().load(job.merchant_id, order_id) for order_id in job.cursor["order_ids"]]
    orders = [order for order in found if order is not None]
    products = Shelf().products(job.merchant_id, pick_lists.skus(orders, location), [])
    settings = settings_of(job.merchant_id)
    facts = pick_lists.pick_list(
        orders, products, settings, number=job.id.rpartition("-")[2], location=location, now=now
    )
    if not facts.boxes:
        raise NeedsHuman("nothing_to_pick", "Of these orders nothing is to be fetched here.")
    Bucket().put(file_of(job), render("pick_list", freeze(facts)))
    return replace(
        job,
        state="done",
        done=len(facts.boxes),
        total=len(facts.boxes),
        result={
            "file": f"pick-list-{facts.number}.pdf",
            "orders": len(facts.boxes),
            "articles": len(facts.picks),
            "pieces": sum(pick.quantity for pick in facts.picks),
        },
    )
