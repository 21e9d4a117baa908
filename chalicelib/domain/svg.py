"""Whether SVG markup is a drawing and nothing else: no scripts, no events, nothing from outside.

Libraries that clean SVG take away silently what they do not like, but a merchant must learn why a
logo is refused; so it is only read here, and no entity is ever expanded.
"""

from __future__ import annotations

import re
from xml.parsers import expat

PNG = "data:image/png;base64,"
_SVG, _BETWEEN = "http://www.w3.org/2000/svg", " "
_HTML = "http://www.w3.org/1999/xhtml"
_TAGS = """
    svg g defs symbol use switch title desc metadata style
    path rect circle ellipse line polyline polygon text tspan textPath image
    linearGradient radialGradient stop pattern clipPath mask marker filter
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
    feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting
    feSpotLight feTile feTurbulence
"""
_DRAWING = frozenset(_TAGS.split())
# What fetches in CSS; only a part of the same drawing may be named.
_FETCHING = re.compile(r"(url|src|image|image-set)\s*\(\s*(?!['\"]?\s*#|\s)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_REASON = "an SVG must not "


class Reading:
    """What a reader of markup met: the root, what is wrong, and the pictures inside (as URIs)."""

    def __init__(self, text: str) -> None:
        """Read markup; ExpatError or UnicodeEncodeError if it is broken."""
        self.root, self.wrong, self.pictures = "", list[str](), list[str]()
        self._styles: list[str] | None = None
        reader = expat.ParserCreate(namespace_separator=_BETWEEN)
        reader.EntityDeclHandler = lambda *_: self._refuse("declare entities")
        reader.ProcessingInstructionHandler = self._instructed
        reader.StartElementHandler = self._begun
        reader.EndElementHandler = self._ended
        reader.CharacterDataHandler = self._said
        self._reader = reader
        try:
            reader.Parse(text.encode(), True)  # noqa: FBT003 - the only way to say that it is all
        except expat.ExpatError:
            if not self.wrong:
                raise

    def _refuse(self, what: str) -> None:
        self.wrong.append(_REASON + what)

    def _instructed(self, name: str, _: str) -> None:
        self._refuse(f"hold the instruction <?{name[:40]}?>")

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        space, _, own = name.rpartition(_BETWEEN)
        self.root = self.root or own
        is_drawn = space in {"", _SVG}
        if space == _HTML or (is_drawn and own not in _DRAWING and own != self.root):
            self._refuse(f"hold <{own[:40]}>")
        if is_drawn and own == "style":
            self._styles = []
        for key, value in attributes.items():
            self._attribute(key.rpartition(_BETWEEN)[2], value)

    def _attribute(self, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            self._refuse(f"hold the event {name[:40]}")
        elif name == "base":
            self._refuse("move its references by xml:base")
        elif name in {"href", "src"}:
            if value.strip().startswith(PNG):
                self.pictures.append(value.strip())
            elif not value.strip().startswith("#"):
                self._refuse("refer to other files or addresses")
        else:
            self.wrong += [x for x in [css_fault(value, is_sheet=name == "style")] if x]

    def _said(self, text: str) -> None:
        if self._styles is not None:
            self._styles.append(text)

    def _ended(self, name: str) -> None:
        if self._styles is not None and name.rpartition(_BETWEEN)[2] == "style":
            self.wrong += [x for x in [css_fault("".join(self._styles), is_sheet=True)] if x]
            self._styles = None


def css_fault(css: str, *, is_sheet: bool) -> str:
    """Return what a style (or, not `is_sheet`, any value) must not say: to fetch, or to hide it."""
    bare = _COMMENT.sub("", css) if is_sheet else css
    if is_sheet and "\\" in bare:
        return _REASON + "hold escapes in its styles"
    if is_sheet and "@import" in bare.lower():
        return _REASON + "hold @import in its styles"
    found = _FETCHING.search(bare)
    return f"{_REASON}fetch anything by {found[1]}(…)" if found else ""
