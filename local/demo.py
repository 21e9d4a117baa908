"""A demo merchant and one recorded day: what a newcomer sees Kontor do.

Everything goes through the public API and the public webhooks, signed as the shops sign them.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.caller import REFUSED, Caller, RefusedError
from local.signing import SIGNERS
from local.stack import SENDER, Stack
from local.statement import Transfer, camt053

MERCHANT = "demo"
DAY = Path(__file__).with_name("day.json")
PATIENCE = 120.0
STILL = 1.5  # seconds without a change after which a day counts as settled
STUCK = 20.0  # the same, while something is not as it should be in the end: a busy machine is slow
SETTINGS = {
    "name": "Teekontor Nord GmbH",
    "email": f"bestellung@{SENDER}",
    "phone": "+49 40 555 0100",
    "website": f"https://www.{SENDER}",
    "street": "Speicherstraße 12",
    "zip": "20457",
    "city": "Hamburg",
    "country": "DE",
    "tax_number": "48/123/45678",
    "vat_id": "DE123456788",
    "register": "Amtsgericht Hamburg, HRB 12345",
    "manager": "Wiebke Nord",
    "bank": "Hanseatische Handelsbank",
    "bank_holder": "Teekontor Nord GmbH",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "colour": "#1f4e5f",
    "language": "de",
}
PRODUCTS: list[dict[str, Any]] = [
    {"sku": "ASSAM-250", "name": "Assam Blatt, 250 g", "weight_g": 280, "on_hand": 40},
    {"sku": "SENCHA-100", "name": "Sencha Frühernte, 100 g", "weight_g": 130, "on_hand": 25},
    {"sku": "ROOIBOS-200", "name": "Rooibos Vanille, 200 g", "weight_g": 230, "on_hand": 30},
    {"sku": "BECHER-BLAU", "name": "Becher „Nordsee“, blau", "weight_g": 380, "on_hand": 12},
    {"sku": "KANNE-GLAS", "name": "Glaskanne 1,2 l", "weight_g": 640, "on_hand": 2},
    {"sku": "FILTER-PAPIER", "name": "Papierfilter, 100 Stück", "weight_g": 90, "on_hand": 60},
]
CONNECTIONS: list[dict[str, Any]] = [
    {"kind": "woocommerce", "settings": {"base_url": f"https://shop.{SENDER}"}},
    {"kind": "shopify", "settings": {"base_url": "https://teekontor-nord.myshopify.com"}},
    {"kind": "stripe", "settings": {}},
    {"kind": "bank", "settings": {"iban": str(SETTINGS["iban"])}},
    {"kind": "local", "settings": {}},
]
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 64" width="240" height="64">
<rect width="64" height="64" rx="12" fill="#1f4e5f"/><path d="M14 28h30v10a13 13 0 0 1-13 13h-4a13
 13 0 0 1-13-13zM44 31h3a6 6 0 0 1 0 12h-4" fill="none" stroke="#fff" stroke-width="4"/><path
 d="M22 13q4 4 0 9M31 11q4 5 0 11" fill="none" stroke="#fff" stroke-width="3"/><text x="76" y="42"
 font-family="Inter,Helvetica,Arial,sans-serif" font-size="26" font-weight="600"
 fill="#1f4e5f">Teekontor</text></svg>"""


def is_seeded(note: Path) -> bool:
    """Whether an earlier start made the merchant and played the day to its end."""
    return note.exists() and bool(json.loads(note.read_text(encoding="utf-8")).get("played"))


def seed(house: Stack, note: Path) -> Caller:
    """Make the merchant with settings, stock and connections; return a caller with its token."""
    known = json.loads(note.read_text(encoding="utf-8")) if note.exists() else {}
    if "token" not in known:
        root = Caller(house.url, house.root_token)
        known = {"token": root.put(f"/v1/merchants/{MERCHANT}")["token"], "connections": {}}
        _keep(note, known)
    caller = Caller(house.url, known["token"])
    caller.put("/v1/settings", SETTINGS | {"logo": LOGO})
    for product in PRODUCTS:
        caller.put(f"/v1/products/{product['sku']}", product)
    for wanted in CONNECTIONS:
        if wanted["kind"] not in known["connections"]:
            known["connections"][wanted["kind"]] = _connect(caller, wanted)
            _keep(note, known)
    return caller


def _connect(caller: Caller, wanted: dict[str, Any]) -> dict[str, str]:
    is_signed = wanted["kind"] in SIGNERS
    own = {"webhook_secret": secrets.token_hex(24)} if is_signed else {}
    made = caller.post("/v1/connections", {"name": wanted["kind"], **wanted, "secrets": own})
    return {"id": made["id"], "url": made.get("webhook_url") or "", **own}


def play(house: Stack, note: Path, tell: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Send the recorded day; return the orders as they stand once nothing moves any more."""
    known = json.loads(note.read_text(encoding="utf-8"))
    caller = Caller(house.url, known["token"])
    day = json.loads(DAY.read_text(encoding="utf-8"))
    for delivery in day["deliveries"]:
        if delivery.get("after_order"):
            _wait_for(caller, delivery["after_order"])
        deliver(house.url, known["connections"][delivery["to"]], delivery, day["date"])
    tell(f"{len(day['deliveries'])} webhooks delivered and saved")
    _send_statement(caller, day["transfers"])
    tell("the bank's statement sent and matched")
    orders = settle(caller, day["expected"], tell)
    known["played"] = True
    _keep(note, known)
    return orders


def deliver(url: str, connection: dict[str, str], delivery: dict[str, Any], recorded: str) -> None:
    """Send one recorded webhook as if it were of yesterday."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    shift = (yesterday - date.fromisoformat(recorded)).days * 86400
    text = json.dumps(delivery["body"], ensure_ascii=False, separators=(",", ":"))
    body = json.loads(text.replace(recorded, yesterday.isoformat()))
    if isinstance(body.get("created"), int):
        body["created"] += shift
        body["data"]["object"]["created"] += shift
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", **delivery["headers"]}
    headers |= SIGNERS[delivery["to"]](raw, connection["webhook_secret"])
    path = urlsplit(connection["url"]).path
    status, answer = Caller(url).send("POST", path, raw, headers)
    if status >= REFUSED:
        msg = f"a webhook of {delivery['to']} got {status}: {answer.decode()}"
        raise RefusedError(msg)


def _send_statement(caller: Caller, transfers: list[dict[str, str]]) -> None:
    """Hand in the bank's statement of yesterday, as the merchant does who fetched it there."""
    entries = []
    for one in transfers:
        said = dict(one)
        if number := said.pop("order", ""):
            order = caller.get(f"/v1/orders/{_wait_for(caller, number)}")
            said["amount"] = order["outstanding"]["amount"]
        entries.append(Transfer(**said))
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    statement = camt053(SETTINGS["iban"], yesterday, *entries)
    headers = {"Content-Type": "application/xml", "Authorization": f"Bearer {caller.token}"}
    status, answer = caller.send("POST", "/v1/bank-statements", statement, headers)
    if status >= REFUSED:
        msg = f"the statement got {status}: {answer.decode()}"
        raise RefusedError(msg)


def _wait_for(caller: Caller, number: str) -> str:
    """Wait until an order is in; return its id."""
    found = _until(lambda: caller.get(f"/v1/orders?number={number}")["items"], f"order {number}")
    name: str = found[0]["id"]
    return name


def settle(
    caller: Caller, expected: Mapping[str, Any], tell: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """Wait until all orders are there and none of them moves; return them by number."""
    last, still_since, patience = "", time.monotonic(), time.monotonic() + PATIENCE
    while True:
        listed = caller.get("/v1/orders?worklist=all&limit=100")["items"]
        orders = {item["number"]: caller.get(f"/v1/orders/{item['id']}") for item in listed}
        now = json.dumps([_stand(order) for order in orders.values()])
        if now != last:
            done = sum(order["states"]["fulfillment"] == "shipped" for order in orders.values())
            tell(f"{len(orders)} of {len(expected)} orders in, {done} shipped")
            last, still_since = now, time.monotonic()
        if time.monotonic() - still_since > (STILL if _is_there(orders, expected) else STUCK):
            return orders
        if time.monotonic() > patience:
            return orders
        time.sleep(0.3)


def _is_there(orders: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Tell whether every order is as far as it should be in the end."""
    return all(
        number in orders
        and all(
            orders[number]["states"][axis] == wanted[axis] for axis in ("payment", "fulfillment")
        )
        for number, wanted in expected.items()
    )


def _stand(order: dict[str, Any]) -> list[Any]:
    """Return what changes while steps work on an order; links to documents always do."""
    parts = ("documents", "shipments", "messages", "blockers", "payments", "holds")
    mails = [message["state"] for message in order["messages"]]
    return [order["states"], [len(order[part]) for part in parts], mails]


def _until(ask: Callable[[], Any], what: str) -> Any:  # noqa: ANN401
    patience = time.monotonic() + PATIENCE
    while not (answer := ask()):
        if time.monotonic() > patience:
            msg = f"{what} did not come"
            raise RefusedError(msg)
        time.sleep(0.1)
    return answer


def _keep(note: Path, known: dict[str, Any]) -> None:
    note.touch(mode=0o600)
    note.write_text(json.dumps(known), encoding="utf-8")
