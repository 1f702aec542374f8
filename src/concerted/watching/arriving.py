"""Files of a folder that are new and whole."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

UNFINISHED = (".part", ".tmp", ".crdownload", ".download", ".partial")

State = tuple[int, int]  # size in bytes, time of the last change in ns


class Arriving:
    """Files under a folder, hidden and unfinished ones passed over.

    A file is given once, when two looks at the folder in a row found it the same; and again should it change.
    Those that are there and `known` are not given.
    """

    def __init__(self, folder: Path, known: Callable[[Path], bool]) -> None:
        self._folder = folder
        self._last: dict[Path, State] = {}
        self._given: dict[Path, State] = {}
        for path in self.whole(at_once=True):
            if known(path):
                self.took(path)

    def whole(self, at_once: bool = False) -> list[Path]:
        """Files not given before, in the order of their names; `at_once` takes all for whole."""
        now = {path: state for path in self._files() if (state := _state(path)) is not None}
        new = [
            path
            for path, state in now.items()
            if self._given.get(path) != state and (at_once or self._last.get(path) == state)
        ]
        self._last = now
        return sorted(new, key=lambda path: (path.name, str(path)))

    def took(self, path: Path) -> None:
        """The file was dealt with as it is."""
        if path in self._last:
            self._given[path] = self._last[path]

    def _files(self) -> Collection[Path]:
        return [
            path
            for path in self._folder.rglob("*")
            if not any(part.startswith(".") for part in path.relative_to(self._folder).parts)
            and path.suffix not in UNFINISHED
        ]


def _state(path: Path) -> State | None:
    """None for what is no file, or not there any more."""
    try:
        told = path.stat()
    except OSError:
        return None
    return (told.st_size, told.st_mtime_ns) if path.is_file() else None
