"""Read: files to posts, accounts, ledger and inputs.

Every record of every file is a post, an account or a line of the ledger with its reason; a file whose
bytes were read before is skipped, a post whose id was read before goes to the ledger.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from concerted import registry, schema
from concerted.engines import Engine
from concerted.errors import InputError, UnknownFormat
from concerted.settings import option
from concerted.sources.archive import Member, members
from concerted.sources.known import Known as Known
from concerted.sources.onefile import read_opened, unread
from concerted.sources.opening import Opened, open_file, sha256
from concerted.sources.packing import Meter
from concerted.sources.pictures.folder import Folder, listing
from concerted.sources.recipe import Options
from concerted.stages import Chunks, Progress, Tables, silent

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
# how files of pictures, films and sounds begin; others have their mark further on
_MEDIA = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"OggS", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3")


def expand(files: tuple[str, ...] | list[str]) -> list[Path]:
    """The files that names, folders and patterns stand for, sorted, each once.

    Hidden files in folders are passed over, as are the pictures, videos and sounds that exports bring along.
    Raises InputError for a name that stands for nothing.
    """
    found: dict[str, Path] = {}
    for name in files:
        path = Path(name).expanduser()
        if path.is_dir():
            there = (p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            inside = [p for p in there if not _is_medium(p)]
        elif path.exists():
            inside = [path]
        else:
            pattern = str(path.relative_to(path.anchor)) if path.is_absolute() else str(path)
            inside = [
                p
                for p in Path(path.anchor or ".").glob(pattern)
                if p.is_file() and not p.name.startswith(".")
            ]
        if not inside:
            if path.is_dir():
                raise InputError(f"{name}: the folder holds no file: name the folder that holds the exports")
            raise InputError(
                f"{name}: no file is there: check the name, or quote patterns such as 'exports/*.csv'"
            )
        found.update({str(p.resolve()): p for p in inside})
    return sorted(found.values(), key=lambda p: (p.name, str(p)))


def _is_medium(path: Path) -> bool:
    with path.open("rb") as file:
        begins = file.read(12)
    return begins.startswith(_MEDIA) or begins[4:8] == b"ftyp" or begins[8:12] in (b"WEBP", b"WAVE", b"AVI ")


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
) -> Chunks:
    """Reads one file, or each member of a zip or tar: chunks of posts, accounts and ledger, and last of each
    member one row of inputs.

    `known` holds the posts read before and takes up those of this file; `seen` is told what was opened, which
    source reads it, and how sure that is (0 to 1); `digest` is the SHA-256 of its bytes, where that is known.
    Raises InputError, also where no member can be read.
    """
    known = Known() if known is None else known
    options = Options(config.map, config.timezone, config.time_format, config.platform, config.skip_damaged)
    pictures = Folder(config.media_folder) if config.media_folder else None
    digest = digest or (sha256(path) if path.is_file() else "")
    refused, read = "", 0
    for member in members(path):
        why = member.why
        if not why:
            try:
                with _by_its_name(member):
                    opened = open_file(
                        member.path, config.encoding, member.name, _meter(member.name, progress)
                    )
                    source, sure = find_source(opened, config.source)
            except UnknownFormat as error:
                if member.path == path:
                    raise
                why = str(error).removeprefix(f"{member.name}: ")
            else:
                opened = dataclasses.replace(opened, hashed=digest)
                if seen:
                    seen(opened, source.name, sure)
                with _by_its_name(member):
                    yield from read_opened(opened, source, options, known, pictures)
                read += 1
        if why:
            refused = refused or f"{member.name}: {why}"
            yield from unread(member.name, digest, why)
    if not read:
        raise InputError(f"{path}: nothing in it can be read ({refused or 'it is empty'})")


@contextmanager
def _by_its_name(member: Member) -> Iterator[None]:
    """Errors name a member of an archive as people know it, not by the place it was unpacked to."""
    try:
        yield
    except InputError as error:
        if member.path.name == member.name:
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
    done = _hashes(tables)
    known = _known(tables)
    paths = expand(config.files)
    digests = _distinct(paths, tables)
    if not paths and not done:
        raise InputError("no files to read: name files, folders or patterns such as exports/*.csv")
    for name in WRITES:
        yield name, schema.empty(name)
    for number, path in enumerate(paths):
        progress(f"read {path.name}", number, len(paths))
        digest = digests[path]
        if digest in done:
            continue
        done.add(digest)
        for name, chunk in read_file(path, config, known, progress, digest=digest):
            yield name, chunk
            if name == "inputs":
                yield "made", made(chunk)
    progress("read", len(paths), len(paths))


def _distinct(paths: list[Path], tables: Tables) -> dict[Path, str]:
    """The hashes of files. Rows name their file by its name alone, so no two files may share one."""
    names: dict[str, str] = {}
    digests: dict[Path, str] = {}
    if "inputs" in tables:
        names = {row["file"]: row["sha256"] for row in tables["inputs"].rows()}
    for path in paths:
        digests[path] = digest = sha256(path)
        if names.setdefault(path.name, digest) != digest:
            raise InputError(f"{path}: another file of this name has other content: rename one of them")
    return digests


def made(inputs: pa.Table) -> pa.Table:
    """What reading a file counted, and what people must be told about it, as rows of table `made`."""
    rows: list[tuple[str, float, str, bool]] = []
    for row in inputs.to_pylist():
        says = f"{row['file']}: {row['records']} records: {row['posts']} posts, {row['accounts']} accounts"
        rows.append(("records", float(row["records"]), f"{says}, {row['left_out']} left out", False))
        for line in row["capability"]:
            if line.startswith("note: "):
                rows.append(("note", 1.0, f"{row['file']}: {line[6:]}", True))
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


def _hashes(tables: Tables) -> set[str]:
    return set(tables["inputs"].to_arrow()["sha256"].to_pylist()) if "inputs" in tables else set()
