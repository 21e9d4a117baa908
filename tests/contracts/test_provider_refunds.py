"""What every provider's interface promises of refunds and payments, with recorded answers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.domain.money import Money
from chalicelib.payment.port import PROVIDERS as READERS
from chalicelib.payment.port import MovementKind, Notice
from chalicelib.payment.port import read as read_delivery
from chalicelib.providers.port import PROVIDERS, Sought, State, Wanted, can, provider
from chalicelib.runtime.http import HttpApi, Reply, Sign, _check
from chalicelib.runtime.outside import Answer
from tests.recorded.reading import delivery, recorded

RECORDED = Path(__file__).parent.parent / "recorded"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = sorted(PROVIDERS)
# SumUp keeps neither key nor name of a refund: its tests are in tests/providers.
REFUNDING = [kind for kind in KINDS if can(kind, "refund") and kind != "sumup"]
FINDING = [kind for kind in KINDS if can(kind, "find_refund") and kind != "sumup"]
ASKED = [kind for kind in KINDS if can(kind, "payments_of")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How one provider is joined, and what it calls things."""

    payment: str
    reference: str
    settings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    header: str = "idempotency-key"
    paid: str = ""
    is_searched: bool = True


CASES = {
    "stripe": Case(
        payment="pi_3QTest", reference="re_3QTestRefund1", secrets={"api_key": "sk_test_12345678"}
    ),
    "mollie": Case(
        payment="tr_7UhSN1zuXS", reference="re_4qqhO89gsT", secrets={"api_key": "test_12345678"}
    ),
    "paypal": Case(
        payment="3C679366HH908993F", reference="1JU08902781691411", header="paypal-request-id",
        secrets={"client_id": "AbcId", "client_secret": "AbcSecret"},
    ),
    "adyen": Case(
        payment="QFQTPCQ8HXSKGK82", reference="V4HZ4RBFJGXXGN82",
        settings={"merchant_account": "KontorTEST"}, secrets={"api_key": "AQEtestkey"},
    ),
    "klarna": Case(
        payment="f3392f8b-6116-4073-ab96-e330819e2c07", header="klarna-idempotency-key",
        reference="a3e0a1b2-0000-4000-8000-000000000001", paid="4ba29b50", is_searched=False,
        secrets={"username": "K123456_test", "password": "secret-of-klarna"},
    ),
    "sumup": Case(
        payment="", reference="", paid="410fc44a-5956-44e1-b5cc-19c6f8d727a4",
        secrets={"api_key": "sup_sk_test"},
    ),
}  # fmt: skip


class Answering:
    """A provider that answers what was recorded, one answer after the other."""

    def __init__(self, kind: str, *names: str) -> None:
        self.kind, self.names, self.sent = kind, list(names), list[tuple[str, str, Any, Any]]()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: object | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> Reply:
        """Take a call."""
        lowered = {name.lower(): text for name, text in (headers or {}).items()}
        self.sent.append((method, path, data or form or query, lowered))
        name = self.names.pop(0)
        if name == "lost":
            raise Retryable("outside_down", "There is no answer in time.")
        found = json.loads((RECORDED / self.kind / "api" / f"{name}.json").read_text())
        body = json.dumps(found["body"]).encode()
        answer = Answer(status=found["status"], headers=found["headers"], body=body)
        _check(method, path, answer, allow, ())
        return Reply(status=answer.status, headers=answer.headers, body=body)


def joined(kind: str, *names: str) -> tuple[Answering, Any]:
    """Return a provider that answers so, and the way to it."""
    there, case = Answering(kind, *names), CASES[kind]
    return there, provider(kind).connect(case.settings, case.secrets, lambda *_: there)


def wanted(kind: str, amount: str = "12.34", currency: str = "EUR") -> Wanted:
    """Return a refund."""
    return Wanted(
        refund_id="KRTEST", key="o1-KRTEST", payment=CASES[kind].payment,
        amount=Money.of(amount, currency), number="1042", since=NOW,
    )  # fmt: skip


def sought(kind: str, *payments: str) -> Sought:
    """Return an order that is asked for."""
    del kind
    return Sought(references=("727",), since=NOW - timedelta(days=20), until=NOW, payments=payments)


def texts(value: Any) -> Iterator[str]:
    """Yield all that was sent, as text."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    else:
        yield str(value)


def test_every_provider_that_we_read_can_be_called() -> None:
    """None is forgotten in either place."""
    assert set(PROVIDERS) == set(READERS) == set(CASES)


@pytest.mark.parametrize("kind", REFUNDING)
def test_a_refund_names_payment_amount_key_and_itself(kind: str) -> None:
    """So the provider makes it once, and its webhook tells which it was."""
    answer = "pending" if kind == "adyen" else "refunded"
    there, api = joined(kind, answer)
    done = provider(kind).refund(api, wanted(kind))
    assert done.reference == CASES[kind].reference
    assert done.state is (State.PENDING if kind == "adyen" else State.DONE)
    ((method, path, body, headers),) = there.sent
    assert (method, headers[CASES[kind].header]) == ("POST", "o1-KRTEST")
    told = [*texts(body), path]
    assert any(CASES[kind].payment in text for text in told)
    assert "KRTEST" in told
    assert {"12.34", "1234"} & set(told)


@pytest.mark.parametrize(
    ("currency", "amount", "minor", "major"),
    [("JPY", "500", "500", "500"), ("KWD", "1.234", "1234", "1.234")],
)
@pytest.mark.parametrize("kind", REFUNDING)
def test_amounts_are_right_without_decimals_and_with_three(
    kind: str, currency: str, amount: str, minor: str, major: str
) -> None:
    """In the provider's own way of counting."""
    there, api = joined(kind, "pending" if kind == "adyen" else "refunded")
    provider(kind).refund(api, wanted(kind, amount, currency))
    told = list(texts(there.sent[0][2]))
    assert (minor if kind in {"stripe", "adyen", "klarna"} else major) in told


@pytest.mark.parametrize("kind", [kind for kind in REFUNDING if kind not in {"adyen", "klarna"}])
def test_what_is_on_its_way_is_no_failure(kind: str) -> None:
    """And what failed at once is one."""
    for name, state in (("pending", State.PENDING), ("failed", State.FAILED)):
        assert provider(kind).refund(joined(kind, name)[1], wanted(kind)).state is state


@pytest.mark.parametrize("name", ["declined", "already"])
@pytest.mark.parametrize("kind", REFUNDING)
def test_a_refusal_is_told_in_the_providers_own_words(kind: str, name: str) -> None:
    """It is permanent: a person decides."""
    found = json.loads((RECORDED / kind / "api" / f"{name}.json").read_text())["body"]
    with pytest.raises(Permanent) as refused:
        provider(kind).refund(joined(kind, name)[1], wanted(kind))
    assert any(text in refused.value.text for text in texts(found) if len(text) > 15) or (
        found["error_messages"][0] in refused.value.text
    )


@pytest.mark.parametrize("name", ["busy", "down", "lost"])
@pytest.mark.parametrize("kind", REFUNDING)
def test_who_is_busy_or_away_is_asked_again_later(kind: str, name: str) -> None:
    """429, 5xx and no answer are nobody's refusal."""
    with pytest.raises(Retryable):
        provider(kind).refund(joined(kind, name)[1], wanted(kind))


@pytest.mark.parametrize("kind", FINDING)
def test_a_lost_answer_is_looked_up_by_our_own_name(kind: str) -> None:
    """Not by the amount, and not what has failed."""
    before = ["payment"] if kind == "paypal" else []
    there, api = joined(kind, *before, "listed")
    found = provider(kind).find_refund(api, wanted(kind))
    assert found.reference == CASES[kind].reference
    assert {method for method, *_ in there.sent} == {"GET"}
    _, api = joined(kind, *before, "none")
    assert provider(kind).find_refund(api, wanted(kind)) is None
    _, api = joined(kind, *before, "listed")
    other = replace(wanted(kind), refund_id="KRNEVER")
    assert provider(kind).find_refund(api, other) is None


@pytest.mark.parametrize("kind", FINDING)
def test_who_can_not_be_asked_now_has_not_said_no(kind: str) -> None:
    """Or the refund would be made again."""
    with pytest.raises(Retryable):
        provider(kind).find_refund(joined(kind, "down")[1], wanted(kind))


@pytest.mark.parametrize("kind", ASKED)
def test_what_was_paid_for_an_order_is_found(kind: str) -> None:
    """Once, with its amount and day; what is open, denied, or another order's is not."""
    case = CASES[kind]
    known = () if case.is_searched else (case.payment,)
    _, api = joined(kind, "searched" if case.is_searched else "payment")
    (paid,) = provider(kind).payments_of(api, sought(kind, *known))
    assert paid.reference == (case.paid or case.payment)
    assert paid.amount == Money.of("38.92", "EUR")
    assert abs(paid.booked_at - NOW) < timedelta(days=30)
    assert not paid.is_promise


@pytest.mark.parametrize("kind", ["stripe", "mollie", "paypal"])
def test_a_payment_that_is_known_is_not_found_twice(kind: str) -> None:
    """It is looked up by its name, and the search leaves it out."""
    _, api = joined(kind, "payment", "searched")
    found = provider(kind).payments_of(api, sought(kind, CASES[kind].payment))
    assert [one.reference for one in found] == [CASES[kind].payment]


@pytest.mark.parametrize("kind", [kind for kind in ASKED if CASES[kind].is_searched])
def test_nothing_found_is_nothing_paid(kind: str) -> None:
    """The order may be cancelled."""
    assert list(provider(kind).payments_of(joined(kind, "searched-none")[1], sought(kind))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_to_sign_in_is_named(kind: str) -> None:
    """By the field of the connection."""
    case = CASES[kind]
    for group in ("settings", "secrets"):
        for name in getattr(case, group):
            given = {
                "settings": dict(case.settings), "secrets": dict(case.secrets)
            }  # fmt: skip
            del given[group][name]
            with pytest.raises(Permanent, match=rf"{group}\.{name}: ") as refused:
                provider(kind).connect(given["settings"], given["secrets"], HttpApi)
            assert refused.value.code == "not_set_up"


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_providers_own_host_is_called(kind: str) -> None:
    """And over HTTPS."""
    seen = list[str]()

    def call(address: str, sign: Sign | None = None) -> HttpApi:
        seen.append(address)
        return HttpApi(address, sign)

    case = CASES[kind]
    provider(kind).connect(case.settings, case.secrets, call)
    assert [address.split("//")[0] for address in seen] == ["https:"]
    assert kind in seen[0]


def marked(kind: str) -> tuple[str, Any]:
    """Return a recorded event of a refund that carries our name of it, and the event's name."""
    name = {
        "stripe": "refund-created", "mollie": "event-refund-refunded", "paypal": "capture-refunded",
    }[kind]  # fmt: skip
    body = recorded(kind, name)
    if kind == "stripe":
        body["data"]["object"]["metadata"] = {"kontor_refund": "KRTEST"}
    elif kind == "mollie":
        body["_embedded"]["entity"]["metadata"] = {"kontor_refund": "KRTEST"}
    else:
        body["resource"]["custom_id"] = "KRTEST"
    return name, body


@pytest.mark.parametrize("kind", ["stripe", "mollie", "paypal"])
def test_the_webhook_tells_which_refund_of_ours_it_is(kind: str) -> None:
    """By the name that we gave with the call, so it may come before our answer is written."""
    found = read_delivery(delivery(kind, marked(kind)[1]))
    assert [one.refund for one in found if isinstance(one, Notice)] == ["KRTEST"]


@pytest.mark.parametrize("success", ["true", "false"])
def test_adyen_tells_of_our_refund_and_that_it_was_refused(success: str) -> None:
    """By the reference of our call; a refusal takes back what its answer had promised."""
    body = recorded("adyen", "refund-failed")
    item = body["notificationItems"][0]["NotificationRequestItem"]
    item |= {"eventCode": "REFUND", "merchantReference": "KRTEST", "success": success}
    (told,) = read_delivery(delivery("adyen", body))
    assert isinstance(told, Notice)
    assert (told.refund, told.reference) == ("KRTEST", "QFTEST0000000004")
    kinds = {"true": MovementKind.REFUNDED, "false": MovementKind.REFUND_FAILED}
    assert told.kind is kinds[success]
