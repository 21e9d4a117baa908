"""A document whose writer has died is finished by a sweep, on the real engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.documents.decide import decide_at_work
from chalicelib.documents.filing import Filing
from chalicelib.documents.pdf import render
from chalicelib.documents.perform import Desk
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.events import DocumentIssued, OrderCancelled
from chalicelib.flow import unfiled
from chalicelib.runtime.settings import settings_of
from chalicelib.runtime.step import Step, run
from chalicelib.store.bucket import Bucket
from chalicelib.store.documents import Numbers
from chalicelib.store.merchants import Registered
from chalicelib.store.orders import Orders
from chalicelib.store.register import Register
from tests.api.conftest import Caller
from tests.events import NOW, paid
from tests.fakes import Killed

pytestmark = pytest.mark.engine
SETTINGS = {"name": "Teehaus", "street": "Weg 1", "zip": "20354", "city": "Ham", "tax_number": "1"}


def kill(*_: Any) -> bytes:
    """End the process at the press."""
    raise Killed


def step_at(now: Any) -> Step:
    """Return the documents step at a moment."""
    desk = Desk(archive=Bucket(), numbers=Numbers(), settings_of=settings_of)
    orders = Filing(Orders())
    return Step(name="documents", decide=decide_at_work, perform=desk.perform, orders=orders,
                now=lambda: now)  # fmt: skip


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_number_whose_writer_has_died_is_filed_after_a_sweep(
    call: Caller, monkeypatch: pytest.MonkeyPatch, *, is_cancelled: bool
) -> None:
    """Its message is lost, and its order may want no invoice any more: the same bytes are filed."""
    assert call("PUT", "/v1/settings", SETTINGS).status == 200
    merchant = Registered(id=call.merchant, swept_at=NOW, drawn={})
    call.place(paid(), name="o1")
    with monkeypatch.context() as deadly:
        deadly.setattr("chalicelib.documents.perform.render", kill)
        with pytest.raises(Killed):
            run(step_at(NOW), call.merchant, "o1")
    [drawn] = Register().find(call.merchant, "RE")
    assert drawn.filed is None
    [frozen] = Register().facts(call.merchant, [drawn]).values()
    if is_cancelled:
        order = Orders().load(call.merchant, "o1")
        assert order
        Orders().append(order, [OrderCancelled(at=NOW, by="shop")])
    wakes = list[WakeUp]()
    for _ in range(2):
        some, found = unfiled.look(Register(), merchant, NOW)
        wakes += some
        merchant = Registered(id=call.merchant, swept_at=NOW, drawn=found)
    assert [wake.order_id for wake in wakes] == ["o1"]
    run(step_at(NOW + timedelta(days=1)), call.merchant, "o1")
    [entry] = Register().find(call.merchant, "RE")
    assert entry.filed
    assert Bucket().read(entry.filed.key) == render("invoice", dict(frozen.facts))
    order = Orders().load(call.merchant, "o1")
    assert order
    assert entry.number in {x.number for x in order.all(DocumentIssued)}
    assert unfiled.look(Register(), merchant, NOW)[0] == []
