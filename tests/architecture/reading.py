"""Reads the translated template: what is in it, by type, without its intrinsics in the way."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
STEPS = (
    "intake", "stock", "payment", "documents", "shipping", "notification", "returns", "writeback",
)  # fmt: skip
FLOW = ("router", "sweeper", "dead_letters", "jobs")
SHELF = ("movements", "availability")  # of the step `stock`, beside the way of an order
FUNCTIONS = {name: name.title().replace("_", "") for name in (*STEPS, *FLOW, *SHELF, "webhook")}
FUNCTIONS["api_handler"] = "APIHandler"
QUEUES = {
    name: FUNCTIONS[name] + "Queue" for name in (*STEPS, "availability", "jobs", "dead_letters")
}
IN_ORDER = ("availability",)  # FIFO: what is told of a level is never older than what was told

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """The template as CloudFormation gets it."""

    body: dict[str, Any]

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Return every resource by its logical id."""
        found: dict[str, dict[str, Any]] = self.body["Resources"]
        return found

    def of(self, kind: str) -> dict[str, Properties]:
        """Return the properties of all resources of a type, `Lambda::Function` for example."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == f"AWS::{kind}"
        }

    def mappings_of(self, function: str) -> list[Properties]:
        """Return the event source mappings that invoke a function."""
        mappings = self.of("Lambda::EventSourceMapping").values()
        return [mapping for mapping in mappings if target(mapping["FunctionName"]) == function]

    def statements_of(self, function: str) -> list[dict[str, Any]]:
        """Return the statements of a function's role."""
        role = target(self.of("Lambda::Function")[function]["Role"])
        policies = self.of("IAM::Role")[role].get("Policies", [])
        return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def target(value: object) -> str:
    """Return the logical id that a `Ref` or `Fn::GetAtt` points to."""
    if isinstance(value, dict) and "Ref" in value:
        return str(value["Ref"])
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        path = value["Fn::GetAtt"]
        return str(path[0] if isinstance(path, list) else path.split(".")[0])
    message = f"neither a Ref nor a GetAtt: {value!r}"
    raise AssertionError(message)


def as_list(value: Any) -> list[Any]:
    """Return what IAM allows to be one thing or a list of them, as a list."""
    return value if isinstance(value, list) else [value]


def text(value: object) -> str:
    """Write a resource of a policy as one line: literal, `Fn::Sub`'s text, or `Id.Attribute`."""
    if isinstance(value, dict) and "Fn::Sub" in value:
        return str(value["Fn::Sub"])
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        return ".".join(value["Fn::GetAtt"])
    return value if isinstance(value, str) else json.dumps(value)


def walk(value: object) -> Iterator[dict[str, Any]]:
    """Yield every dictionary within a value."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def references(value: object) -> Iterator[str]:
    """Yield the name of everything a value refers to, inside `Fn::Sub` too."""
    for node in walk(value):
        if isinstance(node.get("Ref"), str):
            yield node["Ref"]
        if "Fn::GetAtt" in node:
            yield target(node)
        if "Fn::Sub" in node:
            yield from _substituted(node["Fn::Sub"])


def _substituted(value: object) -> Iterator[str]:
    pattern, own = value if isinstance(value, list) else (value, {})
    for name in re.findall(r"\$\{([^!}]+)\}", str(pattern)):
        if name not in own:
            yield name.split(".")[0]
