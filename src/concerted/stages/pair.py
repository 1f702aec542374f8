"""pair: which accounts touch the same objects at nearly the same time, at every rung of the ladder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from concerted import registry, schema
from concerted.engines import Engine
from concerted.nulls import coactions, density
from concerted.nulls.log import Coded, encode
from concerted.nulls.own import Own, null_of
from concerted.stages import Chunks, Progress, Tables, silent

READS = ("events", "objects")
WRITES = ("pairs", "made")
VERSION = 4
TWICE = 2


@dataclass(frozen=True)
class Pair:
    """Finds pairs of accounts that touch at least two objects within a window of each other."""


Config = Pair


def account_names(tables: Tables) -> pa.Array:
    """All accounts that have an event, sorted: the codes of all logs are places in it."""
    sql = "select distinct account from this order by account"
    return tables["events"].sql(sql).to_arrow()["account"].combine_chunks()


def traces(tables: Tables) -> tuple[list[str], list[str]]:
    """The traces that have events, by name: those of the ladder, and those with a null of their own."""
    rows = tables["events"].sql("select distinct trace from this order by trace").rows()
    names = [row["trace"] for row in rows]
    return [name for name in names if null_of(name) is None], [name for name in names if null_of(name)]


def log_of(tables: Tables, trace: str, names: pa.Array) -> Coded:
    """The log of one trace, encoded as its null wants it."""
    of_trace = f"from this where trace = '{trace}'"
    events = tables["events"].sql(f"select account, object, time, resolution_s {of_trace}").to_arrow()
    null = null_of(trace)
    if null is not None:
        return null.encode(events, names)
    objects = tables["objects"].sql(f"select object, origin {of_trace}").to_arrow()
    return encode(events, objects, names)


def logs(tables: Tables) -> tuple[pa.Array, dict[str, Coded]]:
    """All account names, sorted, and the log of each trace of the ladder, by name."""
    names = account_names(tables)
    return names, {trace: log_of(tables, trace, names) for trace in traces(tables)[0]}


def own(tables: Tables, names: pa.Array) -> dict[str, tuple[Own, Coded]]:
    """The traces that bring a null of their own: it and their log, by name."""
    found = {}
    for trace in traces(tables)[1]:
        null = null_of(trace)
        assert null is not None
        found[trace] = (null, log_of(tables, trace, names))
    return found


def ladder(trace: str, coded: Coded) -> list[tuple[int, int]]:
    """The rungs (window, horizon) in seconds that are no finer than the finest clock of the trace."""
    if not len(coded.log.step):
        return []
    finest = float(coded.log.step.min())
    return [(w, h) for w, h in registry.find("traces", trace).horizons if w >= finest]


def run(tables: Tables, config: Pair, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Pairs with at least two co-actions on distinct objects, by trace and window."""
    names = account_names(tables)
    of_ladder, alone = traces(tables)
    made: list[dict[str, object]] = []
    yield "pairs", schema.empty("pairs")
    for number, trace in enumerate([*of_ladder, *alone]):
        progress(trace, number, len(of_ladder) + len(alone))
        one = log_of(tables, trace, names)
        null = null_of(trace)
        rungs = [w for w, _ in ladder(trace, one)] if null is None else [null.WINDOW]
        for window in rungs:
            most = density.limit(one.log, window)
            part = density.taking_part(one.log, window, most)
            found = coactions.count(one.log.keep(part), window, len(names), TWICE)
            shown = 0 if null is not None else int(window)
            yield "pairs", _pairs(trace, shown, found, names)
            made.append(_note(trace, shown, len(found.a)))
            if null is None:
                made += _left_out(trace, one, int(window), most, part)
            elif most:
                made.append(_unasked(trace, most, float((~part).mean())))
    progress("pairs", len(of_ladder) + len(alone), len(of_ladder) + len(alone))
    yield (
        "made",
        schema.rows("made", **{c: [row[c] for row in made] for c in schema.TABLES["made"]})
        if made
        else schema.empty("made"),
    )


def _pairs(trace: str, window: int, found: coactions.Counted, names: pa.Array) -> pa.Table:
    return schema.rows(
        "pairs",
        trace=pa.array([trace] * len(found.a), pa.string()),
        a=names.take(pa.array(found.a)),
        b=names.take(pa.array(found.b)),
        window_s=np.full(len(found.a), window),
        together=found.together,
    )


def _note(trace: str, window: int, pairs: int) -> dict[str, object]:
    says = (
        f"{trace}: {pairs:,} pairs of accounts touched two or more objects within {window:,} s of each other"
        if window
        else f"{trace}: {pairs:,} pairs of accounts acted in the very same second twice or more often"
    )
    return {
        "stage": "pair",
        "trace": trace,
        "what": f"pairs {window}",
        "value": pairs,
        "says": says,
        "limit": False,
    }


def _unasked(trace: str, most: int, share: float) -> dict[str, object]:
    says = (
        f"{trace}: seconds in which more than {most:,} others acted suggest no pair, as that would be too "
        f"many ({share:.1%} of the acts); they count for pairs that other seconds suggest"
    )
    base = {"stage": "pair", "trace": trace, "limit": True}
    return {**base, "what": "density 0", "value": float(most), "says": says}


def _left_out(trace: str, coded: Coded, window: int, most: int, part: np.ndarray) -> list[dict[str, object]]:
    coarse = coded.log.step > window
    notes: list[dict[str, object]] = []
    base = {"stage": "pair", "trace": trace, "limit": True}
    if coarse.any():
        share = float(coarse.mean())
        says = (
            f"{trace}: {share:.1%} of the events have a clock coarser than {window:,} s "
            "and take no part there"
        )
        notes.append({**base, "what": f"coarse {window}", "value": share, "says": says})
    if most:
        share = float((~part & ~coarse).mean())
        says = (
            f"{trace}: moments with more than {most:,} other events on one object within {window:,} s are "
            f"too crowded to be compared at that window: {share:.1%} of the events are left out there"
        )
        notes.append({**base, "what": f"density {window}", "value": float(most), "says": says})
    return notes
