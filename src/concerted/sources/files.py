"""The files that names, folders and patterns stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from concerted import words
from concerted.errors import InputError
from concerted.sources.naming import listed, shown

# how files of pictures, films and sounds begin; others have their mark further on
_MEDIA = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"OggS", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3")
# what lies beside exports, and is one only where a source knows it
_ASIDE = (".txt", ".md", ".css", ".js", ".html", ".htm")
_MEDIUM = "picture, film or sound"
_ABOUT = ("readme", "license", "licence")


def expand(
    files: Sequence[str], recognised: Callable[[Path], bool], say: Callable[[str], None]
) -> list[Path]:
    """The files that names, folders and patterns stand for, sorted, each once.

    Of folders and patterns what is no export is passed over: hidden files, cases that lie in a folder, and
    what exports bring along. That is counted to `say`: pictures, films and sounds, and texts, styles, scripts
    and pages not `recognised`.
    Raises InputError for a name that stands for nothing.
    """
    found: dict[str, Path] = {}
    passed: dict[str, dict[str, str]] = {}
    for name in files:
        path = Path(name).expanduser()
        if path.exists() and not path.is_dir():
            found[str(path.resolve())] = path
            continue
        exports = others = 0
        for one in _under(path):
            if what := _no_export(one, recognised):
                passed.setdefault(what, {})[str(one.resolve())] = shown(one.name)
                others += 1
            else:
                found[str(one.resolve())] = one
                exports += 1
        if not exports and (others or path.is_dir()):
            raise InputError(f"{name}: no export is there: name the folder that holds the exports")
        if not exports:
            raise InputError(
                f"{name}: no file is there: check the name, or quote patterns such as 'exports/*.csv'"
            )
    for what, names in sorted(passed.items()):
        if rest := sorted(name for place, name in names.items() if place not in found):
            say(f"not read: {_counted(what, rest)}: no export")
    return sorted(found.values(), key=lambda p: (p.name, str(p)))


def aside(name: str) -> bool:
    """Whether a file of this name is an export only where a source knows it."""
    path = Path(name.lower())
    return path.suffix in _ASIDE or path.name.startswith(_ABOUT)


def _under(path: Path) -> Iterator[Path]:
    there: Iterable[Path]
    if path.is_dir():
        there = list(path.rglob("*"))
        cases = {one.parent for one in there if one.name == "concerted.toml"} - {path}
        cases = {one for one in cases if (one / "case.json").is_file()}
        there = (one for one in there if cases.isdisjoint(one.parents))
    else:
        pattern = str(path.relative_to(path.anchor)) if path.is_absolute() else str(path)
        there = Path(path.anchor or ".").glob(pattern)
    return (one for one in there if one.is_file() and not one.name.startswith("."))


def _no_export(path: Path, recognised: Callable[[Path], bool]) -> str:
    """What a file is that is no export."""
    if _is_medium(path):
        return _MEDIUM
    return path.suffix.lower() or "text" if aside(path.name) and not recognised(path) else ""


def _is_medium(path: Path) -> bool:
    with path.open("rb") as file:
        begins = file.read(12)
    return begins.startswith(_MEDIA) or begins[4:8] == b"ftyp" or begins[8:12] in (b"WEBP", b"WAVE", b"AVI ")


def _counted(what: str, names: Sequence[str]) -> str:
    if what == _MEDIUM:
        return words.count(len(names), _MEDIUM, "pictures, films or sounds")
    each = listed(list(dict.fromkeys(names)))
    return each if len(names) == 1 else f"{len(names):,} files ({each})"
