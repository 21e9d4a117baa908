"""Deploying to an account: what is kept, what is told, and what is changed."""

from __future__ import annotations

import hashlib
import json
import uuid

import pytest

from local import cloud, deploy, stack
from tests.local.conftest import Lab

TEMPLATE = {
    "Parameters": {
        "RootTokenSha256": {"Type": "String", "NoEcho": True},
        "PublicUrl": {"Type": "String", "Default": ""},
    },
    "Resources": {
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"Tags": [{"Key": "url", "Value": {"Ref": "PublicUrl"}}]},
        }
    },
    "Outputs": {"Url": {"Value": {"Ref": "PublicUrl"}}, "Root": {"Value": {"Ref": "Queue"}}},
}


def test_the_first_deployment_makes_a_root_token_and_shows_it_once() -> None:
    """Only its hash goes to AWS; later deployments leave it as it is."""
    wanted, token = deploy.parameters({}, "dev", {"SENDER_IDENTITY": "shop.example"})
    assert wanted["RootTokenSha256"] == hashlib.sha256(token.encode()).hexdigest()
    known = dict.fromkeys(wanted, "****")
    wanted, token = deploy.parameters(known, "dev", {})
    assert token == ""
    assert wanted["RootTokenSha256"] is None
    assert wanted["SenderIdentity"] is None


def test_what_the_environment_names_is_changed() -> None:
    """A domain of one's own can be given at any time."""
    known = {"RootTokenSha256": "****", "SenderIdentity": "shop.example", "PublicUrl": "x"}
    wanted, _ = deploy.parameters(known, "prod", {"PUBLIC_URL": "https://kontor.example"})
    assert wanted["PublicUrl"] == "https://kontor.example"
    assert wanted["SenderIdentity"] is None


def test_without_a_sender_nothing_is_deployed() -> None:
    """A house that cannot send mails says so before it is built."""
    with pytest.raises(cloud.DeployError, match="SENDER_IDENTITY"):
        deploy.parameters({}, "dev", {})


@pytest.mark.engine
def test_a_second_deployment_changes_only_what_is_new(lab: Lab) -> None:
    """The first makes a stack, an equal one changes nothing, and what is not named is kept."""
    name, s3 = f"stack-{uuid.uuid4().hex[:8]}", lab.engine.client("s3")
    bucket = deploy.artefact_bucket(lab.engine, stack.REGION)
    assert deploy.artefact_bucket(lab.engine, stack.REGION) == bucket
    s3.put_object(Bucket=bucket, Key="template.json", Body=json.dumps(TEMPLATE).encode())
    address = f"{lab.engine.url}/{bucket}/template.json"
    told: dict[str, str | None] = {"RootTokenSha256": "a" * 64, "PublicUrl": ""}
    assert deploy.deployed(lab.engine, name) == {}
    first = cloud.apply(lab.engine, name, address, told)
    assert cloud.apply(lab.engine, name, address, told) == first
    told = {"RootTokenSha256": None, "PublicUrl": "https://kontor.example"}
    assert cloud.apply(lab.engine, name, address, told)["Url"] == "https://kontor.example"
    assert deploy.deployed(lab.engine, name)["PublicUrl"] == "https://kontor.example"
