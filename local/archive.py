"""Makes the functions' zip small and quick to start: no ballast, compiled, the same each time.

What pip brings is far more than a function needs: service models of all of AWS, languages of the
whole world, tests. And without compiled files every cold start would compile everything anew.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

BY_HASH_UNCHECKED = (1).to_bytes(4, "little")  # PEP 552
EPOCH = (1980, 1, 1, 0, 0, 0)
SERVICES = frozenset(
    {"cloudwatch", "dynamodb", "events", "lambda", "logs", "s3", "ses", "sqs", "ssm", "sts"}
)
LANGUAGES = frozenset(
    {"root", "de", "de_AT", "de_CH", "de_DE", "en", "en_001", "en_150", "en_GB", "en_US"}
)
NEEDED_METADATA = (
    "aws_lambda_powertools",
    "msgspec",
    "pynamodb",
)  # asked for by importlib.metadata
BALLAST = re.compile(
    r"(^|/)(tests?|testing|examples)/|\.(pyi|pyx|pxd|c|h|md|rst)$|(^|/)py\.typed$"
    r"|^bin/|^botocore/data/[^/]+/[^/]+/(examples|waiters|service-2\.sdk-extras)"
    r"|^boto3/(data|examples)/"
    r"|^aws_lambda_powertools/utilities/(kafka|idempotency|parser|parameters|feature_flags|data_masking)/"
    r"|^aws_lambda_powertools/event_handler/|^dateutil/zoneinfo/.*\.tar\.gz$|^pycparser/"
)


def trim(source: Path, target: Path, cache: Path) -> None:
    """Write `target` from the zip `source`: what functions need, with compiled files."""
    with zipfile.ZipFile(source) as old:
        contents = {name: old.read(name) for name in old.namelist() if is_needed(name)}
    compiled = {
        importlib.util.cache_from_source(name): compile_file(name, text, cache)
        for name, text in contents.items()
        if name.endswith(".py")
    }
    write(target, contents | compiled)


def is_needed(name: str) -> bool:
    """Whether a file of the package is of use in a function."""
    parts = PurePosixPath(name).parts
    if name.endswith("/") or "__pycache__" in parts:
        return False
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in SERVICES and not BALLAST.search(name)
    if parts[:2] == ("babel", "locale-data"):
        return PurePosixPath(name).stem in LANGUAGES
    if parts[0].endswith(".data"):
        return False
    if parts[0].endswith(".dist-info"):
        return parts[0].startswith(NEEDED_METADATA) and parts[-1] in {
            "METADATA",
            "entry_points.txt",
        }
    return parts[0] == "chalicelib" or not BALLAST.search(name)


def compile_file(name: str, text: bytes, cache: Path) -> bytes:
    """Compile one module, or take it from the cache; Lambda trusts the result without a look."""
    key = hashlib.sha256(f"{sys.version}\0{name}\0".encode() + text).hexdigest()
    kept = cache / key[:2] / key
    if kept.exists():
        return kept.read_bytes()
    code = compile(text, f"/var/task/{name}", "exec", dont_inherit=True)
    compiled = importlib.util.MAGIC_NUMBER + BY_HASH_UNCHECKED
    compiled += importlib.util.source_hash(text) + marshal.dumps(code)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(compiled)
    return compiled


def write(target: Path, contents: dict[str, bytes]) -> None:
    """Write a zip that depends on nothing but its contents."""
    half = target.with_suffix(".half")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o755 << 16 if name.endswith(".so") else 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, contents[name], compresslevel=9)
    half.replace(target)


def fingerprint(paths: Iterable[Path], *also: str) -> str:
    """Return a hash of the contents of files and folders, without compiled files."""
    total = hashlib.sha256("\0".join(also).encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(f"\0{file.name}\0{file.parent.name}\0".encode())
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:32]
