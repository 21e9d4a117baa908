"""What the house costs in a month without a single order, read from the packaged template."""

from __future__ import annotations

import json
from typing import Any

from bench.pricing import ASSUMED, PRICES
from local.package import Package

SWEEPS = 12 * ASSUMED["hours_per_month"]  # one every five minutes
SWEEPER_MB = 256
SWEEP_MS = 300  # at that size, with four short waits
SWEPT_TABLES = 4  # merchants, orders, inbox, payments
SWEEP_READ_UNITS = 3.0  # the list of merchants, and what is due, new and parked of one


def idle(package: Package) -> dict[str, float]:
    """Return USD a month by line, for one merchant."""
    template = json.loads(package.template.read_text(encoding="utf-8"))
    kinds: dict[str, list[dict[str, Any]]] = {}
    for resource in template["Resources"].values():
        kinds.setdefault(resource["Type"], []).append(resource.get("Properties", {}))
    lines = {
        "alarms": len(kinds.get("AWS::CloudWatch::Alarm", [])) * PRICES["cw_alarm_month"],
        "empty receives of the queues": _receives(template["Resources"]),
        "sweeps": _sweeps(),
        "KMS, for tables with a key of the account": _keys(kinds["AWS::DynamoDB::Table"]),
    }
    return {line: usd for line, usd in lines.items() if usd}


def _receives(resources: dict[str, dict[str, Any]]) -> float:
    """Lambda asks each queue all the time, with as many pollers as its settings make it."""
    polls = ASSUMED["hours_per_month"] * 3600 / ASSUMED["long_poll_seconds"]
    total = 0.0
    for one in resources.values():
        mapping = one.get("Properties", {})
        if one["Type"] != "AWS::Lambda::EventSourceMapping" or "StartingPosition" in mapping:
            continue
        limited = "ScalingConfig" in mapping
        pollers = ASSUMED["idle_pollers_with_concurrency_limit" if limited else "idle_pollers"]
        queue = resources[mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        in_order = "FifoQueue" in queue
        total += pollers * polls * PRICES["sqs_fifo_request" if in_order else "sqs_std_request"]
    return total


def _sweeps() -> float:
    each = PRICES["lambda_request"] + SWEEP_READ_UNITS * PRICES["ddb_rru"]
    each += SWEEP_MS / 1000 * SWEEPER_MB / 1024 * PRICES["lambda_gb_s_arm"]
    return float(SWEEPS * each)


def _keys(tables: list[dict[str, Any]]) -> float:
    """DynamoDB asks KMS anew after five minutes, which is with each sweep and table it reads."""
    keyed = [one for one in tables if one.get("SSESpecification", {}).get("SSEEnabled")]
    return float(min(SWEPT_TABLES, len(keyed)) * SWEEPS * PRICES["kms_request"])
