"""Merchants, connections and their secrets: found by their own names, never by another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import Policy
from chalicelib.runtime import secrets
from chalicelib.store.connections import Connection, Connections, merchant_of
from chalicelib.store.merchants import MerchantRow, Merchants, Settings, fingerprint
from tests.events import NOW

pytestmark = pytest.mark.engine


def connection(merchant: str, name: str = "abc") -> Connection:
    """Return a connection of a merchant."""
    return Connection(
        merchant_id=merchant,
        id=f"{merchant}-{name}",
        kind="woocommerce",
        name="Blattwerk",
        created_at=NOW,
        settings={"base_url": "https://shop.example"},
    )


def test_settings_are_kept_as_they_were_given(merchant: str) -> None:
    """With the policy; whoever has set nothing has the defaults."""
    assert Merchants().settings(merchant) == Settings()
    given = Settings(name="Blattwerk GmbH", city="Köln", policy=Policy(ship_on="acceptance"))
    Merchants().save_settings(merchant, given)
    assert Merchants().settings(merchant) == given


def test_a_merchant_is_known_by_its_tokens_and_no_other(merchant: str) -> None:
    """A second token does not make the first one void."""
    Merchants().create(merchant, f"{merchant}.one")
    Merchants().create(merchant, f"{merchant}.two")
    assert Merchants().knows_token(merchant, f"{merchant}.one")
    assert Merchants().knows_token(merchant, f"{merchant}.two")
    for wrong in ("", f"{merchant}.three", f"{merchant}.one ", fingerprint(f"{merchant}.one")):
        assert not Merchants().knows_token(merchant, wrong)
    assert not Merchants().knows_token("other", f"{merchant}.one")
    assert [one.id for one in Merchants().registered()].count(merchant) == 1


def test_no_token_and_no_session_is_kept_in_clear(merchant: str) -> None:
    """Whoever reads the table cannot log in with it."""
    Merchants().create(merchant, f"{merchant}.secret-token")
    Merchants().open_session(merchant, "secret-session", NOW)
    rows = [row.to_simple_dict() for row in MerchantRow.query(merchant)]
    assert len(rows) == 2
    assert "secret-token" not in str(rows)
    assert "secret-session" not in str(rows)


def test_a_session_ends_with_its_time_or_by_hand(merchant: str) -> None:
    """Also before the table gets round to removing it."""
    until = NOW + timedelta(hours=12)
    Merchants().open_session(merchant, "s1", until)
    assert Merchants().knows_session(merchant, "s1", NOW)
    assert not Merchants().knows_session(merchant, "s1", until)
    assert not Merchants().knows_session("other", "s1", NOW)
    Merchants().close_session("other", "s1")
    assert Merchants().knows_session(merchant, "s1", NOW)
    Merchants().close_session(merchant, "s1")
    assert not Merchants().knows_session(merchant, "s1", NOW)
    row = MerchantRow(merchant, "SESSION#x", expires_at=int(until.timestamp()))
    assert set(row.serialize()) >= {"expires_at"}


def test_a_connection_is_found_by_the_id_in_its_address(merchant: str) -> None:
    """The id begins with the merchant, so one read finds it."""
    Connections().create(connection(merchant))
    assert Connections().load(f"{merchant}-abc") == connection(merchant)
    assert Connections().list(merchant) == [connection(merchant)]
    for wrong in (f"{merchant}-abd", "other-abc", "abc", "-abc", f"{merchant}-", "a-b-c"):
        assert Connections().load(wrong) is None


def test_a_connection_is_created_once_and_deleted_by_its_merchant(merchant: str) -> None:
    """Nobody deletes another's."""
    Connections().create(connection(merchant))
    with pytest.raises(Conflict):
        Connections().create(connection(merchant))
    assert not Connections().delete("other", f"{merchant}-abc")
    assert Connections().delete(merchant, f"{merchant}-abc")
    assert not Connections().delete(merchant, f"{merchant}-abc")
    assert Connections().load(f"{merchant}-abc") is None
    assert Connections().list("other") == []


def test_the_merchant_is_what_stands_before_the_last_dash() -> None:
    """Names of connections hold no dash of their own."""
    assert merchant_of("demo-abc") == "demo"
    assert merchant_of("abc") == ""


def test_secrets_come_back_as_they_were_given(merchant: str, aws: Any) -> None:
    """Encrypted at AWS, under merchant and connection; replaced and forgotten on demand."""
    assert secrets.read(merchant, "c1") == {}
    secrets.write(merchant, "c1", {"webhook_secret": "Grüße 🌱", "api_key": "k"})
    assert secrets.read(merchant, "c1") == {"webhook_secret": "Grüße 🌱", "api_key": "k"}
    [kept] = aws.client("ssm").describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": [f"/kontor/test/{merchant}/c1"]}]
    )["Parameters"]
    assert kept["Type"] == "SecureString"
    secrets.write(merchant, "c1", {"webhook_secret": "new"})
    assert secrets.read(merchant, "c1") == {"webhook_secret": "new"}
    assert secrets.read(merchant, "c2") == {}
    assert secrets.read("other", "c1") == {}
    secrets.delete(merchant, "c1")
    assert secrets.read(merchant, "c1") == {}


def test_what_goes_on_by_itself_is_told_with_the_registry(merchant: str) -> None:
    """The sweeper reads the registry anyway: who has nothing to start costs no read more."""
    known = Merchants()
    known.create(merchant, "t")

    def standing() -> frozenset[tuple[str, str]]:
        return next(one.standing for one in known.registered() if one.id == merchant)

    assert standing() == frozenset()
    known.note_standing(merchant, f"{merchant}-a", {"poll": True, "push_levels": True})
    known.note_standing(merchant, f"{merchant}-b", {"poll": True, "push_levels": False})
    assert standing() == {
        ("poll", f"{merchant}-a"), ("push_levels", f"{merchant}-a"), ("poll", f"{merchant}-b"),
    }  # fmt: skip
    known.note_standing(merchant, f"{merchant}-a", {"poll": False, "push_levels": False})
    known.create(merchant, "another-token")
    assert standing() == {("poll", f"{merchant}-b")}
