"""What this machine has."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# where Linux tells what a container may have, by the version of its control groups
CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory() -> int | None:
    """Bytes of memory, or those that a container may use where these are fewer; None where nothing tells."""
    found = []
    with suppress(AttributeError, ValueError, OSError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in CONTAINER:
        try:
            told = path.read_text("ascii").strip()
        except OSError:
            continue
        if told.isdigit():  # else there is no limit
            found.append(int(told))
    return min(found, default=None)
