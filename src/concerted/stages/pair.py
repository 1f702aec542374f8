"""pair: which accounts touch the same objects at nearly the same time, at every rung of the ladder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from concerted import machine, registry, schema
from concerted.engines import Engine
from concerted.nulls import coactions, density, spread
from concerted.nulls.coding import Coded, codes, encode
from concerted.nulls.log import Log
from concerted.nulls.own import Own, null_of
from concerted.parallel import in_parallel
from concerted.stages import Chunks, Progress, Tables, silent
from concerted.table import Table

READS = ("events", "objects")
WRITES = ("pairs", "made")
VERSION = 4
HELD = 50  # bytes an event that a window holds while its pairs are counted


@dataclass(frozen=True)
class Pair:
    """Finds pairs of accounts that touch at least two objects within a window of each other."""


Config = Pair


@dataclass(frozen=True)
class Rung:
    """How crowded a log is within so many seconds, and the pairs found there."""

    window: int
    crowd: density.Crowd
    found: coactions.Counted


def account_names(tables: Tables) -> pa.Array:
    """All accounts that have an event, sorted: the codes of all logs are places in it."""
    sql = "select distinct account from this order by account"
    return tables["events"].sql(sql).to_arrow()["account"].combine_chunks()


def traces(tables: Tables) -> tuple[list[str], list[str]]:
    """The traces that have events, by name: those of the ladder, and those with a null of their own."""
    rows = tables["events"].sql("select distinct trace from this order by trace").rows()
    names = [row["trace"] for row in rows]
    return [name for name in names if null_of(name) is None], [name for name in names if null_of(name)]


def log_of(tables: Tables, trace: str, names: pa.Array | None = None) -> Coded:
    """The log of one trace, encoded as its null wants it, in codes of these sorted accounts, or of its own
    in no order."""
    of_trace = f"from this where trace = '{trace}'"
    select = f"select account, hash(account) as key, object, time, resolution_s {of_trace}"
    null = null_of(trace)
    if null is not None:
        return null.encode(tables["events"].sql(select).to_arrow(), names)
    objects = tables["objects"].sql(f"select object, origin {of_trace}").to_arrow()
    coded = encode(tables["events"].sql(select).to_arrow(), objects, names)
    machine.give_back()  # the events are larger than the log, and gone
    return coded


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


def ladder(trace: str, log: Log) -> list[tuple[int, int]]:
    """The rungs (window, horizon) in seconds that are no finer than the finest clock of the trace."""
    if not len(log.step):
        return []
    finest = float(log.step.min())
    return [(w, h) for w, h in registry.find("traces", trace).horizons if w >= finest]


def run(tables: Tables, config: Pair, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Pairs with at least two co-actions on distinct objects, by trace and window."""
    of_ladder, alone = traces(tables)
    total = len(of_ladder) + len(alone)
    made: list[dict[str, object]] = []
    yield "pairs", schema.empty("pairs")
    for number, trace in enumerate(of_ladder):
        progress(trace, number, total)
        names, log = _log(tables, trace, engine)
        windows = [window for window, _ in ladder(trace, log)]
        names, rungs = _sorted(names, _rungs(log, len(names), windows))
        for rung in rungs:
            yield "pairs", _pairs(trace, rung.window, rung.found, names)
            made.append(_note(trace, rung.window, len(rung.found.a)))
            made += _left_out(trace, rung.window, rung.crowd)
    for number, trace in enumerate(alone, start=len(of_ladder)):
        progress(trace, number, total)
        null = null_of(trace)
        assert null is not None
        coded = log_of(tables, trace)
        names, (rung,) = _sorted(coded.names, _rungs(coded.log, len(coded.names), [null.WINDOW]))
        yield "pairs", _pairs(trace, 0, rung.found, names)
        made.append(_note(trace, 0, len(rung.found.a)))
        crowd = rung.crowd
        if crowd.limit:
            # clocks too coarse take no part, either
            left = crowd.left_out(crowd.limit) + crowd.coarse / max(1, crowd.total)
            made.append(_unasked(trace, crowd.limit, left))
    progress("pairs", total, total)
    yield (
        "made",
        schema.rows("made", **{c: [row[c] for row in made] for c in schema.TABLES["made"]})
        if made
        else schema.empty("made"),
    )


def _log(tables: Tables, trace: str, engine: Engine | None) -> tuple[pa.Array, Log]:
    """The accounts and the log of a trace of the ladder, from wherever its rows are sorted."""
    if engine is None or not engine.spreads:
        coded = log_of(tables, trace)
        return coded.names, coded.log
    names = account_names(tables)
    numbers = Table("query", pa.table({"account": names, "code": np.arange(len(names))}))
    return names, spread.log(engine, {"events": tables["events"], "names": numbers}, trace)


def _rungs(log: Log, accounts: int, windows: Iterable[float]) -> list[Rung]:
    """The pairs at each of these windows, side by side as far as memory holds them."""

    def rung(window: float) -> Rung:
        own = replace(log)  # how far events reach within this window is gone with it
        crowd = density.crowd(own, window)
        part = density.taking_part(own, window, crowd.limit)
        return Rung(int(window), crowd, coactions.count(own, window, accounts, part))

    return list(in_parallel(rung, windows, HELD * len(log.time)))


def _sorted(names: pa.Array, rungs: list[Rung]) -> tuple[pa.Array, list[Rung]]:
    """The names of the accounts in these pairs, sorted, and the pairs in codes of them.

    Few accounts are in a pair: to sort all takes much longer.
    """
    in_pair = np.zeros(len(names), bool)
    for rung in rungs:
        in_pair[rung.found.a] = in_pair[rung.found.b] = True
    place, found = codes(pa.chunked_array([names.filter(pa.array(in_pair))]))
    code = np.zeros(len(names), np.int64)
    code[in_pair] = place
    return found, [replace(rung, found=rung.found.coded(code)) for rung in rungs]


def _pairs(trace: str, window: int, found: coactions.Counted, names: pa.Array) -> pa.Table:
    return schema.rows(
        "pairs",
        trace=pa.repeat(trace, len(found.a)),
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


def _left_out(trace: str, window: int, crowd: density.Crowd) -> list[dict[str, object]]:
    notes: list[dict[str, object]] = []
    base = {"stage": "pair", "trace": trace, "limit": True}
    if crowd.coarse:
        share = crowd.coarse / crowd.total
        says = (
            f"{trace}: {share:.1%} of the events have a clock coarser than {window:,} s "
            "and take no part there"
        )
        notes.append({**base, "what": f"coarse {window}", "value": share, "says": says})
    if most := crowd.limit:
        share = crowd.left_out(most)
        says = (
            f"{trace}: moments with more than {most:,} other events on one object within {window:,} s are "
            f"too crowded to be compared at that window: {share:.1%} of the events are left out there"
        )
        notes.append({**base, "what": f"density {window}", "value": float(most), "says": says})
    return notes
