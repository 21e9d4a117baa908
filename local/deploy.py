"""`make deploy STAGE=…`: the package into an AWS account, through a CloudFormation change set.

What the stack is told comes from the environment (SENDER_IDENTITY, PUBLIC_URL, …) or stays as it
was deployed; the first deployment makes a root token and shows it once. `docs/operations.md`
names the rights it needs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import cloud
from local.package import ROOT, PackageError, build, sizes
from local.translate import ARTEFACTS

ASKED = {
    "SenderIdentity": "SENDER_IDENTITY",
    "PublicUrl": "PUBLIC_URL",
    "AlarmEmail": "ALARM_EMAIL",
    "ObjectLockMode": "OBJECT_LOCK_MODE",
    "DeletionProtection": "DELETION_PROTECTION",
}


@dataclass(frozen=True, slots=True)
class Aws:
    """The account of the caller's own credentials."""

    session: boto3.Session

    def client(self, service: str) -> Any:  # noqa: ANN401
        """Return a boto3 client."""
        return self.session.client(service)


def main() -> None:
    """Deploy one stage and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    stage = parser.parse_args().stage
    try:
        deploy(stage)
    except (PackageError, cloud.DeployError, BotoCoreError, ClientError) as problem:
        sys.exit(f"✗ {problem}")


def deploy(stage: str) -> None:
    """Package, upload and apply; a second time with its own address when none was given."""
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    if not session.region_name:
        msg = "no region: set AWS_REGION, for example eu-central-1"
        raise cloud.DeployError(msg)
    account = Aws(session)
    print(f"· packaging {stage}", flush=True)
    package = build(stage)
    print(f"  {sizes(package)}")
    bucket = artefact_bucket(account, session.region_name)
    print(f"· uploading to {bucket}", flush=True)
    address = cloud.upload(account, bucket, package)
    stack = f"kontor-{stage}"
    known = deployed(account, stack)
    wanted, token = parameters(known, stage, os.environ)
    asked_for = json.loads(package.template.read_text(encoding="utf-8"))["Parameters"]
    wanted = {name: value for name, value in wanted.items() if name in asked_for}
    wanted[ARTEFACTS] = bucket
    print(f"· changing the stack {stack}", flush=True)
    outputs = cloud.apply(account, stack, address, wanted, _tell)
    url = wanted["PublicUrl"] or known.get("PublicUrl", "")
    if not url:
        print("· telling the functions their own address", flush=True)
        url = outputs["ApiUrl"]
        told = {**dict.fromkeys(wanted), "PublicUrl": url}
        outputs = cloud.apply(account, stack, address, told, _tell)
    _end(stage, outputs, url, token)


def parameters(
    known: dict[str, str], stage: str, given: Mapping[str, str]
) -> tuple[dict[str, str | None], str]:
    """Return what the stack is told, and the root token if it is a new one.

    What the environment does not name stays as it was deployed (None).
    """
    wanted: dict[str, str | None] = {"PublicUrl": "", **dict.fromkeys(known), "Stage": stage}
    wanted |= {key: given[name] for key, name in ASKED.items() if given.get(name)}
    token = given.get("ROOT_TOKEN", "")
    if not token and "RootTokenSha256" not in known:
        token = secrets.token_urlsafe(32)
    if token:
        wanted["RootTokenSha256"] = hashlib.sha256(token.encode()).hexdigest()
    if "SenderIdentity" not in wanted:
        msg = "no sender: SENDER_IDENTITY=shop.example names the domain or address verified in SES"
        raise cloud.DeployError(msg)
    return wanted, token


def deployed(account: cloud.Account, stack: str) -> dict[str, str]:
    """Return the parameters of the stack as it stands; none for a new one."""
    try:
        found = account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as problem:
        if "does not exist" in str(problem):
            return {}
        raise
    if found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return {}
    return {entry["ParameterKey"]: entry["ParameterValue"] for entry in found.get("Parameters", [])}


def artefact_bucket(account: cloud.Account, region: str) -> str:
    """Return the bucket for packages of this account and region, made if it is not there."""
    number = account.client("sts").get_caller_identity()["Account"]
    name = f"kontor-artefacts-{number}-{region}"
    s3 = account.client("s3")
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "404":
            raise
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
        blocked = (
            "BlockPublicAcls",
            "IgnorePublicAcls",
            "BlockPublicPolicy",
            "RestrictPublicBuckets",
        )
        s3.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True)
        )
    return name


def _tell(line: str) -> None:
    print(f"    {line}", flush=True)


def _end(stage: str, outputs: dict[str, str], url: str, token: str) -> None:
    """Say where the stage is, and note it for programs."""
    note = ROOT / ".local" / f"deployed-{stage}.json"
    note.parent.mkdir(exist_ok=True)
    note.write_text(json.dumps(outputs, indent=1), encoding="utf-8")
    print(f"✓ {stage} is at {url}")
    if outputs["ApiUrl"] != url:
        print(f"  its domain has to point to {outputs['ApiUrl']}")
    if token:
        print(f"  root token (shown once, keep it): {token}")


if __name__ == "__main__":
    main()
