"""trace: who touched which object when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from concerted import registry, schema, settings, words
from concerted.engines import Engine, open_engine
from concerted.errors import SettingError, UnknownName
from concerted.settings import option
from concerted.stages import Chunks, Progress, Tables, silent
from concerted.table import Table
from concerted.traces.added import MERGES, Added, merges
from concerted.traces.work import USED

READS = ("posts",)
WRITES = ("events", "objects", "uses", "ledger", "made")
GROWS = "posts"
VERSION = 9

DAY_S = 86400
TOO_COARSE = f"coalesce(resolution_s, 0) >= {DAY_S}"
NOBODY = "account is null"
USABLE = f"not {TOO_COARSE} and not {NOBODY}"


@dataclass(frozen=True)
class Trace:
    """Which traces to follow, and how."""

    traces: tuple[str, ...] = option((), "traces to follow; none named: every trace the posts allow")
    options: dict[str, dict[str, Any]] = field(
        default_factory=dict, metadata={"says": "options of single traces, such as text.min_words"}
    )
    clocks: dict[str, float] = field(
        default_factory=dict,
        metadata={
            "says": "seconds by which the clock of a platform is ahead, as facebook=3600: taken off its "
            "times before acts are compared"
        },
    )


Config = Trace


def run(tables: Tables, config: Trace, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """First touches of objects by accounts, trace by trace in the order of their names.

    Raises UnknownName for a trace that does not exist and SettingError for an option it does not have.
    """
    chosen = _chosen(config)
    engine = engine or open_engine()
    posts = tables["posts"]
    total = len(posts)
    made: list[dict[str, Any]] = []
    ledger = [_too_coarse(posts, engine, made), _nobodys(posts, engine, made)]
    if any(len(part) for part in ledger):
        posts = Table("posts", engine.query(f"select * from posts where {USABLE}", {"posts": posts}))
    if config.clocks:
        posts = _set_back(posts, engine, config.clocks, made)
    filled = _filled(
        posts, engine, {one for trace in chosen.values() for need in trace.needs for one in need.split("|")}
    )
    added = _added(tables, engine) if not config.clocks else None
    for number, (name, trace) in enumerate(chosen.items()):
        progress(name, number, len(chosen))
        lacking = [need for need in trace.needs if not any(filled[one] for one in need.split("|"))]
        if lacking:
            what = " and no ".join(need.replace("|", " or ") for need in lacking)
            made.append(
                _row(name, "possible", 0, f"{name} is not possible: no post has {what}", bool(config.traces))
            )
            continue
        traced = added.traced(trace) if added is not None else None
        events, objects, left, *more = traced or trace.events(posts, engine)
        told, uses = more[:1], more[1] if len(more) > 1 else None
        sql = "select count(distinct account) as n from events"
        accounts = engine.query(sql, {"events": Table("events", events)})["n"][0].as_py()
        made += _counted(name, events, objects, accounts, left, told, total)
        ledger.append(left)
        yield "events", schema.check("events", events)
        yield "objects", schema.check("objects", objects)
        if uses is not None and merges(trace):
            yield "uses", schema.check("uses", uses)
            made.append(_row(name, MERGES, 1, None))
    progress("events", len(chosen), len(chosen))
    yield "events", schema.empty("events")
    yield "objects", schema.empty("objects")
    yield "uses", schema.empty("uses")
    yield "ledger", pa.concat_tables([schema.check("ledger", part) for part in ledger])
    yield "made", schema.rows("made", **{key: [row[key] for row in made] for key in _row("", "", 0, "")})


def _added(tables: Tables, engine: Engine) -> Added | None:
    if f"new {GROWS}" not in tables:
        return None
    earlier = {name: tables[f"earlier {name}"] for name in WRITES}
    return Added(tables[GROWS], tables[f"new {GROWS}"], earlier, USABLE, engine)


def _chosen(config: Trace) -> dict[str, Any]:
    """Traces by name with their options, in the order of events: sorted by name."""
    names = config.traces or tuple(registry.names("traces"))
    unknown = [name for name in config.options if name not in registry.names("traces")]
    if unknown:
        registry.find("traces", unknown[0])
    for name, options in config.options.items():
        if not isinstance(options, dict):
            raise SettingError(
                f"options of {name} must be a table such as {{min_words = 6}}, not {options!r}"
            )
    return {
        name: settings.build(registry.find("traces", name), config.options.get(name, {}))
        for name in sorted(set(names))
    }


def _too_coarse(posts: Table, engine: Engine, made: list[dict[str, Any]]) -> pa.Table:
    found = engine.query(
        f"select file, count(*) as n from posts where {TOO_COARSE} group by file order by file",
        {"posts": posts},
    )
    reason = "every trace: the clock steps in days or worse: traces ask when within a day"
    for row in found.to_pylist():
        says = (
            f"{row['file']}: times of {row['n']:,} posts are known to the day only, so no trace can use them"
        )
        made.append(_row(None, "posts without time of day", row["n"], says, True))
    return schema.rows("ledger", file=found["file"], count=found["n"], reason=[reason] * len(found))


def _nobodys(posts: Table, engine: Engine, made: list[dict[str, Any]]) -> pa.Table:
    found = engine.query(
        f"select file, count(*) as n from posts where {NOBODY} and not {TOO_COARSE} "
        "group by file order by file",
        {"posts": posts},
    )
    for row in found.to_pylist():
        says = (
            f"{row['file']}: {row['n']:,} posts name no author, so no trace can tell who acted: ask for "
            "data that names authors"
        )
        made.append(_row(None, "posts without an author", row["n"], says, True))
    reason = "the export names no author: traces ask who acted"
    return schema.rows("ledger", file=found["file"], count=found["n"], reason=[reason] * len(found))


def _set_back(posts: Table, engine: Engine, clocks: Mapping[str, float], made: list[dict[str, Any]]) -> Table:
    """The posts with the seconds taken off; times of origin and deletion are by the same clock."""
    rows = engine.query(
        "select coalesce(platform, 'web') as name, count(*) as n from posts group by 1", {"posts": posts}
    )
    counts = {row["name"]: row["n"] for row in rows.to_pylist()}
    for name, seconds in clocks.items():
        if name not in counts:
            raise SettingError(str(UnknownName("platform in clocks", name, counts)))
        says = (
            f"{seconds:g} s were taken off the times of {words.count(counts[name], 'post')} on {name} before "
            "acts were compared; times shown are those"
        )
        made.append(_row(None, f"clock {name}", seconds, says, True))
    off = " ".join(
        f"when {_quoted(name)} then {round(seconds * 1e6)}" for name, seconds in sorted(clocks.items())
    )
    by = f"to_microseconds(cast(case coalesce(platform, 'web') {off} else 0 end as bigint))"
    columns = ", ".join(
        f"{name} - {by} as {name}" if name in ("time", "parent_time", "deleted") else name
        for name in schema.TABLES["posts"]
    )
    return Table("posts", engine.query(f"select {columns} from posts", {"posts": posts}))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _filled(posts: Table, engine: Engine, columns: Iterable[str]) -> dict[str, bool]:
    """Which columns any post has."""
    parts = [f"(select 1 from posts where {name} is not null limit 1) as {name}" for name in sorted(columns)]
    if not parts:
        return {}
    found = engine.query(f"select {', '.join(parts)}", {"posts": posts}).to_pylist()[0]
    return {name: value is not None for name, value in found.items()}


def _row(trace: str | None, what: str, value: float, says: str | None, limit: bool = False) -> dict[str, Any]:
    return {
        "stage": "trace",
        "trace": trace,
        "what": what,
        "value": float(value),
        "says": says,
        "limit": limit,
    }


def _counted(
    name: str,
    events: pa.Table,
    objects: pa.Table,
    accounts: int,
    left: pa.Table,
    more: Iterable[pa.Table],
    total: int,
) -> list[dict[str, Any]]:
    told = [row for part in more for row in part.to_pylist()]
    used = next((row["value"] for row in told if row["what"] == USED), None)
    says = f"{words.count(accounts, 'account')} {words.did(name)} {words.objects(name, len(objects))}: "
    rows = [
        _row(name, "events", len(events), says + words.count(len(events), "event")),
        _row(name, "objects", len(objects), None),
        _row(name, "accounts", accounts, None),
    ]
    if used is not None and total:
        rows.append(_row(name, "share of posts", used / total, _share(name, int(used), total, left)))
    return rows + [_row(name, row["what"], row["value"], row["says"], row["limit"]) for row in told]


def _share(name: str, used: int, total: int, left: pa.Table) -> str:
    reasons: dict[str, int] = {}
    for row in left.to_pylist():
        reason = row["reason"].removeprefix(f"{name}: ")
        reasons[reason] = reasons.get(reason, 0) + row["count"]
    says = f"{name} uses {used:,} of {words.count(total, 'post')} ({used / total:.0%})"
    listed = [
        f"{reason} ({count:,})"
        for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    ]
    return f"{says}; left out: {'; '.join(listed)}" if listed else says
