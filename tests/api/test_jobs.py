"""Long work over the API: progress, problems, results; never another merchant's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.store.jobs import JobProblem, Jobs, new_job
from tests.api.conftest import Caller
from tests.events import NOW

pytestmark = pytest.mark.engine


def test_a_job_tells_how_far_it_is_and_what_was_wrong(call: Caller) -> None:
    """Whoever has started it asks until it is over; where it goes on is not told."""
    job = replace(new_job(call.merchant, "import_orders", NOW), cursor={"key": "secret place"})
    saved = Jobs().create(job)
    told = call.get(f"/v1/jobs/{job.id}")
    assert (told["state"], told["done"], told["total"], told["began_at"]) == (
        "waiting", 0, None, None,
    )  # fmt: skip
    going = replace(
        saved, state="failed", done=2, total=9, code="rows", reason="Two rows.", began_at=NOW,
        result={"orders": 2},
    )  # fmt: skip
    Jobs().save(going.with_problems(JobProblem(row=7, field="sku", text="Unknown.")))
    told = call.get(f"/v1/jobs/{job.id}")
    assert told["problems"] == [{"row": 7, "field": "sku", "text": "Unknown."}]
    assert told["reason"] == {"code": "rows", "text": "Two rows."}
    assert told["result"] == {"orders": 2}
    assert "secret place" not in str(told)
    assert call.get("/v1/jobs") == {"items": [told], "next": None}


def test_a_job_of_another_merchant_does_not_exist(call: Caller) -> None:
    """Neither by its id nor in a list."""
    job = Jobs().create(new_job(call.merchant, "import_orders", NOW))
    other = call.other()
    assert other("GET", f"/v1/jobs/{job.id}").problem() == (404, "not_found")
    assert other.get("/v1/jobs")["items"] == []
