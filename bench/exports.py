"""How long and how large the slices of an export of 50,000 documents are, and whether it resumes.

Measured in a process of its own, whose memory is nobody else's and whose tables need no engine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

DOCUMENTS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One kind of file over all documents."""

    kind: str
    slices: int
    longest: float  # seconds of a slice
    cpu: float
    grown_mb: float  # peak of memory above what there was before
    cursor_kb: float  # most that the job's row holds of it
    rises: bool  # progress never fell and reached its total
    same: bool  # killed and resumed, it has the same bytes


def measure() -> list[Export]:
    """Write each kind of file, whole and killed in the middle."""
    command = [sys.executable, "-m", "bench.export_run"]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [Export(**one) for one in json.loads(found.stdout)]


def text(found: list[Export]) -> str:
    """Return the figures as the report shows them."""
    rows = [
        f"| {x.kind} | {x.slices} | {x.longest:.1f} | {x.cpu:.1f} | {x.grown_mb:.0f} "
        f"| {x.cursor_kb:.0f} | {_said(x.rises)} | {_said(x.same)} |"
        for x in found
    ]
    head = (
        f"| {DOCUMENTS:,} documents | slices | longest s | CPU s | MB more at the peak "
        "| cursor KB | progress rises | same bytes after a kill |"
    )
    said = (
        "Register and documents (8 KB each) are made up as they are read, and parts go to this "
        "machine's disk: what S3 and DynamoDB take is not in these figures. The killed run goes on "
        "from its last saved slice."
    )
    line = "| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |"
    return "\n".join((head, line, *rows, "", said))


def _said(is_so: bool) -> str:  # noqa: FBT001 - a cell of the table
    return "yes" if is_so else "**no**"
