"""Canonical tables for people who go on elsewhere: in R, in another toolkit, in a database."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.errors import SettingError
from concerted.parquet import Writer
from concerted.sources.naming import Names
from concerted.stages import Chunks, Progress, silent, unheard
from concerted.stages.read import Known, Read, expand, read_file

COORTWEET = ("object_id", "account_id", "content_id", "timestamp_share")
QUT = ("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls")
_BESIDE = ("accounts", "inputs", "ledger")
_RAW = "ids and texts are as in the exports: for analysis, not for publication or for a spreadsheet program"


@dataclass(frozen=True)
class Converted:
    """What was written: rows by file. `says` are sentences on what a layout cannot hold."""

    rows: dict[str, int]
    says: tuple[str, ...] = ()


def convert(
    files: Sequence[str | Path],
    to: str | Path,
    layout: str = "",
    config: Read | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = unheard,
) -> Converted:
    """Reads exports and writes them to the file `to`.

    Without `layout` that is Parquet with the canonical columns of `posts`, and beside it `NAME.accounts`,
    `NAME.inputs` and `NAME.ledger`. `coortweet` writes a CSV with the four columns of CooRTweet, a row per
    object a post shares; `qut` the eight of the QUT coordination network toolkit. Ids and texts stay as the
    export has them: this is data for analysis, not for publication.

    `say` is told what is no export and not read. Raises InputError and its kinds, SettingError for an ending
    or a layout there is not, or for a file that exists.
    """
    target, config = Path(to), config or Read()
    _check(target, layout)
    chunks = _read(expand([str(file) for file in files], config, say), config, progress)
    if layout:
        done: Converted = _LAYOUTS[layout](chunks, target)
        return done
    return _tables(chunks, target)


def _check(target: Path, layout: str) -> None:
    if layout and layout not in _LAYOUTS:
        raise SettingError(f"there is no layout {layout!r}: there are {', '.join(_LAYOUTS)}")
    ending = ".csv" if layout else ".parquet"
    if target.suffix != ending:
        raise SettingError(
            f"{target}: end the name in {ending}, which is what {layout or 'the tables'} come in"
        )
    for path in (target, *(() if layout else (_beside(target, name) for name in _BESIDE))):
        if path.exists():
            raise SettingError(f"{path} is there already: remove it or name another file")
    if not target.parent.is_dir():
        raise SettingError(f"{target.parent} is no folder: make it first")


def _read(paths: Sequence[Path], config: Read, progress: Progress) -> Chunks:
    known, names = Known(), Names()
    for path in paths:
        yield from read_file(path, config, known, progress, name=names.give(path))


def _beside(target: Path, table: str) -> Path:
    return target if table == "posts" else target.with_name(f"{target.stem}.{table}{target.suffix}")


def _tables(chunks: Chunks, target: Path) -> Converted:
    names = ("posts", *_BESIDE)
    # written beside and renamed when whole: a run that fails leaves no half of a table
    fresh = {name: _beside(target, name).with_name(f".new-{_beside(target, name).name}") for name in names}
    try:
        writers = {name: Writer(fresh[name], schema.arrow(name)) for name in names}
        try:
            for name, chunk in chunks:
                writers[name].add(chunk)
        finally:
            for writer in writers.values():
                writer.close()
        for name in names:
            fresh[name].replace(_beside(target, name))
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)
    return Converted({str(_beside(target, name)): one.rows for name, one in writers.items()}, (_RAW,))


def _layout(columns: tuple[str, ...], rows: Callable[[pa.Table], Iterator[Sequence[Any]]], says: str) -> Any:
    def write(chunks: Chunks, target: Path) -> Converted:
        fresh, count, posts = target.with_name(f".new-{target.name}"), 0, 0
        with ExitStack() as stack:
            stack.callback(fresh.unlink, missing_ok=True)
            file = stack.enter_context(fresh.open("w", encoding="utf-8", newline=""))
            writer = csv.writer(file)
            writer.writerow(columns)
            for name, chunk in chunks:
                if name == "posts":
                    posts += chunk.num_rows
                    for row in rows(chunk):
                        writer.writerow(row)
                        count += 1
            file.close()
            fresh.replace(target)
        return Converted({str(target): count}, (f"{count:,} rows of {posts:,} posts: {says}", _RAW))

    return write


def _shares(posts: pa.Table) -> Iterator[Sequence[Any]]:
    """Links of a post of its own, and the post that is reshared."""
    names = ("account", "post", "kind", "parent", "urls")
    seconds = pc.floor_temporal(posts["time"], unit="second").cast(pa.int64()).to_pylist()
    for account, post, kind, parent, urls, micros in zip(
        *(posts[name].to_pylist() for name in names), seconds, strict=True
    ):
        objects = [parent] if kind == "reshare" else list(urls or ())
        for each in dict.fromkeys(objects):
            if each:
                yield each, account, post, micros // 1_000_000


def _messages(posts: pa.Table) -> Iterator[Sequence[Any]]:
    names = ("post", "account", "kind", "parent", "text", "urls")
    seconds = pc.floor_temporal(posts["time"], unit="second").cast(pa.int64()).to_pylist()
    for post, account, kind, parent, text, urls, micros in zip(
        *(posts[name].to_pylist() for name in names), seconds, strict=True
    ):
        yield (
            post, account, account, parent if kind == "reshare" else "", parent if kind == "reply" else "",
            text or "", micros // 1_000_000, " ".join(urls or ()),
        )  # fmt: skip


_LAYOUTS: dict[str, Any] = {
    "coortweet": _layout(COORTWEET, _shares, "a row per link shared or post reshared; others have no row"),
    "qut": _layout(QUT, _messages, "quotes, hashtags, media and milliseconds have no place in this layout"),
}
LAYOUTS = tuple(_LAYOUTS)
