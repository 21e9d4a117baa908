"""The published schema of an order, held against its reader."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.order import Address
from chalicelib.intake import generic, schema
from chalicelib.intake.port import Snapshot
from tests.intake.test_generic import LINE, order
from tests.recorded.reading import delivery, names, recorded

SCHEMA = schema.order_schema("https://kontor.example/schemas/order.json")
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema_and_its_example_is_an_order() -> None:
    """Draft 2020-12; the example and everything recorded pass the schema and the reader."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for body in [schema.EXAMPLE, *(recorded("generic", name) for name in names("generic"))]:
        VALIDATOR.validate(body)
        assert isinstance(generic.translate(delivery("generic", body)), Snapshot)


class Watched(dict[str, Any]):
    """An object that remembers which of its fields were asked for."""

    def __init__(self, value: dict[str, Any], seen: set[str]) -> None:
        super().__init__(value)
        self.seen = seen

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)


def test_the_reader_asks_for_what_the_schema_describes_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No field is documented in vain, none is read in secret."""
    charge = {"amount": "1.00"}
    parts = {"line": LINE | {"tax": "3.19"}, "address": {"name": "A"}, "payment": {"state": "paid"},
             "charge": charge, "gift_card": charge}  # fmt: skip
    seen: dict[str, set[str]] = {name: set() for name in (*parts, "order")}
    watched = {name: Watched(part, seen[name]) for name, part in parts.items()}
    body = order(
        lines=[watched["line"]], billing_address=watched["address"], payment=watched["payment"],
        shipping=watched["charge"], gift_cards=[watched["gift_card"]],
    )  # fmt: skip
    for state in ("open", "cancelled"):
        whole = Watched(body | {"state": state}, seen["order"])
        monkeypatch.setattr(generic, "read", lambda _, whole=whole: generic.Field("", whole))
        generic.translate(delivery("generic", b""))
    extras = {"fees", "deposits", "discounts"}  # charges like `shipping`
    assert seen["order"] == set(SCHEMA["properties"])
    assert extras <= seen["order"]
    for name in parts:
        assert seen[name] == set(SCHEMA["$defs"][name]["properties"]), name
    assert set(SCHEMA["$defs"]["address"]["properties"]) == {x.name for x in fields(Address)}


money = st.one_of(
    st.decimals(0, 9999, places=2).map(str),
    st.integers(0, 9999),
    st.decimals(0, 999, places=4).map(lambda x: {"amount": str(x), "currency": "EUR"}),
)
rates = st.sampled_from([0, 7, "19", "8.1", 25.5])
texts = st.none() | st.text(max_size=20)
some_lines = st.fixed_dictionaries(
    {"name": st.text(min_size=1, max_size=9).map(lambda x: f"x{x}"),
     "quantity": st.integers(1, 999), "unit_price": money, "tax_rate": rates},
    optional={"total": money, "sku": texts, "id": texts, "kind": st.sampled_from(schema.KINDS),
              "ships": st.booleans(), "tax": money},
)  # fmt: skip
some_charges = st.lists(
    st.fixed_dictionaries({"amount": money}, optional={"name": texts, "tax_rate": rates}),
    max_size=2,
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001
some_orders = st.fixed_dictionaries(
    {"external_id": st.text(max_size=9).map(lambda x: f"x{x}"), "currency": st.just("EUR"),
     "lines": st.lists(some_lines, max_size=4), "total": money},
    optional={
        "number": texts, "email": texts, "note": texts, "prices_include_tax": st.booleans(),
        "placed_at": st.none() | moments.map(datetime.isoformat), "tax_rate": rates,
        "state": st.sampled_from(schema.STATES), "fees": some_charges, "deposits": some_charges,
        "discounts": some_charges, "gift_cards": st.lists(
            st.fixed_dictionaries({"amount": money}, optional={"code": texts}), max_size=1
        ),
        "payment": st.fixed_dictionaries({"paid": money}, optional={
            "state": st.sampled_from(schema.PAYMENT_STATES), "method": texts, "reference": texts,
        }),
        "billing_address": st.fixed_dictionaries(
            {}, optional={"name": texts, "city": texts, "country": st.sampled_from(["de", "CH"])}
        ),
    },
)  # fmt: skip


@given(body=some_orders)
def test_what_the_schema_allows_is_read_and_adds_up_or_says_so(body: dict[str, Any]) -> None:
    """An order made by the schema is never refused, and the shop's total is never changed."""
    VALIDATOR.validate(body)
    found = generic.translate(delivery("generic", body))
    assert isinstance(found, Snapshot)
    told = body["total"]
    amount = Decimal(str(told["amount"] if isinstance(told, dict) else told))
    assert abs(found.bought.total.amount - amount) <= Decimal("0.005")
    for each in found.bought.lines:
        assert abs(each.tax.minor) <= abs(each.total.minor) + 10**8 * ("tax" in str(body))
