"""Lines of a CSV for those who read it: by the block, by some thousand, or one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from io import StringIO
from itertools import chain

from concerted.sources.csvblocks import Parsed
from concerted.sources.lines import Lines, Oversized

_CHARACTERS = 1 << 22


class Feed:
    """Lines for a CSV reader that remembers those of the current record and takes lines back."""

    def __init__(self, lines: Lines) -> None:
        self._source = lines
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self._block: list[str] = []
        self.current: list[str] = []
        self.begins = 1
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        self.ended = False
        while True:
            while self._back:
                line = self._back.popleft()
                self.current.append(line)
                yield line
            for line in self._lines:
                self.current.append(line)
                yield line
                if self._back:
                    break
            else:
                self.ended = True
                return

    @property
    def given_back(self) -> bool:
        """Whether lines wait to be read again."""
        return bool(self._back)

    def block(self, size: int) -> str:
        """Lines of about so many characters as one text, where none wait to be read again. They count once
        `use` says how much of it was used."""
        self._block.append(self._source.block(size))
        return "".join(self._block)

    def use(self, text: str, parsed: Parsed | None) -> None:
        """What was parsed of a block is dealt with, and the rest begins the next one; where nothing was, its
        lines are given back."""
        if parsed:
            self.begins += parsed.lines
            self._block = [text[parsed.used :]]
            return
        for part in self._block:
            self._back.extend([part] if isinstance(part, Oversized) else StringIO(part, newline=""))
        self._block = []

    def take(self, most: int) -> list[str]:
        """The next lines, as many as a block should hold; they count once `skip` says how many were used."""
        taken: list[str] = []
        size = 0
        for line in chain(iter(self._popped, None), self._lines):
            taken.append(line)
            size += len(line)
            if len(taken) >= most or size >= _CHARACTERS:
                break
        return taken

    def _popped(self) -> str | None:
        return self._back.popleft() if self._back else None

    def skip(self, lines: list[str], used: int) -> None:
        """The first `used` lines taken are dealt with; the others are read again."""
        self._back.extendleft(reversed(lines[used:]))
        self.begins += used

    def done(self) -> None:
        """The lines of the current record are dealt with."""
        self.begins += len(self.current)
        self.current.clear()

    def done_first(self) -> None:
        """Only the first line of the current record is dealt with; the others are read again."""
        self._back.extendleft(reversed(self.current[1:]))
        self.begins += 1
        self.current.clear()
