"""What a number of invocations costs at the list prices of AWS: pure arithmetic over counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import ceil
from pathlib import Path
from typing import Any

from bench.meter import Invocation

BOOK: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text("utf-8"))
PRICES: dict[str, float] = {name: price["usd"] for name, price in BOOK["prices"].items()}
ASSUMED: dict[str, Any] = BOOK["assumed"]
GB = 1e9
MICRO = 1e6
# Functions that Lambda wakes from a queue: it receives and deletes for them, at our cost.
POLLED = frozenset(
    {
        "intake",
        "stock",
        "payment",
        "documents",
        "shipping",
        "notification",
        "returns",
        "writeback",
        "availability",
        "jobs",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts of what AWS bills; they add up."""

    requests: float = 0  # of API Gateway
    invocations: float = 0
    gb_seconds: float = 0
    calls: float = 0  # that our code makes to AWS
    write_units: float = 0
    read_units: float = 0
    queue_requests: float = 0  # our sends, and what Lambda does for us
    puts: float = 0
    gets: float = 0
    mails: float = 0
    log_bytes: float = 0
    cpu_ms: float = 0

    def __add__(self, other: Usage) -> Usage:
        """Add the counts one by one."""
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})

    def each(self, count: int) -> Usage:
        """Return the mean of `count` orders."""
        return Usage(**{name: getattr(self, name) / count for name in NAMES})


NAMES = tuple(field.name for field in fields(Usage))
LINES = {
    "DynamoDB writes": ("write_units", "ddb_wru"),
    "SQS": ("queue_requests", "sqs_std_request"),
    "S3 PUT": ("puts", "s3_put"),
    "API Gateway": ("requests", "apigw_rest_request"),
    "Lambda duration": ("gb_seconds", "lambda_gb_s_arm"),
    "DynamoDB reads": ("read_units", "ddb_rru"),
    "Lambda requests": ("invocations", "lambda_request"),
    "S3 GET": ("gets", "s3_get"),
}


def cost(usage: Usage) -> dict[str, float]:
    """Return the list price in µ$ by line, everything but what SES asks for a mail."""
    lines = {
        line: getattr(usage, count) * PRICES[price] * MICRO
        for line, (count, price) in LINES.items()
    }
    lines["Logs"] = usage.log_bytes / GB * PRICES["cwlogs_ingest_gb"] * MICRO
    return lines


def mail_cost(mails: float, plan: str) -> float:
    """Return what SES asks in µ$ on the plan `essentials` or `a_la_carte`, attachments apart."""
    return mails * PRICES[f"ses_mail_{plan}"] * MICRO


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a function's settings costs: its memory, and what Lambda logs for each invocation."""

    memory_mb: int
    log_bytes: int = 0


def usage(invocations: Iterable[Invocation], shapes: Mapping[str, Shape]) -> Usage:
    """Count what these invocations used, each in a function of its shape."""
    total = Usage()
    for one in invocations:
        total += _usage(one, shapes[one.function])
    return total


def _usage(one: Invocation, shape: Shape) -> Usage:
    calls = one.calls
    sent = _requests(calls, "sqs")
    mails = sum(call["service"] == "ses" and "failed" not in call for call in calls)
    is_request = one.function == "webhook"
    return Usage(
        requests=float(is_request),
        invocations=1,
        gb_seconds=billed_ms(one, shape.memory_mb) / 1000 * shape.memory_mb / 1024,
        calls=sum(call["requests"] for call in calls),
        write_units=sum(call.get("write", 0) for call in calls),
        read_units=sum(call.get("read", 0) for call in calls),
        queue_requests=sent + 2 * (one.function in POLLED),
        puts=_requests(calls, "s3", "PutObject"),
        gets=_requests(calls, "s3", "GetObject"),
        mails=mails,
        # EventBridge writes a line for each mail.
        log_bytes=shape.log_bytes
        + ASSUMED["log_bytes_per_request"] * is_request
        + ASSUMED["log_bytes_per_mail"] * mails,
        cpu_ms=one.own_cpu_ms,
    )


def _requests(calls: list[dict[str, Any]], service: str, operation: str = "") -> float:
    return sum(
        float(call["requests"])
        for call in calls
        if call["service"] == service and operation in {"", call["operation"]}
    )


def billed_ms(one: Invocation, memory_mb: int) -> int:
    """Return the milliseconds Lambda would bill: our CPU time on its share of a core, and waits."""
    share = min(1.0, memory_mb / ASSUMED["full_core_mb"])
    waits = sum(wait_ms(call["service"], call["operation"]) for call in one.calls)
    return ceil(float(one.own_cpu_ms / share + waits))


def wait_ms(service: str, operation: str) -> float:
    """Return how long an answer of a service is taken to need."""
    waits: dict[str, float] = ASSUMED["wait_ms"]
    return waits.get(f"{service}.{operation}", waits.get(service, 10))
