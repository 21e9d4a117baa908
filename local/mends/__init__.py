"""What the pinned local AWS engine does otherwise than AWS, put right from outside.

Each module says what is wrong, mends it in `apply()`, and has its test in `tests/local/`;
`docs/local-engine.md` is the list. Nothing here may be imported by `chalicelib`.
"""

# ruff: noqa: PLC0415 -- the engine is imported once its settings are made
from __future__ import annotations

from pathlib import Path


def apply_all(home: Path, *, persist: bool) -> None:
    """Mend the imported engine, whose files live in `home`."""
    from local.mends import (
        access,
        api,
        conflicts,
        events,
        functions,
        mail,
        queries,
        queues,
        state,
        streams,
    )

    functions.apply(home / "unzipped", home / "functions.log")
    queues.apply()
    queries.apply()
    streams.apply()
    api.apply()
    access.apply()
    events.apply()
    mail.apply(home / "mails")
    conflicts.apply()
    if persist:
        state.apply(home / "state")
