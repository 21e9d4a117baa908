"""The mails of the local run: kept as they were sent, and shown as people see them."""

from __future__ import annotations

import html
import json
import re
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
BASE = "<base target=_blank>"
STYLE = (Path(__file__).parent / "mailbox.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, with what the sender told the mail service about it."""

    name: str
    envelope: dict[str, Any]
    content: EmailMessage

    def summary(self) -> dict[str, Any]:
        """Return what a list shows of it."""
        return {
            "id": self.name,
            "sent_at": self.envelope["sent_at"],
            "from": str(self.content["From"]),
            "to": self.envelope["to"],
            "subject": str(self.content["Subject"]),
            "tags": self.envelope["tags"],
            "message_id": self.envelope["message_id"],
            "attachments": [_file_name(part) for part in self.content.iter_attachments()],
        }

    def body(self, kind: str) -> str | None:
        """Return the body as `plain` text or `html`, if it has one."""
        part = self.content.get_body((kind,))
        return str(part.get_content()) if part else None


class Mailbox:
    """A folder with two files for each mail: the message, and its envelope."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, message: bytes, envelope: dict[str, Any]) -> None:
        """Keep a mail; the envelope is written last and makes it visible."""
        moment = re.sub(r"\D", "", envelope["sent_at"])
        short = re.sub(r"\W", "", envelope["message_id"])[:12]
        name = f"{moment}-{short}"
        (self.folder / f"{name}.eml").write_bytes(message)
        half = self.folder / f"{name}.half"
        half.write_text(json.dumps(envelope), encoding="utf-8")
        half.rename(self.folder / f"{name}.json")

    def names(self) -> list[str]:
        """Return the names of all mails, newest first."""
        return sorted((path.stem for path in self.folder.glob("*.json")), reverse=True)

    def get(self, name: str) -> Mail | None:
        """Return one mail."""
        if name not in self.names():
            return None
        envelope = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        raw = (self.folder / f"{name}.eml").read_bytes()
        content = message_from_bytes(raw, policy=policy.default)
        return Mail(name, envelope, content)

    def all(self) -> list[Mail]:
        """Return all mails, newest first."""
        return [mail for name in self.names() if (mail := self.get(name))]


def serve(mailbox: Mailbox, port: int) -> ThreadingHTTPServer:
    """Show the mails at http://localhost:`port` from a thread of this process."""
    pages = type("MailPages", (Pages,), {"mailbox": mailbox})
    server = ThreadingHTTPServer(("127.0.0.1", port), pages)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Pages(BaseHTTPRequestHandler):
    """The addresses `/`, `/mails.json`, `/{id}`, and below it `.json`, html, text and files."""

    mailbox: Mailbox
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page, JSON or a file."""
        path = unquote(urlsplit(self.path).path).strip("/")
        if path in {"", "mails"}:
            self.page("Mails", _list(self.mailbox.all()))
        elif path == "mails.json":
            self.json({"items": [mail.summary() for mail in self.mailbox.all()]})
        else:
            self.one(*path.removeprefix("mails/").split("/"))

    def one(self, name: str, what: str = "", place: str = "", *_rest: str) -> None:
        """Answer for one mail."""
        mail = self.mailbox.get(name.removesuffix(".json"))
        parts = list(mail.content.iter_attachments()) if mail else []
        if mail is None:
            self.page(
                "No such mail", "<p>There is no mail with this name.</p>", HTTPStatus.NOT_FOUND
            )
        elif name.endswith(".json"):
            self.json(mail.summary() | {"text": mail.body("plain"), "html": mail.body("html")})
        elif what == "html":
            # Links of a mail open beside it, as in a mail program.
            self.send(f"{BASE}{mail.body('html') or ''}", "text/html; charset=utf-8")
        elif what == "text":
            self.send(mail.body("plain") or "", "text/plain; charset=utf-8")
        elif what == "raw":
            self.send(mail.content.as_bytes(), "message/rfc822")
        elif what == "files" and place.isdigit() and int(place) < len(parts):
            self.file(parts[int(place)])
        else:
            self.page(str(mail.content["Subject"]), _view(mail))

    def file(self, part: Any) -> None:  # noqa: ANN401
        """Answer with an attachment."""
        name = quote(_file_name(part))
        disposition = f"inline; filename*=UTF-8''{name}"
        self.send(part.get_payload(decode=True), part.get_content_type(), disposition=disposition)

    def page(self, title: str, body: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Answer with a page."""
        text = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
            f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>{body}"
        )
        self.send(text, "text/html; charset=utf-8", status=status)

    def json(self, value: dict[str, Any]) -> None:
        """Answer with JSON."""
        self.send(json.dumps(value, ensure_ascii=False), "application/json")

    def send(
        self,
        body: str | bytes,
        kind: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        disposition: str = "inline",
    ) -> None:
        """Answer with these bytes."""
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Disposition", disposition)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401
        """Say nothing; the run's own lines are worth more."""


def _file_name(part: Any) -> str:  # noqa: ANN401
    return str(part.get_filename() or "attachment")


def _files(mail: Mail) -> str:
    count = len(mail.summary()["attachments"])
    return f" <small>{count} file{'s' * (count > 1)}</small>" if count else ""


def _moment(mail: Mail) -> str:
    moment = str(mail.envelope["sent_at"])
    return html.escape(f"{moment[:10]} {moment[11:19]} UTC")


def _list(mails: list[Mail]) -> str:
    rows = "".join(
        f"<a class=mail href='/{mail.name}'><b>{html.escape(', '.join(mail.envelope['to']))}</b>"
        f"<span>{html.escape(str(mail.content['Subject']))}"
        f"{_files(mail)}</span>"
        f"<time>{_moment(mail)}</time></a>"
        for mail in mails
    )
    return f"<h1>Mails</h1>{rows or '<p>No mail has been sent yet.</p>'}"


def _view(mail: Mail) -> str:
    summary = mail.summary()
    files = "".join(
        f"<a class=file href='/{mail.name}/files/{place}'>{html.escape(name)} ↓</a>"
        for place, name in enumerate(summary["attachments"])
    )
    shown = (
        f"<iframe sandbox='{SANDBOX}' src='/{mail.name}/html' title='HTML'></iframe>"
        if mail.body("html")
        else f"<pre>{html.escape(mail.body('plain') or '')}</pre>"
    )
    return (
        f"<p><a href='/'>← all mails</a></p><h1>{html.escape(summary['subject'])}</h1>"
        f"<p>{html.escape(summary['from'])} → {html.escape(', '.join(summary['to']))}<br>"
        f"<time>{_moment(mail)}</time></p><p>{files}"
        f"<a class=file href='/{mail.name}/text'>text</a>"
        f"<a class=file href='/{mail.name}/html'>html</a>"
        f"<a class=file href='/{mail.name}/raw'>raw</a></p>{shown}"
    )
