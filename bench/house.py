"""The house under measurement: the packaged template on its own engine, every function metered.

Metering is switched on as it would be on AWS: the handler of each deployed function is replaced by
`chalicelib.runtime.metering.handler`, which calls the function's own one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import stack

METERED = "chalicelib.runtime.metering.handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running house and the file its functions write their lines to."""

    stack: stack.Stack
    lines: Path

    @property
    def log(self) -> Path:
        """The file that holds what the functions log; it is not there before the first line."""
        return self.stack.engine.home / "functions.log"

    @property
    def tables(self) -> dict[str, str]:
        """Return the names of the tables by aggregate: `orders`, `inbox` and so on."""
        variables = self.environment("intake")
        return {
            name.removesuffix("_TABLE").lower(): value
            for name, value in variables.items()
            if name.endswith("_TABLE")
        }

    def environment(self, function: str) -> dict[str, str]:
        """Return the environment a function was deployed with."""
        client = self.stack.engine.client("lambda")
        found = client.get_function_configuration(FunctionName=f"{stack.STACK}-{function}")
        variables: dict[str, str] = found["Environment"]["Variables"]
        return variables


@contextmanager
def metered(home: Path) -> Iterator[House]:
    """Run a house with its files in `home` that forgets everything at the end."""
    with stack.running(home, forget=True) as running:
        house = House(stack=running, lines=home / "metering.jsonl")
        house.lines.touch()
        for function in functions(running.engine.client("lambda")):
            _meter(running.engine.client("lambda"), function, house.lines)
        yield house


def functions(client: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - boto3 carries no types
    """Return the configuration of every deployed function."""
    pages = client.get_paginator("list_functions").paginate()
    return [found for page in pages for found in page["Functions"]]


def _meter(client: Any, function: dict[str, Any], lines: Path) -> None:  # noqa: ANN401
    own = {"KONTOR_METERED": function["Handler"], "KONTOR_METERING": str(lines)}
    client.update_function_configuration(
        FunctionName=function["FunctionName"],
        Handler=METERED,
        Environment={"Variables": {**function["Environment"]["Variables"], **own}},
    )
