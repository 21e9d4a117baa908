"""Functions in the local engine run as on AWS, and without needless waiting."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import Lab

pytestmark = pytest.mark.engine


def _call(lab: Lab, name: str, event: object = None) -> dict[str, Any]:
    answer = lab.engine.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps(event if event is not None else {}).encode()
    )
    return {"error": answer.get("FunctionError"), "body": json.loads(answer["Payload"].read())}


def test_a_warm_call_that_logs_nothing_does_not_wait_for_a_log(lab: Lab, tmp_path: Path) -> None:
    """Twenty silent calls take far less than twenty times the engine's own 50 ms."""
    name = lab.function("def handler(event, context):\n    return event\n", tmp_path / "told")
    _call(lab, name)
    began = time.perf_counter()
    for number in range(20):
        assert _call(lab, name, number)["body"] == number
    assert time.perf_counter() - began < 20 * 0.045


def test_what_a_call_logs_is_all_there_and_its_own(lab: Lab, tmp_path: Path) -> None:
    """Lines of a call are in the log when the call is answered, however many."""
    code = "def handler(event, context):\n    for n in range(500):\n        print(event, n)\n"
    name = lab.function(code, tmp_path / "told")
    for call in ("first", "second"):
        _call(lab, name, call)
        lines = (lab.engine.home / "functions.log").read_text().splitlines()
        own = [line for line in lines if line.startswith(name) and f" {call} " in line]
        assert len(own) == 500


def test_a_function_finds_only_what_its_package_brings(lab: Lab, tmp_path: Path) -> None:
    """A dependency that is missing in the package is missing here too."""
    code = "def handler(event, context):\n    import yaml\n"
    answer = _call(lab, lab.function(code, tmp_path / "told"))
    assert answer["error"]
    assert "ModuleNotFoundError" in answer["body"]["errorMessage"]


def test_a_failing_function_says_why_and_works_the_next_time(lab: Lab, tmp_path: Path) -> None:
    """An exception is answered with its name and its words, and logged with its lines."""
    code = "def handler(event, context):\n    if event == 'bad':\n        raise KeyError('sku')\n"
    name = lab.function(code, tmp_path / "told")
    answer = _call(lab, name, "bad")
    assert answer["body"]["errorMessage"] == "KeyError: 'sku'"
    assert "raise KeyError('sku')" in (lab.engine.home / "functions.log").read_text()
    assert _call(lab, name, "good")["error"] is None


def test_a_function_that_dies_is_an_error_and_not_the_end(lab: Lab, tmp_path: Path) -> None:
    """A process that is killed fails its own call only."""
    code = "import os\ndef handler(event, context):\n    if event == 'die':\n        os._exit(3)\n"
    name = lab.function(code, tmp_path / "told")
    assert _call(lab, name, "die")["error"]
    assert _call(lab, name, "live")["error"] is None


def test_the_context_is_that_of_aws(lab: Lab, tmp_path: Path) -> None:
    """A function can ask for its name, its request and its time."""
    code = (
        "def handler(event, context):\n"
        "    return [context.function_name, context.aws_request_id,"
        " context.get_remaining_time_in_millis(), context.invoked_function_arn]\n"
    )
    name = lab.function(code, tmp_path / "told")
    own, request, left, arn = _call(lab, name)["body"]
    assert own == name
    assert request
    assert 0 < left <= 10_000
    assert arn.endswith(f":function:{name}")


def test_equal_code_is_unzipped_once(lab: Lab, tmp_path: Path) -> None:
    """Functions of one package share its files, so that starting them is quick."""
    code = "def handler(event, context):\n    return __file__\n# one package\n"
    places = {_call(lab, lab.function(code, tmp_path / "told"))["body"] for _ in range(3)}
    assert len({Path(place).resolve() for place in places}) == 1
