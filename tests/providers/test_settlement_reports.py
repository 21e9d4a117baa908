"""Adyen's reports: which are fetched, from where, and with which key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.providers.reach import tells_payouts
from chalicelib.providers.settling import adyen
from chalicelib.store.connections import Connection
from tests.events import NOW
from tests.recorded.payouts import ASKED, recording, told

WANTED = {"merchant_account": "BlattwerkECOM", "url_prefix": "1797a841fbb37ca7-Blattwerk"}


def test_only_the_two_hosts_of_adyen_are_called() -> None:
    """Which of them, the prefix of live payments says; no address of a delivery is ever asked."""
    one, _ = recording("adyen")
    adyen.connect(WANTED, {"report_key": "AQE-0123456789"}, one.connect)
    assert one.addresses == ["https://ca-test.adyen.com", "https://ca-live.adyen.com"]
    strange = replace(ASKED, reports=("../../evil.csv",))
    _, api = recording("adyen")
    with pytest.raises(Permanent, match="another name"):
        adyen.payouts(api, strange, "")


def test_a_report_that_is_not_there_yet_is_asked_for_again() -> None:
    """It is not counted as read, and the others are read all the same."""
    one, api = recording("adyen")
    one.answers[0] = {"path": one.answers[0]["path"], "status": 404, "body": {}}
    first = adyen.payouts(api, ASKED, "")
    assert (first.payouts, first.read, first.following) == ((), "", "1")
    assert adyen.payouts(api, ASKED, first.following).read == ASKED.reports[1]


def test_a_report_without_its_columns_or_with_an_amount_that_is_none_is_refused() -> None:
    """With the name of the column."""
    one, api = recording("adyen")
    found = adyen.payouts(api, ASKED, "").payouts[0]
    one.answers[0] = {**one.answers[0], "file": "batch-broken.csv"}
    with pytest.raises(Retryable, match=r"Net Credit \(NC\)"):
        adyen.parts(api, found, None, "")
    one.answers[0] = {**one.answers[0], "file": "answers.json"}
    with pytest.raises(Retryable, match=r"Net Credit \(NC\)"):
        adyen.payouts(api, ASKED, "")


def test_without_a_key_for_reports_nothing_is_asked() -> None:
    """The key of payments may not read them; a key alone does not say whose they are."""
    kept = Connection(merchant_id="m", id="c", kind="adyen", name="Adyen", created_at=NOW)
    settings, secrets = told("adyen")["settings"], told("adyen")["secrets"]
    assert tells_payouts(replace(kept, settings=settings), secrets)
    assert not tells_payouts(replace(kept, settings=settings), {"api_key": "AQE-0123456789"})
    assert not tells_payouts(kept, secrets)
