"""The package as it goes to AWS, made once per session by the same code that deploys it."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from local.package import Package, build
from tests.architecture.reading import Template

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def package() -> Package:
    """Make the package of the stage `dev`, for Lambda's own machines."""
    return build("dev")


@pytest.fixture(scope="session")
def template(package: Package) -> Template:
    """Read the translated template of the stage `dev`."""
    return Template(json.loads(package.template.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the functions' zip for this very machine, as Lambda does it."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(build("local").functions) as package:
        package.extractall(folder)
    return folder
