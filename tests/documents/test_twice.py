"""The same facts give the same bytes, whichever process renders them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from chalicelib.documents.facts import freeze
from tests.documents import samples

ROOT = Path(__file__).parents[2]
CODE = """
import hashlib, json, sys
from chalicelib.documents.pdf import render
print(hashlib.sha256(render("invoice", json.load(sys.stdin))).hexdigest())
"""


def test_two_processes_render_an_invoice_to_the_same_bytes() -> None:
    """Nothing of the moment or the machine is in it, so a repeat after a crash changes nothing."""
    frozen = json.dumps(freeze(samples.invoice(3)))
    digests = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            cwd=ROOT, input=frozen, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }  # fmt: skip
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2
