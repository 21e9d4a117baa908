"""Every word a document prints by itself, by language: one file of `languages` for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "languages"


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what each file of a folder says, by its language (`de.json`: German)."""
    files = sorted(folder.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


LANGUAGES = read(FOLDER)
WORDS: dict[str, dict[str, str]] = {name: said["words"] for name, said in LANGUAGES.items()}


def method_name(code: str, language: str, pattern: str) -> str:
    """Return `pattern` with the name of a method of payment; nothing if there is no name for it.

    The codes are those of shops and payment providers; anything else is a name already.
    """
    name = LANGUAGES[language]["methods"].get(code.lower(), code)
    return pattern.format(method=name) if name else ""
