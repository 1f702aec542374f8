"""One writer at a time."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from concerted.errors import CaseError

HOLDER = ".holder.json"


@contextmanager
def hold(folder: Path, doing: str) -> Iterator[None]:
    """Hold a folder against other processes; the system lets go when this one dies, however it dies.

    Raises CaseError saying who holds it, since when, and what to do.
    """
    import filelock

    lock, holder = filelock.FileLock(folder / ".lock"), folder / HOLDER
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise CaseError(f"{folder} {_who(holder)}: wait for it to end, or use another folder") from None
    except (NotImplementedError, OSError) as error:
        raise CaseError(f"{folder} cannot be locked ({error}): put the case on a local disk") from None
    try:
        holder.write_text(
            json.dumps(
                {
                    "process": os.getpid(),
                    "machine": platform.node(),
                    "since": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
                    "doing": doing,
                }
            ),
            "utf-8",
        )
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text("utf-8"))
        return "is in use by process {process} on {machine} since {since} ({doing})".format(**told)
    except (OSError, ValueError, KeyError, TypeError):
        return "is in use by another run of concerted"
