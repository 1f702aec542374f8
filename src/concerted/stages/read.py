"""Read: files to posts, accounts, ledger and inputs.

Every record of every file is a post, an account or a line of the ledger with its reason; a file whose
bytes were read before is skipped, a post whose id was read before goes to the ledger.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from concerted import registry, schema
from concerted.errors import InputError, UnknownFormat
from concerted.settings import option
from concerted.sources.archive import members
from concerted.sources.capability import Capability
from concerted.sources.known import Known
from concerted.sources.ledger import Ledger
from concerted.sources.opening import Opened, open_file, sha256
from concerted.sources.packing import Meter
from concerted.sources.recipe import Options
from concerted.stages import Chunks, Progress, Tables, silent

READS: tuple[str, ...] = ()
WRITES = ("posts", "accounts", "ledger", "inputs", "made")
VERSION = 1


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


Config = Read


def expand(files: tuple[str, ...] | list[str]) -> list[Path]:
    """The files that names, folders and patterns stand for, sorted, each once.

    Hidden files in folders are passed over. Raises InputError for a name that stands for nothing.
    """
    found: dict[str, Path] = {}
    for name in files:
        path = Path(name).expanduser()
        if path.is_dir():
            inside = [p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")]
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
            raise InputError(
                f"{name}: no file is there: check the name, or quote patterns such as 'exports/*.csv'"
            )
        found.update({str(p.resolve()): p for p in inside})
    return sorted(found.values(), key=lambda p: (p.name, str(p)))


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


def read_file(path: Path, config: Read, known: Known | None = None, progress: Progress = silent) -> Chunks:
    """Reads one file, or each member of a zip or tar: chunks of posts, accounts and ledger, and last of each
    member one row of inputs.

    `known` holds the posts read before and takes up those of this file. Raises InputError, and where no
    member of an archive can be read.
    """
    known = Known() if known is None else known
    digest, refused, read = sha256(path) if path.is_file() else "", "", 0
    for member in members(path):
        why = member.why
        if not why:
            try:
                opened = open_file(member.path, config.encoding, member.name, _meter(member.name, progress))
                found = find_source(opened, config.source)
            except UnknownFormat as error:
                if member.path == path:
                    raise
                why = str(error).removeprefix(f"{member.path}: ")
            else:
                yield from _read_one(dataclasses.replace(opened, hashed=digest), found[0], config, known)
                read += 1
        if why:
            refused = refused or f"{member.name}: {why}"
            yield from _unread(member.name, digest, why)
    if not read:
        raise InputError(f"{path}: nothing in it can be read ({refused or 'it is empty'})")


def _unread(name: str, digest: str, why: str) -> Chunks:
    """A member that is not read is one record left out."""
    ledger = Ledger(name)
    ledger.add(1, f"not read: {why}")
    yield "ledger", ledger.table()
    yield (
        "inputs",
        schema.rows(
            "inputs", file=[name], sha256=[digest], source=[""], clock=["not read"], records=[1], posts=[0],
            accounts=[0], left_out=[1], columns=[[]], capability=[[f"note: not read: {why}"]],
        ),
    )  # fmt: skip


def _meter(name: str, progress: Progress) -> Meter:
    """Tells how far a file is; it is read more than once, each time from its beginning."""
    last, times = -1, 1

    def meter(used: int, size: int) -> None:
        nonlocal last, times
        times += used < last
        last = used
        progress(f"{name}, pass {times}, kB", used // 1_000, size // 1_000)

    return meter


def _read_one(opened: Opened, source: Any, config: Read, known: Known) -> Chunks:
    options = Options(config.map, config.timezone, config.time_format, config.platform, config.skip_damaged)
    again = Ledger(opened.file)
    able = Capability()
    told = schema.empty("inputs")
    accounts = left_out = 0
    resolution = 0.0
    chunks, note = _on_its_platform(opened, source, options, known)
    for name, chunk in chunks:
        if name == "inputs":
            told = chunk
        elif name == "ledger":
            left_out += pc.sum(chunk["count"]).as_py() or 0
            yield name, chunk
        elif name == "accounts":
            accounts += chunk.num_rows
            known.add_accounts(chunk)
            yield name, chunk
        elif name == "posts":
            new = known.add(chunk)
            if not new.all():
                old = chunk.filter(pa.array(~new))
                again.add_all(
                    old["row"].to_pylist(), "repeated post id: read before", old["post"].to_pylist()
                )
                chunk = chunk.filter(pa.array(new))
            able.add(chunk)
            resolution = max(resolution, pc.max(chunk["resolution_s"]).as_py() or 0.0)
            yield name, chunk
    if again.total:
        yield "ledger", again.table()
    yield "inputs", _inputs(opened, source, told, able, accounts, left_out + again.total, resolution, note)


def _on_its_platform(opened: Opened, source: Any, options: Options, known: Known) -> tuple[Chunks, list[str]]:
    """Chunks of a file. One that does not say its platform gets that of its accounts, where files read
    before name it: files of one data set would else fall apart."""
    chunks = source.read(opened, options)
    begun: list[tuple[str, pa.Table]] = []
    platform = ""
    for name, chunk in chunks:
        begun.append((name, chunk))
        if name in ("posts", "accounts"):
            platform = "" if options.platform else known.platform_of(chunk)
            break
    if not platform:
        return chain(begun, chunks), []
    note = f"its accounts were read as accounts of {platform} before, so it is read as {platform}: --platform"
    return source.read(opened, dataclasses.replace(options, platform=platform)), [f"{note} overrules"]


def _inputs(
    opened: Opened,
    source: object,
    told: pa.Table,
    able: Capability,
    accounts: int,
    left_out: int,
    resolution: float,
    notes: list[str],
) -> pa.Table:
    said = told.to_pylist()[0] if told.num_rows else {}
    only = accounts if not able.posts else 0
    records = able.posts + only + left_out
    if said.get("records") not in (None, records):
        raise InputError(
            f"{opened.path}: {said['records']} records were read, but posts, accounts and rows left out are "
            f"{records}: please report this as a defect of the source {getattr(source, 'name', '')!r}"
        )
    return schema.rows(
        "inputs",
        file=[opened.file],
        sha256=[opened.hashed or opened.sha256],
        source=[getattr(source, "name", "")],
        clock=[said.get("clock") or "as the source says"],
        resolution_s=[resolution or None],
        records=[records],
        posts=[able.posts],
        accounts=[only],
        left_out=[left_out],
        columns=[said.get("columns") or []],
        capability=[[*able.lines(), *(said.get("capability") or []), *(f"note: {note}" for note in notes)]],
    )


def run(tables: Tables, config: Read, progress: Progress = silent) -> Chunks:
    """Reads all files in the order of their names. See `stages` for the contract."""
    done = _hashes(tables)
    known = _known(tables)
    paths = expand(config.files)
    _distinct(paths, tables)
    if not paths and not done:
        raise InputError("no files to read: name files, folders or patterns such as exports/*.csv")
    for name in WRITES:
        yield name, schema.empty(name)
    for number, path in enumerate(paths):
        progress(f"read {path.name}", number, len(paths))
        digest = sha256(path)
        if digest in done:
            continue
        done.add(digest)
        for name, chunk in read_file(path, config, known, progress):
            yield name, chunk
            if name == "inputs":
                yield "made", made(chunk)
    progress("read", len(paths), len(paths))


def _distinct(paths: list[Path], tables: Tables) -> None:
    """Rows name their file by its name alone, so no two files may share one."""
    names: dict[str, str] = {}
    if "inputs" in tables:
        names = {row["file"]: row["sha256"] for row in tables["inputs"].rows()}
    for path in paths:
        digest = sha256(path)
        if names.setdefault(path.name, digest) != digest:
            raise InputError(f"{path}: another file of this name has other content: rename one of them")


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
