"""What files hold, before anything is made of them: the answer of `concerted inspect`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from concerted.errors import ConcertedError
from concerted.sources.naming import Names
from concerted.sources.opening import Opened
from concerted.sources.scripts import Scripts
from concerted.stages import Progress, silent, unheard
from concerted.stages.read import Read, expand, read_file

_INDENT = "  "
_LANGUAGES = 6  # shown
_ASK = "ask for "  # before what a source's note says would be better to have


@dataclass(frozen=True)
class Inspection:
    """One file, or one member of an archive. `accounts` counts distinct accounts, acting or listed;
    `left_out` all records that are not used, `reasons` why. `sure` is how sure the source is (0 to 1).
    `first` and `last` are times of posts, UTC. `languages` are shares of posts as the export names them,
    `scripts` shares of letters in a sample of texts. `examples` holds records left out: line (if known),
    reason and beginning. `refused` is the message with which reading would refuse the file; counts are then
    0."""

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
    languages: dict[str, float] = field(default_factory=dict)
    scripts: dict[str, float] = field(default_factory=dict)
    clock: str = ""
    columns: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    capability: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    sha256: str = ""
    examples: tuple[tuple[int | None, str, str | None], ...] = ()
    refused: str | None = None

    def to_dict(self, left_out: bool = False) -> dict[str, Any]:
        """As plain values for JSON; times as ISO 8601 in UTC. Examples only with `left_out`: they quote."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["examples"] = [
            {"row": row, "reason": reason, "example": example}
            for row, reason, example in (self.examples if left_out else ())
        ]
        for name in ("first", "last"):
            values[name] = values[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ") if values[name] else None
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def to_text(self, left_out: bool = False) -> str:
        """As lines for a person, with examples of what is left out if asked."""
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
        if left_out:
            lines += [
                f"{_INDENT}{self._place(row)}: {why}" + _quoted(text) for row, why, text in self.examples
            ]
        if self.first and self.last:
            lines.append(f"posts from {_moment(self.first)} to {_moment(self.last)}")
            lines.append(f"clock: {self.clock}; smallest step {step(self.resolution_s)}")
        for what, shares in (("languages, as the export says", self.languages), ("scripts", self.scripts)):
            if shares:
                lines.append(f"{what}: {', '.join(f'{name} {_part(part)}' for name, part in shares.items())}")
        lines += _section("columns (ours=theirs)", self.columns)
        lines += _section("columns not used", (", ".join(self.unused),) if self.unused else ())
        lines += _section("traces", self.capability)
        lines += _section("to know", self.notes)
        lines += _section("to ask whoever made the file for", self.ask)
        return _indented(lines)

    def _place(self, row: int | None) -> str:
        return self.file if row is None else f"{self.file}:{row}"


def inspect(
    files: Sequence[str | Path],
    config: Read | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = unheard,
) -> list[Inspection]:
    """Reads files without keeping anything and says what they hold, in the order of their names.

    A file that would be refused is shown with the reason; `say` is told what is no export and not read.
    Raises InputError where a name stands for nothing.
    """
    config = config or Read()
    paths = expand([str(file) for file in files], config, say)
    names = Names()
    return [one for path in paths for one in _look(path, names.give(path), config, progress)]


def step(seconds: float | None) -> str:
    """A clock step in words."""
    named = {0.001: "1 ms", 1.0: "1 s", 60.0: "1 minute", 3600.0: "1 hour", 86_400.0: "1 day"}
    return "unknown" if seconds is None else named.get(seconds, f"{seconds:g} s")


class _Seen:
    """What comes out of one file or member while it is read."""

    def __init__(self, file: str) -> None:
        self.known: dict[str, Any] = {"file": file}
        self._columns: tuple[str, ...] = ()
        self._accounts: set[str] = set()
        self._reasons: Counter[str] = Counter()
        self._examples: list[tuple[int | None, str, str | None]] = []
        self._spans: list[datetime] = []
        self._languages: Counter[str | None] = Counter()
        self._scripts = Scripts()

    def opened(self, opened: Opened, source: str, sure: float) -> None:
        """What it is."""
        # sources of nested records say in words where things come from: then nothing can be told unused
        self._columns = opened.columns if opened.kind != "json" or source == "table" else ()
        self.known |= {"file": opened.file, "form": opened.describe(), "source": source, "sure": sure}
        self.known["sha256"] = opened.hashed or opened.sha256

    def add(self, table: str, chunk: pa.Table) -> None:
        """Rows of a table."""
        if table in ("posts", "accounts"):
            self._accounts.update(pc.unique(chunk["account"]).drop_null().to_pylist())
        if table == "posts" and chunk.num_rows:
            ends = pc.min_max(chunk["time"]).as_py()
            self._spans += [ends["min"], ends["max"]]
            for each in pc.value_counts(chunk["lang"]).to_pylist():
                self._languages[each["values"]] += each["counts"]
            self._scripts.add(chunk["text"])
        if table == "ledger":
            for row in chunk.to_pylist():
                self._reasons[row["reason"]] += row["count"]
                if row["row"] is not None:
                    self._examples.append((row["row"], row["reason"], row["example"]))

    def ended(self, told: dict[str, Any]) -> Inspection:
        """All of it, with the row of table `inputs`."""
        notes = tuple(line[6:] for line in told["capability"] if line.startswith("note: "))
        able = tuple(line for line in told["capability"] if not line.startswith("note: "))
        used = {entry.partition("=")[2] for entry in told["columns"]}
        named = [(name, count) for name, count in self._languages.most_common() if name]
        return Inspection(
            **{**self.known, "file": told["file"], "sha256": told["sha256"]},
            records=told["records"],
            posts=told["posts"],
            accounts=len(self._accounts),
            left_out=told["left_out"],
            reasons=dict(sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))),
            first=min(self._spans, default=None),
            last=max(self._spans, default=None),
            resolution_s=told["resolution_s"],
            languages={name: round(count / told["posts"], 3) for name, count in named[:_LANGUAGES]},
            scripts=self._scripts.shares(),
            clock=told["clock"],
            columns=tuple(told["columns"]),
            unused=tuple(name for name in self._columns if not _part_of(name, used)),
            capability=able,
            notes=notes,
            ask=_ask(told["resolution_s"], able, notes),
            examples=tuple(self._examples),
        )


def _look(path: Path, name: str, config: Read, progress: Progress) -> list[Inspection]:
    """One file; of an archive its members."""
    done: list[Inspection] = []
    seen = _Seen(name)

    def opened(file: Opened, source: str, sure: float) -> None:
        seen.opened(file, source, sure)

    try:
        for table, chunk in read_file(path, config, progress=progress, seen=opened, name=name):
            seen.add(table, chunk)
            if table == "inputs":
                done.append(seen.ended(chunk.to_pylist()[0]))
                seen = _Seen(name)
    except ConcertedError as error:
        done.append(Inspection(**{**seen.known, "refused": str(error)}))
    return done


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
    if "id of the post" in traces.get("reply", ""):
        wishes.append("the ids of the posts that are answered")
    if traces.get("text", "").startswith("no (no text"):
        wishes.append("the texts of the posts")
    if "column of links" in traces.get("link", ""):
        wishes.append("the links of the posts, expanded")
    wishes += [note.partition(_ASK)[2] for note in notes if _ASK in note and not note.startswith("not read")]
    return tuple(dict.fromkeys(wishes))


def _part_of(name: str, used: Collection[str]) -> bool:
    """Whether a column is read: itself, or in one made of it, as `post in article_url` is."""
    return name in used or any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", made) for made in used)


def _sure(share: float) -> str:
    return "surely" if share >= 0.9 else "by its columns" if share >= 0.4 else "hardly recognised"


def _part(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def _quoted(text: str | None) -> str:
    return f": {text}" if text else ""


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *(f"{_INDENT}{line}" for line in lines)] if lines else []


def _indented(lines: Sequence[str]) -> str:
    return "\n".join([lines[0], *(f"{_INDENT}{line}" for line in lines[1:])])
