"""Says what became of each order of the recorded day, and whether it is what should have."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from local.demo import DAY

Orders = dict[str, dict[str, Any]]
PDF = b"%PDF-"
NUMBERED = ("invoice", "credit_note")


def bare(number: str) -> str:
    """Return an order number without the sign a shop puts before it."""
    return number.lstrip("#")


def table(orders: Orders) -> str:
    """Return one block of lines for each order."""
    notes = json.loads(DAY.read_text(encoding="utf-8"))["expected"]
    return "\n".join(_block(orders[number], notes) for number in sorted(orders, key=bare))


def _block(order: dict[str, Any], notes: dict[str, Any]) -> str:
    states, total = order["states"], order["totals"]["total"]
    note = notes.get(bare(order["number"]), {}).get("what", "")
    told = [
        ("", " · ".join(states[axis] for axis in ("order", "payment", "stock", "fulfillment"))),
        (
            "papers",
            ", ".join(f"{d['kind']} {d['number'] or ''}".strip() for d in order["documents"]),
        ),
        ("parcel", ", ".join(s["tracking_number"] for s in order["shipments"])),
        ("mails", ", ".join(m["kind"] for m in order["messages"] if m["state"] == "sent")),
        *(("waits", f"{b['text']} ({b['code']})") for b in order["blockers"]),
    ]
    head = f"  {order['number']:6} {total['amount']:>8} {total['currency']}  {note}"
    return "\n".join([head, *(f"         {name:8}{text}" for name, text in told if text)])


def problems(orders: Orders, token: str, mails: list[dict[str, Any]]) -> list[str]:
    """Return every sentence about the day that is not true; none when all is well."""
    expected = json.loads(DAY.read_text(encoding="utf-8"))["expected"]
    found = {bare(number): order for number, order in orders.items()}
    wrong = [f"order {number} is missing" for number in expected if number not in found]
    for number, order in found.items():
        if number in expected:
            wrong += [f"order {number}: {what}" for what in _differences(order, expected[number])]
            wrong += [f"order {number}: {what}" for what in _dead_links(order, token)]
    return wrong + _mail_problems(found, mails)


def _differences(order: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    wrong = [
        f"{axis} is {order['states'][axis]}, not {wanted[axis]}"
        for axis in ("payment", "fulfillment")
        if order["states"][axis] != wanted[axis]
    ]
    codes = [blocker["code"] for blocker in order["blockers"]]
    if wanted.get("blocker") and wanted["blocker"] not in codes:
        wrong.append(f"should wait for {wanted['blocker']}, waits for {codes or 'nothing'}")
    if wanted["fulfillment"] == "shipped":
        kinds = [document["kind"] for document in order["documents"]]
        wrong += [
            f"has {kinds.count(kind)} {kind}s, not one"
            for kind in ("invoice", "delivery_note", "label")
            if kinds.count(kind) != 1
        ]
    if order["totals"]["difference"]["amount"] not in {"0.00", "0"}:
        wrong.append("the lines do not add up to the shop's total")
    return wrong


def _dead_links(order: dict[str, Any], token: str) -> list[str]:
    """Open every document of an order as a browser would."""
    wrong = []
    for document in order["documents"]:
        request = Request(document["url"])
        # The link leads on to S3, which is not to see the token.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
        try:
            with urlopen(request, timeout=30) as answer:
                if not answer.read(5).startswith(PDF):
                    wrong.append(f"{document['kind']} is no PDF")
        except URLError as problem:
            wrong.append(f"{document['kind']} does not open: {problem}")
    return wrong


def _mail_problems(found: Orders, mails: list[dict[str, Any]]) -> list[str]:
    """Compare what the orders say was sent with what lies in the mailbox."""
    told = sum(m["state"] == "sent" for order in found.values() for m in order["messages"])
    return [] if told == len(mails) else [f"{told} mails were told of, {len(mails)} were sent"]
