"""What Amazon SES reported of the mails it took: lines in a log group (ADR 0021).

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Retryable
from chalicelib.store import session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    return session.client("logs")


class SesReports:
    """The log group that EventBridge writes a line to for each mail: order, effect, id."""

    def __init__(self, *, client: Any = None) -> None:  # noqa: ANN401 - as above
        """Take another client, for tests."""
        self._given = client

    def find(self, tags: Mapping[str, str], since: datetime) -> str:
        """Return the id of a mail by its order and effect; see `port.Reports`."""
        client = self._given or _client()
        wanted: dict[str, Any] = {
            "logGroupName": os.environ["MAILS_SENT_LOG"],
            # Reports name whole seconds.
            "startTime": int(since.timestamp()) * 1000,
            "filterPattern": f'"{tags["order_id"]}" "{tags["effect"]}"',
        }
        try:
            for page in client.get_paginator("filter_log_events").paginate(**wanted):
                for event in page["events"]:
                    return str(event["message"]).split()[-1]
        except (BotoCoreError, ClientError) as error:
            raise Retryable("mail_unknown", f"The log of the mails: {error}") from error
        return ""
