"""Everything that may be shown in one archive, described by RO-Crate."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from concerted.exports import _made
from concerted.exports.csv import Csv
from concerted.exports.graphml import GraphML
from concerted.exports.html import Html
from concerted.exports.json import Json
from concerted.findings import Findings

Entity = dict[str, Any]
METADATA = "ro-crate-metadata.json"
HOME = "https://w3id.org/ro/crate/1.1"
# path in the archive -> the export that writes it, its media type, what it is
PARTS: dict[str, tuple[type[Any], str, str]] = {
    "report.html": (Html, "text/html", "The report, to read first"),
    "findings.json": (Json, "application/json", "The findings document, from which all else is made"),
    "graph.graphml": (GraphML, "application/xml", "Accounts and ties as a graph"),
    "tables/found.csv": (Csv, "text/csv", "Accounts; beside it the other tables"),
}
README = """\
What is in this archive

{who}

{caveat}

report.html    read this first; it needs no network
findings.json  the same for programs; `concerted export findings.json report.html` reads it again
graph.graphml  the ties as a graph
tables/        the same as tables for spreadsheets
{metadata}  what each file is, and the SHA-256 of the files that were read (RO-Crate 1.1)
SHA256SUMS     hashes of all files here: sha256sum --check SHA256SUMS

The files that were read are not in it. Of their posts only those are that stand behind a group, a set or an
account listed, with their texts, in which names are exchanged for pseudonyms.
Made by concerted {version}.
"""


class Bundle:
    """An archive to hand over: report, findings document, graph, tables, a README, hashes of all of them, and
    `ro-crate-metadata.json`, which describes them and names every file that was read by its SHA-256.

    It holds what may be shown and nothing else: no posts but those behind what is listed, and pseudonyms
    unless handles are asked for. It is a research object crate (RO-Crate 1.1), which repositories can take
    in. Times inside are fixed, so the same findings give the same archive.
    """

    name = "bundle"
    suffixes = (".zip",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One archive."""
        with tempfile.TemporaryDirectory() as folder:
            files = self._files(findings, Path(folder))
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, source in files.items():
                    # the earliest time that the format knows, so that bytes do not depend on the clock
                    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                    entry.external_attr = 0o644 << 16
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, source.read_bytes())
        return [path]

    def _files(self, findings: Findings, folder: Path) -> dict[str, Path]:
        (folder / "tables").mkdir()
        written: list[Path] = []
        for name, (export, _, _) in PARTS.items():
            written += export().write(findings, folder / name)
        readme = README.format(
            who=_made.who_is_shown(findings),
            caveat=_made.CAVEAT,
            version=findings.made.version,
            metadata=METADATA,
        )
        written.append(folder / "README.txt")
        written[-1].write_text(readme, encoding="utf-8", newline="\n")
        named = {path.relative_to(folder).as_posix(): path for path in written}
        hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items()}
        sizes = {name: path.stat().st_size for name, path in named.items()}
        crate = {"@context": f"{HOME}/context", "@graph": _entities(findings, hashes, sizes)}
        metadata, sums = folder / METADATA, folder / "SHA256SUMS"
        metadata.write_bytes(msgspec.json.format(msgspec.json.encode(crate), indent=1) + b"\n")
        hashes[METADATA] = hashlib.sha256(metadata.read_bytes()).hexdigest()
        lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes.items())]
        sums.write_text("".join(lines), encoding="utf-8", newline="\n")
        return {METADATA: metadata, **named, "SHA256SUMS": sums}


def _entities(findings: Findings, hashes: dict[str, str], sizes: dict[str, int]) -> list[Entity]:
    """What RO-Crate asks for: the archive, its files, the files read, and the run that led to them."""
    when = _made.latest(findings).strftime("%Y-%m-%d")
    files = [_file(name, digest, sizes[name]) for name, digest in hashes.items()]
    inputs: list[Entity] = [
        {
            **{"@id": f"#input-{place}", "@type": "CreativeWork", "name": one.file, "sha256": one.sha256},
            "identifier": f"urn:sha256:{one.sha256}",
            "description": f"Read as {one.source}: {one.posts} posts. It is not in this archive.",
        }
        for place, one in enumerate(findings.made.inputs, 1)
    ]
    root = {
        **{"@id": "./", "@type": "Dataset", "name": "Accounts that acted together more than chance explains"},
        "description": f"{_made.who_is_shown(findings)} {_made.CAVEAT}",
        **{"datePublished": when, "license": {"@id": "#licence"}},
        "hasPart": [_ref(one) for one in files],
        **{
            "mentions": [*map(_ref, inputs), {"@id": "#run"}],
            "conditionsOfAccess": _made.who_is_shown(findings),
        },
    }
    licence = {
        **{"@id": "#licence", "@type": "CreativeWork", "name": "No licence is granted by this archive"},
        "description": "Texts of posts belong to those who wrote them.",
    }
    tool = {
        **{"@id": "#concerted", "@type": "SoftwareApplication", "name": "concerted"},
        "softwareVersion": findings.made.version,
    }
    run = {
        **{"@id": "#run", "@type": "CreateAction", "name": "The search for accounts that acted together"},
        "instrument": {"@id": "#concerted"},
        "object": [_ref(one) for one in inputs],
        "result": [_ref(one) for one in files],
        "description": f"Seed {findings.made.seed}; all settings stand in findings.json under made.",
    }
    head = {
        **{"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": HOME}, "about": {"@id": "./"}},
    }
    return [head, root, *files, *inputs, licence, tool, run]


def _file(name: str, digest: str, size: int) -> Entity:
    _, kind, says = PARTS.get(name, (None, "text/csv", f"The table {name.split('.')[-2]}"))
    if name == "README.txt":
        kind, says = "text/plain", "What is in this archive"
    return {
        **{"@id": name, "@type": "File", "name": says, "encodingFormat": kind},
        **{"contentSize": str(size), "sha256": digest},
    }


def _ref(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}
