"""Files dropped on the page: checked by name and size, written beside, renamed when whole."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from concerted.errors import InputError

LONGEST = 150
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
# what no file system, log or terminal should be given
ODD = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]')
SPARE = 1 << 28  # bytes of disk that stay free: the case has to be written, too


def named(name: str) -> str:
    """The name, if a file may have it. Raises InputError."""
    if (
        not name
        or name.startswith(".")
        or ODD.search(name)
        or RESERVED.match(name)
        or name != name.strip(" .")
    ):
        raise InputError(f"{name!r} cannot be the name of a file here: rename it, with letters and digits")
    if len(name.encode()) > LONGEST:
        raise InputError(f"the name {name[:30]!r}... is longer than {LONGEST} bytes: rename the file")
    return name


async def keep(
    folder: Path, name: str, size: int | None, chunks: AsyncIterator[bytes], most: int
) -> tuple[Path, int]:
    """Write a file of at most `most` bytes into the folder; its path and size.

    The same file again is no error. Raises InputError for a bad name, a file that is too large or was cut
    off on its way, and one whose name another file has.
    """
    path = folder / named(name)
    room = min(most, shutil.disk_usage(folder).free - SPARE)
    large = InputError(
        f"{name} is larger than {max(room, 0):,} bytes: concerted detect FILE --into CASE "
        "takes files of any size from where they lie"
    )
    if size is not None and size > room:
        raise large
    fresh = folder / f".new-{secrets.token_hex(8)}"
    digest, written = hashlib.sha256(), 0
    try:
        with fresh.open("xb") as file:
            async for chunk in chunks:
                written += len(chunk)
                if written > room:
                    raise large
                digest.update(chunk)
                file.write(chunk)
        if size is not None and written != size:
            raise InputError(f"{name} was cut off after {written:,} of {size:,} bytes: drop it again")
        if path.exists() and _digest(path) != digest.hexdigest():
            raise InputError(f"the case has another file of the name {name}: rename the new one")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path, written


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
