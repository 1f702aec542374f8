"""Activity lists: lines of two accounts, a time in seconds and RT, MT or RE, without a header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from concerted.sources.frame import Frame, Spoiled, text_array

COLUMNS = ("userA", "userB", "time", "interaction")
_LINE = re.compile(r"[ \t]*(\d+)[ \t]+(\d+)[ \t]+(\d{9,10})[ \t]+(RT|MT|RE)[ \t]*\r?\n?")
_SHARE = 0.9
_REASON = "not two accounts, a time in seconds and RT, MT or RE"


def is_activity(lines: list[str]) -> bool:
    """Whether the first lines of a file are such a list; the last of them may be cut."""
    filled = [line for line in lines if line.strip()]
    return bool(filled) and sum(bool(_LINE.fullmatch(line)) for line in filled) >= _SHARE * len(filled)


def frames(lines: Iterable[str], wanted: Iterable[str] | None, size: int) -> Iterator[Frame]:
    """The records, `size` lines at a time, as text columns; blank lines are none."""
    names = frozenset(COLUMNS if wanted is None else wanted)
    numbered = ((row, line) for row, line in enumerate(lines, 1) if line.strip())
    while part := list(islice(numbered, size)):
        tried = [(row, line, _LINE.fullmatch(line)) for row, line in part]
        good = [(row, found.groups()) for row, _, found in tried if found]
        columns = zip(*(cells for _, cells in good), strict=True) if good else ((),) * len(COLUMNS)
        yield Frame(
            {name: text_array(cells) for name, cells in zip(COLUMNS, columns, strict=True) if name in names},
            np.array([row for row, _ in good], np.int64),
            tuple(Spoiled(row, _REASON, _shown(line)) for row, line, found in tried if not found),
        )


def _shown(line: str) -> str:
    return line[:80].strip().replace("\x00", "\\0").encode("utf-8", "replace").decode()
