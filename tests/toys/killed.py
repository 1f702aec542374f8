"""Runs the command line and is killed on the way, as a power cut would: no clean-up, no exception.

    python killed.py toys|real UNIT WHEN ARGUMENT...

UNIT is a unit of work such as read-000002 or weigh, "looks.json" for the record of looks, or "-" for an
undisturbed run. WHEN is `chunk` (its
first rows are made, not all), `renamed` (its tables are in place, its stamp is not) or `sealed` (its stamp
is written, the next has not begun).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from concerted import runner
from concerted.case import Case
from concerted.cli import main
from concerted.detect import load_stages
from toys.stages import toys


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(chunks: Any) -> Iterator[Any]:
    for chunk in chunks:
        yield chunk
        die()


def arm(unit: str, when: str) -> None:
    """Make Case die in this unit of work."""
    commit, seal, write = Case.commit, Case.seal, Case.write

    def dying_commit(self: Case, name: str, about: Mapping[str, Any], chunks: Any) -> Any:
        return commit(self, name, about, deadly(chunks) if (name, when) == (unit, "chunk") else chunks)

    def dying_seal(self: Case, name: str, about: Mapping[str, Any], parts: Any) -> None:
        if (name, when) == (unit, "renamed"):
            die()
        seal(self, name, about, parts)
        if (name, when) == (unit, "sealed"):
            die()

    def dying_write(self: Case, name: str, value: Any) -> None:
        if (name, when) == (unit, "renamed"):
            die()
        write(self, name, value)
        if (name, when) == (unit, "sealed"):
            die()

    Case.commit = dying_commit  # type: ignore[method-assign]
    Case.write = dying_write  # type: ignore[method-assign]
    Case.seal = dying_seal  # type: ignore[method-assign]


if __name__ == "__main__":
    kind, unit, when, *arguments = sys.argv[1:]
    arm(unit, when)
    if kind == "toys":
        runner.write_report = lambda findings, path: path.write_bytes(findings.to_json())
    sys.exit(main(arguments, toys() if kind == "toys" else load_stages()))
