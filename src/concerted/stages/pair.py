"""pair: which accounts touch the same objects at nearly the same time, at every rung of the ladder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import registry, schema
from concerted.engines import Engine
from concerted.nulls import density
from concerted.nulls.log import Coded, encode
from concerted.nulls.own import Own, null_of
from concerted.stages import Chunks, Progress, Tables, silent

READS = ("events", "objects")
WRITES = ("pairs", "made")
VERSION = 3
TWICE = 2


@dataclass(frozen=True)
class Pair:
    """Finds pairs of accounts that touch at least two objects within a window of each other."""


Config = Pair


def logs(tables: Tables) -> tuple[pa.Array, dict[str, Coded]]:
    """All account names, sorted, and the log of each trace of the ladder, by name."""
    events, objects = tables["events"].to_arrow(), tables["objects"].to_arrow()
    names = pc.unique(events["account"].combine_chunks())
    names = names.take(pc.array_sort_indices(names))
    traces = sorted(name for name in pc.unique(events["trace"]).to_pylist() if null_of(name) is None)
    return names, {
        trace: encode(
            events.filter(pc.equal(events["trace"], trace)),
            objects.filter(pc.equal(objects["trace"], trace)),
            names,
        )
        for trace in traces
    }


def own(tables: Tables, names: pa.Array) -> dict[str, tuple[Own, Coded]]:
    """The traces that bring a null of their own: it and their log, by name."""
    found = {}
    for trace in sorted(
        row["trace"] for row in tables["events"].sql("select distinct trace from this").rows()
    ):
        null = null_of(trace)
        if null is not None:
            rows = tables["events"].sql(f"select * from this where trace = '{trace}'").to_arrow()
            found[trace] = (null, null.encode(rows, names))
    return found


def ladder(trace: str, coded: Coded) -> list[tuple[int, int]]:
    """The rungs (window, horizon) in seconds that are no finer than the finest clock of the trace."""
    if not len(coded.log.step):
        return []
    finest = float(coded.log.step.min())
    return [(w, h) for w, h in registry.find("traces", trace).horizons if w >= finest]


def run(tables: Tables, config: Pair, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Pairs with at least two co-actions on distinct objects, by trace and window."""
    names, coded = logs(tables)
    alone = own(tables, names)
    made: list[dict[str, object]] = []
    yield "pairs", schema.empty("pairs")
    for number, (trace, one) in enumerate(coded.items()):
        progress(trace, number, len(coded) + len(alone))
        for window, _ in ladder(trace, one):
            most = density.limit(one.log, window)
            part = density.taking_part(one.log, window, most)
            found = density.count(one.log.keep(part), window, len(names), TWICE)
            yield "pairs", _pairs(trace, window, found, names)
            made.append(_note(trace, window, len(found.a)))
            made += _left_out(trace, one, window, most, part)
    for number, (trace, (null, one)) in enumerate(alone.items(), start=len(coded)):
        progress(trace, number, len(coded) + len(alone))
        most = density.limit(one.log, null.WINDOW)
        part = density.taking_part(one.log, null.WINDOW, most)
        found = density.count(one.log.keep(part), null.WINDOW, len(names), TWICE)
        yield "pairs", _pairs(trace, 0, found, names)
        made.append(_note(trace, 0, len(found.a)))
        if most:
            made.append(_unasked(trace, most, float((~part).mean())))
    progress("pairs", len(coded) + len(alone), len(coded) + len(alone))
    yield (
        "made",
        schema.rows("made", **{c: [row[c] for row in made] for c in schema.TABLES["made"]})
        if made
        else schema.empty("made"),
    )


def _pairs(trace: str, window: int, found: density.Counted, names: pa.Array) -> pa.Table:
    return schema.rows(
        "pairs",
        trace=pa.array([trace] * len(found.a), pa.string()),
        a=names.take(pa.array(found.a)),
        b=names.take(pa.array(found.b)),
        window_s=np.full(len(found.a), window),
        together=found.together,
        first=pa.array(found.first).cast(schema.TIME),
        last=pa.array(found.last).cast(schema.TIME),
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
