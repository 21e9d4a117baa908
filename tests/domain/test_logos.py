"""A logo is looked at when it is uploaded, before any number depends on it."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from chalicelib.domain.logos import MOST, PNG, fault

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + SVG.format("&b;")
OUTSIDE = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("&x;")


def chunk(name: bytes, body: bytes) -> bytes:
    """Make a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 3, height: int = 2, pixels: bytes | None = None) -> bytes:
    """Make a PNG in colour."""
    rows = (b"\0" + b"\x10" * width * 3) * height if pixels is None else pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def uri(data: bytes) -> str:
    """Return bytes as the data URI of a PNG."""
    return PNG + base64.b64encode(data).decode()


DRAWN = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">' + SVG.format("")


@pytest.mark.parametrize("logo", ["", DRAWN, SVG.format('<path d="M0 0h9v9z"/>'), uri(png())])
def test_a_picture_is_a_logo(logo: str) -> None:
    """SVG markup and PNGs are taken, and no logo is none."""
    assert fault(logo) == ""


@pytest.mark.parametrize(
    ("logo", "reason"),
    [
        ("https://shop.example/logo.png", "SVG markup or a PNG"),
        (SVG.format("<path"), "broken"),
        ("<html></html>", "root"),
        (BOMB, "entities"),
        (OUTSIDE, "entities"),
        (SVG.format('<image href="https://shop.example/x.png"/>'), "other files"),
        (SVG.format('<use href="file:///etc/passwd#a"/>'), "other files"),
        (SVG.format("<script>alert(1)</script>"), "<script>"),
        (SVG.format("x" * 50_000_000), "at most"),
        (uri(b"GIF89a"), "does not hold"),
        (PNG + "A", "broken"),
        (PNG + "%%%", "broken"),
        (uri(png()[:-20]), "broken"),
        (uri(png()[:40] + b"\xff" + png()[41:]), "broken"),
        (uri(png(pixels=b"\0\x10")), "broken"),
        (uri(png(4001, 1)), "pixels"),
        (uri(png(pixels=bytes(40_000_000))), "broken"),
    ],
    ids=range(17),
)
def test_what_is_no_picture_is_refused_with_the_reason(logo: str, reason: str) -> None:
    """Broken, huge and hostile files are named, and nothing of them is expanded."""
    assert reason in fault(logo)
    assert len(logo) <= MOST or reason == "at most"


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ('<path onclick="x()" d="M0 0h9"/>', "the event onclick"),
        ('<g ONLOAD="x()"/>', "the event ONLOAD"),
        ('<rect fill="url(https://shop.example/x#a)"/>', "by url(…)"),
        ("<rect style=\"fill: URL( 'file:///x' )\"/>", "by URL(…)"),
        ('<rect style="fill: image-set(&quot;//x&quot; 1x)"/>', "by image-set(…)"),
        ('<rect style="fill: \\75rl(//x)"/>', "escapes"),
        ("<style>@import '//shop.example/x.css';</style>", "@import"),
        ("<style>@im<![CDATA[port ]]>'//x';</style>", "@import"),
        ("<style>path { fill: url(//x) }</style>", "by url(…)"),
        ("<foreignObject><p>x</p></foreignObject>", "<foreignObject>"),
        ('<p xmlns="http://www.w3.org/1999/xhtml">x</p>', "<p>"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "<script>"),
        ('<set attributeName="href" to="//x"/>', "<set>"),
        ('<image href="data:image/svg+xml;base64,AAAA"/>', "other files"),
        ('<image href="https://shop.example/x.png"/>', "other files"),
        (f'<image href="{uri(b"GIF89a")}"/>', "does not hold"),
        ('<g xml:base="https://shop.example/"><use href="#a"/></g>', "xml:base"),
        ('<?xml-stylesheet href="//x"?>', "<?xml-stylesheet?>"),
    ],
)
def test_a_drawing_that_could_do_anything_is_refused_by_name(inside: str, reason: str) -> None:
    """Events, styles that fetch, foreign contents and hidden pictures never reach a page."""
    assert reason in fault(SVG.format(inside))


def test_a_drawing_as_editors_write_them_is_a_logo() -> None:
    """Gradients, clips, styles and an editor's own notes are no reason to refuse."""
    drawn = (
        '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>'
        '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs>'
        '<style>.a { fill: url(#a) } .b { clip-path: url( "#b" ) }</style>'
        f'<rect class="a" fill="url(#a)"/><image href="{uri(png())}"/><use href="#a"/>'
    )
    assert fault(SVG.format(drawn)) == ""
