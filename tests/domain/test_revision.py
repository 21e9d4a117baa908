"""What a person may take over of a change in the shop."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain import goods, revision
from chalicelib.domain.order import Bought
from tests.events import bought, line
from tests.histories import note, registered
from tests.intake.test_edits import ELSEWHERE, PAID, STAGES, TWO, at_stage


def version(*lines: Any, **what: Any) -> Bought:
    """Return what the shop says now."""
    found: Bought = bought(*lines, **what)
    return found


@pytest.mark.parametrize(
    ("stage", "new", "why"),
    [
        ("partly sent", version(*TWO, line("C")), ""),
        ("partly sent", version(line("A", quantity=2)), ""),
        ("partly sent", version(line("A"), line("B")), "already_packed"),
        ("partly sent", version(line("B")), "already_packed"),
        ("partly sent", version(*TWO, shipping=ELSEWHERE), ""),
        ("partly packed", version(*TWO, shipping=ELSEWHERE), "already_packed"),
        ("partly packed", version(*TWO, line("C")), ""),
        ("packed", version(*TWO, line("C")), "invoice_issued"),
        ("billed", version(*TWO, billing=ELSEWHERE), "invoice_issued"),
        ("labelled", version(*TWO, shipping=ELSEWHERE), "already_packed"),
    ],
)
def test_a_person_may_take_over_what_no_invoice_and_no_parcel_stands_against(
    stage: str, new: Bought, why: str
) -> None:
    """What is in a parcel stays in it, and an invoice is never made untrue."""
    assert revision.obstacle(at_stage(*STAGES[stage]), new) == why


def test_what_was_sent_is_known_whatever_was_taken_over() -> None:
    """Registered parcels keep their lines."""
    one = at_stage(*PAID, note(1, {"l-A": 2}), registered(1))
    assert goods.sent(one) == {"l-A": 2}
