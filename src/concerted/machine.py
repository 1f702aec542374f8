"""The memory of this machine."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

# where Linux tells what a container may have, by the version of its control groups
CONTAINER = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

MMAP_THRESHOLD = -3  # of mallopt, by malloc.h
LARGE = 4 << 20  # bytes from which on an array is mapped by itself


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


def give_back() -> None:
    """Give the system what was freed: Arrow, and C's library on Linux, keep it for what comes next."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def keep_little() -> None:
    """From now on give the system what large arrays held as soon as it is freed, where C's library on Linux
    would keep it among what is in use: holes can be half of what a long run holds. Making arrays takes a
    little longer.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE)
    give_back()
