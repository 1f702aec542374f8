"""A case as the local page sees it: the only way from the page to a case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from concerted import privacy, schema
from concerted.case import Case
from concerted.detect import proceed
from concerted.errors import SettingError, UnknownName
from concerted.explaining.lasting import lasting
from concerted.explaining.verdicts import judged
from concerted.findings import Findings
from concerted.runner import NAMES
from concerted.stages import ORDER, Progress

VERDICTS = "verdicts"
LONGEST = 4000  # characters of a remark: a word on a group, not a document
INBOX = "exports"


class CaseDesk:
    """The case in a folder, which may not be there yet. With `handles`, members of found groups are shown by
    handle, as `concerted export --handles` does."""

    def __init__(self, folder: Path, handles: bool = False) -> None:
        self.name = folder.resolve().name
        self._folder = folder
        self._handles = handles
        self._lock = threading.RLock()
        self._seen: tuple[object, Findings, Findings] | None = None
        if folder.exists() and any(folder.iterdir()):
            Case(folder)

    def findings(self) -> Findings | None:
        """What a person may see, verdicts included; None where the case has no findings yet."""
        both = self._both()
        return None if both is None else both[1]

    def judge(self, group: str, verdict: str, remark: str) -> None:
        """Keep a verdict on a group; "none" withdraws one.

        Raises UnknownName, SettingError, and CaseError where the case is being written.
        """
        if verdict not in schema.VERDICTS:
            raise UnknownName("verdict", verdict, schema.VERDICTS)
        if len(remark) > LONGEST:
            raise SettingError(f"a remark has at most {LONGEST:,} characters, this one {len(remark):,}")
        both = self._both()
        groups = {one.id: one for one in both[0].groups} if both else {}
        if group not in groups:
            raise UnknownName("group", group, groups)
        members = [member.account for member in groups[group].accounts]
        case = Case(self._folder)
        with self._lock, case.writing("verdict"):
            before = case.table(VERDICTS).rows()
            row = (group, members, verdict, remark.strip(), datetime.now(UTC))
            rows = [*before, dict(zip(schema.TABLES[VERDICTS], row, strict=True))]
            columns = {name: [one[name] for one in rows] for name in schema.TABLES[VERDICTS]}
            case.commit(VERDICTS, {"rows": len(rows)}, [(VERDICTS, schema.rows(VERDICTS, **columns))])

    def inbox(self) -> Path:
        """The folder of the case for files dropped on the page; case and folder are made where absent."""
        folder = Case(self._folder, create=True).path / INBOX
        folder.mkdir(exist_ok=True)
        return folder

    def detect(
        self,
        files: Sequence[Path],
        options: Mapping[str, Any],
        progress: Progress,
        say: Callable[[str], None],
    ) -> None:
        """Read these files into the case and bring it up to date."""
        proceed(self._folder, tuple(files), options, ORDER[-1], progress, say)

    def _both(self) -> tuple[Findings, Findings] | None:
        """The findings with real accounts, and as they may be shown."""
        path = self._folder / "findings.json"
        with self._lock:
            if not path.exists():
                return None
            case, state = Case(self._folder), path.stat()
            stamp = case.stamp(VERDICTS)
            now = (state.st_mtime_ns, state.st_size, stamp.key if stamp else "")
            if self._seen is None or self._seen[0] != now:
                findings = with_history(case, Findings.from_json(path))
                self._seen = (now, findings, privacy.redact(findings, self._handles))
            return self._seen[1], self._seen[2]


def with_history(case: Case, findings: Findings) -> Findings:
    """The findings of a case with the verdicts given since they were made and the names that groups keep."""
    rows = case.table(VERDICTS, [VERDICTS]).rows()
    return lasting(judged(findings, rows) if rows else findings, case.table(NAMES).rows())
