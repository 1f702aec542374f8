"""The frames of one file, gone through twice: held in memory for the second time, or else read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable

from concerted.parallel import ahead
from concerted.sources.frame import Frame
from concerted.sources.opening import Opened
from concerted.sources.recipe import Recipe

# Bytes of cells that are held: those of some million posts.
HELD = 3 << 28


class Twice:
    """Frames as a recipe prepares them, read ahead of their use: `first` to its end, then `again`.

    The first time is about the columns `looked`; others may be missing then.
    """

    def __init__(self, opened: Opened, recipe: Recipe, looked: frozenset[str]) -> None:
        self._opened, self._recipe = opened, recipe
        hold = opened.steady and opened.path.stat().st_size <= HELD
        self._held: deque[Frame] | None = deque() if hold else None
        # what is held must have all columns
        self._looked = recipe.wanted() if hold else looked

    def first(self) -> Generator[Frame, None, None]:
        """All frames."""
        return self._prepared(self._holding())

    def again(self) -> Generator[Frame, None, None]:
        """All frames with all columns."""
        return self._prepared(self._read(self._recipe.wanted()) if self._held is None else self._let_go())

    def _prepared(self, frames: Iterable[Frame]) -> Generator[Frame, None, None]:
        prepared = self._recipe.prepared
        for frame in frames:
            yield prepared(frame) if prepared and len(frame) else frame

    def _holding(self) -> Generator[Frame, None, None]:
        size = 0
        for frame in self._read(self._looked):
            size += sum(column.nbytes for column in frame.columns.values()) + frame.rows.nbytes
            if size > HELD:
                self._held = None
            elif self._held is not None:
                self._held.append(frame)
            yield frame

    def _let_go(self) -> Generator[Frame, None, None]:
        while self._held:
            yield self._held.popleft()

    def _read(self, wanted: frozenset[str]) -> Generator[Frame, None, None]:
        return ahead(iter(self._opened.frames(wanted)))
