"""The package is small, compiled, complete, and the same each time."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from local import archive, cloud, package, signing, translate

LIMIT = 15_000_000


@pytest.fixture(scope="session")
def built() -> package.Package:
    """The package of the local stage, from the cache if nothing has changed."""
    return package.build("local")


def _zip(files: dict[str, bytes]) -> io.BytesIO:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return place


def test_the_functions_zip_is_at_most_fifteen_megabytes(built: package.Package) -> None:
    """A small package starts quickly; Typst is in the layer."""
    assert built.functions.stat().st_size <= LIMIT
    with zipfile.ZipFile(built.functions) as made:
        assert not [name for name in made.namelist() if name.startswith("typst")]
    with zipfile.ZipFile(built.layer) as made:
        assert "python/typst/__init__.py" in made.namelist()


def test_every_module_of_the_package_is_compiled(built: package.Package) -> None:
    """No cold start compiles anything, and none looks whether it should."""
    with zipfile.ZipFile(built.functions) as made:
        names = set(made.namelist())
        modules = {name for name in names if name.endswith(".py")}
        compiled = {importlib.util.cache_from_source(name) for name in modules}
        assert compiled <= names
        flags = {made.read(name)[4] for name in compiled}
    assert flags == {1}  # by hash, unchecked


def test_every_function_can_be_imported_from_the_package_alone(
    built: package.Package, tmp_path: Path
) -> None:
    """Nothing that was trimmed away is missed by any handler."""
    with zipfile.ZipFile(built.functions) as made:
        made.extractall(tmp_path)
    template = json.loads(built.template.read_text())
    handlers = {
        resource["Properties"]["Handler"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    program = (
        "import sys, importlib\n"
        f"sys.path[:] = [{str(tmp_path)!r}] + [p for p in sys.path if 'site-packages' not in p]\n"
        f"for handler in {sorted(handlers)!r}:\n"
        "    module, _, name = handler.rpartition('.')\n"
        "    getattr(importlib.import_module(module), name)\n"
    )
    environment = {"AWS_DEFAULT_REGION": translate.REGION, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_packaging_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """What has not changed has the same name in S3 and is not uploaded again."""
    source = tmp_path / "source.zip"
    source.write_bytes(
        _zip({"app.py": b"X = 1\n", "chalicelib/__init__.py": b"", "bin/tool": b"#!"}).getvalue()
    )
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    archive.trim(source, first, tmp_path / "cache")
    archive.trim(source, second, tmp_path / "other cache")
    assert first.read_bytes() == second.read_bytes()


def test_what_functions_do_not_need_is_left_out() -> None:
    """Service models of other services, tests and tools are ballast; our own files are not."""
    assert not archive.is_needed("botocore/data/ec2/2016-11-15/service-2.json.gz")
    assert not archive.is_needed("six-1.0.dist-info/RECORD")
    assert not archive.is_needed("somepackage/tests/test_it.py")
    assert not archive.is_needed("bin/jp.py")
    assert archive.is_needed("botocore/data/dynamodb/2012-08-10/service-2.json.gz")
    assert archive.is_needed("botocore/data/endpoints.json")
    assert archive.is_needed("chalicelib/documents/templates/readme.md")


def test_a_dependency_that_lambda_cannot_have_stops_the_packaging(tmp_path: Path) -> None:
    """Chalice leaves such a dependency out and goes on; we do not."""
    root = tmp_path / "project"
    for name in (*package.SOURCES, "local/layer-requirements.txt"):
        source, target = package.ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    broken = root / "broken"
    broken.mkdir()
    (broken / "setup.py").write_text(
        "from setuptools import Extension, setup\n"
        "setup(name='broken', version='1', ext_modules=[Extension('broken', ['no.c'])])\n"
    )
    (root / "requirements.txt").write_text(f"{broken}\n")
    with pytest.raises(package.PackageError):
        package.build("local", root=root)


def test_the_template_refers_to_the_package_by_its_contents(built: package.Package) -> None:
    """A changed package has another name, so that a deployment takes it."""
    template = json.loads(built.template.read_text())
    codes = [
        resource["Properties"]["Code"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    wanted = {"S3Bucket": {"Ref": translate.ARTEFACTS}, "S3Key": built.keys["deployment.zip"]}
    assert all(code == wanted for code in codes)


def test_signatures_are_those_of_the_shops() -> None:
    """Each signature is over the raw bytes; the values were computed with OpenSSL."""
    raw, secret = b'{"id":1}', "a secret"
    known = "4EAmxri/u+Kwj+xgSTQil9MIiY7r62aDoexvvhBTfmM="
    assert signing.woocommerce(raw, secret)["x-wc-webhook-signature"] == known
    assert signing.shopify(raw, secret)["x-shopify-hmac-sha256"] == known
    assert signing.stripe(raw, secret)["stripe-signature"].startswith("t=")


class _Refusing:
    """An account whose change set fails."""

    exceptions = type("Exceptions", (), {"ClientError": KeyError})

    def client(self, service: str) -> _Refusing:
        """Play every service."""
        del service
        return self

    def describe_stacks(self, **_: str) -> dict[str, list[dict[str, str]]]:
        """Say that the stack is there."""
        return {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}


def test_a_broken_stack_is_named_before_anything_is_changed() -> None:
    """Whoever deploys over a stack that was rolled back is told to look at it first."""
    with pytest.raises(cloud.DeployError, match="ROLLBACK_COMPLETE"):
        cloud.apply(_Refusing(), "kontor-dev", "https://example.com/template.json", {})
