"""Structured logs; a line names the step, the merchant and the order, never a secret."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from chalicelib.runtime import clock

# One changed document is worse than some forged webhooks, and rings the alarm alone.
CHANGED_DOCUMENT = 100
log = Logger(service="kontor", log_record_order=["level", "step", "message"])


def count_bad_signature(merchant_id: str, connection_id: str, *, step: str) -> None:
    """Count a webhook with a wrong signature, so that an alarm can ring."""
    more = _counted(1)
    log.warning("bad signature", step=step, merchant=merchant_id, connection=connection_id, **more)


def count_archive_faults(merchant_id: str, count: int) -> None:
    """Count what somebody has changed in the archive, so that an alarm can ring."""
    log.error("archive changed", merchant=merchant_id, **_counted(count * CHANGED_DOCUMENT))


def _counted(count: int) -> dict[str, Any]:
    """Return a metric in CloudWatch's embedded format; one for both, for each alarm has a price."""
    metric = {
        "Namespace": "Kontor",
        "Dimensions": [[]],
        "Metrics": [{"Name": "Tampering", "Unit": "Count"}],
    }
    at = int(clock.now().timestamp() * 1000)
    return {"_aws": {"Timestamp": at, "CloudWatchMetrics": [metric]}, "Tampering": count}
