"""Access as AWS grants it: batches by the right to single messages, mails by their identity.

The engine asks for actions such as `sqs:SendMessageBatch`, which no policy can grant on AWS, and
checks the right to send a mail on everything instead of on the identity it is sent from. It also
speaks plain HTTP, only on this machine's own loopback, which counts as TLS here.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import base64
from collections.abc import Callable
from email import message_from_bytes
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs

SINGLE = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


SENDING = {"SendEmail", "SendRawEmail"}


def apply() -> None:
    """Name each call by the action that allows it, and a mail by its sender."""
    from ministack.core import iam_actions, iam_evaluator

    named, placed = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def name(*call: Any, **rest: Any) -> Any:
        action = named(*call, **rest)
        return SINGLE.get(action, action)

    iam_actions.extract_iam_action = name
    iam_actions.extract_resource_arn = _with_senders(placed)
    resolved = iam_evaluator._resolve_condition_key

    def resolve(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolved(key, context)

    iam_evaluator._resolve_condition_key = resolve


def _with_senders(placed: Callable[..., str]) -> Callable[..., str]:
    def place(  # noqa: PLR0917 - as the engine calls it
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account: str,
    ) -> str:
        if service == "ses" and not path.startswith("/v2/"):
            form = parse_qs(body.decode("utf-8", errors="replace"))
            if form.get("Action", [""])[0] in SENDING:
                return f"arn:aws:ses:{region}:{account}:identity/{_identity(form)}"
        return placed(service, method, path, headers, body, query, region, account)

    return place


def _identity(form: dict[str, list[str]]) -> str:
    """Return the verified address, or else the domain, from which a mail is sent."""
    from ministack.services import ses

    sender = form.get("Source", [""])[0]
    if not sender:
        raw = base64.b64decode(form.get("RawMessage.Data", [""])[0])
        sender = str(message_from_bytes(raw)["From"])
    address = parseaddr(sender)[1]
    return address if address in ses._identities else address.rpartition("@")[2]
