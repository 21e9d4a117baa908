"""The post office's own language: MIME out, its errors in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.notification import ses
from chalicelib.notification.mails import one_line
from chalicelib.notification.port import Enclosure, Mail
from chalicelib.notification.ses import Ses, encode, mime

MAIL = Mail(
    sender_name="Blattwerk & Söhne",
    sender="shop@blattwerk.example",
    to_name='Anna "die Große" Beispiel',
    to="anna@example.com",
    subject="Ihre Bestellung 1042 bei Blattwerk & Söhne — größer als je zuvor und sehr lang",
    text="Grüße\n" + "x" * 2000,
    html="<p>Grüße<img src='cid:logo'></p>",
    enclosures=(
        Enclosure(name="logo.png", media_type="image/png", data=b"png", content_id="logo"),
        Enclosure(name="Rechnung-1.pdf", media_type="application/pdf", data=b"%PDF-1"),
    ),
    tags={"merchant_id": "demo", "effect": "abc"},
)


class FakeClient:
    """Answers like SES: with errors first, then with an id."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), list[dict[str, Any]]()

    def send_raw_email(self, **call: Any) -> dict[str, str]:
        self.calls.append(call)
        if self.errors:
            raise self.errors.pop(0)
        return {"MessageId": "ses-1"}


def refusal(code: str, text: str = "because") -> ClientError:
    """Return an error of SES."""
    return ClientError({"Error": {"Code": code, "Message": text}}, "SendRawEmail")


def read_back(mail: Mail) -> EmailMessage:
    """Write a mail and read it as a mail program does."""
    return cast("EmailMessage", message_from_bytes(mime(mail), policy=default))


def test_a_mail_survives_the_way_through_mime() -> None:
    """Names, umlauts, long lines, picture and file arrive as they were sent."""
    got = read_back(MAIL)
    assert got["Subject"] == MAIL.subject
    assert got["To"].addresses[0].display_name == MAIL.to_name
    assert got["From"].addresses[0].addr_spec == MAIL.sender
    assert got["Reply-To"].addresses[0].addr_spec == MAIL.sender
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert "Grüße" in html.get_content()
    assert [part.get_filename() for part in got.iter_attachments()] == ["Rechnung-1.pdf"]


@given(st.text(max_size=240), st.text(max_size=240))
def test_any_name_and_subject_arrive_as_they_were_written(name: str, subject: str) -> None:
    """Whatever people are called and shops are named, headers keep it and nothing more."""
    mail = replace(MAIL, to_name=one_line(name), subject=one_line(subject), enclosures=())
    got = message_from_bytes(mime(mail))
    person, said = (str(make_header(decode_header(got[name]))) for name in ("To", "Subject"))
    assert parseaddr(person) == (mail.to_name, mail.to) or person == f"{mail.to_name} <{mail.to}>"
    assert said == mail.subject
    assert got["Bcc"] is None


def test_the_logo_belongs_to_the_html_and_is_no_attachment() -> None:
    """Mail programs show it in its place and not as a file below."""
    pictures = [part for part in read_back(MAIL).walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in pictures] == ["<logo>"]
    assert pictures[0].get_content_disposition() == "inline"


def test_no_line_is_longer_than_mail_allows() -> None:
    """RFC 5322: 998 octets; servers on the way cut what is longer."""
    assert max(len(row) for row in mime(MAIL).split(b"\r\n")) <= 998


def test_a_line_break_in_a_header_is_never_written() -> None:
    """Even if a name slipped past us, the last door is shut."""
    with pytest.raises(ValueError, match="line break"):
        mime(Mail(sender_name="x", sender="a@b.example", to_name="x", to="a@b.example",
                  subject="a\nBcc: b@c.example", text="", html=""))  # fmt: skip


def test_the_answer_is_the_message_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """With tags and configuration set, so that SES reports what became of it."""
    monkeypatch.setenv("SES_CONFIGURATION_SET", "kontor-mails")
    client = FakeClient()
    assert Ses(client=client).send(MAIL) == "ses-1"
    (call,) = client.calls
    assert call["ConfigurationSetName"] == "kontor-mails"
    assert {"Name": "effect", "Value": "abc"} in call["Tags"]
    assert call["Destinations"] == ["anna@example.com"]


@pytest.mark.parametrize(
    ("code", "said", "ours"),
    [
        ("MessageRejected", "Address blacklisted", "mail_refused"),
        ("MessageRejected", "Email address is not verified: x", "sender_not_verified"),
        ("MailFromDomainNotVerifiedException", "x", "sender_not_verified"),
        ("AccountSendingPausedException", "x", "sending_paused"),
    ],
)
def test_a_refusal_is_final_and_in_the_providers_words(code: str, said: str, ours: str) -> None:
    """A repetition would be refused again; a person reads why."""
    with pytest.raises(Permanent) as refused:
        Ses(client=FakeClient(refusal(code, said))).send(MAIL)
    assert refused.value.code == ours
    assert said in refused.value.text


def test_throttling_is_waited_for_and_tried_again() -> None:
    """Throttled means surely not sent, so this alone is repeated at once."""
    pauses: list[float] = []
    client = FakeClient(refusal("Throttling"), refusal("Throttling"))
    assert Ses(client=client, pause=pauses.append).send(MAIL) == "ses-1"
    assert len(client.calls) == 3
    assert pauses == [0.1, 0.4]


def test_throttling_without_end_comes_back_later() -> None:
    """After four attempts the queue takes over."""
    client = FakeClient(*[refusal("Throttling")] * 9)
    with pytest.raises(Retryable):
        Ses(client=client, pause=lambda _: None).send(MAIL)
    assert len(client.calls) == 4


@pytest.mark.parametrize(
    "lost",
    [
        ReadTimeoutError(endpoint_url="https://ses"),
        ConnectTimeoutError(endpoint_url="https://ses"),
        refusal("InternalFailure"),
        refusal("ServiceUnavailable"),
    ],
)
def test_a_lost_answer_is_never_repeated_at_once(lost: Exception) -> None:
    """The mail may be out: one call, then the effect is unknown until SES tells."""
    client = FakeClient(lost)
    with pytest.raises(Retryable):
        Ses(client=client).send(MAIL)
    assert len(client.calls) == 1


@pytest.mark.parametrize("data", [b"", b"Subject: a+b/c=\r\n", bytes(range(256)) * 200])
def test_the_form_of_a_call_is_what_botocore_would_have_sent(
    monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    """Every field, the mail byte for byte, and the length of the whole."""
    monkeypatch.setattr(ses, "mime", lambda _: data)
    theirs, ours = sent(), sent(encode)
    fields = [dict(parse_qsl(form(each), keep_blank_values=True)) for each in (theirs, ours)]
    assert fields[0] == fields[1]
    assert fields[1]["RawMessage.Data"] == b64encode(data).decode()
    assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]
    assert ours.headers["Content-Length"] == str(len(form(ours)))


def sent(*handlers: Callable[..., None]) -> Any:
    """Return the request of a mail as it would leave, with these handlers in its way."""
    client = Session().create_client(
        "ses",
        region_name="eu-central-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(retries={"total_max_attempts": 1}),
    )
    left: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        left.append(request)
        raise ConnectTimeoutError(endpoint_url="https://ses")

    client.meta.events.register("before-send.ses.SendRawEmail", stop)
    for handler in handlers:
        client.meta.events.register("before-call.ses.SendRawEmail", handler)
    with pytest.raises(Retryable):
        Ses(client=client).send(MAIL)
    [request] = left
    return request


def form(request: Any) -> str:
    """Return the text of a request's form."""
    body = request.body
    return str(body.decode() if isinstance(body, bytes) else body)
