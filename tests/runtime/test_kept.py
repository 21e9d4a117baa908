"""The newest token of a sign-in, kept beside the secrets of its connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.runtime import secrets
from chalicelib.runtime.kept import KeptToken
from chalicelib.shops import etsy
from chalicelib.shops.reach import enter
from chalicelib.store.connections import Connection
from tests.events import NOW
from tests.shops.etsy import Shop

KEPT = KeptToken(merchant_id="demo", connection_id="demo-etsy")


@dataclass
class Parameters:
    """The parameters of Systems Manager, in memory; `is_closed` refuses to keep any."""

    kept: dict[str, str] = field(default_factory=dict)
    is_closed: bool = False

    def get_parameter(self, **asked: Any) -> dict[str, Any]:
        """Return one."""
        if asked["Name"] not in self.kept:
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Value": self.kept[asked["Name"]]}}

    def put_parameter(self, **asked: Any) -> None:
        """Keep one."""
        if self.is_closed:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutParameter")
        assert asked["Type"] == "SecureString"
        self.kept[asked["Name"]] = asked["Value"]


@pytest.fixture(autouse=True)
def parameters(monkeypatch: pytest.MonkeyPatch) -> Parameters:
    """Keep parameters in memory."""
    found = Parameters()
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.setattr(secrets, "_client", lambda: found)
    monkeypatch.setattr(secrets, "_cached", {})
    return found


def test_the_newest_token_is_found_again(parameters: Parameters) -> None:
    """Under a name of its own: what the merchant set is never written over."""
    assert KEPT.load("agreed") == "agreed"
    KEPT.save("agreed", "fresh-1")
    KEPT.save("agreed", "fresh-2")
    assert KEPT.load("agreed") == "fresh-2"
    assert list(parameters.kept) == ["/kontor/test/demo/tokens/demo-etsy"]


def test_a_new_agreement_counts_more_than_what_came_of_the_old_one() -> None:
    """The merchant signed in again because the old one had ended."""
    KEPT.save("agreed", "fresh-1")
    assert KEPT.load("agreed-anew") == "agreed-anew"


def test_a_token_that_cannot_be_kept_stops_nothing(parameters: Parameters) -> None:
    """The one at hand is good for an hour."""
    parameters.is_closed = True
    KEPT.save("agreed", "fresh-1")
    assert KEPT.load("agreed") == "agreed"


def test_a_shop_whose_sign_in_rotates_is_given_where_to_keep_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each connection has its own place."""
    given: list[object] = []
    monkeypatch.setattr(etsy, "bearer", lambda grant: given.append(grant.kept))
    connection = Connection(
        merchant_id="demo",
        id="demo-etsy",
        kind="etsy",
        name="Etsy",
        created_at=NOW,
        settings=Shop.settings,
    )
    enter(connection, lambda *_: Shop.secrets)
    assert given == [KEPT]
