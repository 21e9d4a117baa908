"""The public surface: API Gateway, its limits and what it writes down."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.architecture.reading import Template, references, target

METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}


def _body(template: Template) -> dict[str, Any]:
    [api] = template.of("ApiGateway::RestApi").values()
    body: dict[str, Any] = api["Body"]
    return body


def test_webhooks_go_to_the_webhook_function_and_everything_else_to_the_api(
    template: Template,
) -> None:
    """A shop's call never waits for the console's imports."""
    for path, methods in _body(template)["paths"].items():
        for method, operation in methods.items():
            if method in METHODS and (call := operation.get("x-amazon-apigateway-integration")):
                if call["type"] != "aws_proxy":
                    continue
                expected = "Webhook" if path.startswith("/webhooks/") else "APIHandler"
                assert expected in set(references(call)), path
                assert call["httpMethod"] == "POST"


def test_the_webhook_path_takes_deliveries_and_the_question_before_them(
    template: Template,
) -> None:
    """A shop posts, and eBay asks first; anything else is not found."""
    paths = _body(template)["paths"]
    assert [path for path in paths if path.startswith("/webhooks")] == ["/webhooks/{connection_id}"]
    assert set(paths["/webhooks/{connection_id}"]) == {"get", "post"}


def test_api_gateway_may_call_the_webhook_function_on_its_path_only(template: Template) -> None:
    """The permission names the path."""
    permission = template.of("Lambda::Permission")["WebhookInvokePermission"]
    assert target(permission["FunctionName"]) == "Webhook"
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${RestAPI}/*/*/webhooks/*")


def test_there_is_one_stage_and_it_is_throttled(template: Template) -> None:
    """A flood is refused at the door, before it costs anything."""
    [stage] = template.of("ApiGateway::Stage").values()
    assert stage["StageName"] == "live"
    [setting] = stage["MethodSettings"]
    assert (setting["HttpMethod"], setting["ResourcePath"]) == ("*", "/*")
    assert 0 < setting["ThrottlingRateLimit"] <= 1000
    assert 0 < setting["ThrottlingBurstLimit"] <= 2000
    assert setting["DataTraceEnabled"] is False


def test_the_access_log_holds_no_secret(template: Template) -> None:
    """The route, not the path: paths hold customers' tokens; no query, no header, no address."""
    [stage] = template.of("ApiGateway::Stage").values()
    written = stage["AccessLogSetting"]["Format"]
    fields = set(json.loads(written).values())
    assert "$context.resourcePath" in fields
    for secret in (
        "$context.path",
        "querystring",
        "uthoriz",
        "$input",
        "sourceIp",
        "$context.identity",
    ):
        assert not any(secret in field for field in fields), secret
    assert target(stage["AccessLogSetting"]["DestinationArn"]) == "AccessLogGroup"


def test_every_log_ends_after_thirty_days(template: Template) -> None:
    """Logs hold traces of people; none is kept for ever, and that of the mails for fourteen."""
    groups = template.of("Logs::LogGroup")
    beside = {"AccessLogGroup", "MailsSentLog"}
    assert len(groups) == len(template.of("Lambda::Function")) + len(beside)
    for name, group in groups.items():
        assert group["RetentionInDays"] == (14 if name == "MailsSentLog" else 30), name


def test_every_function_has_the_log_group_of_its_name(template: Template) -> None:
    """Chalice names the API's group after a function that does not exist; the template mends it."""
    named = {
        name
        for group in template.of("Logs::LogGroup").values()
        for name in references(group["LogGroupName"])
    }
    assert set(template.of("Lambda::Function")) <= named


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("DEFAULT_4XX", None),
        ("DEFAULT_5XX", None),
        ("MISSING_AUTHENTICATION_TOKEN", "404"),
        ("REQUEST_TOO_LARGE", "413"),
        ("THROTTLED", "429"),
    ],
)
def test_what_the_gateway_answers_itself_is_a_problem_document(
    template: Template, kind: str, status: str | None
) -> None:
    """A caller reads one shape of error, whoever answers (RFC 9457)."""
    answer = _body(template)["x-amazon-apigateway-gateway-responses"][kind]
    assert answer.get("statusCode") == status
    [content_type] = [
        value for name, value in answer["responseParameters"].items() if name.endswith("Type")
    ]
    assert content_type == "'application/problem+json'"
    written = answer["responseTemplates"]["application/json"]
    problem = json.loads(written.replace("$context.error.messageString", '"x"'))
    assert {"type", "title", "code", "detail"} <= set(problem)


def test_no_function_outlasts_the_gateway(template: Template) -> None:
    """API Gateway gives up after 29 seconds; a function still at work then answers nobody."""
    functions = template.of("Lambda::Function")
    assert functions["APIHandler"]["Timeout"] <= 29
    assert functions["Webhook"]["Timeout"] <= 10


def test_only_the_api_knows_the_root_token(template: Template) -> None:
    """The fingerprint of the root token is in one function's environment, and hidden on the way."""
    holders = {
        name
        for name, function in template.of("Lambda::Function").items()
        if "ROOT_TOKEN_SHA256" in function["Environment"]["Variables"]
    }
    assert holders == {"APIHandler"}
    assert template.body["Parameters"]["RootTokenSha256"]["NoEcho"] is True
