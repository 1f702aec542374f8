"""The row ledger of one file: every record that was not used, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from concerted import schema

# So many records per reason are listed one by one; the rest are counted together.
LISTED = 20


class Ledger:
    """Collects what was left out of `file`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._listed: list[tuple[int, str, str | None]] = []
        self._counts: Counter[str] = Counter()

    def add(self, row: int, reason: str, example: str | None = None) -> None:
        """One record left out."""
        self._counts[reason] += 1
        if self._counts[reason] <= LISTED:
            self._listed.append((row, reason, example[:120] if example else None))

    def add_all(self, rows: Sequence[int], reason: str, examples: Sequence[str | None] = ()) -> None:
        """Several records left out for one reason, in their order in the file."""
        free = max(0, LISTED - self._counts[reason])
        for place, row in enumerate(rows[:free]):
            self.add(int(row), reason, examples[place] if place < len(examples) else None)
        self._counts[reason] += max(0, len(rows) - free)

    def take(self, later: Ledger) -> None:
        """What another ledger holds of records that come later in the file."""
        taken: Counter[str] = Counter()
        for row, reason, example in later._listed:
            taken[reason] += 1
            if self._counts[reason] + taken[reason] <= LISTED:
                self._listed.append((row, reason, example))
        self._counts += later._counts

    @property
    def total(self) -> int:
        """Records left out so far."""
        return sum(self._counts.values())

    def table(self) -> pa.Table:
        """The rows of table `ledger`: by reason, then by place in the file."""
        rows: list[tuple[int | None, int, str, str | None]] = []
        for reason in sorted(self._counts):
            mine = sorted(
                ((row, example) for row, why, example in self._listed if why == reason), key=lambda r: r[0]
            )
            rows += [(row, 1, reason, example) for row, example in mine]
            if self._counts[reason] > len(mine):
                rows.append((None, self._counts[reason] - len(mine), reason, None))
        return schema.rows(
            "ledger",
            file=[self.file] * len(rows),
            row=[row for row, _, _, _ in rows],
            count=[count for _, count, _, _ in rows],
            reason=[reason for _, _, reason, _ in rows],
            example=[example for _, _, _, example in rows],
        )
