"""Orders from the rows of a table: each becomes a document in the published shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.intake.order_columns import ADDRESS
from chalicelib.runtime import cells
from chalicelib.runtime.cells import BadCell
from chalicelib.runtime.importing import Choice, RowProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chalicelib.runtime.sheets import Row, Sheet

Document = dict[str, Any]
SHOWN = 40
STATES = {
    "cancelled": "cancelled canceled storniert abgebrochen refunded erstattet trash",
    "fulfilled": "fulfilled shipped completed complete versendet versandt abgeschlossen erledigt",
    "open": "open offen neu new pending processing on-hold unfulfilled partial bezahlt paid"
    " unshipped partiallyshipped wartend",
}
PAID = {
    "paid": "paid bezahlt ja yes completed complete captured abgeschlossen gezahlt 1 true",
    "unpaid": "unpaid offen unbezahlt nein no pending open ausstehend voided 0 false expired",
    "authorized": "authorized autorisiert",
    "partially_paid": "partially_paid teilbezahlt partial",
}
TEXTS = ("email", "phone", "locale", "vat_id", "note")


@dataclass(slots=True, kw_only=True)
class TableOrder:
    """The rows of one order, the document they make, and what is wrong with them."""

    number: str
    rows: tuple[int, ...]
    document: Document
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Reads cells by field, and collects what is wrong with them."""

    columns: dict[str, int]
    names: Mapping[str, str]
    decimal: str
    problems: list[RowProblem] = field(default_factory=list)

    def text(self, row: Row, name: str) -> str:
        place = self.columns.get(name, -1)
        return row.cells[place] if 0 <= place < len(row.cells) else ""

    def value(self, row: Row, name: str, how: Callable[[str], Any]) -> Any:  # noqa: ANN401
        """Return what a cell holds; None for an empty one, or one that cannot be read."""
        text = self.text(row, name)
        if not text:
            return None
        try:
            return how(text)
        except BadCell as error:
            self.refuse(row, name, f"{error}, is {text[:SHOWN]!r}")
            return None

    def amount(self, row: Row, name: str) -> str | None:
        found = self.value(row, name, lambda text: cells.number(text, self.decimal))
        return None if found is None else _plain(found)

    def refuse(self, row: Row, name: str, text: str) -> None:
        column = self.names.get(name, name)
        self.problems.append(RowProblem(row=row.number, column=column, text=text))

    def one(self, rows: Sequence[Row], name: str) -> Row:
        """Return the row that says something about the whole order; all that do must agree."""
        said = [row for row in rows if self.text(row, name)]
        for row in said[1:]:
            if self.text(row, name) != self.text(said[0], name):
                text = f"must be as in row {said[0].number} of the same order"
                self.refuse(row, name, f"{text}, is {self.text(row, name)[:SHOWN]!r}")
        return said[0] if said else rows[0]


def orders(sheet: Sheet, choice: Choice) -> Iterator[TableOrder]:
    """Yield the orders of a table, in the order in which they begin."""
    names = {name: column for column, name in choice.columns.items() if name}
    columns = {name: sheet.header.index(column) for name, column in names.items()}
    for key, rows in _grouped(sheet, columns).items():
        reader = _Reader(columns, names, sheet.decimal)
        document = _document(reader, rows, choice)
        if not key:
            document = {}
            for row in rows:
                reader.refuse(row, "number", "must say to which order the row belongs")
        for row in rows:
            if any(row.cells[len(sheet.header) :]):
                text = f"has {len(row.cells)} cells, the header has {len(sheet.header)}"
                reader.problems.append(RowProblem(row=row.number, column="", text=text))
        yield TableOrder(
            number=str(document.get("number", key)),
            rows=tuple(row.number for row in rows),
            document=document,
            problems=reader.problems,
        )


def _grouped(sheet: Sheet, columns: Mapping[str, int]) -> dict[str, list[Row]]:
    place = columns.get("number", columns.get("external_id", -1))
    found: dict[str, list[Row]] = {}
    for row in sheet.rows:
        key = row.cells[place] if 0 <= place < len(row.cells) else ""
        found.setdefault(key, []).append(row)
    return found


def _document(reader: _Reader, rows: Sequence[Row], usual: Choice) -> Document:
    def said(name: str) -> str:
        return reader.text(reader.one(rows, name), name)

    number = said("number") or said("external_id")
    document: Document = {
        "external_id": said("external_id") or number,
        "number": number,
        "currency": said("currency").upper() or usual.currency,
        "prices_include_tax": usual.prices_include_tax,
        "tax_rate": usual.tax_rate or None,
        "lines": [_line(reader, row) for row in rows],
        "payment": _payment(reader, rows),
        "billing_address": _address(reader, rows, "billing"),
        "shipping_address": _address(reader, rows, "shipping"),
        "total": _whole(reader, rows, "total"),
        **{name: said(name) for name in TEXTS},
        **_charges(reader, rows),
    }
    for name in ("placed_at", "modified_at"):
        at = reader.value(reader.one(rows, name), name, cells.moment)
        document[name] = at.isoformat() if at else None
    document["state"] = reader.value(reader.one(rows, "state"), "state", lambda x: _word(x, STATES))
    return {name: value for name, value in document.items() if value not in (None, "", {}, [])}


def _whole(reader: _Reader, rows: Sequence[Row], name: str) -> str | None:
    return reader.amount(reader.one(rows, name), name)


def _line(reader: _Reader, row: Row) -> Document:
    sku, name = reader.text(row, "sku"), reader.text(row, "name")
    line: Document = {
        "id": reader.text(row, "line_id"),
        "kind": reader.text(row, "kind").lower(),
        "sku": sku,
        "name": name or sku,
        "quantity": reader.amount(row, "quantity"),
        "unit_price": reader.amount(row, "unit_price"),
        "discount": _off(reader.amount(row, "line_discount")),
        "total": reader.amount(row, "line_total"),
        "tax_rate": reader.amount(row, "tax_rate"),
        "ships": reader.value(row, "ships", cells.flag),
        "part_of": reader.text(row, "part_of"),
    }
    return {name: value for name, value in line.items() if value not in (None, "")}


def _charges(reader: _Reader, rows: Sequence[Row]) -> Document:
    def charge(name: str, title: str, of: str = "name") -> list[Document]:
        amount = _off(_whole(reader, rows, name))
        said = reader.text(reader.one(rows, title), title)
        is_there = amount is not None and Decimal(amount)
        return [{of: said, "amount": amount}] if is_there else []

    shipping = charge("shipping_cost", "shipping_method")
    return {
        "shipping": shipping[0] if shipping else None,
        "discounts": charge("discount", "discount_name"),
        "fees": charge("fee", "fee_name"),
        "deposits": charge("deposit", ""),
        "gift_cards": charge("gift_card", "gift_card_code", "code"),
    }


def _off(amount: str | None) -> str | None:
    """Return an amount without its sign: some tools write what they take off below zero."""
    return amount.removeprefix("-") if amount else amount


def _payment(reader: _Reader, rows: Sequence[Row]) -> Document:
    row = reader.one(rows, "payment_state")
    state = reader.value(row, "payment_state", lambda text: _word(text, PAID))
    paid_at = reader.value(reader.one(rows, "paid_at"), "paid_at", cells.moment)
    paid = _whole(reader, rows, "paid")
    payment = {
        "method": reader.text(reader.one(rows, "payment_method"), "payment_method"),
        "state": state or ("paid" if paid_at and paid is None else None),
        "paid_at": paid_at.isoformat() if paid_at else None,
        "paid": paid,
        "reference": reader.text(reader.one(rows, "payment_reference"), "payment_reference"),
    }
    return {name: value for name, value in payment.items() if value not in (None, "")}


def _address(reader: _Reader, rows: Sequence[Row], whose: str) -> Document:
    def said(part: str) -> str:
        return reader.text(reader.one(rows, f"{whose}_{part}"), f"{whose}_{part}")

    address = {part: said(part) for part in ADDRESS}
    name = f"{address.pop('first_name')} {address.pop('last_name')}".strip()
    address["name"] = address["name"] or name
    address["street"] = f"{address['street']} {address.pop('house_number')}".strip()
    row = reader.one(rows, f"{whose}_country")
    address["country"] = reader.value(row, f"{whose}_country", cells.country) or ""
    return {part: text for part, text in address.items() if text}


def _word(text: str, words: Mapping[str, str]) -> str:
    """Return what a state is called with us; BadCell for one nobody knows."""
    found = text.strip().lower().replace(" ", "_")
    for ours, theirs in words.items():
        if found in theirs.split():
            return ours
    reason = f"must be one of {', '.join(words)}"
    raise BadCell(reason)


def _plain(value: Decimal) -> str:
    """Write a number without an exponent and without idle zeros behind whole ones."""
    return f"{value.to_integral_value():f}" if value == value.to_integral_value() else f"{value:f}"
