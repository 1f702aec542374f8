"""Style and scripts: the files of this package, and no others."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def files() -> dict[str, tuple[Path, str]]:
    """Path and media type by the name in an address: what is not listed cannot be asked for."""
    return {
        path.name: (path, f"{KINDS[path.suffix]}; charset=utf-8")
        for path in sorted(FOLDER.iterdir())
        if path.suffix in KINDS
    }
