"""What the page asks of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from concerted.findings import Findings

Progress = Callable[[str, int, int | None], None]
Say = Callable[[str], None]


class Desk(Protocol):
    """A case as the page sees it; every call may come from any thread.

    `name` is what the case is called, `findings` what a person may see of it with the reviewer's verdicts,
    None where nothing was found out yet; the same object as long as nothing changed. `judge` keeps a verdict
    on a group, `inbox` is the folder for dropped files, `detect` reads them and brings the case up to date.
    All raise ConcertedError.
    """

    name: str

    def findings(self) -> Findings | None: ...

    def judge(self, group: str, verdict: str, remark: str) -> None: ...

    def inbox(self) -> Path: ...

    def detect(
        self, files: Sequence[Path], options: Mapping[str, Any], progress: Progress, say: Say
    ) -> None: ...
