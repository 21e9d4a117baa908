"""The process in which the local engine runs one function; its text is handed to the engine.

Lines of JSON go in and out; what the function prints goes to the log (standard error),
and after each call a mark ends that call's log.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from typing import Any

END_OF_LOG = "\x1eend of log"


class Context:
    """What a function may ask about its own call."""

    def __init__(self, init: dict[str, Any], call: dict[str, Any]) -> None:
        self.function_name = init["function_name"]
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        self.memory_limit_in_mb = str(init["memory"])
        self.invoked_function_arn = call.get("invoked_function_arn") or init["arn"]
        self.aws_request_id = call.get("request_id", "")
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.identity = None
        self.client_context = None
        self._deadline = time.time() + float(os.environ.get("_LAMBDA_TIMEOUT", "3"))

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""
        return max(0, int((self._deadline - time.time()) * 1000))


def run() -> None:
    """Import the function's module, then answer one call per line."""
    answers, sys.stdout = sys.stdout, sys.stderr
    init = json.loads(sys.stdin.readline())
    try:
        function = load(init)
    except Exception as problem:  # noqa: BLE001
        traceback.print_exc()
        say(answers, {"status": "error", "error": f"{type(problem).__name__}: {problem}"})
        return
    light_fuse(os.environ.get("KONTOR_FUSE", ""))
    say(answers, {"status": "ready", "cold": True})
    for line in iter(sys.stdin.readline, ""):
        message = json.loads(line)
        answer = call(function, message["event"], Context(init, message.get("ctx") or {}))
        sys.stderr.write(f"\n{END_OF_LOG}\n")
        sys.stderr.flush()
        say(answers, answer)


def load(init: dict[str, Any]) -> Any:  # noqa: ANN401
    """Find the handler as AWS does: the package first, then its layers, nothing else."""
    os.environ.update(init.get("env", {}))
    own = [path for path in sys.path if not path.endswith(("site-packages", "dist-packages"))]
    layers = [path for path in os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep) if path]
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    own = [path for path in own if os.path.abspath(path or ".") != here]  # noqa: PTH100
    sys.path[:] = [init["code_dir"], *(os.path.join(path, "python") for path in layers), *own]  # noqa: PTH118
    return getattr(importlib.import_module(init["module"]), init["handler"])


def light_fuse(path: str) -> None:
    """Let a test kill this process at one of its AWS calls, before it or before its answer.

    The file says which: `{"function": …, "operation": …, "after": …}`; it is used up by it.
    """
    client = sys.modules.get("botocore.client")
    if not path or client is None:
        return
    base: Any = client.BaseClient
    make = base._make_api_call  # noqa: SLF001

    def make_or_die(self: Any, operation: str, parameters: Any) -> Any:  # noqa: ANN401
        fuse = _burning(path, operation)
        if fuse and not fuse["after"]:
            os._exit(1)
        answer = make(self, operation, parameters)
        if fuse:
            os._exit(1)
        return answer

    base._make_api_call = make_or_die  # noqa: SLF001


def _burning(path: str, operation: str) -> dict[str, Any] | None:
    """Take the fuse if it is meant for this function and this operation."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            fuse: dict[str, Any] = json.load(file)
        name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        if fuse["operation"] != operation or not name.endswith(fuse["function"]):
            return None
        os.remove(path)  # noqa: PTH107 - whoever removes it burns it
    except (OSError, ValueError):
        return None
    return fuse


def call(function: Any, event: Any, context: Context) -> dict[str, Any]:  # noqa: ANN401
    """Call the handler and say how it ended."""
    try:
        return {"status": "ok", "result": json.loads(json.dumps(function(event, context)))}
    except Exception as problem:  # noqa: BLE001
        traceback.print_exc()
        error = f"{type(problem).__name__}: {problem}"
        return {"status": "error", "error": error, "trace": traceback.format_exc()}


def say(answers: Any, answer: dict[str, Any]) -> None:  # noqa: ANN401
    """Write one answer as one line."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    run()
