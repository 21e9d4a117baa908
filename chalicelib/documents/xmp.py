"""What a PDF must say of the XML it holds: the Factur-X properties in its XMP metadata.

Typst can attach a file but not write these, so its metadata stream is written anew as an
incremental update (ISO 32000-1, 7.5.6): everything else stays byte for byte as it was tagged.
"""

from __future__ import annotations

import re

ATTACHMENT = "factur-x.xml"
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_STREAM = re.compile(
    rb"\n(\d+) 0 obj\n<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(.*?)\nendstream",
    re.DOTALL,
)
_TRAILER = re.compile(rb"trailer\n<<(.*)>>\nstartxref\n(\d+)\n%%EOF\s*", re.DOTALL)
_SCHEMAS = b"<pdfaExtension:schemas><rdf:Bag>"
_PROPERTIES = {
    "DocumentFileName": "The name of the embedded XML document",
    "DocumentType": "The type of the hybrid document",
    "Version": "The version of the standard that the XML document keeps",
    "ConformanceLevel": "The conformance level of the XML document",
}


def _property(name: str, description: str) -> str:
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
        f"<pdfaProperty:description>{description}</pdfaProperty:description>"
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
    )


_SCHEMA = (
    '<rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{_FX}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + "".join(_property(*pair) for pair in _PROPERTIES.items())
    + "</rdf:Seq></pdfaSchema:property></rdf:li>"
).encode()
_SAID = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_FX}">'
    f"<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>{ATTACHMENT}"
    "</fx:DocumentFileName><fx:Version>1.0</fx:Version>"
    "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>"
).encode()


def announced(pdf: bytes) -> bytes:
    """Return the PDF with its metadata telling of the attached invoice; ValueError if it has none.

    The last metadata stream counts; the file must have a classic cross-reference table.
    """
    streams = list(_STREAM.finditer(pdf))
    trailer = _TRAILER.fullmatch(pdf, max(pdf.rfind(b"trailer\n"), 0))
    if not streams or trailer is None or _SCHEMAS not in streams[-1][2]:
        msg = "the PDF has no metadata that can be added to"
        raise ValueError(msg)
    number, old = streams[-1].groups()
    new = old.replace(_SCHEMAS, _SCHEMAS + _SCHEMA, 1).replace(b"</rdf:RDF>", _SAID + b"</rdf:RDF>")
    entries, before = trailer.groups()
    whole = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    body = (
        b"%s 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%s\nendstream\nendobj\n"
        % (
            number,
            len(new),
            new,
        )
    )
    table = b"xref\n%s 1\n%010d 00000 n\r\n" % (number, len(whole))
    end = b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        entries,
        before,
        len(whole) + len(body),
    )
    return whole + body + table + end
