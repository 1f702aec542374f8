"""pair: which accounts touch the same objects at nearly the same time, at every rung of the ladder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import registry, schema
from concerted.nulls import density
from concerted.nulls.log import Coded, encode
from concerted.stages import Chunks, Progress, Tables, silent

READS = ("events", "objects")
WRITES = ("pairs", "made")
VERSION = 2
TWICE = 2


@dataclass(frozen=True)
class Pair:
    """Finds pairs of accounts that touch at least two objects within a window of each other."""


Config = Pair


def logs(tables: Tables) -> tuple[pa.Array, dict[str, Coded]]:
    """All account names, sorted, and the log of each trace, by name."""
    events, objects = tables["events"].to_arrow(), tables["objects"].to_arrow()
    names = pc.unique(events["account"].combine_chunks())
    names = names.take(pc.array_sort_indices(names))
    traces = sorted(pc.unique(events["trace"]).to_pylist())
    return names, {
        trace: encode(
            events.filter(pc.equal(events["trace"], trace)),
            objects.filter(pc.equal(objects["trace"], trace)),
            names,
        )
        for trace in traces
    }


def ladder(trace: str, coded: Coded) -> list[tuple[int, int]]:
    """The rungs (window, horizon) in seconds that are no finer than the finest clock of the trace."""
    if not len(coded.log.step):
        return []
    finest = float(coded.log.step.min())
    return [(w, h) for w, h in registry.find("traces", trace).horizons if w >= finest]


def run(tables: Tables, config: Pair, progress: Progress = silent) -> Chunks:
    """Pairs with at least two co-actions on distinct objects, by trace and window."""
    names, coded = logs(tables)
    made: list[dict[str, object]] = []
    yield "pairs", schema.empty("pairs")
    for number, (trace, one) in enumerate(coded.items()):
        progress(trace, number, len(coded))
        for window, _ in ladder(trace, one):
            most = density.limit(one.log, window)
            part = density.taking_part(one.log, window, most)
            found = density.count(one.log.keep(part), window, len(names), TWICE)
            yield (
                "pairs",
                schema.rows(
                    "pairs",
                    trace=pa.array([trace] * len(found.a), pa.string()),
                    a=names.take(pa.array(found.a)),
                    b=names.take(pa.array(found.b)),
                    window_s=np.full(len(found.a), window),
                    together=found.together,
                    first=pa.array(found.first).cast(schema.TIME),
                    last=pa.array(found.last).cast(schema.TIME),
                ),
            )
            made.append(_note(trace, window, len(found.a)))
            made += _left_out(trace, one, window, most, part)
    progress("pairs", len(coded), len(coded))
    yield (
        "made",
        schema.rows("made", **{c: [row[c] for row in made] for c in schema.TABLES["made"]})
        if made
        else schema.empty("made"),
    )


def _note(trace: str, window: int, pairs: int) -> dict[str, object]:
    says = (
        f"{trace}: {pairs:,} pairs of accounts touched two or more objects within {window:,} s of each other"
    )
    return {
        "stage": "pair",
        "trace": trace,
        "what": f"pairs {window}",
        "value": pairs,
        "says": says,
        "limit": False,
    }


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
