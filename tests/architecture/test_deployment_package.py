"""The zips: small, compiled, and each handler starts from them alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.architecture.reading import FLOW, FUNCTIONS, ROOT, SHELF, STEPS, Template, target

if TYPE_CHECKING:
    from pathlib import Path

    from local.package import Package

MEGABYTE = 1_000_000
LIMIT = 15 * MEGABYTE
UNZIPPED_LIMIT = 250 * MEGABYTE
HEAVY = ("typst", "cryptography", "jinja2", "babel", "segno", "boto3", "email.mime")


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as opened:
        return opened.namelist()


def _start(unpacked: Path, code: str) -> str:
    """Run code in a fresh interpreter that has the unpacked zip and nothing else of ours."""
    variables = {f"{name}_TABLE": name.lower() for name in ("ORDERS", "INBOX", "STOCK")}
    start = f"import sys; sys.path.insert(0, {str(unpacked)!r}); {code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start],
        cwd=unpacked,
        env={"AWS_REGION": "eu-central-1", "STAGE": "local", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_zip_of_the_functions_is_small(package: Package) -> None:
    """At most 15 MB, so that a cold start has little to fetch."""
    assert package.functions.stat().st_size <= LIMIT


def test_zip_and_layer_together_fit_into_a_function(package: Package) -> None:
    """Lambda unpacks at most 250 MB."""
    size = 0
    for path in (package.functions, package.layer):
        with zipfile.ZipFile(path) as opened:
            size += sum(entry.file_size for entry in opened.infolist())
    assert size <= UNZIPPED_LIMIT


def test_every_module_of_the_zip_is_compiled(package: Package) -> None:
    """Lambda's folder is read-only: what is not compiled here is compiled at every cold start."""
    names = set(_names(package.functions))
    sources = [name for name in names if name.endswith(".py")]
    assert len(sources) > 100
    tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}.pyc"
    for source in sources:
        folder, _, module = source.rpartition("/")
        cached = f"__pycache__/{module.removesuffix('.py')}.{tag}"
        assert (f"{folder}/{cached}" if folder else cached) in names, source


def test_typst_is_in_the_layer_and_not_in_the_zip(package: Package) -> None:
    """Eighty megabytes of typesetter are no business of eleven functions."""
    assert not [name for name in _names(package.functions) if "typst" in name.split("/")[0]]
    assert [name for name in _names(package.layer) if name.startswith("python/typst/")]


def test_only_the_documents_function_loads_the_layer(template: Template) -> None:
    """One layer, one function."""
    [layer] = template.of("Lambda::LayerVersion")
    for name, function in template.of("Lambda::Function").items():
        layers = [target(each) for each in function.get("Layers", [])]
        assert layers == ([layer] if name == "Documents" else []), name


def test_every_file_of_the_code_is_in_the_zip(package: Package) -> None:
    """Templates, fonts and styles travel with the modules that read them."""
    written = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "chalicelib").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert not written - set(_names(package.functions))


def test_the_zip_holds_nothing_of_the_workshop(package: Package) -> None:
    """Tests, policies, benches and the local run stay at home."""
    top = {name.split("/")[0] for name in _names(package.functions)}
    assert not top & {"tests", "bench", "local", "policies", "docs", ".chalice", "moto", "pytest"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_starts_from_the_zip_alone(template: Template, unpacked: Path, name: str) -> None:
    """In a fresh interpreter, without our virtual environment: as Lambda starts it."""
    handler = template.of("Lambda::Function")[FUNCTIONS[name]]["Handler"]
    module, _, function = handler.rpartition(".")
    code = f"from {module} import {function}; print(callable({function}))"
    assert _start(unpacked, code).strip() == "True"


@pytest.mark.parametrize("name", ["webhook", *STEPS, *FLOW, *SHELF])
def test_heavy_modules_are_not_loaded_before_they_are_needed(
    template: Template, unpacked: Path, name: str
) -> None:
    """What only some invocations need is imported by those."""
    module = template.of("Lambda::Function")[FUNCTIONS[name]]["Handler"].rpartition(".")[0]
    code = f"import {module}; print(*[each for each in {HEAVY!r} if each in sys.modules])"
    assert _start(unpacked, code).split() == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_memory_and_time_of_a_function_are_as_planned(template: Template, name: str) -> None:
    """More is money, less is a timeout: changes are decided, not slipped in."""
    planned = {
        "api_handler": (512, 29),
        "webhook": (512, 10),
        "documents": (1024, 120),
        "jobs": (512, 300),
    }
    function = template.of("Lambda::Function")[FUNCTIONS[name]]
    assert (function["MemorySize"], function["Timeout"]) == planned.get(name, (256, 60))
    assert function["Architectures"] == ["arm64"]
