"""The API describes itself: every route, every body, in valid OpenAPI 3.1."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.api.openapi import BODIES
from tests.api.conftest import Caller

pytestmark = pytest.mark.engine


@pytest.fixture
def described(call: Caller) -> Any:
    """Return the document."""
    return call.get("/openapi.json")


def references(value: Any) -> list[str]:
    """Return every `$ref` in a document."""
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [name for inner in value.values() for name in references(inner)]
    if isinstance(value, list):
        return [name for inner in value for name in references(inner)]
    return []


def operations(described: Any) -> dict[tuple[str, str], Any]:
    """Return every operation by method and path."""
    return {
        (method.upper(), path): operation
        for path, ways in described["paths"].items()
        for method, operation in ways.items()
    }


def test_the_document_is_openapi_3_1(described: Any) -> None:
    """Version, title, servers, security, and only what the standard allows in its place."""
    assert described["openapi"].startswith("3.1.")
    assert set(described) <= {
        "openapi", "info", "servers", "security", "paths", "components", "tags",
    }  # fmt: skip
    assert described["info"]["title"]
    assert described["info"]["version"]
    assert described["servers"] == [{"url": "https://kontor.example"}]
    assert described["components"]["securitySchemes"]["token"] == {
        "type": "http", "scheme": "bearer",
    }  # fmt: skip


def test_every_operation_has_a_name_a_summary_and_answers(described: Any) -> None:
    """Names are unique, summaries are sentences, problems are described."""
    every = operations(described)
    names = [operation["operationId"] for operation in every.values()]
    assert len(set(names)) == len(names)
    for operation in every.values():
        assert re.fullmatch(r"[a-z_]+", operation["operationId"])
        assert operation["summary"]
        assert not operation["summary"].endswith(".")
        problem = operation["responses"]["default"]["content"]
        assert set(problem) == {"application/problem+json"}


def test_every_part_of_a_path_is_a_parameter(described: Any) -> None:
    """As the standard wants it: in the path, required, with a schema."""
    for (_, path), operation in operations(described).items():
        parts = [each for each in operation["parameters"] if each["in"] == "path"]
        assert [each["name"] for each in parts] == re.findall(r"{(\w+)}", path)
        assert all(each["required"] is True for each in parts)
        for each in operation["parameters"]:
            assert each["in"] in {"path", "query", "header"}
            assert each["schema"]


WITHOUT_BODY = {
    ("POST", "/v1/payments/rematch"),
    ("POST", "/v1/reports/reconciliation"),
    ("PUT", "/v1/merchants/{merchant_id}"),
    ("POST", "/v1/connections/{connection_id}/test"),
    ("POST", "/v1/connections/{connection_id}/poll"),
    ("POST", "/v1/connections/{connection_id}/import"),
    ("POST", "/v1/connections/{connection_id}/register"),
    ("POST", "/v1/connections/{connection_id}/check"),
    ("POST", "/v1/connections/{connection_id}/levels"),
    ("POST", "/v1/connections/{connection_id}/payouts"),
}


def test_every_body_is_described(described: Any) -> None:
    """Every POST and PUT says what it takes, but for those that take nothing."""
    every = operations(described)
    for (method, path), operation in every.items():
        takes = method in {"POST", "PUT", "PATCH"} and (method, path) not in WITHOUT_BODY
        assert ("requestBody" in operation) is takes, (method, path)
    assert set(BODIES) <= set(every)


def test_every_reference_leads_somewhere(described: Any) -> None:
    """No schema is missing."""
    schemas = described["components"]["schemas"]
    for reference in references(described):
        name = reference.removeprefix("#/components/schemas/")
        assert name in schemas, reference
    for schema in schemas.values():
        known = {"object", "string", "integer", "boolean", "array"}
        assert schema.get("type") in known or schema["anyOf"]


def test_schemas_name_fields_that_must_be_given(described: Any) -> None:
    """And the types of all of them."""
    schemas = described["components"]["schemas"]
    assert schemas["NewReturn"]["required"] == ["order_id", "lines"]
    assert set(schemas["Amount"]["required"]) == {"amount", "currency"}
    assert schemas["NewProduct"]["properties"]["weight_g"]["type"] == "integer"


def test_the_document_and_health_need_no_token(call: Caller) -> None:
    """Whoever wants to know how to log in cannot be logged in yet."""
    call.token = ""
    assert call("GET", "/openapi.json").status == 200
    assert call("GET", "/healthz").json == {"status": "ok"}


def test_a_body_that_is_no_json_says_so(call: Caller) -> None:
    """Neither text nor broken bytes nor a list where an object belongs."""
    call.place()
    for raw in (b"{", b"nonsense", b"\xff", b'{"text": NaN'):
        assert call("POST", "/v1/orders/o1/hold", raw).problem() == (400, "not_json")
    for raw in (b"[]", b'"x"', b"1", b"null"):
        assert call("POST", "/v1/orders/o1/hold", raw).problem() == (400, "bad_field")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"language": "fr"}, "language"),
        ({"logo": "x" * 65 * 1024}, "logo"),
        ({"logo": "<svg"}, "logo"),
        ({"policy": {"ship_on": "monday"}}, "policy.ship_on"),
        ({"policy": {"invoice_on": ""}}, "policy.invoice_on"),
        ({"policy": {"payment_days": "soon"}}, "policy.payment_days"),
        ({"policy": []}, "policy"),
        ({"policy": {"routing": "cheapest"}}, "policy.routing"),
        ({"policy": {"reservation_days": -1}}, "policy.reservation_days"),
        ({"locations": []}, "locations"),
        ({"locations": [{"id": "a"}, {"id": "a"}]}, "locations[1].id"),
        ({"locations": [{"id": "A#"}]}, "locations[0].id"),
        ({"locations": [{"country": "XX"}]}, "locations[0].country"),
        ({"name": None}, "name"),
        ({"invoice_series": "RE-{year}"}, "invoice_series"),
        ({"invoice_series": ""}, "invoice_series"),
        ({"credit_note_series": "RE"}, "credit_note_series"),
        ({"datev_consultant": 12}, "datev_consultant"),
        ({"datev_chart": "05"}, "datev_chart"),
        ({"datev_accounts": {"19": "x"}}, "datev_accounts"),
        (
            {"shop_series": [{"connection_id": "a", "invoice_series": "RK"}]},
            "shop_series[0].invoice_series",
        ),
    ],
)
def test_settings_that_cannot_be_name_their_field(
    call: Caller, body: dict[str, Any], field: str
) -> None:
    """Also one inside another."""
    answer = call("PUT", "/v1/settings", body)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field


def test_settings_are_kept_and_shown(call: Caller) -> None:
    """What is not named takes its default."""
    call("PUT", "/v1/settings", {"name": "Blattwerk", "policy": {"ship_on": "acceptance"}})
    told = call.get("/v1/settings")
    assert (told["name"], told["country"]) == ("Blattwerk", "DE")
    assert (told["policy"]["ship_on"], told["policy"]["payment_days"]) == ("acceptance", 7)
