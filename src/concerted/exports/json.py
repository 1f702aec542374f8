"""Findings as JSON."""

from __future__ import annotations

from pathlib import Path

from concerted.findings import Findings


class Json:
    """The findings document itself, without what the reader may not see."""

    name = "json"
    suffixes = (".json",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file; `Findings.from_json` reads it again."""
        path.write_bytes(findings.to_json() + b"\n")
        return [path]
