"""What all tables have in common: their names, their key, and how their errors read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import (
    DeleteError,
    PutError,
    PynamoDBException,
    TransactWriteError,
    UpdateError,
)
from pynamodb.models import Model

from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.store.session import session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from botocore.session import Session
    from pynamodb.connection import TableConnection

REGION = os.environ.get("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION", "eu-central-1"))


def table_name(aggregate: str) -> str:
    """Return the name of a table: `ORDERS_TABLE` for `orders`, or its plain name in tests."""
    return os.environ.get(f"{aggregate.upper()}_TABLE", aggregate)


class _Connection(Connection):
    """A connection of PynamoDB in our one session."""

    @property
    def session(self) -> Session:
        return session()


@cache
def connection() -> Connection:
    """Return the connection of all tables and transactions; a further one costs 40 ms of CPU."""
    return _Connection(region=REGION)


class Row(Model):
    """A row with our key: `pk` begins with the merchant, `sk` says what it is."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """Put the table's connection, which PynamoDB would make for each table, to the others."""
        table = super()._get_connection()
        if table.connection is not connection():
            connection().add_meta_table(table.get_meta_table())
            table.connection = connection()
        return table


def stamp(moment: datetime) -> str:
    """Write a moment as sortable RFC 3339 UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read what `stamp` wrote."""
    return datetime.fromisoformat(text)


def cursor_of(page: Any) -> dict[str, Any] | None:  # noqa: ANN401 - PynamoDB's iterator is untyped
    """Return where the next page of a query begins."""
    key: dict[str, Any] | None = page.last_evaluated_key
    return key


class _Translated:
    """Turns the database's errors into ours."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, PynamoDBException):
            return
        if is_condition_failure(error):
            raise Conflict("conflict", "somebody else wrote this row first") from error
        raise Retryable("database", f"DynamoDB: {error}") from error


def translated() -> AbstractContextManager[None]:
    """Raise Conflict for a failed condition and Retryable for any other database error."""
    return _Translated()


# A row was not as it had to be, or another transaction was writing it in this very moment.
LOST = frozenset(
    {
        "ConditionalCheckFailed",
        "ConditionalCheckFailedException",
        "TransactionConflict",
        "TransactionConflictException",
    }
)


def is_condition_failure(error: BaseException) -> bool:
    """Tell whether a write failed because of its own condition or a concurrent transaction."""
    if isinstance(error, TransactWriteError):
        return any(reason is not None and reason.code in LOST for reason in _reasons(error))
    if isinstance(error, PutError | UpdateError | DeleteError):
        return error.cause_response_code in LOST
    return False


def _reasons(error: TransactWriteError) -> Iterator[Any]:
    yield from error.cancellation_reasons
