"""Structured logs; a line names the step, the merchant and the order, never a secret."""

from __future__ import annotations

from aws_lambda_powertools import Logger

log = Logger(service="kontor", log_record_order=["level", "step", "message"])
