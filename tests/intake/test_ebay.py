"""Orders and notices of eBay."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.domain.deliveries import OWN_RATE, Verdict
from chalicelib.domain.order import LineKind
from chalicelib.intake import ebay
from chalicelib.intake.port import Hint, Ignored, Snapshot
from chalicelib.runtime.http import Reply
from tests.recorded.reading import NOW, delivery, raw, recorded
from tests.shops.outside import Outside, reply

KEY = ec.generate_private_key(ec.SECP256R1())


def read(name: str, rate: str = "19", **changes: Any) -> Snapshot:
    """Translate a recorded order as polled by a seller with this VAT."""
    sent = replace(delivery("ebay", recorded("ebay", name) | changes), headers={OWN_RATE: rate})
    found = ebay.translate(sent)
    assert isinstance(found, Snapshot)
    return found


def notice(topic: str = "ORDER_CONFIRMATION") -> bytes:
    """Return a notice as eBay sends it."""
    data = {"orderId": "12-11111-22222", "username": "lisa_2026"}
    note = {"notificationId": "n1", "publishAttemptCount": 1, "data": data}
    return raw({"metadata": {"topic": topic, "schemaVersion": "1.0"}, "notification": note})


def signed(body: bytes, key: ec.EllipticCurvePrivateKey = KEY, kid: str = "k1") -> dict[str, str]:
    """Return the header eBay signs a body with."""
    signature = base64.b64encode(key.sign(body, ec.ECDSA(SHA1()))).decode()  # noqa: S303
    told = {"alg": "ecdsa", "kid": kid, "signature": signature, "digest": "SHA1"}
    return {"x-ebay-signature": base64.b64encode(json.dumps(told).encode()).decode()}


class Keys(Outside):
    """eBay's own register of keys."""

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Hand out the key on one line, as eBay does."""
        pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return reply({"key": pem.decode().replace("\n", ""), "algorithm": "ECDSA"})


@pytest.fixture(autouse=True)
def _forget() -> None:
    ebay._KNOWN.clear()


def test_the_sellers_vat_is_contained_in_every_price() -> None:
    """No rate is told by eBay, so the connection's counts, for goods and delivery alike."""
    lines = read("delivery-and-discount").bought.lines
    assert {line.tax_rate for line in lines} == {Decimal(19)}
    assert [line.tax.minor for line in lines] == [428, 142, 78]
    assert lines[0].discount is not None
    assert lines[0].discount.minor == 298


def test_vat_that_ebay_collects_is_not_the_sellers() -> None:
    """The price carries no VAT of ours, and what eBay takes is a line of its own."""
    bought = read("pounds-vat-collected-by-ebay").bought
    assert {line.tax.minor for line in bought.lines} == {0}
    [collected] = bought.of_kind(LineKind.FEE)
    assert (collected.total.minor, collected.total.currency) == (800, "GBP")
    assert not bought.difference()


def test_states_of_ebay_are_read() -> None:
    """Paid, unpaid, cancelled, and what a person must look at."""
    paid = read("delivery-and-discount")
    assert paid.paid == paid.bought.total
    assert paid.paid_at is not None
    assert read("unpaid").paid is None
    gone = read("cancelled")
    assert (gone.cancelled, gone.cancel_reason) == (True, "cancelled on eBay")
    odd = read("b2b-partly-refunded")
    assert len(odd.remarks) == 2
    assert not odd.cancelled
    assert odd.bought.vat_id == "DE123456789"
    assert odd.bought.shipping.company == "Brandt GmbH"
    assert read("unpaid", orderPaymentStatus="FAILED").remarks


def test_the_address_is_where_the_parcel_goes() -> None:
    """Not the one the buyer registered with."""
    shipping = read("delivery-and-discount").bought.shipping
    assert (shipping.street2, shipping.zip, shipping.country) == ("c/o Kühn", "20457", "DE")


def test_a_notice_of_an_order_has_it_read_and_any_other_is_ignored() -> None:
    """It names the order without holding it."""
    found = ebay.translate(delivery("ebay", notice()))
    assert isinstance(found, Hint)
    assert found.external_id == "12-11111-22222"
    other = ebay.translate(delivery("ebay", notice("MARKETPLACE_ACCOUNT_DELETION")))
    assert isinstance(other, Ignored)
    assert "MARKETPLACE_ACCOUNT_DELETION" in other.reason


def test_a_notice_is_checked_with_ebays_own_key() -> None:
    """By the worker, over the raw bytes; the key is fetched once an hour."""
    body, keys = notice(), Keys()
    headers = signed(body)
    assert ebay.verify(body, headers, {}, NOW) is Verdict.UNVERIFIED
    sent = replace(delivery("ebay", body), headers=headers)
    assert ebay.verify_later(sent, keys) is Verdict.GENUINE
    assert ebay.verify_later(replace(sent, body=body + b" "), keys) is Verdict.FORGED
    stranger = signed(body, ec.generate_private_key(ec.SECP256R1()))
    assert ebay.verify_later(replace(sent, headers=stranger), keys) is Verdict.FORGED
    assert [path for _, path, _ in keys.calls] == ["/commerce/notification/v1/public_key/k1"]


VECTORS = Path(__file__).parents[3] / "shared/samples/ebay/signature-vectors.json"


@pytest.mark.skipif(not VECTORS.exists(), reason="no samples beside the repository")
def test_what_ebay_published_as_valid_is_genuine() -> None:
    """A notice that eBay signed, with the key it published for it."""
    vector = json.loads(VECTORS.read_text())["VALID"]
    body = json.dumps(vector["message"], separators=(",", ":")).encode()
    keys = Keys()
    keys.answer = lambda *_: reply(vector["response"])  # type: ignore[method-assign]
    sent = replace(delivery("ebay", body), headers={"x-ebay-signature": vector["signature"]})
    assert ebay.verify_later(sent, keys) is Verdict.GENUINE
    assert ebay.verify_later(replace(sent, body=body + b"\n"), keys) is Verdict.FORGED


def test_ebay_is_answered_before_its_first_notice() -> None:
    """The digest of code, token and address, in this order, shows that the address is ours."""
    address = "https://kontor.example/webhooks/demo-abc"
    given = {"challenge_code": "a8628072"}
    token = {"webhook_secret": "verification-token-of-the-tests-0001"}
    told = ebay.challenge_answer(given, token, address)
    expected = hashlib.sha256(f"a8628072{token['webhook_secret']}{address}".encode()).hexdigest()
    assert told == {"challengeResponse": expected}
    assert ebay.challenge_answer({}, token, address) == {}
    assert ebay.challenge_answer(given, {}, address) == {}


@pytest.mark.parametrize(
    "given",
    ["", "ÄÖ", "e30=", base64.b64encode(b'{"kid": "../../x", "signature": "eA=="}').decode()],
)
def test_what_is_not_ebays_signature_is_forged_at_once(given: str) -> None:
    """Nothing of it is looked up: a key's name could lead anywhere."""
    headers = {"x-ebay-signature": given} if given else {}
    assert ebay.verify(notice(), headers, {}, NOW) is Verdict.FORGED
    keys = Keys()
    sent = replace(delivery("ebay", notice()), headers=headers)
    assert ebay.verify_later(sent, keys) is Verdict.FORGED
    assert not keys.calls
