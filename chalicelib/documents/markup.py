"""XML written in order, with what is empty left out; the same values give the same bytes."""

from __future__ import annotations

import re

# The standard library's way would load half of its network modules.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
# What XML 1.0 may not hold, however it is written.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Markup(str):
    """Text that is XML already; any other text is escaped when it comes into an element."""

    __slots__ = ()


NOTHING = Markup()


def escaped(text: str) -> str:
    """Return a text as XML holds it, without what XML may not hold."""
    return _ILLEGAL.sub("", text).translate(_ESCAPES)


def tag(element: str, *content: str, **attributes: str) -> Markup:
    """Return an element with its content, or nothing where there is none."""
    inner = "".join(part if isinstance(part, Markup) else escaped(part) for part in content)
    if not inner:
        return NOTHING
    given = "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items())
    return Markup(f"<{element}{given}>{inner}</{element}>")


def document(root: str, namespaces: dict[str, str], *content: str) -> str:
    """Return a whole file; the empty prefix is the namespace of what has none."""
    given = {f"xmlns:{prefix}" if prefix else "xmlns": uri for prefix, uri in namespaces.items()}
    return HEAD + tag(root, *content, **given) + "\n"
