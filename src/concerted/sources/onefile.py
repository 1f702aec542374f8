"""One opened file through its source: posts kept once, everything counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.errors import InputError
from concerted.parallel import ahead
from concerted.sources.capability import Capability
from concerted.sources.known import Known
from concerted.sources.ledger import Ledger
from concerted.sources.opening import Opened
from concerted.sources.pictures.folder import Folder
from concerted.sources.recipe import Options

Chunks = Iterator[tuple[str, pa.Table]]


def read_opened(
    opened: Opened, source: Any, options: Options, known: Known, pictures: Folder | None = None
) -> Chunks:
    """Rows of the tables, each post once, and one row of inputs. `pictures` are the files of its media.

    Raises InputError, also where records read, used and left out do not add up.
    """
    again = Ledger(opened.file)
    able = Capability()
    told = schema.empty("inputs")
    accounts = left_out = 0
    acted = False
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
            acted |= chunk.num_rows > 0
            new = known.add(chunk)
            if not new.all():
                old = chunk.filter(pa.array(~new))
                again.add_all(
                    old["row"].to_pylist(), "repeated post id: read before", old["post"].to_pylist()
                )
                chunk = chunk.filter(pa.array(new))
            if pictures is not None:
                chunk = pictures.hashed(chunk)
            able.add(chunk)
            resolution = max(resolution, pc.max(chunk["resolution_s"]).as_py() or 0.0)
            yield name, chunk
    if again.total:
        yield "ledger", again.table()
    if pictures is not None:
        # files are no records: what is wrong with them is no record left out
        yield "ledger", pictures.ledger(opened.file)
        note.append(pictures.says())
    yield (
        "inputs",
        _inputs(opened, source, told, able, acted, accounts, left_out + again.total, resolution, note),
    )


def _on_its_platform(opened: Opened, source: Any, options: Options, known: Known) -> tuple[Chunks, list[str]]:
    """Chunks of a file. One that does not say its platform gets that of its accounts, where files read
    before name it: files of one data set would else fall apart."""
    chunks = ahead(source.read(opened, options))
    begun: list[tuple[str, pa.Table]] = []
    platform = ""
    for name, chunk in chunks:
        begun.append((name, chunk))
        if name in ("posts", "accounts"):
            platform = "" if options.platform else known.platform_of(chunk)
            break
    if not platform:
        return chain(begun, chunks), []
    chunks.close()
    note = f"its accounts were read as accounts of {platform} before, so it is read as {platform}: --platform"
    return ahead(source.read(opened, dataclasses.replace(options, platform=platform))), [f"{note} overrules"]


def _inputs(
    opened: Opened,
    source: object,
    told: pa.Table,
    able: Capability,
    acted: bool,
    accounts: int,
    left_out: int,
    resolution: float,
    notes: list[str],
) -> pa.Table:
    said = told.to_pylist()[0] if told.num_rows else {}
    only = 0 if acted else accounts
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


def unread(name: str, digest: str, why: str) -> Chunks:
    """Rows for a member that is not read: one record left out."""
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
