"""`make verify-documents`: the official validators over all kinds of documents, where they can run.

veraPDF judges every PDF (PDF/A-3b and PDF/UA-1), Mustang every electronic invoice. Both come from
Maven Central. There is KoSIT's engine too, but not the configuration with XRechnung's rules, so it
cannot judge anything here; Mustang runs the same schematron. What cannot be had is named, and
nothing was verified by it then; only what a validator refuses fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from tests.documents import einvoices
from tests.documents.test_pdf import DOCUMENTS

FOLDER = Path(__file__).parents[2] / ".local" / "verify"
MUSTANG = ("org.mustangproject", "Mustang-CLI", "2.26.0")
VERAPDF = ("org.verapdf.apps", "greenfield-apps", "1.28.2")
KOSIT = (
    "its engine is org.kosit:validator on Maven Central, but the configuration for XRechnung that "
    "it needs (itplr-kosit/validator-configuration-xrechnung) is published on GitHub only"
)
FLAVOURS = {"3b": "PDF/A-3b", "ua1": "PDF/UA-1"}
AT_ONCE, LONGEST = 2, 600.0
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>kontor</groupId><artifactId>{1}</artifactId>
<version>1</version><dependencies><dependency><groupId>{0}</groupId><artifactId>{1}</artifactId>
<version>{2}</version></dependency></dependencies></project>
"""


def main() -> int:
    """Verify what can be verified; 1 if a validator refused anything."""
    missing = [name for name in ("java", "mvn") if not shutil.which(name)]
    if missing:
        print(f"NOT VERIFIED: no {' and no '.join(missing)} on this machine.")
        return 0
    shutil.rmtree(FOLDER / "documents", ignore_errors=True)
    files = written(FOLDER / "documents")
    refused = 0
    for name, package, verify in (
        ("veraPDF", VERAPDF, vera), ("Mustang", MUSTANG, mustang),
    ):  # fmt: skip
        classes = fetched(package)
        if classes is None:
            print(f"NOT VERIFIED by {name}: {':'.join(package)} is not to be had from Maven.")
            continue
        wrong = verify(classes, files)
        refused += len(wrong)
        print(f"{name}: {'; '.join(wrong) if wrong else 'nothing wrong'}")
    print(f"NOT VERIFIED by KoSIT's validator: {KOSIT}.")
    return int(refused > 0)


def written(folder: Path) -> list[Path]:
    """Write every case and every other document into a folder."""
    folder.mkdir(parents=True)
    for name, (kind, facts) in einvoices.CASES.items():
        if facts.einvoice != "zugferd":
            (folder / f"{name}.xml").write_text(einvoices.xml_of(name), encoding="utf-8")
        if kind in {"invoice", "credit_note"}:
            (folder / f"{name}.pdf").write_bytes(render(kind, freeze(facts)))
        elif facts.einvoice == "zugferd":
            (folder / f"{name}.xml").write_text(einvoices.xml_of(name), encoding="utf-8")
    for name, (kind, facts_of_it) in DOCUMENTS.items():
        (folder / f"other-{name}.pdf").write_bytes(render(kind, freeze(facts_of_it)))
    return sorted(folder.iterdir())


def fetched(package: tuple[str, str, str]) -> Path | None:
    """Return the folder with a package and what it needs, fetched once; None if Maven cannot."""
    folder = FOLDER / f"{package[1]}-{package[2]}"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(POM.format(*package))
        task = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        if package is MUSTANG:
            # Its jar holds all that it needs, and names more that is not to be had.
            task = ["dependency:copy", f"-Dartifact={':'.join(package)}"]
        where = ["-f", str(folder / "pom.xml"), f"-DoutputDirectory={folder}"]
        ran = _run("mvn", "-q", "-B", *where, *task)
        if ran.returncode or not list(folder.glob("*.jar")):
            return None
        (folder / "done").touch()
    return folder


def vera(classes: Path, files: list[Path]) -> list[str]:
    """Return the PDFs that veraPDF refuses, with the standard they do not keep."""
    pdfs = [str(file) for file in files if file.suffix == ".pdf"]
    wrong = []
    for flavour, standard in FLAVOURS.items():
        main_class = "org.verapdf.apps.GreenfieldCliWrapper"
        options = ["--format", "text", "--flavour", flavour]
        ran = _run("java", "-cp", f"{classes}/*", main_class, *options, *pdfs)
        passed = sum(line.startswith("PASS ") for line in ran.stdout.splitlines())
        wrong += [line for line in ran.stdout.splitlines() if line.startswith("FAIL ")]
        print(f"veraPDF: {passed} of {len(pdfs)} are {standard}")
        if passed + len(wrong) < len(pdfs):
            wrong.append(f"{standard}: some were not judged: {ran.stderr[-300:]}")
    return wrong


def mustang(classes: Path, files: list[Path]) -> list[str]:
    """Return the invoices that Mustang refuses; each has a process, for it mixes up several."""
    [jar] = classes.glob(f"{MUSTANG[1]}-*.jar")
    own = [x for x in files if x.suffix == ".xml" or _is_hybrid(x)]

    def refusal(file: Path) -> str:
        options = ["--disable-file-logging", "--no-notices", "--action", "validate"]
        ran = _run("java", "-Xmx1G", "-jar", str(jar), *options, "--source", str(file))
        verdict = ran.stdout.rpartition("<summary ")[2]
        return "" if verdict.startswith('status="valid"') else f"{file.name}: {ran.stdout[-500:]}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [text for text in pool.map(refusal, own) if text]
    print(f"Mustang: {len(own) - len(wrong)} of {len(own)} are valid")
    return wrong


def _is_hybrid(file: Path) -> bool:
    return b"/AFRelationship" in file.read_bytes()


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST)


if __name__ == "__main__":
    sys.exit(main())
