"""A folder of images and videos, and which of its files belongs to which post."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from concerted import schema, words
from concerted.errors import InputError
from concerted.sources.pictures.hashing import Look, look

SHORTEST = 5  # characters of a post id by which a file may be named; "1.jpg" belongs to no post in particular
SEVERAL = "names that several files of the folder have, which look different"


def listing(folder: str) -> str | None:
    """What a folder holds, by names, sizes and times of change, as one SHA-256; None where there is none."""
    base = Path(folder).expanduser()
    if not base.is_dir():
        return None
    told = sha256()
    for name, path in _files(base):
        stat = path.stat()
        told.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def _files(base: Path) -> list[tuple[str, Path]]:
    found = [path for path in base.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return sorted((path.relative_to(base).as_posix(), path) for path in found)


class Folder:
    """Files by the names that posts may know them by, hashed when a post asks for one.

    A file belongs to a medium whose id, or the last part of whose address or path, is the file's name with
    or without its ending; else to the post whose id its name is or begins with, as in `12345_1.jpg`.
    Raises InputError where there is no such folder.
    """

    def __init__(self, folder: str) -> None:
        self.base = Path(folder).expanduser()
        if not self.base.is_dir():
            raise InputError(f"{folder}: no folder of images and videos is there: check --media-folder")
        self._by_path: dict[str, Path] = {}
        self._by_name: dict[str, list[Path]] = {}
        self._by_post: dict[str, list[Path]] = {}
        self._looks: dict[Path, Look] = {}
        self._asked = self._missed = 0
        self._several: set[str] = set()
        for name, path in _files(self.base):
            self._by_path[name] = path
            for key in {path.name, path.stem}:
                self._by_name.setdefault(key, []).append(path)
            for key in _beginnings(path.stem):
                self._by_post.setdefault(key, []).append(path)

    def hashed(self, posts: pa.Table) -> pa.Table:
        """The posts with the hashes of their images and videos; what the export says of others stays."""
        media = [
            self._media(post, items or [])
            for post, items in zip(posts["post"].to_pylist(), posts["media"].to_pylist(), strict=True)
        ]
        place = posts.column_names.index("media")
        return posts.set_column(place, "media", pa.array(media, schema.MEDIA))

    def _media(self, post: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self._asked += len(items)
        found = [self._named(item) for item in items]
        if not any(found):
            own = [self._seen(path) for path in self._by_post.get(post, ())]
            seen = [_item(path.name, one) for path, one in own if one.hash]
            if seen:
                return seen
        self._missed += sum(one is None for one in found)
        return [new or item for new, item in zip(found, items, strict=True)]

    def _named(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """The item with the hash of its file; None where the folder has none, or none that can be told."""
        name = item["id"] or item["hash"]
        if not name:
            return None
        last = unquote(urlsplit(name).path if "://" in name else name).rpartition("/")[2]
        exact = self._by_path.get(name)
        files = [exact] if exact else self._by_name.get(last) or self._by_name.get(Path(last).stem) or []
        seen = [(path, one) for path, one in map(self._seen, files) if one.hash]
        if len({one.hash for _, one in seen}) > 1:
            self._several.add(last)
            return None
        return _item(name, seen[0][1]) if seen else None

    def _seen(self, path: Path) -> tuple[Path, Look]:
        if path not in self._looks:
            self._looks[path] = look(path)
        return path, self._looks[path]

    def says(self) -> str:
        """What was looked up and found, and one hash over all of it by which the same folder is known."""
        told = sha256()
        for path, one in sorted(self._looks.items()):
            told.update(f"{path.relative_to(self.base).as_posix()}\0{one.hash}\n".encode("utf-8", "replace"))
        hashed = sum(one.hash is not None for one in self._looks.values())
        return (
            f"images and videos come from the folder {self.base.name}: {hashed:,} of its "
            f"{words.count(len(self._by_path), 'file')} belong to posts and were hashed; "
            f"{self._missed:,} of {words.count(self._asked, 'image or video', 'images or videos')} named by "
            f"posts are not in it; names and hashes together have the SHA-256 {told.hexdigest()}"
        )

    def ledger(self, file: str) -> pa.Table:
        """Files that could not be used, counted by reason, as rows of table `ledger`."""
        failed = [(one.reason, path.name) for path, one in sorted(self._looks.items()) if one.reason]
        failed += [(SEVERAL, name) for name in sorted(self._several)]
        counts = Counter(reason for reason, _ in failed)
        first = dict(reversed(failed))
        return schema.rows(
            "ledger",
            file=[file] * len(counts),
            count=[counts[reason] for reason in sorted(counts)],
            reason=[f"media: {reason}" for reason in sorted(counts)],
            example=[first[reason] for reason in sorted(counts)],
        )


def _beginnings(stem: str) -> list[str]:
    """All that a name may begin with if it is a post's id and something after it."""
    ends = [found.start() for found in re.finditer(r"[-_. ]", stem)]
    return [stem[:end] for end in [*ends, len(stem)] if end >= SHORTEST]


def _item(name: str, one: Look) -> dict[str, Any]:
    return {"id": name, "kind": one.kind, "hash": one.hash, "hash_kind": one.hash_kind}
