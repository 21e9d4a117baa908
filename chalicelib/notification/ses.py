"""Amazon SES (API v1, `SendRawEmail`): one mail as MIME, and its errors in our words.

https://docs.aws.amazon.com/ses/latest/APIReference/API_SendRawEmail.html
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from email.header import Header
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import formataddr, formatdate
from functools import cache
from typing import Any
from urllib.parse import urlencode

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.notification.port import Mail
from chalicelib.store import session

# Refusals that a repetition does not mend; everything else may go through later.
REFUSED = {
    "MessageRejected": "mail_refused",
    "MailFromDomainNotVerifiedException": "sender_not_verified",
    "AccountSendingPausedException": "sending_paused",
    "ConfigurationSetDoesNotExist": "mail_refused",
    "ConfigurationSetSendingPausedException": "sending_paused",
    "InvalidParameterValue": "mail_refused",
}
NOT_VERIFIED = "not verified"
THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException"})
PAUSES = (0.1, 0.4, 1.0)  # seconds; SES counts per second


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    """Make a client that never repeats a call by itself: a lost answer may be a sent mail."""
    config = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 1})
    client = session.client("ses", config)
    client.meta.events.register("before-call.ses.SendRawEmail", encode)
    return client


def encode(params: dict[str, Any], **_: object) -> None:
    """Write the form of a call: botocore writes it twice, sign by sign, 10 ms for a mail."""
    mail = params["body"].pop("RawMessage.Data")
    # Base64 has three signs that a form must not hold as they are.
    for sign in "+/=":
        mail = mail.replace(sign, f"%{ord(sign):02X}")
    params["body"] = f"{urlencode(params['body'])}&RawMessage.Data={mail}".encode("ascii")


class Ses:
    """Amazon's post office."""

    def __init__(self, *, client: Any = None, pause: Callable[[float], None] = time.sleep) -> None:  # noqa: ANN401
        """Take another client and another way to wait, for tests."""
        self._given, self._pause = client, pause

    def send(self, mail: Mail) -> str:
        """Send a mail and return SES's message id; see `port.Mailer` for the errors."""
        for pause in (*PAUSES, None):
            try:
                return self._send(mail)
            except ClientError as error:
                # Throttled means surely not sent, so this alone may be repeated at once.
                if error.response["Error"]["Code"] not in THROTTLED or pause is None:
                    raise _ours(error) from error
                self._pause(pause)
            except BotoCoreError as error:
                raise Retryable("mail_unknown", f"SES did not answer: {error}") from error
        raise AssertionError

    def _send(self, mail: Mail) -> str:
        name = os.environ.get("SES_CONFIGURATION_SET")
        options = {"ConfigurationSetName": name} if name else {}
        answer = (self._given or _client()).send_raw_email(
            Source=mail.sender,
            Destinations=[mail.to],
            RawMessage={"Data": mime(mail)},
            Tags=[{"Name": key, "Value": value} for key, value in mail.tags.items()],
            **options,
        )
        found: str = answer["MessageId"]
        return found


def _ours(error: ClientError) -> Permanent | Retryable:
    code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in REFUSED:
        ours = "sender_not_verified" if NOT_VERIFIED in said else REFUSED[code]
        return Permanent(ours, f"Amazon SES: {said}")
    return Retryable("mail_not_sent", f"Amazon SES: {code} {said}")


def mime(mail: Mail) -> bytes:
    """Write a mail as text and HTML with its pictures and files; SES adds the Message-ID."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = formatdate()
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: absence notices stay away
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    html = message.get_payload()[1]  # type: ignore[index]
    for enclosure in mail.enclosures:
        main, _, sub = enclosure.media_type.partition("/")
        if enclosure.content_id:
            _show(html, enclosure.data, sub, enclosure.content_id)  # type: ignore[arg-type]
        else:
            message.add_attachment(
                enclosure.data, maintype=main, subtype=sub, filename=enclosure.name
            )
    return _headers(mail) + message.as_bytes()


def _headers(mail: Mail) -> bytes:
    """Write what people wrote ourselves: EmailMessage loses spaces when it folds such headers."""
    said = (mail.sender_name, mail.sender, mail.to_name, mail.to, mail.subject)
    if any(sign in text for text in said for sign in "\r\n"):
        msg = "a line break in a header"
        raise ValueError(msg)
    headers = {
        "From": _person(mail.sender_name, mail.sender),
        "Reply-To": _person(mail.sender_name, mail.sender),
        "To": _person(mail.to_name, mail.to),
        "Subject": _words("Subject", mail.subject),
    }
    return b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in headers.items())


def _person(name: str, address: str) -> str:
    """Write a name and an address (RFC 5322, RFC 2047)."""
    return formataddr((name, address)) if name.isascii() else f"{_words('To', name)} <{address}>"


def _words(header: str, text: str) -> str:
    """Write text as it may stand in a header, folded into encoded words where it must."""
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")


def _show(html: MIMEPart, data: bytes, subtype: str, content_id: str) -> None:
    html.add_related(
        data, maintype="image", subtype=subtype, cid=f"<{content_id}>", disposition="inline"
    )
