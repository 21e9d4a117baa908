"""What every payment connector promises, checked with everything recorded of every provider."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.payment import port
from chalicelib.payment.port import PROVIDERS, Ignored, Notice, Read, provider
from tests.recorded.reading import (
    NOW,
    delivery,
    key_of,
    names,
    places,
    raw,
    recorded,
    rubbish,
    sealed,
)

KINDS = sorted(PROVIDERS)
RECORDED = [(kind, name) for kind in KINDS for name in names(kind)]
# What the webhook itself can check; for the others the worker has to ask the provider.
SEALED = [kind for kind in KINDS if kind not in {"klarna", "paypal", "sumup"}]
any_sealed_kind = pytest.mark.parametrize("kind", SEALED)
any_kind = pytest.mark.parametrize("kind", KINDS)
any_event = pytest.mark.parametrize(("kind", "name"), RECORDED)


def read(kind: str, name: str) -> tuple[Read, ...]:
    """Translate a recorded event."""
    return port.read(delivery(kind, recorded(kind, name)))


def spoiled(kind: str, body: bytes) -> bytes:
    """Return a body with something else in what is signed."""
    return body.replace(b'"value": ', b'"value": 9', 1) if kind == "adyen" else body + b" "


@any_kind
def test_something_is_recorded(kind: str) -> None:
    """A connector without recorded events has not been tried."""
    assert len(names(kind)) >= 5
    assert any(isinstance(each, Notice) for name in names(kind) for each in read(kind, name))


@any_event
def test_a_movement_has_a_name_an_amount_and_a_time(kind: str, name: str) -> None:
    """What moves no money says why."""
    for found in read(kind, name):
        if isinstance(found, Ignored):
            assert found.reason
            continue
        assert found.reference
        assert found.amount.minor > 0
        assert str(found.booked_at).endswith("+00:00")


@any_event
def test_reading_twice_gives_the_same(kind: str, name: str) -> None:
    """Translation is pure."""
    assert read(kind, name) == read(kind, name)


@any_sealed_kind
def test_a_genuine_signature_is_accepted_and_a_forged_one_refused(kind: str) -> None:
    """Over the raw bytes, with the current secret."""
    bare, secrets = raw(recorded(kind, names(kind)[0])), {"webhook_secret": key_of(kind)}
    body, headers = sealed(kind, bare)
    assert provider(kind).verify(body, headers, secrets, NOW) is Verdict.GENUINE
    for sent, sent_headers in (
        (spoiled(kind, body), headers), sealed(kind, bare, "another"), (bare, {}),
    ):  # fmt: skip
        assert provider(kind).verify(sent, sent_headers, secrets, NOW) is Verdict.FORGED


@any_sealed_kind
def test_both_secrets_count_while_a_secret_is_changed(kind: str) -> None:
    """A rotation loses no delivery."""
    body = raw(recorded(kind, names(kind)[0]))
    both = {"webhook_secret": key_of(kind, "new"), "previous_webhook_secret": key_of(kind, "old")}
    for secret in ("old", "new"):
        sent, headers = sealed(kind, body, secret)
        assert provider(kind).verify(sent, headers, both, NOW) is Verdict.GENUINE


@any_sealed_kind
@pytest.mark.parametrize("secrets", [{}, {"webhook_secret": ""}, {"webhook_secret": "  "}])
def test_an_empty_secret_verifies_nothing(kind: str, secrets: dict[str, str]) -> None:
    """Not even what was signed with the empty secret."""
    body = raw(recorded(kind, names(kind)[0]))
    for secret in ("", "  "):
        sent, headers = sealed(kind, body, secret)
        assert provider(kind).verify(sent, headers, secrets, NOW) is Verdict.FORGED


@pytest.mark.parametrize("kind", [*SEALED, "paypal"])
def test_a_repeated_delivery_has_the_same_key_and_another_event_another(kind: str) -> None:
    """Whatever the headers of the second attempt are."""
    keys = {provider(kind).delivery_key(raw(recorded(kind, name)), {}) for name in names(kind)}
    assert len(keys) == len(names(kind))
    body = raw(recorded(kind, names(kind)[0]))
    if kind in SEALED:
        body, headers = sealed(kind, body)
        first = provider(kind).delivery_key(body, headers)
        assert first == provider(kind).delivery_key(body, {})
    assert provider(kind).delivery_key(b"no json", {})


@any_kind
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b"[" * 9999])
def test_a_body_that_is_no_event_is_refused_in_words(kind: str, body: bytes) -> None:
    """One error, with the field and the reason."""
    with pytest.raises(Permanent) as caught:
        provider(kind).translate(delivery(kind, body))
    assert caught.value.code == "bad_payload"
    assert caught.value.text.startswith("body: must be")


@any_kind
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_field_holds_the_answer_is_a_movement_or_a_reason(
    kind: str, data: st.DataObject
) -> None:
    """No body crashes a connector."""
    body: Any = copy.deepcopy(recorded(kind, data.draw(st.sampled_from(names(kind)))))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(body)))
        place = body
        for step in way:
            place = place[step]
        place[last] = data.draw(rubbish)
    found = _answer(kind, json.dumps(body).encode())
    if isinstance(found, Permanent):
        assert found.code == "bad_payload"
        return
    assert all(each.amount.minor > 0 for each in found if isinstance(each, Notice))


def _answer(kind: str, body: bytes) -> tuple[Read, ...] | Permanent:
    try:
        return port.read(delivery(kind, body))
    except Permanent as error:
        return error
