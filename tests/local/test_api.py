"""The local API answers with the template's own errors, and passes bytes through unchanged."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from local import gateway, stack
from tests.local.conftest import Lab, until

pytestmark = pytest.mark.engine

ECHO = """
import base64

def handler(event, context):
    binary = event["isBase64Encoded"]
    body = event["body"] or ""
    raw = base64.b64decode(body) if binary else body.encode()
    return {
        "statusCode": 201,
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "Content-Type": ["text/plain"]},
        "body": json.dumps([raw.hex(), binary, event["path"], event["queryStringParameters"]]),
    }
"""
PREFLIGHT = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {
        "default": {
            "statusCode": "200",
            "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"},
        }
    },
}
GATEWAY_RESPONSE = {
    "statusCode": "404",
    "responseParameters": {
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
    },
    "responseTemplates": {"application/json": '{"code":"not_found"}'},
}


@pytest.fixture(scope="module")
def url(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An API made by CloudFormation from a description, behind our gateway."""
    function = lab.function(ECHO, tmp_path_factory.mktemp("echo") / "told")
    arn = lab.engine.client("lambda").get_function(FunctionName=function)
    target = (
        f"arn:aws:apigateway:{stack.REGION}:lambda:path/2015-03-31/functions/"
        f"{arn['Configuration']['FunctionArn']}/invocations"
    )
    call = {"type": "aws_proxy", "httpMethod": "POST", "uri": target}
    body = {
        "swagger": "2.0",
        "info": {"title": "echo", "version": "1"},
        "paths": {
            "/echo/{name}": {
                "post": {"x-amazon-apigateway-integration": call},
                "options": {"x-amazon-apigateway-integration": PREFLIGHT},
            }
        },
        "x-amazon-apigateway-binary-media-types": ["application/zip"],
        "x-amazon-apigateway-gateway-responses": {"MISSING_AUTHENTICATION_TOKEN": GATEWAY_RESPONSE},
    }
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}},
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "live"},
        },
    }
    outputs = {"Id": {"Value": {"Ref": "Api"}}}
    cloud = lab.engine.client("cloudformation")
    cloud.create_stack(
        StackName="echo", TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs})
    )
    made = until(lambda: cloud.describe_stacks(StackName="echo")["Stacks"][0].get("Outputs"))
    path = f"/restapis/{made[0]['OutputValue']}/live/_user_request_"
    port = stack.free_port()
    server = gateway.serve(port, lab.engine.url + path)
    yield f"http://localhost:{port}"
    server.shutdown()
    server.server_close()


def _post(url: str, body: bytes, kind: str) -> tuple[int, list[object], list[str]]:
    request = Request(url, data=body, headers={"Content-Type": kind}, method="POST")
    with urlopen(request) as answer:
        return answer.status, json.load(answer), answer.headers.get_all("Set-Cookie")


def test_text_arrives_byte_for_byte(url: str) -> None:
    """A signature over the raw body can be checked: spaces, order and umlauts are the sender's."""
    raw = '{ "name" : "Grüße",\r\n "n":1.50 }'.encode()
    status, (body, is_binary, path, query), cookies = _post(
        f"{url}/echo/a%20b?x=1&y=%C3%BC", raw, "application/json"
    )
    assert status == 201
    assert bytes.fromhex(str(body)) == raw
    assert (is_binary, query) == (False, {"x": "1", "y": "ü"})
    assert "/echo/" in str(path)
    assert cookies == ["a=1", "b=2"]


def test_binary_bodies_arrive_byte_for_byte(url: str) -> None:
    """A ZIP of bank statements is not read as text."""
    raw = bytes(range(256))
    _, (body, is_binary, *_), _ = _post(f"{url}/echo/zip", raw, "application/zip")
    assert bytes.fromhex(str(body)) == raw
    assert is_binary


def test_a_body_in_chunks_arrives_whole(url: str) -> None:
    """A sender that does not know the length in advance is heard."""
    link = http.client.HTTPConnection(url.removeprefix("http://"))
    chunks = iter([b'{"a":', b"1}"])
    link.request(
        "POST", "/echo/x", chunks, {"Content-Type": "application/json"}, encode_chunked=True
    )
    body = json.loads(link.getresponse().read())[0]
    assert bytes.fromhex(body) == b'{"a":1}'
    link.close()


def test_an_unknown_address_is_answered_as_the_template_says(url: str) -> None:
    """The API's own error answers are in force."""
    with pytest.raises(HTTPError) as refusal:
        urlopen(f"{url}/nowhere")
    assert refusal.value.code == 404
    assert refusal.value.headers["Content-Type"] == "application/problem+json"
    assert json.load(refusal.value) == {"code": "not_found"}


def test_a_browser_is_told_that_a_page_of_another_may_ask(url: str) -> None:
    """The gateway itself says so, without a function."""
    with urlopen(Request(f"{url}/echo/x", method="OPTIONS")) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_body_larger_than_api_gateway_takes_is_refused(url: str) -> None:
    """Ten megabytes are the most."""
    with pytest.raises(HTTPError) as refusal:
        _post(f"{url}/echo/x", b" " * (gateway.LARGEST_BODY + 1), "application/json")
    assert refusal.value.code == 413


def test_a_taken_port_is_named(url: str, tmp_path: Path) -> None:
    """Whoever starts a second house is told what to do."""
    del tmp_path
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(gateway.PortTakenError, match=str(port)):
        gateway.serve(port, "http://127.0.0.1:1/")
