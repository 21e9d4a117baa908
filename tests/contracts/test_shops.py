"""What every shop connector promises, checked with everything recorded of every shop."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.intake.port import PROVIDERS, Hint, Ignored, Snapshot, shop
from tests.recorded.reading import (
    NOW,
    SECRET,
    delivery,
    names,
    places,
    raw,
    recorded,
    rubbish,
    signed,
)
from tests.recorded.shapes import SHAPES

if TYPE_CHECKING:
    from chalicelib.domain.order import Bought

KINDS = sorted(PROVIDERS)
RECORDED = [(kind, name) for kind in KINDS for name in names(kind)]
SECRETS = {"webhook_secret": SECRET}
any_kind = pytest.mark.parametrize("kind", KINDS)
# Signed with a key of the shop's own, which only the worker can fetch: tried with each of them.
OWN_KEYS = {"ebay"}
# Brought by somebody who signs nothing, but sends a header that we chose.
NO_SIGNATURE = {"amazon"}
any_signed = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OWN_KEYS])
any_order = pytest.mark.parametrize(("kind", "name"), RECORDED)


def read(kind: str, body: object) -> Snapshot:
    """Translate a body that must be an order."""
    found = shop(kind).translate(delivery(kind, body))
    assert isinstance(found, Snapshot)
    return found


def bought(kind: str, name: str) -> Bought:
    """Translate a recorded order."""
    return read(kind, recorded(kind, name)).bought


@any_kind
def test_something_is_recorded(kind: str) -> None:
    """A connector without recorded orders has not been tried."""
    assert len(names(kind)) >= 5


@any_order
def test_the_lines_add_up_to_the_shops_total(kind: str, name: str) -> None:
    """To the cent: the sum of what we store is what the customer pays."""
    order = bought(kind, name)
    assert not order.difference()
    assert order.total == order.lines_total()


@any_order
def test_every_line_is_whole(kind: str, name: str) -> None:
    """Its own id, a name, a quantity, tax within its total, a discount that was taken off."""
    order = bought(kind, name)
    assert len({line.id for line in order.lines}) == len(order.lines)
    for line in order.lines:
        assert line.id
        assert line.name
        assert line.quantity > 0
        assert abs(line.tax.minor) <= abs(line.total.minor)
        assert 0 <= line.tax_rate < 100
        assert line.discount is None or line.discount.minor > 0
        full = line.total.minor + (line.discount.minor if line.discount else 0)
        assert abs(line.unit_price.minor * line.quantity - full) <= line.quantity
        assert line.sku is None or line.sku.strip()


@any_order
def test_times_are_utc_and_texts_can_be_printed(kind: str, name: str) -> None:
    """No offset to forget, no control character that breaks a page or a header."""
    order = bought(kind, name)
    for moment in (order.placed_at, order.modified_at):
        assert moment.utcoffset() is not None
        assert str(moment).endswith("+00:00")
    texts = [line.name for line in order.lines] + [order.email, order.shipping.name]
    assert all(sign.isprintable() or sign == "\u200d" for text in texts for sign in text)


@any_order
def test_reading_twice_gives_the_same(kind: str, name: str) -> None:
    """Translation is pure."""
    assert read(kind, recorded(kind, name)) == read(kind, recorded(kind, name))


@any_order
def test_unknown_fields_change_nothing(kind: str, name: str) -> None:
    """Shops and their plugins add fields whenever they like."""
    body = recorded(kind, name)
    more = {**body, "brand_new": {"deep": [1, None, {"x": "y"}]}}
    key = SHAPES[kind].lines
    more[key] = [{**line, "brand_new": [{}]} for line in body[key]]
    assert read(kind, more) == read(kind, body)


@any_signed
def test_a_genuine_signature_is_accepted(kind: str) -> None:
    """Over the raw bytes, whatever the case of the header's name."""
    body = raw(recorded(kind, names(kind)[0]))
    headers = signed(kind, body)
    assert shop(kind).verify(body, headers, SECRETS, NOW) is Verdict.GENUINE
    loud = {name.title(): text for name, text in headers.items()}
    assert shop(kind).verify(body, loud, SECRETS, NOW) is Verdict.GENUINE


@any_signed
def test_a_forged_signature_is_refused(kind: str) -> None:
    """One other byte, another secret, a blank or missing header: all the same answer."""
    body = raw(recorded(kind, names(kind)[0]))
    headers = signed(kind, body)
    name = next(iter(headers))
    attempts = [] if kind in NO_SIGNATURE else [(body + b" ", headers)]
    attempts += [
        (body, signed(kind, body, "another")),
        (body, {name: ""}),
        (body, {name: "ÄÖÜ"}),
        (body, {}),
    ]
    for sent, given_headers in attempts:
        assert shop(kind).verify(sent, given_headers, SECRETS, NOW) is Verdict.FORGED


@any_signed
def test_both_secrets_count_while_a_secret_is_changed(kind: str) -> None:
    """A rotation loses no delivery."""
    body = raw(recorded(kind, names(kind)[0]))
    both = {"webhook_secret": "new", "previous_webhook_secret": SECRET}
    for secret in (SECRET, "new"):
        assert shop(kind).verify(body, signed(kind, body, secret), both, NOW) is Verdict.GENUINE


@any_signed
@pytest.mark.parametrize("secrets", [{}, {"webhook_secret": ""}, {"webhook_secret": "  "}])
def test_an_empty_secret_verifies_nothing(kind: str, secrets: dict[str, str]) -> None:
    """Not even what was signed with the empty secret."""
    body = raw(recorded(kind, names(kind)[0]))
    for given_secret in ("", "  "):
        headers = signed(kind, body, given_secret)
        assert shop(kind).verify(body, headers, secrets, NOW) is Verdict.FORGED


@any_kind
def test_a_repeated_delivery_has_the_same_key_and_a_newer_one_another(kind: str) -> None:
    """The key is short, and safe to use in a database."""
    body = recorded(kind, names(kind)[0])
    first = shop(kind).delivery_key(raw(body), {})
    assert first == shop(kind).delivery_key(raw(body), {})
    assert first != shop(kind).delivery_key(raw({**body, "status": "other"}), {})
    assert first.isalnum()
    assert len(first) <= 64


@any_kind
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'"text"', b"NaN", b'{"total": NaN}', b"[" * 9999],
)
def test_a_body_that_is_no_order_is_refused_in_words(kind: str, body: bytes) -> None:
    """Broken JSON and JSON of another shape: one error, with the field and the reason."""
    with pytest.raises(Permanent) as caught:
        shop(kind).translate(delivery(kind, body))
    assert caught.value.code == "bad_payload"
    assert caught.value.text.startswith("body: must be")


@any_kind
@pytest.mark.parametrize(
    ("value", "shown"),
    [(-1, "-1"), (0, "0"), (1.5, "1.5"), ("two", '"two"'), (None, "missing"), ([1], "a list")],
)
def test_a_quantity_must_be_a_whole_number_above_zero(kind: str, value: Any, shown: str) -> None:
    """The error names line, field, rule and value."""
    body = recorded(kind, names(kind)[1])
    key = SHAPES[kind].lines
    body[key] = [copy.deepcopy(body[key][0]) for _ in range(3)]
    field = SHAPES[kind].quantity
    body[key][2][field] = value
    with pytest.raises(Permanent) as caught:
        shop(kind).translate(delivery(kind, body))
    expected = f"{key}[2].{field}: must be a whole number above 0, is {shown}"
    assert caught.value.text == expected


@any_kind
@pytest.mark.parametrize("currency", ["EURO", "XXX", "", None, 978, {"code": "EUR"}])
def test_an_unknown_currency_is_refused(kind: str, currency: Any) -> None:
    """Without the currency an amount means nothing."""
    shape = SHAPES[kind]
    body = shape.with_currency(recorded(kind, names(kind)[1]), currency)
    with pytest.raises(Permanent, match=rf"{'.'.join(shape.currency)}: must be"):
        shop(kind).translate(delivery(kind, body))


@any_kind
def test_an_order_without_lines_is_stored_without_lines(kind: str) -> None:
    """Nothing is lost; the order waits for a person."""
    body = recorded(kind, names(kind)[1])
    body[SHAPES[kind].lines] = []
    for extra in SHAPES[kind].extras:
        *way, last = extra.split(".")
        place = body
        for step in way:
            place = place[step]
        place.pop(last, None)
    assert read(kind, body).bought.lines == ()


@any_kind
@pytest.mark.parametrize("cents", [1, -1, 100, -999])
def test_a_total_that_does_not_add_up_is_shown_as_it_is(kind: str, cents: int) -> None:
    """Not a single cent is invented to hide a difference."""
    shape = SHAPES[kind]
    body = recorded(kind, shape.plain)
    told = round(float(shape.told(body)) * shape.scale) + cents
    body = shape.with_total(body, f"{told / shape.scale:.2f}")
    order = read(kind, body).bought
    assert order.total.minor == told
    assert order.difference().minor == cents


@any_kind
def test_an_order_of_five_hundred_lines_is_read(kind: str) -> None:
    """All of them, adding up."""
    body = recorded(kind, names(kind)[1])
    key = SHAPES[kind].lines
    line = copy.deepcopy(body[key][0])
    body[key] = [{**copy.deepcopy(line), SHAPES[kind].line_id: 1000 + n} for n in range(500)]
    order = read(kind, body).bought
    products = [each for each in order.lines if each.id.isdigit() and 1000 <= int(each.id) < 1500]
    assert len(products) == 500
    assert len({each.total for each in products}) <= 2


@any_kind
def test_the_same_id_twice_still_names_two_lines(kind: str) -> None:
    """Later facts speak of lines by their id."""
    body = recorded(kind, names(kind)[1])
    key = SHAPES[kind].lines
    body[key] = [copy.deepcopy(body[key][0]) for _ in range(2)]
    order = read(kind, body).bought
    assert len({line.id for line in order.lines}) == len(order.lines)


@any_kind
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_field_holds_the_answer_is_an_order_or_a_reason(
    kind: str, data: st.DataObject
) -> None:
    """No body crashes a connector: it reads it, ignores it, or says what is wrong with it."""
    body: Any = copy.deepcopy(recorded(kind, data.draw(st.sampled_from(names(kind)))))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(body)))
        place = body
        for step in way:
            place = place[step]
        place[last] = data.draw(rubbish)
    found = _answer(kind, json.dumps(body).encode())
    if isinstance(found, Snapshot):
        assert found.bought.external_id
    elif isinstance(found, Permanent):
        assert found.code == "bad_payload"
        assert ": " in found.text


def _answer(kind: str, body: bytes) -> Snapshot | Ignored | Hint | Permanent:
    try:
        return shop(kind).translate(delivery(kind, body))
    except Permanent as error:
        return error
