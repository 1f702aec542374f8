"""Style, scripts and vendored libraries: the files of this package, and no others."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}


def files() -> dict[str, tuple[Path, str]]:
    """Path and media type by the name in an address: what is not listed cannot be asked for."""
    return {
        path.name: (path, f"{KINDS[path.suffix]}; charset=utf-8")
        for folder in ("static", "vendor")
        for path in sorted((HERE / folder).iterdir())
        if path.suffix in KINDS
    }
