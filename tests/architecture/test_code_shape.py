"""The shape of the code: small files, short functions, a pure domain, kept import contracts."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.reading import ROOT, STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = ROOT / "chalicelib"
SOURCES = sorted([ROOT / "app.py", *CODE.rglob("*.py")])
PURE = sorted([*(CODE / "domain").glob("*.py"), *CODE.glob("*/decide.py")])
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
BANNED = ("utils", "helpers", "services", "managers")
# What the standard library offers that makes an answer depend on more than its arguments.
IMPURE = {"os", "time", "random", "secrets", "socket", "subprocess", "urllib", "http", "logging"}
CLOCKS = {"now", "utcnow", "today"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    """At most 300 lines, with one docstring that says what the module is for."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    assert path.name == "__init__.py" or ast.get_docstring(_tree(path))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_functions_are_short(path: Path) -> None:
    """None over 40 lines, signature and docstring included."""
    for function in _functions(_tree(path)):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= LONGEST_FUNCTION, f"{function.name}: {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_everything_public_has_a_docstring(path: Path) -> None:
    """Module, class and function say in a sentence what they are."""
    for node in _tree(path).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_the_domain_and_every_decide_use_pure_parts_of_the_standard_library_only(
    path: Path,
) -> None:
    """Nothing installed, no clock, no chance, no environment: the same order, the same answer."""
    for name in _imports(_tree(path)):
        top = name.split(".")[0]
        assert top == "chalicelib" or top in sys.stdlib_module_names, name
        assert top not in IMPURE, name


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_time_is_an_argument(path: Path) -> None:
    """Nobody in the domain asks what time it is."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, f"line {node.lineno}"


@pytest.mark.parametrize("step", STEPS)
def test_a_decide_takes_an_order_and_the_time(step: str) -> None:
    """Every step answers the same question."""
    [decide] = [
        function
        for function in _tree(CODE / step / "decide.py").body
        if isinstance(function, ast.FunctionDef) and function.name == "decide"
    ]
    taken = [argument.arg for argument in decide.args.args]
    # Intake alone is told something from outside: what the shop has just said.
    assert taken == (["order", "snapshot", "now"] if step == "intake" else ["order", "now"])


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_is_a_few_lines(step: str) -> None:
    """The worker only joins the parts of its step; its one function calls the runner."""
    path = CODE / step / "worker.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80
    [handler] = [each for each in _functions(_tree(path)) if each.name == step]
    assert (handler.end_lineno or 0) - handler.lineno <= 25


def test_app_holds_no_logic() -> None:
    """app.py is one page that says which blueprints exist: no function, no class, no condition."""
    logic = ast.If | ast.IfExp | ast.While | ast.Try | ast.FunctionDef | ast.ClassDef | ast.Lambda
    assert not [node for node in ast.walk(_tree(ROOT / "app.py")) if isinstance(node, logic)]
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_no_file_has_a_name_that_says_nothing() -> None:
    """A module is named for what it knows."""
    for path in CODE.rglob("*"):
        assert path.stem not in BANNED, _name(path)


def test_the_import_contracts_are_kept() -> None:
    """Layers, independence of the steps, purity and the places where AWS and Chalice are known."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "0 broken" in done.stdout
