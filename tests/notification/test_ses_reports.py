"""What SES reported is looked up by order and effect, page after page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.domain.errors import Retryable
from chalicelib.notification.ses_reports import SesReports

SINCE = datetime(2026, 11, 24, 1, 2, 3, 987_000, tzinfo=UTC)
TAGS = {"merchant_id": "demo", "order_id": "oabc", "kind": "x", "effect": "f00d"}


class Logs:
    """A log service of some pages, which may be away."""

    def __init__(self, *pages: list[str], trouble: Exception | None = None) -> None:
        """Take the lines of each page."""
        self.pages, self.trouble = pages, trouble
        self.asked: dict[str, Any] = {}

    def get_paginator(self, operation: str) -> Logs:
        """Name the call."""
        assert operation == "filter_log_events"
        return self

    def paginate(self, **wanted: Any) -> Iterator[dict[str, Any]]:
        """Return the pages; many are empty, as AWS says."""
        self.asked = wanted
        if self.trouble:
            raise self.trouble
        for lines in self.pages:
            yield {"events": [{"message": line} for line in lines]}


@pytest.fixture(autouse=True)
def _group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILS_SENT_LOG", "/aws/events/kontor-mails")


def test_a_mail_that_was_taken_is_found_behind_empty_pages() -> None:
    """Its id is the last word of its line."""
    logs = Logs([], [], ["oabc f00d 0107-ses-1"])
    assert SesReports(client=logs).find(TAGS, SINCE) == "0107-ses-1"
    assert logs.asked == {
        "logGroupName": "/aws/events/kontor-mails",
        "startTime": int(SINCE.replace(microsecond=0).timestamp()) * 1000,
        "filterPattern": '"oabc" "f00d"',
    }


def test_a_mail_that_was_never_taken_is_not_found() -> None:
    """All pages are read before that is said."""
    assert not SesReports(client=Logs([], [])).find(TAGS, SINCE)


@pytest.mark.parametrize(
    "trouble",
    [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "FilterLogEvents"),
        EndpointConnectionError(endpoint_url="https://logs"),
    ],
)
def test_who_can_not_be_asked_is_asked_later(trouble: Exception) -> None:
    """Nothing is sent on the chance that it was not."""
    with pytest.raises(Retryable, match="log of the mails"):
        SesReports(client=Logs(trouble=trouble)).find(TAGS, SINCE)
