"""Mail as people and AWS see it: kept whole, and answered with the event SES publishes.

The engine keeps no attachments and publishes no sending events. Here every raw mail lies in the
mailbox byte for byte, and a mail sent with a configuration set that publishes to EventBridge is
followed by its `Email Sent` event with the message's tags.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from local.mailbox import Mailbox

Parameters = dict[str, Any]
OK = 200


def apply(folder: Path) -> None:
    """Keep every raw mail in `folder`, and publish that it was sent."""
    from ministack.services import ses

    mailbox = Mailbox(folder)
    ses._send_raw_email = _keeping(ses._send_raw_email, mailbox)


def _keeping(send: Callable[[Parameters], Any], mailbox: Mailbox) -> Callable[[Parameters], Any]:
    def send_and_keep(params: Parameters) -> Any:
        answer = send(params)
        found = re.search(r"<MessageId>(.+?)</MessageId>", _plain(answer[2]))
        if answer[0] == OK and found:
            message = base64.b64decode(_one(params, "RawMessage.Data"))
            envelope = _envelope(params, message, found.group(1))
            mailbox.put(message, envelope)
            _publish(envelope)
        return answer

    return send_and_keep


def _envelope(params: Parameters, message: bytes, message_id: str) -> dict[str, Any]:
    """Return what the caller told the mail service, beside the message itself."""
    headers = message_from_bytes(message, policy=policy.default)
    named = [
        str(address) for field in ("To", "Cc", "Bcc") for address in _addresses(headers[field])
    ]
    tags = dict(_pairs(str(headers["X-SES-MESSAGE-TAGS"] or "")))
    for place in range(1, 51):
        if name := _one(params, f"Tags.member.{place}.Name"):
            tags[name] = _one(params, f"Tags.member.{place}.Value")
    return {
        "message_id": message_id,
        "sent_at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "from": _one(params, "Source") or str(headers["From"]),
        "to": _members(params, "Destinations.member") or named,
        "subject": str(headers["Subject"]),
        "tags": tags,
        "configuration_set": _one(params, "ConfigurationSetName")
        or str(headers["X-SES-CONFIGURATION-SET"] or ""),
    }


def _publish(envelope: dict[str, Any]) -> None:
    """Publish `Email Sent` to every bus the mail's configuration set names for it."""
    from ministack.services import eventbridge, ses_v2

    record = ses_v2._config_sets.get(envelope["configuration_set"]) or {}
    for destination in (record.get("EventDestinations") or {}).values():
        bus = (destination.get("EventBridgeDestination") or {}).get("EventBusArn")
        events = {name.upper() for name in destination.get("MatchingEventTypes", [])}
        if bus and "SEND" in events and destination.get("Enabled"):
            entry = {
                "Source": "aws.ses",
                "DetailType": "Email Sent",
                "EventBusName": bus,
                "Detail": json.dumps(_detail(envelope)),
            }
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _detail(envelope: dict[str, Any]) -> dict[str, Any]:
    tags = {name: [value] for name, value in envelope["tags"].items()}
    mail = {
        "timestamp": envelope["sent_at"],
        "messageId": envelope["message_id"],
        "source": envelope["from"],
        "destination": envelope["to"],
        "headersTruncated": False,
        "commonHeaders": {
            "from": [envelope["from"]],
            "to": envelope["to"],
            "subject": envelope["subject"],
        },
        "tags": tags | {"ses:configuration-set": [envelope["configuration_set"]]},
    }
    return {"eventType": "Send", "mail": mail, "send": {}}


def _one(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _members(params: Parameters, prefix: str) -> list[str]:
    found = [_one(params, f"{prefix}.{place}") for place in range(1, 51)]
    return [value for value in found if value]


def _addresses(header: Any) -> list[str]:
    return [address.addr_spec for address in header.addresses] if header else []


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for pair in re.split(r"[,;]", text) if "=" in pair]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _plain(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)
