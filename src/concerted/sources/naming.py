"""Names of files and columns as tables and messages show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from concerted.errors import InputError

_SHOWN, _LONG = 40, 60


def listed(names: Sequence[str]) -> str:
    """Names on one line, some of them where there are many: a file without a header has odd ones."""
    short = [" ".join(name.split())[:_LONG] for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(short) + more


def shown(name: str) -> str:
    """A name as tables can hold it: bytes that are no text become question marks."""
    return name.encode("utf-8", "replace").decode()


def place(path: Path) -> Path:
    """Where a file lies, however it was named. A link lies where it is, not where it leads."""
    return path.parent.resolve() / path.name


class Names:
    """Names of files, no two alike: a file is called by its own name, and by as much of its path as tells it
    apart where one of that name came before it."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._ends: set[str] = set()

    def keep(self, name: str, path: Path) -> None:
        """The file of this path has this name."""
        self._given.add(name)
        self._ends.update((name, *_ends(path)))

    def free(self, path: Path) -> str:
        """What a file that comes next would be called. Raises InputError where nothing tells it apart."""
        # a path that is the end of another one is told apart only by what others are called
        for taken in (self._ends, self._given):
            for end in _ends(path):
                if end not in taken:
                    return end
        raise InputError(f"{path}: other files have every name that its folders make: rename it")

    def give(self, path: Path) -> str:
        """The name of a file from now on. Raises InputError where nothing tells it apart."""
        name = self.free(path)
        self.keep(name, path)
        return name


def _ends(path: Path) -> list[str]:
    """Its name, that with its folder before it, and so on."""
    parts = [shown(part) for part in place(path).parts[1:]]
    return ["/".join(parts[at:]) for at in reversed(range(len(parts)))]
