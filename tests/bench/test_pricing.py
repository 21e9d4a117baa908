"""Pricing: counts times list prices, nothing forgotten that AWS bills behind our back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import idle, pricing, targets
from bench.meter import Invocation, Meter
from bench.pricing import Shape, Usage, billed_ms, cost, mail_cost, usage


def invocation(function: str, *calls: dict[str, Any], cpu: float = 0.0) -> Invocation:
    """Return a warm invocation that made these calls."""
    return Invocation(
        function=function,
        process=1,
        is_cold=False,
        records=1,
        own_cpu_ms=cpu,
        calls=[{"requests": 1, **call} for call in calls],
    )


SMALL = Shape(memory_mb=256)
PUT = {"service": "dynamodb", "operation": "PutItem", "write": 2}
SEND = {"service": "sqs", "operation": "SendMessageBatch"}
MAIL = {"service": "ses", "operation": "SendRawEmail"}


def test_polling_a_queue_costs_two_requests_an_invocation() -> None:
    """Lambda receives and deletes in our name."""
    sizes = {"router": SMALL, "notification": SMALL}
    assert usage([invocation("router", SEND, SEND)], sizes).queue_requests == 2
    assert usage([invocation("notification", MAIL)], sizes).queue_requests == 2


def test_a_mail_is_a_line_in_a_log() -> None:
    """EventBridge writes it in our name."""
    mailed = usage([invocation("notification", MAIL)], {"notification": SMALL})
    assert mailed.log_bytes == pricing.ASSUMED["log_bytes_per_mail"]


def test_a_repeated_request_is_a_further_call() -> None:
    """Calls count requests, so a hidden repetition shows."""
    one = invocation("intake", {**PUT, "requests": 3})
    assert usage([one], {"intake": SMALL}).calls == 3


def test_a_small_function_takes_longer_for_the_same_work() -> None:
    """256 MB get a share of a core; waiting takes as long everywhere."""
    one = invocation("stock", PUT, cpu=10)
    assert billed_ms(one, 1769) == 15
    assert billed_ms(one, 256) == 75
    assert billed_ms(one, 3538) == 15


def test_the_price_is_the_sum_of_its_lines() -> None:
    """Every count that AWS bills has a line, at the list price in µ$."""
    lines = cost(Usage(write_units=10, requests=2, puts=1, log_bytes=1e6))
    assert lines["DynamoDB writes"] == pytest.approx(7.625)
    assert lines["API Gateway"] == pytest.approx(7.4)
    assert lines["S3 PUT"] == pytest.approx(5.4)
    assert lines["Logs"] == pytest.approx(630)
    assert mail_cost(3, "essentials") == pytest.approx(480)
    assert mail_cost(3, "a_la_carte") == pytest.approx(300)


def test_every_price_names_its_source() -> None:
    """A figure without a source cannot be checked."""
    for price in pricing.BOOK["prices"].values():
        assert price["source"] in pricing.BOOK["sources"]


def test_a_queue_that_nobody_uses_is_polled_all_month() -> None:
    """Two long polls at a time, five where concurrency is limited; a stream costs nothing."""
    queues = {
        "Plain": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "InOrder": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
    }

    def polled(queue: str, **settings: object) -> float:
        source = {"EventSourceArn": {"Fn::GetAtt": [queue, "Arn"]}}
        mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": source | settings}
        return idle._receives({**queues, "Mapping": mapping})

    assert polled("Plain") == pytest.approx(0.10512)
    assert polled("Plain", ScalingConfig={"MaximumConcurrency": 5}) == pytest.approx(0.2628)
    assert polled("InOrder") == pytest.approx(0.1314)
    assert polled("Plain", StartingPosition="TRIM_HORIZON") == 0


def test_a_meter_gives_each_process_the_time_since_its_last_line(tmp_path: Path) -> None:
    """What a process does between two invocations is counted with the later one."""
    lines = tmp_path / "lines"
    line = (
        '{{"function":"kontor-local-{}","process":{},"is_cold":false,"records":1,'
        '"cpu_until_now_ms":{},"at":0,"ms":0,"calls":[]}}\n'
    )
    lines.write_text(line.format("stock", 1, 100))
    meter = Meter(lines)
    with lines.open("a") as out:
        out.write(line.format("stock", 1, 130) + line.format("api_handler", 9, 50))
        out.write(line.format("stock", 2, 20) + line.format("stock", 1, 131.5))
    assert [one.own_cpu_ms for one in meter.read()] == [30, 20, 1.5]


def test_the_gate_names_what_got_worse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A count above its recorded limit fails the bench with the figure and the limit."""
    limits = tmp_path / "limits.json"
    limits.write_text('{"at most": {"zip_mb": 8, "idle_usd": 3}}')
    monkeypatch.setattr(targets, "LIMITS", limits)
    measured = {"zip_mb": 8.5, "idle_usd": 3.0}
    chosen = [target for target in targets.TARGETS if target.key in measured]
    monkeypatch.setattr(targets, "TARGETS", [fixed(t, measured[t.key]) for t in chosen])
    worse = targets.regressions(None)  # type: ignore[arg-type]
    assert worse == ["zip_mb is 8.50, recorded as at most 8 in bench/limits.json"]


def fixed(target: targets.Target, value: float) -> targets.Target:
    """Return a target that measures the same for ever."""
    return targets.Target(key=target.key, what="", target=0, goal=0, measure=lambda figures: value)
