"""Makes the artefact: the functions' zip, the Typst layer and the CloudFormation template.

The same three files go to AWS and into the local engine. They are made again only when something
they are made of has changed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import archive, translate

ROOT = Path(__file__).resolve().parent.parent
LIMIT_MB = 15.0
SOURCES = ("app.py", "chalicelib", ".chalice/config.json", ".chalice/resources.yaml", "policies")
TOOLS = ("local/package.py", "local/archive.py", "local/translate.py")
MACHINES = {"aarch64": "arm64", "arm64": "arm64"}
WHEELS = {"arm64": "aarch64", "x86_64": "x86_64"}
# The newest C library that Lambda's Python 3.11 has is 2.26, and of 3.12 and later 2.34.
MANYLINUX = ("manylinux_2_26", "manylinux_2_17", "manylinux2014")


class PackageError(RuntimeError):
    """The artefact could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The files of one stage, and the keys under which they go to S3."""

    folder: Path
    keys: dict[str, str]

    @property
    def template(self) -> Path:
        """The CloudFormation template."""
        return self.folder / "template.json"

    @property
    def functions(self) -> Path:
        """The zip that every function has."""
        return self.folder / "deployment.zip"

    @property
    def layer(self) -> Path:
        """The zip of the layer of the documents function."""
        return self.folder / "layer.zip"


def build(stage: str, *, root: Path = ROOT, out: Path | None = None) -> Package:
    """Return the package of a stage, made anew if anything it is made of has changed."""
    folder = (out or root / ".local" / "build") / stage
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "package.json"
    made_of = [
        root / name for name in (*SOURCES, "requirements.txt", "local/layer-requirements.txt")
    ]
    mark = archive.fingerprint(
        [*made_of, *(ROOT / name for name in TOOLS)], stage, sys.version, platform.machine()
    )
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests and a run may want it at the same time
        if state.exists():
            known = json.loads(state.read_text(encoding="utf-8"))
            if known["made_of"] == mark:
                return Package(folder=folder, keys=known["keys"])
        keys = _make(stage, root, folder)
        state.write_text(json.dumps({"made_of": mark, "keys": keys}), encoding="utf-8")
        return Package(folder=folder, keys=keys)


def _make(stage: str, root: Path, folder: Path) -> dict[str, str]:
    """Make the three files; return the S3 key of each zip, named by what is in it."""
    cache = folder.parent / "cache"
    workplace = folder / "workplace"
    config = _copy_sources(stage, root, workplace)
    sam = _chalice(stage, workplace, folder / "merged")
    archive.trim(sam.parent / "deployment.zip", folder / "deployment.zip", cache / "compiled")
    _layer(root / "local" / "layer-requirements.txt", config["lambda_architecture"], cache, folder)
    keys = {name: _key(folder / name) for name in ("deployment.zip", "layer.zip")}
    template = translate.translate(sam, keys)
    (folder / "template.json").write_text(json.dumps(template, indent=1), encoding="utf-8")
    return keys


def _copy_sources(stage: str, root: Path, workplace: Path) -> dict[str, Any]:
    """Copy what Chalice packages to a place without compiled files; return the stage's settings."""
    for name in SOURCES:
        source, target = root / name, workplace / name
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    shutil.copyfile(root / "requirements.txt", workplace / "requirements.txt")
    path = workplace / ".chalice" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    own = config.setdefault("stages", {}).setdefault(stage, {})
    if stage == "local":  # runs on this very machine, whatever it is
        own["lambda_architecture"] = MACHINES.get(platform.machine(), "x86_64")
    path.write_text(json.dumps(config), encoding="utf-8")
    return {"lambda_architecture": "x86_64", **config, **own}


def _chalice(stage: str, workplace: Path, out: Path) -> Path:
    """Let Chalice make the zip and the merged SAM template."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-c", "from chalice.cli import main; main()", "package"]
    command += ["--stage", stage, "--merge-template", ".chalice/resources.yaml", str(out)]
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", translate.REGION),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    done = subprocess.run(
        command, cwd=workplace, env=environment, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    # Chalice only warns of a dependency it cannot find for Lambda, and leaves it out.
    if done.returncode or "Could not install dependencies" in said:
        msg = f"chalice package failed:\n{said.strip()}"
        raise PackageError(msg)
    missing = _missing(workplace / "requirements.txt", out / "deployment.zip")
    if missing:
        msg = f"chalice left out of the package: {', '.join(missing)}"
        raise PackageError(msg)
    return out / "sam.yaml"


def _missing(requirements: Path, made: Path) -> list[str]:
    """Return the requirements that did not get into the zip; of some, Chalice says nothing."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    wanted = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    with zipfile.ZipFile(made) as archived:
        tops = {name.split("/")[0].lower() for name in archived.namelist()}
    return [
        line
        for line in wanted
        if f"{line.replace('==', '-', 1).lower().replace('-', '_')}.dist_info"
        not in {top.replace("-", "_") for top in tops}
    ]


def _layer(requirements: Path, architecture: str, cache: Path, folder: Path) -> None:
    """Make the zip of the Typst layer, or take the one made before from the same requirements."""
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    mark = archive.fingerprint([requirements], architecture, minor)
    kept = cache / f"layer-{mark}.zip"
    if not kept.exists():
        place = cache / "layer"
        shutil.rmtree(place, ignore_errors=True)
        platforms = [f"--platform={name}_{WHEELS[architecture]}" for name in MANYLINUX]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *platforms]
        command += ["--only-binary=:all:", f"--python-version={minor}", f"--target={place}"]
        command += ["--disable-pip-version-check", "-r", str(requirements)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"the layer could not be made:\n{done.stderr.strip()}"
            raise PackageError(msg)
        files = (path for path in place.rglob("*") if path.is_file())
        names = {f"python/{path.relative_to(place).as_posix()}": path for path in files}
        contents = {name: path.read_bytes() for name, path in names.items() if _in_layer(name)}
        archive.write(kept, contents)
        shutil.rmtree(place)
    shutil.copyfile(kept, folder / "layer.zip")


def _in_layer(name: str) -> bool:
    return "__pycache__" not in name and ".dist-info/" not in name and not name.endswith(".pyi")


def _key(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"kontor/{path.stem}-{digest[:32]}{path.suffix}"


def sizes(package: Package) -> str:
    """Return the sizes of the two zips as a sentence."""
    functions, layer = (path.stat().st_size / 1e6 for path in (package.functions, package.layer))
    return f"functions {functions:.1f} MB, layer {layer:.1f} MB"


def main() -> None:
    """Package a stage and say how big it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", default="dev")
    stage = parser.parse_args().stage
    print(f"· packaging {stage}", flush=True)
    try:
        package = build(stage)
    except PackageError as problem:
        sys.exit(str(problem))
    print(f"  {sizes(package)} → {package.folder.relative_to(ROOT)}")
    if package.functions.stat().st_size > LIMIT_MB * 1e6:
        sys.exit(f"the functions' zip is larger than {LIMIT_MB:.0f} MB")


if __name__ == "__main__":
    main()
