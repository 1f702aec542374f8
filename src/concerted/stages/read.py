"""Read: files to posts, accounts, ledger and inputs.

Every record of every file is a post, an account or a line of the ledger with its reason; a file whose
bytes were read before is skipped, a post whose id was read before goes to the ledger.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from concerted import registry, schema
from concerted.engines import Engine
from concerted.errors import InputError, UnknownFormat
from concerted.settings import option
from concerted.sources.archive import Member, members
from concerted.sources.files import aside
from concerted.sources.files import expand as among
from concerted.sources.known import Known as Known
from concerted.sources.naming import Names
from concerted.sources.onefile import read_opened, unread
from concerted.sources.opening import Opened, open_file, sha256
from concerted.sources.packing import Meter
from concerted.sources.pictures.folder import Folder, listing
from concerted.sources.recipe import Options
from concerted.sources.table import HARDLY
from concerted.stages import Chunks, Progress, Tables, silent, unheard

READS: tuple[str, ...] = ()
WRITES = ("posts", "accounts", "ledger", "inputs", "made")
VERSION = 4


@dataclass(frozen=True)
class Read:
    """Reads exports: which files, and what you know about them that they do not say themselves."""

    files: tuple[str, ...] = option((), "files, folders or patterns such as exports/*.csv")
    map: dict[str, str] = field(
        default_factory=dict,
        metadata={
            "says": "columns of ours = columns of the file, as account=user,time=when; empty switches off"
        },
    )
    timezone: str = option("", "zone of times that do not say theirs: UTC, +02:00, Europe/Berlin")
    time_format: str = option("", "format of times, as in strptime: %d/%m/%Y %H:%M")
    source: str = option("", "read as this source instead of recognising it")
    platform: str = option("", "platform of all posts: x, facebook, telegram ...")
    encoding: str = option("", "encoding of text files instead of finding it: utf-8, cp1252 ...")
    skip_damaged: bool = option(False, "set rows with damaged ids aside instead of refusing the file")
    media_folder: str = option(
        "", "folder of images and videos of these posts, told apart by their look; nothing is fetched"
    )


Config = Read


def expand(
    files: Sequence[str], config: Read | None = None, say: Callable[[str], None] = unheard
) -> list[Path]:
    """The files that names, folders and patterns stand for, sorted, each once.

    Of folders and patterns what is no export is passed over, and counted to `say`; `config` can make a source
    know a file. Raises InputError for a name that stands for nothing.
    """
    return among(files, partial(_recognised, config=config or Read()), say)


def _recognised(path: Path, config: Read) -> bool:
    """Whether a source knows a file, or its options name the source or columns of the file."""
    try:
        opened = open_file(path, config.encoding)
    except UnknownFormat:
        return False
    except InputError:
        return True  # reading it says what is wrong
    return _fits(opened, config, find_source(opened)[1])


def _fits(opened: Opened, config: Read, sure: float) -> bool:
    return bool(config.source) or sure > HARDLY or not set(opened.columns).isdisjoint(config.map.values())


def find_source(opened: Opened, name: str = "") -> tuple[Any, float]:
    """The source that reads a file and how sure it is (0 to 1); `name` forces one.

    Raises UnknownName, or UnknownFormat where no source knows the file.
    """
    if name:
        return registry.find("sources", name)(), 1.0
    best: tuple[Any, float] | None = None
    for member in registry.everything("sources").values():
        source = member()
        sure = source.recognise(opened)
        if best is None or sure > best[1]:
            best = (source, sure)
    if best is None or best[1] <= 0:
        raise UnknownFormat(
            f"{opened.path}: no source recognises it: name its columns with --map, or --source"
        )
    return best


def beside(media_folder: str) -> str | None:
    """What is read besides a file, as one hash: "" where nothing is, None where it is not there any more."""
    return listing(media_folder) if media_folder else ""


def read_file(
    path: Path,
    config: Read,
    known: Known | None = None,
    progress: Progress = silent,
    seen: Callable[[Opened, str, float], None] | None = None,
    digest: str = "",
    name: str = "",
) -> Chunks:
    """Reads one file, or each member of a zip or tar: chunks of posts, accounts and ledger, and last of each
    member one row of inputs.

    `known` holds the posts read before and takes up those of this file; `seen` is told what was opened, which
    source reads it, and how sure that is (0 to 1); `digest` is the SHA-256 of its bytes, where that is known;
    `name` is what rows call it, where that is not the one of `path`.
    Raises InputError, also where no member can be read.
    """
    known = Known() if known is None else known
    options = Options(config.map, config.timezone, config.time_format, config.platform, config.skip_damaged)
    pictures = Folder(config.media_folder) if config.media_folder else None
    digest = digest or (sha256(path) if path.is_file() else "")
    refused, read = "", 0
    for member in members(path, name):
        why = member.why
        if not why:
            try:
                with _by_its_name(member, path):
                    opened = open_file(
                        member.path, config.encoding, member.name, _meter(member.name, progress)
                    )
                    source, sure = find_source(opened, config.source)
                    if member.path != path and aside(member.name) and not _fits(opened, config, sure):
                        raise UnknownFormat(f"{member.name}: no export")
            except UnknownFormat as error:
                if member.path == path:
                    raise
                why = str(error).removeprefix(f"{member.name}: ")
            else:
                opened = dataclasses.replace(opened, hashed=digest)
                if seen:
                    seen(opened, source.name, sure)
                with _by_its_name(member, path):
                    yield from read_opened(opened, source, options, known, pictures)
                read += 1
        if why:
            refused = refused or f"{member.name}: {why}"
            yield from unread(member.name, digest, why)
    if not read:
        raise InputError(f"{path}: nothing in it can be read ({refused or 'it is empty'})")


@contextmanager
def _by_its_name(member: Member, path: Path) -> Iterator[None]:
    """Errors name a member of an archive as people know it, not by the place it was unpacked to."""
    try:
        yield
    except InputError as error:
        if member.path == path:
            raise
        raise type(error)(str(error).replace(str(member.path), member.name)) from None


def _meter(name: str, progress: Progress) -> Meter:
    """Tells how far a file is; it is read more than once, each time from its beginning."""
    last, times = -1, 1

    def meter(used: int, size: int) -> None:
        nonlocal last, times
        times += used < last
        last = used
        progress(f"{name}, pass {times}, kB", used // 1_000, size // 1_000)

    return meter


def run(tables: Tables, config: Read, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Reads all files in the order of their names. See `stages` for the contract."""
    known = _known(tables)
    passed: list[str] = []
    paths = expand(config.files, config, passed.append)
    fresh = _fresh(paths, tables)
    if not paths and not tables.get("inputs"):
        raise InputError("no files to read: name files, folders or patterns such as exports/*.csv")
    for table in WRITES:
        yield table, schema.empty(table)
    for number, (path, digest, name) in enumerate(fresh):
        progress(f"read {name}", number, len(fresh))
        for table, chunk in read_file(path, config, known, progress, digest=digest, name=name):
            yield table, chunk
            if table == "inputs":
                yield "made", made(chunk)
    yield "made", _made([("not read", 1.0, line, False) for line in passed])
    progress("read", len(fresh), len(fresh))


def _fresh(paths: Sequence[Path], tables: Tables) -> list[tuple[Path, str, str]]:
    """The files that were not read before, with their hashes and names."""
    before = {row["file"]: row["sha256"] for row in tables["inputs"].rows()} if "inputs" in tables else {}
    done, names, fresh = set(before.values()), Names(), []
    for path in paths:
        digest = sha256(path)
        if digest in done:
            continue
        # where earlier files lie is not known here: this may be one of them, changed
        if path.name in before:
            raise InputError(f"{path}: another file of this name has other content: rename one of them")
        done.add(digest)
        fresh.append((path, digest, names.give(path)))
    return fresh


def made(inputs: pa.Table) -> pa.Table:
    """What reading a file counted, and what people must be told about it, as rows of table `made`."""
    rows: list[tuple[str, float, str, bool]] = []
    for row in inputs.to_pylist():
        says = f"{row['file']}: {row['records']} records: {row['posts']} posts, {row['accounts']} accounts"
        rows.append(("records", float(row["records"]), f"{says}, {row['left_out']} left out", False))
        for line in row["capability"]:
            if line.startswith("note: "):
                rows.append(("note", 1.0, f"{row['file']}: {line[6:]}", True))
    return _made(rows)


def _made(rows: Sequence[tuple[str, float, str, bool]]) -> pa.Table:
    return schema.rows(
        "made",
        stage=["read"] * len(rows),
        what=[what for what, _, _, _ in rows],
        value=[value for _, value, _, _ in rows],
        says=[says for _, _, says, _ in rows],
        limit=[limit for _, _, _, limit in rows],
    )


def _known(tables: Tables) -> Known:
    posts, accounts = tables.get("posts"), tables.get("accounts")
    return Known(
        posts.sql("select platform, post, account from this").to_arrow() if posts else None,
        accounts.sql("select platform, account from this").to_arrow() if accounts else None,
    )
