"""How the findings were made: files, limits, settings."""

from __future__ import annotations

from typing import Any

from concerted.findings import Findings


def made(found: Findings) -> dict[str, Any]:
    """What was read and left out, what the files could not show, and all settings."""
    return {
        "version": found.made.version,
        "seed": found.made.seed,
        "inputs": found.made.inputs,
        "limits": found.limits,
        "smallest": found.smallest,
        "notes": found.notes,
        "counts": found.made.counts,
        "settings": found.made.settings,
        "rows": found.made.rows,
    }
