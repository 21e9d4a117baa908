"""One word per step, everywhere."""

from __future__ import annotations

import ast
import json

import pytest

from tests.architecture.reading import (
    FLOW,
    FUNCTIONS,
    IN_ORDER,
    QUEUES,
    ROOT,
    SHELF,
    STEPS,
    Template,
    target,
)

CODE = ROOT / "chalicelib"


def test_every_folder_with_a_worker_is_a_step_and_every_step_has_one() -> None:
    """The steps of this test are the steps of the tree."""
    assert {path.parent.name for path in CODE.glob("*/worker.py")} == set(STEPS)


def test_functions_are_exactly_the_steps_the_flow_the_api_and_the_webhook(
    template: Template,
) -> None:
    """A function nobody planned would have no policy review."""
    assert set(template.of("Lambda::Function")) == set(FUNCTIONS.values())


def test_queues_are_exactly_the_steps_jobs_levels_and_the_dead_letters(template: Template) -> None:
    """A queue is named like the step that reads it."""
    assert set(template.of("SQS::Queue")) == set(QUEUES.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_carries_its_word_in_aws(template: Template, name: str) -> None:
    """Who reads a log finds the folder."""
    function = template.of("Lambda::Function")[FUNCTIONS[name]]
    assert function["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_carries_its_word_in_aws_and_feeds_its_function(
    template: Template, name: str
) -> None:
    """Queue and function of a step have one name and are joined."""
    queue = template.of("SQS::Queue")[QUEUES[name]]
    ending = ".fifo" if name in IN_ORDER else ""
    assert queue["QueueName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}{ending}"}
    mappings = template.mappings_of(FUNCTIONS[name])
    assert [target(mapping["EventSourceArn"]) for mapping in mappings] == [QUEUES[name]]


def test_policies_are_named_like_their_functions() -> None:
    """No policy without a function, no function without a policy."""
    assert {path.stem for path in (ROOT / "policies").glob("*")} == set(FUNCTIONS)


def test_the_configuration_names_every_function_and_its_own_policy() -> None:
    """Chalice ignores a misspelt function name and would use another policy."""
    config = json.loads((ROOT / ".chalice/config.json").read_text())
    policies = {
        name: function["iam_policy_file"] for name, function in config["lambda_functions"].items()
    }
    assert policies == {name: f"../policies/{name}.json" for name in FUNCTIONS}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_its_test_folder(step: str) -> None:
    """The tests mirror the tree."""
    assert list((ROOT / "tests" / step).glob("test_*.py"))


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_the_same_inner_files_as_every_other(step: str) -> None:
    """One step explains all."""
    inner = {path.name for path in (CODE / step).glob("*.py")}
    assert {"decide.py", "perform.py", "port.py", "worker.py"} <= inner


@pytest.mark.parametrize("step", STEPS)
def test_a_handler_is_the_function_named_like_the_step_in_its_worker(
    template: Template, step: str
) -> None:
    """Lambda starts the worker's function and nothing else."""
    handler = template.of("Lambda::Function")[FUNCTIONS[step]]["Handler"]
    assert handler == f"chalicelib.{step}.worker.{step}"


@pytest.mark.parametrize("name", FLOW)
def test_a_handler_of_the_flow_is_the_function_named_like_its_module(
    template: Template, name: str
) -> None:
    """Router, sweeper, jobs and dead letters live in `flow`."""
    handler = template.of("Lambda::Function")[FUNCTIONS[name]]["Handler"]
    assert handler == f"chalicelib.flow.{name}.{name}"


@pytest.mark.parametrize("name", SHELF)
def test_a_handler_of_the_shelf_is_the_function_named_like_its_module(
    template: Template, name: str
) -> None:
    """What follows every change of a level lives in `stock`."""
    handler = template.of("Lambda::Function")[FUNCTIONS[name]]["Handler"]
    assert handler == f"chalicelib.stock.{name}.{name}"


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_logs_under_the_name_of_its_step(step: str) -> None:
    """The log field `step` is the step's word: the worker gives no other name."""
    tree = ast.parse((CODE / step / "worker.py").read_text())
    named = [
        keyword.value.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    ]
    assert set(named) == {step}
