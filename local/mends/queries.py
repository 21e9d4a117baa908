"""A page of a long list costs what it holds, not an evaluation of the condition for every row.

The engine parses and evaluates the condition of a query anew for each row of the partition, so that
a page of fifty thousand orders took over a second. Where the condition is nothing but the partition
itself, a comparison does.
"""

# ruff: noqa: ANN401, SLF001, PLC0415 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import re
from typing import Any

PARTITION_ALONE = re.compile(r"\s*(#?\w+)\s*=\s*(:\w+)\s*")


def apply() -> None:
    """Compare where there is only the partition's value to compare with."""
    from ministack.services import dynamodb

    evaluate = dynamodb._evaluate_condition

    def evaluated(
        expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression"
    ) -> Any:
        found = PARTITION_ALONE.fullmatch(expression or "")
        if slot != "KeyConditionExpression" or found is None:
            return evaluate(expression, item, values, names, slot)
        name, value = found.groups()
        held = item.get(names.get(name, name))
        return (
            held == values[value]
            if value in values
            else evaluate(expression, item, values, names, slot)
        )

    dynamodb._evaluate_condition = evaluated
