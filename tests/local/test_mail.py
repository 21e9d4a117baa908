"""Mails sent in the local engine can be read whole, and are told of as SES tells of them."""

from __future__ import annotations

import json
import time
import uuid
from email.message import EmailMessage
from typing import Any
from urllib.request import urlopen

import pytest

from tests.local.conftest import Lab, until

pytestmark = pytest.mark.engine

SENDER = "shop@example.com"
PAPER = b"%PDF-1.7\n\xff\x00 bytes that are no text"


def _mail(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Händler <{SENDER}>"
    mail["To"] = "kundin@example.com"
    mail["Subject"] = subject
    mail.set_content("Guten Tag, Ihre Rechnung ist da. Grüße")
    mail.add_alternative("<p>Guten Tag, Ihre <b>Rechnung</b> ist da.</p>", subtype="html")
    mail.add_attachment(PAPER, maintype="application", subtype="pdf", filename="Rechnung Ä.pdf")
    return mail


def _send(lab: Lab, **settings: Any) -> str:
    subject = f"Rechnung {uuid.uuid4().hex}"
    ses = lab.engine.client("ses")
    ses.verify_email_identity(EmailAddress=SENDER)
    ses.send_raw_email(
        Source=SENDER,
        Destinations=["kundin@example.com"],
        RawMessage={"Data": _mail(subject).as_bytes()},
        **settings,
    )
    return subject


def _get(lab: Lab, path: str) -> bytes:
    with urlopen(lab.engine.mails_url + path) as answer:
        body: bytes = answer.read()
        return body


def _found(lab: Lab, subject: str) -> dict[str, Any]:
    items = json.loads(_get(lab, "/mails.json"))["items"]
    return next(item for item in items if item["subject"] == subject)


def test_a_mail_is_kept_with_text_html_and_attachments(lab: Lab) -> None:
    """What a customer would see can be seen, byte for byte."""
    mail = _found(lab, _send(lab))
    assert mail["to"] == ["kundin@example.com"]
    assert mail["attachments"] == ["Rechnung Ä.pdf"]
    assert _get(lab, f"/{mail['id']}/files/0") == PAPER
    assert "<b>Rechnung</b>" in _get(lab, f"/{mail['id']}/html").decode()
    assert "Grüße" in _get(lab, f"/{mail['id']}/text").decode()
    whole = json.loads(_get(lab, f"/{mail['id']}.json"))
    assert "Grüße" in whole["text"]
    assert whole["subject"] in _get(lab, "/").decode()
    assert whole["subject"] in _get(lab, f"/{mail['id']}").decode()


def test_a_sent_mail_is_told_of_with_its_tags(lab: Lab) -> None:
    """The event `Email Sent` reaches the queue of its rule, as from SES through EventBridge."""
    events, name = lab.engine.client("events"), f"set-{uuid.uuid4().hex[:8]}"
    _configuration_set(lab, name, events.describe_event_bus(Name="default")["Arn"])
    queue, queue_arn = lab.queue()
    pattern = {"source": ["aws.ses"], "detail": {"mail": {"tags": {"order_id": ["o1"]}}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": queue_arn}])
    _send(lab, ConfigurationSetName=name, Tags=[{"Name": "order_id", "Value": "o1"}])
    event = until(lambda: lab.read(queue))[0]
    assert event["detail-type"] == "Email Sent"
    assert event["detail"]["mail"]["tags"]["order_id"] == ["o1"]
    assert event["detail"]["mail"]["tags"]["ses:configuration-set"] == [name]
    assert event["detail"]["mail"]["destination"] == ["kundin@example.com"]


def test_a_sent_mail_is_a_line_in_a_log_group(lab: Lab) -> None:
    """A rule may write what it makes of an event to a log group, where it can be found again."""
    events, logs = lab.engine.client("events"), lab.engine.client("logs")
    name = f"set-{uuid.uuid4().hex[:8]}"
    group = f"/aws/events/{name}"
    _configuration_set(lab, name, events.describe_event_bus(Name="default")["Arn"])
    logs.create_log_group(logGroupName=group)
    [found] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    tags = {"ses:configuration-set": [name]}
    pattern = {"source": ["aws.ses"], "detail": {"mail": {"tags": tags}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    made = {
        "InputPathsMap": {
            "time": "$.time",
            "order": "$.detail.mail.tags.order_id[0]",
            "id": "$.detail.mail.messageId",
        },
        "InputTemplate": '{"timestamp":<time>,"message":"<order> <id>"}',
    }
    target = {"Id": "log", "Arn": found["arn"].removesuffix(":*"), "InputTransformer": made}
    events.put_targets(Rule=name, Targets=[target])
    for order in ("o1", "o2"):
        _send(lab, ConfigurationSetName=name, Tags=[{"Name": "order_id", "Value": order}])
    wanted = {"logGroupName": group, "filterPattern": '"o2" "-"'}
    [line] = until(lambda: logs.filter_log_events(**wanted)["events"])
    assert line["message"].startswith("o2 ")
    assert len(line["message"].split()) == 2
    assert abs(line["timestamp"] / 1000 - time.time()) < 60
    assert not logs.filter_log_events(**wanted, startTime=line["timestamp"] + 1)["events"]


def _configuration_set(lab: Lab, name: str, bus: str) -> None:
    """Make a configuration set that publishes to a bus, as the template makes it."""
    destination = {
        "Name": "bus",
        "Enabled": True,
        "MatchingEventTypes": ["send"],
        "EventBridgeDestination": {"EventBusArn": bus},
    }
    resources = {
        "Mails": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": name}},
        "Events": {
            "Type": "AWS::SES::ConfigurationSetEventDestination",
            "Properties": {
                "ConfigurationSetName": {"Ref": "Mails"},
                "EventDestination": destination,
            },
        },
    }
    cloud = lab.engine.client("cloudformation")
    cloud.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    until(
        lambda: (
            cloud.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        )
    )


def test_a_mail_of_an_unverified_sender_is_refused_and_not_kept(lab: Lab) -> None:
    """The local run finds a sender that SES would not accept."""
    ses = lab.engine.client("ses")
    before = _get(lab, "/mails.json")
    with pytest.raises(ses.exceptions.MessageRejected):
        ses.send_raw_email(
            Source="nobody@unknown.example",
            Destinations=["kundin@example.com"],
            RawMessage={"Data": b"From: nobody@unknown.example\r\nSubject: x\r\n\r\nx"},
        )
    assert _get(lab, "/mails.json") == before
