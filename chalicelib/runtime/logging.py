"""Structured logs; a line names the step, the merchant and the order, never a secret."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from chalicelib.runtime import clock

log = Logger(service="kontor", log_record_order=["level", "step", "message"])


def count_bad_signature(merchant_id: str, connection_id: str, *, step: str) -> None:
    """Write a metric in CloudWatch's embedded format, so that an alarm can ring."""
    metric = {
        "Namespace": "Kontor",
        "Dimensions": [[]],
        "Metrics": [{"Name": "SignatureFailures", "Unit": "Count"}],
    }
    log.warning(
        "bad signature",
        step=step,
        merchant=merchant_id,
        connection=connection_id,
        _aws={"Timestamp": int(clock.now().timestamp() * 1000), "CloudWatchMetrics": [metric]},
        SignatureFailures=1,
    )
