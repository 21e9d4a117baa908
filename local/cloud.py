"""Brings a package into an AWS account or the local engine: upload, change set, outputs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local.package import Package

DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
BROKEN = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
PATIENCE = 1800.0


class DeployError(RuntimeError):
    """The stack did not come to where it should be."""


class Account(Protocol):
    """Whatever hands out boto3 clients: an AWS session, or the local engine."""

    def client(self, service: str) -> Any:  # noqa: ANN401
        """Return a boto3 client."""


def upload(account: Account, bucket: str, package: Package) -> str:
    """Put what is not there yet into the bucket; return the address of the template."""
    s3 = account.client("s3")
    files = {
        package.keys["deployment.zip"]: package.functions,
        package.keys["layer.zip"]: package.layer,
        _template_key(package): package.template,
    }
    there = s3.list_objects_v2(Bucket=bucket, Prefix="kontor/")
    known = {entry["Key"]: entry["Size"] for entry in there.get("Contents", [])}
    for key, path in files.items():
        if known.get(key) != path.stat().st_size:
            s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    address: str = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": _template_key(package)}
    )
    return address.split("?", 1)[0]


def _template_key(package: Package) -> str:
    digest = hashlib.sha256(package.template.read_bytes()).hexdigest()
    return f"kontor/template-{digest[:32]}.json"


def apply(
    account: Account,
    stack: str,
    template_url: str,
    parameters: Mapping[str, str | None],
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, str]:
    """Create or update the stack through a change set; return its outputs.

    A parameter that is None keeps the value it was deployed with.
    """
    cloud = account.client("cloudformation")
    status = _status(cloud, stack)
    if status in BROKEN:
        msg = f"stack {stack} is in {status}: look at its events, then delete it"
        raise DeployError(msg)
    fresh = status in {"", "REVIEW_IN_PROGRESS"}
    name = f"kontor-{int(time.time() * 1000)}"
    cloud.create_change_set(
        StackName=stack,
        ChangeSetName=name,
        ChangeSetType="CREATE" if fresh else "UPDATE",
        TemplateURL=template_url,
        Parameters=[
            {"ParameterKey": name, "UsePreviousValue": True}
            if value is None
            else {"ParameterKey": name, "ParameterValue": value}
            for name, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )
    if _is_ready(cloud, stack, name, tell):
        cloud.execute_change_set(StackName=stack, ChangeSetName=name)
        _follow(cloud, stack)
    return outputs(account, stack)


def outputs(account: Account, stack: str) -> dict[str, str]:
    """Return the outputs of a stack by name."""
    found = account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs", [])}


def _status(cloud: Any, stack: str) -> str:  # noqa: ANN401
    try:
        status: str = cloud.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except cloud.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return ""
        raise
    return status


def _is_ready(cloud: Any, stack: str, name: str, tell: Callable[[str], None]) -> bool:  # noqa: ANN401
    """Wait for the change set; whether it changes anything."""
    found = _wait(
        lambda: cloud.describe_change_set(StackName=stack, ChangeSetName=name),
        lambda answer: answer["Status"] in {"CREATE_COMPLETE", "FAILED"},
    )
    reason = found.get("StatusReason", "")
    if found["Status"] == "CREATE_COMPLETE":
        changes = [entry["ResourceChange"] for entry in found.get("Changes", [])]
        for change in changes:
            tell(f"{change['Action']:7} {change['ResourceType']:40} {change['LogicalResourceId']}")
        return True
    cloud.delete_change_set(StackName=stack, ChangeSetName=name)
    if "didn't contain changes" in reason or "No updates" in reason:
        return False
    msg = f"the change set of {stack} failed: {reason}"
    raise DeployError(msg)


def _follow(cloud: Any, stack: str) -> None:  # noqa: ANN401
    """Wait until the stack stands still, and say what went wrong."""
    status = _wait(
        lambda: _status(cloud, stack),
        lambda status: not status.endswith("IN_PROGRESS"),
    )
    if status not in DONE:
        events = cloud.describe_stack_events(StackName=stack)["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise DeployError(f"stack {stack} ended in {status}: " + "; ".join(failed[:3]))


def _wait(ask: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:  # noqa: ANN401
    patience, pause = time.monotonic() + PATIENCE, 0.1
    while True:
        answer = ask()
        if enough(answer):
            return answer
        if time.monotonic() > patience:
            msg = "CloudFormation took too long"
            raise DeployError(msg)
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
