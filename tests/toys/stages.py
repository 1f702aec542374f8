"""Six toy stages: lines `account object seconds` in, one group of all accounts that shared an object out.

They keep every rule of the contract, so what holds a case together can be tested without statistics.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import schema
from concerted.errors import InputError
from concerted.findings import Findings, Group, Input, Made, Member
from concerted.settings import option

START = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Read:
    files: tuple[str, ...] = option((), "files")
    map: dict[str, str] = field(default_factory=dict, metadata={"says": "columns"})
    timezone: str = option("", "zone of times that name none")


@dataclass(frozen=True)
class Trace:
    traces: tuple[str, ...] = option((), "which traces")
    options: dict[str, dict[str, Any]] = field(default_factory=dict, metadata={"says": "options of traces"})


@dataclass(frozen=True)
class Pair:
    lag: Annotated[int, Meta(ge=1)] = option(60, "window in seconds")


@dataclass(frozen=True)
class Weigh:
    fdr: Annotated[float, Meta(gt=0, lt=1)] = option(0.05, "false discovery rate")
    seed: int = option(1, "seed of all random steps")


@dataclass(frozen=True)
class Grouping:
    seed: int = option(1, "seed of all random steps")


@dataclass(frozen=True)
class Explain:
    words: str = option("plain", "how to say it")


def expand(files: list[str], config: Read, say: Any) -> list[Path]:
    paths = [Path(name) for name in files]
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} is not there: name a file that exists")
    return paths


class Known:
    def __init__(self, posts: pa.Table, accounts: pa.Table) -> None:
        self.posts = set(posts["post"].to_pylist())


def read_file(
    path: Path, config: Read, known: Known, progress: Any = None, digest: str = "", name: str = ""
) -> Any:
    if config.timezone == "Nowhere":
        raise InputError(f"{path}: no such zone as Nowhere: name one such as UTC")
    rows = [line.split() for line in path.read_text("utf-8").splitlines()]
    if any(len(row) != 3 for row in rows):
        raise InputError(f"{path}: a line must be ACCOUNT OBJECT SECONDS")
    fresh = [row for row in rows if "-".join(row) not in known.posts]
    known.posts |= {"-".join(row) for row in fresh}
    for start in range(0, len(fresh), 2):
        part = fresh[start : start + 2]
        yield (
            "posts",
            schema.rows(
                "posts",
                post=["-".join(row) for row in part],
                account=[row[0] for row in part],
                text=[row[1] for row in part],
                time=[START + timedelta(seconds=int(row[2])) for row in part],
                file=[name or path.name] * len(part),
            ),
        )
    yield "posts", schema.empty("posts")
    left = len(rows) - len(fresh)
    yield (
        "ledger",
        schema.rows("ledger", file=[name or path.name], count=[left], reason=["repeated"]).slice(left == 0),
    )
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    yield (
        "inputs",
        schema.rows(
            "inputs", file=[name or path.name], sha256=[sha256], records=[len(rows)], posts=[len(fresh)]
        ),
    )


def made(inputs: pa.Table) -> pa.Table:
    return schema.rows(
        "made", stage=["read"], what=["posts"], value=inputs["posts"], says=["lines were read"]
    )


def trace(tables: Any, config: Trace, progress: Any, engine: Any) -> Any:
    posts = tables["posts"].to_arrow().sort_by([("text", "ascending"), ("time", "ascending")])
    events = schema.rows(
        "events",
        trace=["toy"] * len(posts),
        account=posts["account"],
        object=posts["text"],
        time=posts["time"],
    )
    for batch in events.to_batches(max_chunksize=2):
        progress("events", batch.num_rows, None)
        yield "events", pa.table(batch)
    yield "events", schema.empty("events")


def pair(tables: Any, config: Pair, progress: Any, engine: Any) -> Any:
    accounts = sorted(set(tables["events"].to_arrow()["account"].to_pylist()))
    for a, b in itertools.pairwise(accounts):
        yield (
            "pairs",
            schema.rows("pairs", trace=["toy"], a=[a], b=[b], window_s=[config.lag], together=[2]),
        )
    yield "pairs", schema.empty("pairs")


def weigh(tables: Any, config: Weigh, progress: Any, engine: Any) -> Any:
    pairs = tables["pairs"].to_arrow()
    yield (
        "ties",
        schema.rows("ties", trace=pairs["trace"], a=pairs["a"], b=pairs["b"], q=[config.fdr] * len(pairs)),
    )
    yield (
        "made",
        schema.rows("made", stage=["weigh"], what=["ties"], value=[len(pairs)], says=["ties were weighed"]),
    )


def group(tables: Any, config: Grouping, progress: Any, engine: Any) -> Any:
    ties = tables["ties"].to_arrow()
    accounts = sorted({*ties["a"].to_pylist(), *ties["b"].to_pylist()})
    yield "groups", schema.rows("groups", cluster=["G1"] * len(accounts), account=accounts)
    yield (
        "made",
        schema.rows("made", stage=["group"], what=["groups"], value=[1], says=["groups were formed"]),
    )


def explain(tables: Any, config: Explain, progress: Any, engine: Any) -> Any:
    groups = tables["groups"].to_arrow()
    yield "evidence", schema.rows("evidence", cluster=groups["cluster"], account=groups["account"])
    yield "notes", schema.rows("notes", subject=["G1"], says=[config.words])


def assemble(tables: Any, settings: Any, version: str, seed: int, engine: Any) -> Findings:
    inputs = [
        Input(row["file"], row["sha256"], "toy", "UTC", row["records"], row["posts"], 0, {}, [])
        for row in tables["inputs"].rows()
    ]
    counts = {name: len(table) for name, table in tables.items() if len(table)}
    members = [Member(row["account"], row["account"]) for row in tables["groups"].rows()]
    found = Group("G1", members, None, None, None, ["toy"], START, START, ["together"], [], [], [], [], [])
    return Findings(
        Made(version, dict(settings), seed, inputs, counts, {}),
        limits=["a toy shows nothing"],
        groups=[found] if members else [],
        alone=[],
        sets=[],
        leads=[],
        explained=[],
        unresolved=[],
        notes=[],
        timelines=[],
        pseudonyms={},
    )


def toys() -> dict[str, Any]:
    """Fresh toy stages, which a test may change without harm to another."""
    parts = {
        "read": (None, (), ("posts", "ledger", "inputs", "made"), Read),
        "trace": (trace, ("posts",), ("events",), Trace),
        "pair": (pair, ("events",), ("pairs",), Pair),
        "weigh": (weigh, ("pairs",), ("ties", "made"), Weigh),
        "group": (group, ("ties",), ("groups", "made"), Grouping),
        "explain": (explain, ("groups", "posts"), ("evidence", "notes"), Explain),
    }
    stages = {
        name: SimpleNamespace(run=run, READS=reads, WRITES=writes, Config=config, VERSION=1)
        for name, (run, reads, writes, config) in parts.items()
    }
    stages["read"].expand, stages["read"].Known = expand, Known
    stages["read"].read_file, stages["read"].made = read_file, made
    stages["explain"].assemble = assemble
    return stages
