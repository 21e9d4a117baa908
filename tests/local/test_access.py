"""The local engine enforces a function's policy, as AWS reads it."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest

from local import stack
from tests.local.conftest import Lab

pytestmark = pytest.mark.engine


def _as_user_who_may(lab: Lab, action: str, resource: str, service: str = "sqs") -> Any:
    iam, name = lab.engine.client("iam"), f"user-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    allow = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        service,
        endpoint_url=lab.engine.url,
        region_name=stack.REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def test_who_may_send_a_message_may_send_a_batch(lab: Lab) -> None:
    """AWS knows no action for the batch."""
    url, arn = lab.queue()
    sqs = _as_user_who_may(lab, "sqs:SendMessage", arn)
    entries = [{"Id": str(number), "MessageBody": "{}"} for number in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 3


def test_who_may_not_send_is_refused(lab: Lab) -> None:
    """Rights are enforced: a policy that forgets one fails here and not first on AWS."""
    url, arn = lab.queue()
    sqs = _as_user_who_may(lab, "sqs:ReceiveMessage", arn)
    with pytest.raises(sqs.exceptions.ClientError, match="not authorized"):
        sqs.send_message(QueueUrl=url, MessageBody="{}")


def test_a_mail_is_allowed_by_the_right_to_its_sender(lab: Lab) -> None:
    """A policy names the verified domain; another sender is refused."""
    ses = lab.engine.client("ses")
    for domain in ("own.example", "other.example"):
        ses.verify_domain_identity(Domain=domain)
    own = f"arn:aws:ses:{stack.REGION}:000000000000:identity/own.example"
    sender = _as_user_who_may(lab, "ses:SendRawEmail", own, "ses")

    def send(address: str) -> None:
        text = f"From: Shop <{address}>\r\nTo: x@y.example\r\nSubject: x\r\n\r\nx"
        sender.send_raw_email(Destinations=["x@y.example"], RawMessage={"Data": text.encode()})

    send("shop@own.example")
    with pytest.raises(sender.exceptions.ClientError, match="not authorized"):
        send("shop@other.example")


def test_a_bucket_that_wants_tls_can_be_used(lab: Lab) -> None:
    """The loopback of this machine counts as TLS; the policy stays as it is on AWS."""
    s3, name = lab.engine.client("s3"), f"bucket-{uuid.uuid4().hex[:8]}"
    place = {"LocationConstraint": stack.REGION}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    s3.put_bucket_policy(Bucket=name, Policy=document)
    s3.put_object(Bucket=name, Key="a", Body=b"paper")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "a"})
    with urlopen(link) as answer:
        assert answer.read() == b"paper"
    with pytest.raises(HTTPError):
        urlopen(link.split("?")[0])
