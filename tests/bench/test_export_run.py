"""The bench of exports: some hundred documents in several slices, killed and resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.export_run import run
from chalicelib.documents.exports import writing

if TYPE_CHECKING:
    from pathlib import Path


def test_an_export_that_is_killed_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of file, 300 documents in several slices; progress never falls."""
    monkeypatch.setattr(writing, "PART", 20_000)
    found = run(tmp_path, 300)
    assert [x.kind for x in found if not (x.same and x.rises and x.slices > 1)] == []
