"""What all traces have in common: from touches to events and objects, and an account of what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.engines import Engine
from concerted.overflow import Overflow
from concerted.table import Table
from concerted.traces import firsts
from concerted.traces.missing import missing, missing_in

LONGEST_LABEL = 280
TOUCHES = pa.schema(
    [
        ("account", pa.string()),
        ("time", schema.TIME),
        ("resolution_s", pa.float64()),
        ("post", pa.string()),
        ("file", pa.string()),
        ("object", pa.string()),
        ("label", pa.string()),
        ("origin", schema.TIME),
        ("origin_account", pa.string()),
    ]
)
USED = "posts with an object"
POINTED = "pointed"
# rows of `made` that the stage counts anew from what a trace gives back
COUNTED = ("events", "objects", "accounts", "share of posts", "merges")

_BEHIND_RT = "upper(substr(left_trimmed(text), 1, 4)) in ('RT @', 'MT @')"

# what counts as a reshare in every trace, as SQL over posts; old posts reshare by copying behind "RT @name"
RESHARED = f"coalesce(kind = 'reshare' or {_BEHIND_RT}, false)"

# files that mark reshares, name neither the post nor its author in any and copy the bare words: whoever posts
# them there, marked or not, touches the same object, since a copy cannot be told from a reshare
UNNAMED = f"""file in (
    select file from posts where kind = 'reshare' group by file
    having count(parent) = 0 and count(parent_account) = 0 and count(text) > 0
        and 2 * sum(case when {_BEHIND_RT} then 1 else 0 end) < count(*)
)"""


class Form(NamedTuple):
    """What one exported value stands for: an object, or none for a reason ("" where it is just missing)."""

    object: str | None
    reason: str = ""


class Traced(NamedTuple):
    """What a trace gives back. `uses` is what the touches of later posts can be added to, None where they
    cannot."""

    events: pa.Table
    objects: pa.Table
    ledger: pa.Table
    made: pa.Table
    uses: pa.Table | None = None


class Work:
    """One run of one trace over some posts: gathers touches and counts what is left out.

    A touch is a row of (account, time, resolution_s, post, file, object, label); `origin` and
    `origin_account` may be added. Beside the posts may lie what the same trace made of earlier ones, and then
    all that is made is what it would be of both: `events`, `uses`, `ledger` and `made` of a case, and
    `pointed`, those of the earlier posts that posts point at.
    """

    def __init__(self, trace: str, posts: Table, engine: Engine) -> None:
        self.trace, self._posts, self._engine = trace, posts, engine
        self._left: dict[tuple[str | None, str], tuple[int, str | None]] = {}
        self._made: list[dict[str, Any]] = []
        self._touches = Overflow(TOUCHES)
        self._carried: dict[str, list[dict[str, Any]]] = {}
        # posts that were just read have tables beside them, too, but none of a trace
        self._earlier = posts.beside if POINTED in posts.beside else {}
        for name in self._earlier:
            self._carry(name, self._earlier[name])

    def _carry(self, name: str, table: Table) -> None:
        if name == "ledger":
            for row in table.sql(f"select * from this where reason like '{self.trace}: %'").rows():
                self.leave(
                    row["reason"].removeprefix(f"{self.trace}: "), row["file"], row["count"], row["example"]
                )
        if name == "made":
            for row in table.sql(f"select * from this where trace = '{self.trace}'").rows():
                if row["what"] in COUNTED:
                    continue
                self._carried.setdefault(row["what"], []).append(row)

    def earlier(self, name: str) -> Table:
        """A table of what was made of earlier posts, empty where there are none."""
        return self._earlier.get(name, Table(name, schema.empty("posts" if name == POINTED else name)))

    def query(self, sql: str, **tables: pa.Table | Table) -> pa.Table:
        """SQL over `posts` and the tables given."""
        return self._engine.query(sql, self._bound(tables))

    def batches(self, sql: str, **tables: pa.Table | Table) -> Iterator[pa.Table]:
        """The same in parts, at least one."""
        empty = True
        for batch in self._engine.batches(sql, self._bound(tables)):
            empty = False
            yield pa.Table.from_batches([batch])
        if empty:
            yield self.query(sql, **tables)

    def _bound(self, tables: Mapping[str, pa.Table | Table]) -> dict[str, Table]:
        bound = {
            name: data if isinstance(data, Table) else Table("query", data) for name, data in tables.items()
        }
        return {"posts": self._posts, **bound}

    def left_out(self, reason: str, files: pa.ChunkedArray, examples: pa.ChunkedArray | None = None) -> None:
        """Count rows that make no event: one entry of `files` each, and optionally what they look like."""
        shown = examples if examples is not None else pa.nulls(len(files), pa.string())
        table = pa.table({"file": files, "example": shown})
        counted = table.group_by("file").aggregate([([], "count_all"), ("example", "min")])
        for row in counted.to_pylist():
            self.leave(reason, row["file"], row["count_all"], row["example_min"])

    def left_out_where(self, reason: str, where: str) -> None:
        """Count posts for which a SQL condition holds and which make no event."""
        counted = self.query(f"select file, count(*) as n from posts where {where} group by file")
        for row in counted.to_pylist():
            self.leave(reason, row["file"], row["n"])

    def leave(self, reason: str, file: str | None, count: int, example: str | None = None) -> None:
        """Count posts or values of a file that make no event."""
        before, first = self._left.get((file, reason), (0, None))
        known = [text for text in (first, example and example[:LONGEST_LABEL]) if text is not None]
        self._left[file, reason] = (before + count, min(known) if known else None)

    def say(
        self, what: str, value: float, says: str | Callable[[int], str | None] | None, limit: bool = False
    ) -> None:
        """Add a made row; `limit` marks what people must be told.

        Where `says` is a function, it is asked for the sentence of the sum over earlier posts, too; else the
        row stands for them as well.
        """
        carried = self._carried.pop(what, [])
        if callable(says):
            value += sum(row["value"] for row in carried)
            says = says(int(value))
        self._made.append({"what": what, "value": float(value), "says": says, "limit": limit})

    def per_value(self, values: pa.ChunkedArray, form: Callable[[str], Form]) -> tuple[pa.Array, pa.Array]:
        """The object and the reason of each value; `form` is asked once per distinct value."""
        coded = values.combine_chunks().dictionary_encode()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.combine_chunks()
        forms = [Form(None) if missing(value) else form(value) for value in coded.dictionary.to_pylist()]
        objects = pa.array([one.object for one in forms], pa.string())
        reasons = pa.array([one.reason or None for one in forms], pa.string())
        return objects.take(coded.indices), reasons.take(coded.indices)

    def keep(self, rows: pa.Table, reasons: pa.Array, example: str = "label") -> pa.Table:
        """The rows that have an object; the others are counted where they have a reason."""
        for reason in sorted(set(pc.unique(reasons).to_pylist()) - {None}):
            gone = rows.filter(pc.equal(reasons, reason))
            self.left_out(reason, gone["file"], gone[example])
        return rows.filter(pc.is_valid(rows["object"]))

    def named(self, rows: pa.Table) -> pa.Table:
        """The rows whose account is known: all deleted accounts together are not one account."""
        gone = missing_in(rows["account"], accounts=True)
        if not len(gone) and not rows["account"].null_count:
            return rows
        unknown = pc.or_(pc.is_null(rows["account"]), pc.is_in(rows["account"], value_set=gone))
        self.left_out("posts without a known account", rows.filter(unknown)["file"])
        return rows.filter(pc.invert(unknown))

    def touch(self, rows: pa.Table, daily: bool = False) -> None:
        """Take up touches, of which there may be more than memory holds; the rest as in `finish`."""
        rows = self.named(rows.filter(pc.is_valid(rows["time"])) if rows["time"].null_count else rows)
        for name in ("origin", "origin_account"):
            if name not in rows.column_names:
                rows = rows.append_column(name, pa.nulls(len(rows), TOUCHES.field(name).type))
        if daily:
            day = rows["time"].cast(pa.timestamp("us")).cast(pa.date32()).cast(pa.string())
            rows = _replaced(rows, "object", pc.binary_join_element_wise(rows["object"], day, " "))
            said = pc.binary_join_element_wise(rows["label"], " on ", day, " UTC", "")
            rows = _replaced(rows, "label", said)
        self._touches.add(rows)

    def finish(self, touches: Iterable[pa.Table] = (), daily: bool = False) -> Traced:
        """Events and objects from these touches and those taken up before. With `daily`, an object is
        (value, UTC day)."""
        for rows in touches:
            self.touch(rows, daily)
        if daily:
            self.say("objects by day", 1, f"{self.trace}: each object is counted anew on each UTC day")
        with closing(self._touches):
            return self._traced(self._touches.table())

    def _traced(self, data: Table) -> Traced:
        bound = {"trace": self.trace, "longest": LONGEST_LABEL}
        uses = self.query(firsts.USES.format(**bound), touches=data, earlier=self.earlier("uses"))
        events = self.query(firsts.EVENTS.format(**bound), touches=data, earlier=self.earlier("events"))
        objects = self.query(firsts.OBJECTS, uses=uses, events=events)
        objects = objects.append_column("told", _no_later(objects))
        used = self.query(firsts.USED, touches=data)
        self.say(USED, used.to_pylist()[0]["n"], lambda total: None)
        return Traced(
            self._table("events", {name: events[name] for name in events.column_names}, len(events)),
            self._table(
                "objects",
                {name: objects[name] for name in ("object", "origin_account", "crowd")}
                | {
                    "origin": objects["told"],
                    "label": pc.utf8_slice_codeunits(objects["label"], 0, LONGEST_LABEL),
                },
                len(objects),
            ),
            self._ledger(),
            self._made_table(),
            self._table("uses", {name: uses[name] for name in uses.column_names}, len(uses)),
        )

    def also(self, traced: Traced, what: str, value: float, says: str | Callable[[int], str]) -> Traced:
        """The same with one more made row that people must be told, known only from the result."""
        self.say(what, value, says, limit=True)
        return traced._replace(made=self._made_table())

    def _made_table(self) -> pa.Table:
        rows = [*self._made, *(row for carried in self._carried.values() for row in carried)]
        rows.sort(key=lambda row: (row["what"], row["says"] or ""))
        return schema.rows(
            "made",
            stage=["trace"] * len(rows),
            trace=[self.trace] * len(rows),
            **{key: [row[key] for row in rows] for key in ("what", "value", "says", "limit")},
        )

    def _table(self, name: str, columns: dict[str, Any], length: int) -> pa.Table:
        return schema.rows(name, trace=pa.repeat(self.trace, length), **columns)

    def _ledger(self) -> pa.Table:
        left = sorted(self._left.items(), key=lambda one: (one[0][0] or "", one[0][1]))
        return schema.rows(
            "ledger",
            file=[file for (file, _), _ in left],
            count=[count for _, (count, _) in left],
            reason=[f"{self.trace}: {reason}" for (_, reason), _ in left],
            example=[example for _, (_, example) in left],
        )


def unfold(rows: pa.Table, column: str) -> pa.Table:
    """One row per element of a list column, which becomes `label`; the other columns repeat."""
    lists = rows[column].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], lists.type)
    others, parent = rows.drop_columns([column]), pc.list_parent_indices(lists)
    if not np.array_equal(parent, np.arange(len(rows))):
        others = others.take(parent)
    return others.append_column("label", pc.list_flatten(lists))


def _no_later(objects: pa.Table) -> pa.ChunkedArray:
    """Origins, at most as late as the first touch; one that is later by more than a clock step is wrong."""
    origin, first = objects["origin"].cast(pa.int64()), objects["first"].cast(pa.int64())
    step = pc.multiply(pc.fill_null(objects["step"], 0.0), 1e6)
    no_later = pc.min_element_wise(origin, first, skip_nulls=False)
    sound = pc.less_equal(pc.subtract(origin, first), step)
    return pc.if_else(sound, no_later, pa.scalar(None, pa.int64())).cast(schema.TIME)


def _replaced(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
