"""The API's function: any path finds who answers there, and a request loads no more than that."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.architecture.reading import ROOT

ALONE = """
import json
from importlib import import_module
from chalice.app import Chalice
from chalicelib.api import front
lost, register = [], Chalice.register_blueprint
def watched(self, blueprint):
    before = {path: set(methods) for path, methods in self.routes.items()}
    register(self, blueprint)
    for path, methods in self.routes.items():
        modules = front.PLACES.get(front.place_of(path), ())
        answering = [import_module(f"chalicelib.{module}").bp for module in modules]
        if set(methods) - before.get(path, set()) and blueprint not in answering:
            lost.append(path)
Chalice.register_blueprint = watched
from app import app
print(json.dumps([len(app.routes), lost]))
"""
REQUEST = """
import json, sys
from chalicelib.api.front import api_handler
def asked(path):
    event = {"requestContext": {"resourcePath": path, "httpMethod": "GET", "path": path},
             "headers": {}, "multiValueQueryStringParameters": None, "pathParameters": None,
             "body": None, "stageVariables": None, "isBase64Encoded": False}
    return api_handler(event, None)["statusCode"]
answers = [asked("/openapi.json"), asked("/nowhere"), asked("/openapi.json")]
print(json.dumps([answers, sorted(name for name in sys.modules if "console" in name)]))
"""


def run(code: str) -> list[object]:
    """Return what a program prints in a process of its own: a blueprint has one application."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: list[object] = json.loads(done.stdout)
    return found


def test_each_path_finds_all_that_answers_there() -> None:
    """The whole application has no route that the API's function would not load."""
    count, lost = run(ALONE)
    assert lost == []
    assert isinstance(count, int)
    assert count > 100


def test_a_request_loads_its_own_part_alone() -> None:
    """Who asks for the description of the API waits for no page of the console."""
    assert run(REQUEST) == [[200, 405, 200], []]
