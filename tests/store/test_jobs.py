"""Jobs as they lie in the table, and the wake-ups on their queue."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.store.jobs import (
    SHOWN,
    JobProblem,
    JobRow,
    Jobs,
    new_job,
    wake,
    wake_standing,
)
from local.stack import Engine
from tests.events import NOW

pytestmark = pytest.mark.engine


def _messages(engine: Engine, merchant: str) -> list[dict[str, Any]]:
    sqs = engine.client("sqs")
    queue = os.environ["JOBS_QUEUE"]
    bodies: list[dict[str, Any]] = []
    # Other tests have left messages in this queue.
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(json.loads(message["Body"]))
    return [body for body in bodies if body["merchant_id"] == merchant]


def test_a_job_comes_back_as_it_was_saved(merchant: str) -> None:
    """With its place, its problems and what it has found."""
    made = Jobs().create(new_job(merchant, "import_orders", NOW, subject="orders.csv"))
    assert Jobs().load(merchant, made.id) == made
    going = replace(made, state="running", done=3, total=9, cursor={"row": 3}, result={"new": [1]})
    saved = Jobs().save(going.with_problems(JobProblem(row=2, field="sku", text="Unknown.")))
    assert Jobs().load(merchant, made.id) == saved
    assert saved.problems == (JobProblem(row=2, field="sku", text="Unknown."),)
    assert Jobs().load(merchant, "another") is None
    assert Jobs().load(f"{merchant}x", made.id) is None


def test_of_two_who_save_the_same_job_one_is_told(merchant: str) -> None:
    """The second would undo what the first has done."""
    made = Jobs().create(new_job(merchant, "import_orders", NOW))
    Jobs().save(replace(made, done=1))
    with pytest.raises(Conflict):
        Jobs().save(replace(made, done=2))
    with pytest.raises(Conflict):
        Jobs().create(replace(made, version=0))


def test_a_hundred_problems_are_kept_and_all_are_counted(merchant: str) -> None:
    """A row holds 400 KB; who sees a hundred problems mends the file first."""
    problem = JobProblem(row=1, field="sku", text="x" * 5000)
    job = new_job(merchant, "import_products", NOW)
    for _ in range(30):
        job = job.with_problems(*[problem] * 10)
    assert (len(job.problems), job.problem_count) == (SHOWN, 300)
    assert Jobs().create(job).problems == job.problems


def test_jobs_are_listed_standing_ones_first_then_the_newest(merchant: str) -> None:
    """What is going on stands on top, no other merchant's is seen, and SKUs hide no import."""
    for hours in (1, 3, 2):
        Jobs().create(new_job(merchant, "import_orders", NOW + timedelta(hours=hours)))
    Jobs().create(new_job(merchant, "poll", NOW, subject="woo", is_standing=True))
    Jobs().create(new_job(f"{merchant}x", "import_orders", NOW))
    for sku in "ABCD":
        Jobs().create(new_job(merchant, "arrivals", NOW, subject=sku, is_standing=True))
    listed = Jobs().list(merchant, limit=3)
    assert [job.kind for job in listed] == ["poll", *["import_orders"] * 3]
    began = [job.created_at.hour - NOW.hour for job in listed]
    assert began == [0, 3, 2, 1]
    hours = [(job.created_at - NOW) / timedelta(hours=1) for job in listed[1:]]
    assert hours == [3, 2, 1]


def test_single_jobs_expire_and_standing_ones_stay(merchant: str) -> None:
    """The place where a poll goes on must not be forgotten."""
    single = Jobs().create(new_job(merchant, "import_orders", NOW))
    stays = Jobs().create(new_job(merchant, "poll", NOW, subject="woo", is_standing=True))
    assert JobRow.get(merchant, single.id).expires_at > NOW.timestamp()
    assert JobRow.get(merchant, stays.id).expires_at is None


def test_a_started_job_is_saved_before_it_is_woken(aws: Engine, merchant: str) -> None:
    """Its worker finds it."""
    job = Jobs().start(new_job(merchant, "import_orders", NOW))
    assert _messages(aws, merchant) == [{"step": "jobs", "merchant_id": merchant, "job_id": job.id}]


def test_a_standing_job_is_asked_for_by_what_it_does(aws: Engine, merchant: str) -> None:
    """Asking twice finds the same one; a step may ask without looking."""
    first = Jobs().ask(merchant, "poll", "woo", NOW)
    assert Jobs().ask(merchant, "poll", "woo", NOW).id == first.id == "poll-woo"
    wake_standing(merchant, "poll", "woo", NOW)
    messages = _messages(aws, merchant)
    assert len(messages) == 3
    assert messages[0] == {
        "step": "jobs", "merchant_id": merchant, "job_id": "poll-woo",
        "kind": "poll", "subject": "woo", "asked_at": "2026-11-23T08:00:00.000Z",
    }  # fmt: skip


def test_a_wake_up_may_wait_but_no_longer_than_the_queue_can(aws: Engine, merchant: str) -> None:
    """An hour asked for by a shop is a quarter of an hour at a time."""
    wake(merchant, "j", delay=3600.0)
    assert _messages(aws, merchant) == []
