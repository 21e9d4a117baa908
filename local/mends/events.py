"""Events as EventBridge hands them over to log groups, and paths with a place in a list.

The engine knows no log group as the target of a rule, and no `$.tags.order_id[0]`: such a variable
is empty.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

STREAM = "events"


def apply() -> None:
    """Write what a rule finds to its log group, and read paths with places in lists."""
    from ministack.services import eventbridge

    eventbridge._apply_input_transformer = _placed(eventbridge._apply_input_transformer)
    eventbridge._invoke_target = _logging(eventbridge._invoke_target)


def _logging(invoke: Callable[..., None]) -> Callable[..., None]:
    from ministack.services import eventbridge

    def invoke_or_log(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        _, _, service, *_, kind, name = f"{target.get('Arn', '')}:".split(":", 6)
        if service != "logs" or kind != "log-group":
            invoke(target, event, rule, view)
            return
        view = view or eventbridge._pattern_event_view(event)
        whole = view.event_with_detail()
        line = {"timestamp": whole["time"], "message": json.dumps(whole)}
        if transformer := target.get("InputTransformer"):
            line = json.loads(eventbridge._apply_input_transformer(transformer, rule, view))
        _write(name.removesuffix(":").removesuffix(":*"), line)

    return invoke_or_log


def _write(group: str, line: dict[str, Any]) -> None:
    from ministack.services import cloudwatch_logs

    at = int(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000)
    place = {"logGroupName": group, "logStreamName": STREAM}
    cloudwatch_logs._create_log_stream(place)  # an error if it is there, which is fine
    events = [{"timestamp": at, "message": line["message"]}]
    cloudwatch_logs._put_log_events({**place, "logEvents": events})


def _placed(transform: Callable[..., str]) -> Callable[..., str]:
    def placed(transformer: dict[str, Any], rule: Any, view: Any) -> str:
        paths = dict(transformer.get("InputPathsMap", {}))
        template = transformer.get("InputTemplate", "")
        for name in [name for name, path in paths.items() if "[" in path]:
            value = _at(view.event_with_detail(), paths.pop(name))
            template = template.replace(f"<{name}>", value)
        return transform({"InputPathsMap": paths, "InputTemplate": template}, rule, view)

    return placed


def _at(value: Any, path: str) -> str:
    for part in re.findall(r"[^$.\[\]]+", path):
        value = value[int(part)] if isinstance(value, list) else value.get(part, "")
    return str(value)
