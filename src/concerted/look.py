"""What files hold, before anything is made of them: the answer of `concerted inspect`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from concerted.errors import ConcertedError
from concerted.sources.opening import open_file
from concerted.stages.read import Read, expand, find_source, read_file

_INDENT = "  "


@dataclass(frozen=True)
class Inspection:
    """One file. `accounts` counts distinct accounts, acting or listed; `left_out` all records that are not
    used, `reasons` why. `sure` is how sure the source is (0 to 1). `first` and `last` are times of posts,
    UTC. `refused` is the message with which reading would refuse the file; counts are then 0."""

    file: str
    source: str = ""
    sure: float = 0.0
    form: str = ""
    records: int = 0
    posts: int = 0
    accounts: int = 0
    left_out: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    resolution_s: float | None = None
    clock: str = ""
    columns: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    capability: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    sha256: str = ""
    refused: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; times as ISO 8601 in UTC."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("first", "last"):
            values[name] = values[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ") if values[name] else None
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def to_text(self) -> str:
        """As lines for a person."""
        lines = [self.file]
        if self.source:
            lines.append(f"read as {self.source} ({_sure(self.sure)}), {self.form}")
        if self.refused is not None:
            return _indented([*lines, f"REFUSED: {self.refused}"])
        lines.append(
            f"{self.records:,} records: {self.posts:,} posts, {self.accounts:,} accounts, "
            f"{self.left_out:,} left out"
        )
        lines += [f"{_INDENT}left out {count:,}: {reason}" for reason, count in self.reasons.items()]
        if self.first and self.last:
            lines.append(f"posts from {_moment(self.first)} to {_moment(self.last)}")
            lines.append(f"clock: {self.clock}; smallest step {step(self.resolution_s)}")
        lines += _section("columns (ours=theirs)", self.columns)
        lines += _section("columns not used", (", ".join(self.unused),) if self.unused else ())
        lines += _section("traces", self.capability)
        lines += _section("to know", self.notes)
        lines += _section("to ask whoever made the file for", self.ask)
        return _indented(lines)


def inspect(files: Sequence[str | Path], config: Read | None = None) -> list[Inspection]:
    """Reads files without keeping anything and says what they hold, in the order of their names.

    A file that would be refused is shown with the reason. Raises InputError where a name stands for nothing.
    """
    config = config or Read()
    return [_look(path, config) for path in expand([str(file) for file in files])]


def step(seconds: float | None) -> str:
    """A clock step in words."""
    named = {0.001: "1 ms", 1.0: "1 s", 60.0: "1 minute", 3600.0: "1 hour", 86_400.0: "1 day"}
    return "unknown" if seconds is None else named.get(seconds, f"{seconds:g} s")


def _look(path: Path, config: Read) -> Inspection:
    known: dict[str, Any] = {"file": path.name}
    try:
        opened = open_file(path, config.encoding)
        known["form"], known["sha256"] = opened.describe(), opened.sha256
        source, known["sure"] = find_source(opened, config.source)
        known["source"] = source.name
        known |= _read(path, config)
    except ConcertedError as error:
        return Inspection(**{**known, "refused": str(error)})
    used = {entry.partition("=")[2] for entry in known["columns"]}
    known["unused"] = tuple(name for name in opened.columns if name not in used)
    return Inspection(**known)


def _read(path: Path, config: Read) -> dict[str, Any]:
    accounts: set[str] = set()
    reasons: Counter[str] = Counter()
    spans: list[datetime] = []
    told: dict[str, Any] = {}
    for table, chunk in read_file(path, config):
        if table in ("posts", "accounts"):
            accounts.update(pc.unique(chunk["account"]).to_pylist())
        if table == "posts" and chunk.num_rows:
            ends = pc.min_max(chunk["time"]).as_py()
            spans += [ends["min"], ends["max"]]
        if table == "ledger":
            for reason, count in zip(chunk["reason"].to_pylist(), chunk["count"].to_pylist(), strict=True):
                reasons[reason] += count
        if table == "inputs":
            told = chunk.to_pylist()[0]
    notes = tuple(line[6:] for line in told["capability"] if line.startswith("note: "))
    capability = tuple(line for line in told["capability"] if not line.startswith("note: "))
    return {
        "records": told["records"],
        "posts": told["posts"],
        "accounts": len(accounts),
        "left_out": told["left_out"],
        "reasons": dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        "first": min(spans) if spans else None,
        "last": max(spans) if spans else None,
        "resolution_s": told["resolution_s"],
        "clock": told["clock"],
        "columns": tuple(told["columns"]),
        "capability": capability,
        "notes": notes,
        "ask": _ask(told["resolution_s"], capability, notes),
    }


def _ask(resolution_s: float | None, capability: tuple[str, ...], notes: tuple[str, ...]) -> tuple[str, ...]:
    """What a better export would have, most useful first."""
    traces = dict(line.split(": ", 1) for line in capability if ": " in line)
    wishes = []
    if any("rounded" in note or "were cut" in note for note in notes):
        wishes.append("ids as text, untouched by spreadsheets and floats")
    if (resolution_s or 0) >= 60:
        wishes.append(
            f"times with seconds: this clock steps by {step(resolution_s)}, no shorter window can be used"
        )
    reshare = traces.get("reshare", "")
    if "with the id" in reshare or "neither id" in reshare:
        wishes.append("the ids of the posts that are reshared")
    if "no id of the post" in traces.get("reply", ""):
        wishes.append("the ids of the posts that are answered")
    if "no text" in traces.get("text", "") and "no posts" not in " ".join(capability):
        wishes.append("the texts of the posts")
    if "column of links" in traces.get("link", ""):
        wishes.append("the links of the posts, expanded")
    return tuple(wishes)


def _sure(share: float) -> str:
    return "surely" if share >= 0.9 else "by its columns" if share >= 0.4 else "hardly recognised"


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *(f"{_INDENT}{line}" for line in lines)] if lines else []


def _indented(lines: Sequence[str]) -> str:
    return "\n".join([lines[0], *(f"{_INDENT}{line}" for line in lines[1:])])
