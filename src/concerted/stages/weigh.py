"""weigh: is a pair's timing more than chance explains? One test of each account over all its partners."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted import schema
from concerted.engines import Engine
from concerted.nulls import anchored, behind, power, samesecond
from concerted.nulls.cells import cells, halves
from concerted.nulls.coding import Coded
from concerted.nulls.log import Flags, Ints
from concerted.nulls.multiplicity import benjamini_hochberg, digits
from concerted.nulls.rows import AUTOMATED, CAUSES, FEW_DAYS
from concerted.nulls.standing import Standing, Tested, answers, standings
from concerted.settings import option
from concerted.stages import Chunks, Progress, Tables, silent
from concerted.stages.pair import ladder, logs, own

READS = ("events", "objects", "pairs", "accounts")
WRITES = ("ties", "touches", "standings", "made")
VERSION = 3
KEPT = 1e-2  # ties whose p is at most this, in any half, are written
AUTOMATED_LABELS = ("automated", "bot", "automatedlabel", "true")


@dataclass(frozen=True)
class Weigh:
    """Tests pairs and accounts on timing, given what they share."""

    fdr: Annotated[float, Meta(gt=0, lt=1)] = option(
        0.05, "false discovery rate at which accounts are found, 0 to 1"
    )
    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of every random step")


Config = Weigh


def run(tables: Tables, config: Weigh, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Ties, standings and counts, all rungs, tiers and traces paid for (docs/methods.md)."""
    names, coded = logs(tables)
    alone = own(tables, names)
    accounts = len(names)
    every = {**coded, **{trace: one for trace, (_, one) in alone.items()}}
    times = [one.log.time for one in every.values()]
    half = halves(np.concatenate(times), config.seed) if times else None
    automated = _automated(tables, names)
    tested: list[Tested] = []
    budget = np.zeros(accounts, np.int64)
    pairs_in_family = 0
    for number, (trace, one) in enumerate(coded.items()):
        progress(trace, number, len(every))
        rungs, (a, b) = ladder(trace, one.log), _suggested(tables, names, trace)
        mine = [
            Tested(trace, a, b, cell) for cell in cells(one.log, a, b, rungs, accounts, config.seed, half)
        ]
        tested += mine
        if mine:
            widest = max((t.cell for t in mine if t.cell.window), key=lambda cell: cell.window)
            budget += np.where(widest.partners.each > 0, len(mine), 0)
            pairs_in_family += widest.partners.pairs
    for number, (trace, (null, one)) in enumerate(alone.items(), start=len(coded)):
        progress(trace, number, len(every))
        a, b = _suggested(tables, names, trace)
        cell = null.cell(one.log, a, b, accounts, half)
        tested.append(Tested(trace, a, b, cell))
        budget += cell.partners.each > 0
        pairs_in_family += cell.partners.pairs
    progress("accounts", len(every), len(every))
    if automated.any():
        for one_test in tested:
            label = automated[one_test.a] | automated[one_test.b]
            result = one_test.cell.tested
            result.p[label] = result.p_odd[label] = result.p_even[label] = 1.0
            result.because[label] = AUTOMATED

    standing = standings(tested, budget, accounts, config.fdr)
    ties = _ties(tested, names, budget, pairs_in_family, standing, config.fdr)
    yield "ties", ties
    for part in behind.touches(tested, names, every, ties):
        yield "touches", part
    yield "standings", _standings_table(standing, names, tested, budget, config.fdr)
    yield "made", _made(tested, coded, alone.keys(), standing, budget, config)


def _suggested(tables: Tables, names: pa.Array, trace: str) -> tuple[Ints, Ints]:
    """Pairs to be tested as codes, each account's smaller than its partner's."""
    pairs = (
        tables["pairs"]
        .sql(f"select distinct a, b from this where trace = '{trace}' order by a, b")
        .to_arrow()
    )
    a, b = (np.asarray(pc.index_in(pairs[c].combine_chunks(), names), dtype=np.int64) for c in ("a", "b"))
    return a, b


def _automated(tables: Tables, names: pa.Array) -> Flags:
    """Accounts the platform itself labels automated; a bio is no such label, anybody can write one."""
    flags = np.zeros(len(names), bool)
    if "accounts" not in tables or not len(tables["accounts"]):
        return flags
    label = ", ".join(f"'{word}'" for word in AUTOMATED_LABELS)
    sql = f"select distinct account from this where lower(platform_label) in ({label})"
    labelled = tables["accounts"].sql(sql).to_arrow()["account"].combine_chunks()
    flags[np.asarray(pc.is_in(names, labelled))] = True
    return flags


def _standings_table(
    standing: Standing, names: pa.Array, tested: list[Tested], budget: Ints, fdr: float
) -> pa.Table:
    rows = np.flatnonzero(standing.paid)
    cell = standing.cell[rows]
    kind = answers(standing, fdr)
    return schema.rows(
        "standings",
        account=names.take(pa.array(rows)),
        p=standing.p[rows],
        p_before=standing.p_before[rows],
        q=standing.q[rows],
        answer=[kind[row] for row in rows],
        because=[CAUSES[standing.because[row]] or None for row in rows],
        trace=[tested[c].trace if c >= 0 else None for c in cell],
        window_s=[tested[c].cell.window if c >= 0 else None for c in cell],
        tier=[tested[c].cell.tier if c >= 0 else None for c in cell],
        k=budget[rows],
        family=standing.family[rows],
    )


def _ties(
    tested: list[Tested], names: pa.Array, budget: Ints, family: int, standing: Standing, fdr: float
) -> pa.Table:
    """Cells of pairs with a small p; q is the pair's over all its cells, the same in each of its rows."""
    accounts = max(1, len(names))
    # the pairs of a trace are the same, each once, in all of its cells
    of_trace = {one.trace: one.a * accounts + one.b for one in tested}
    pairs = np.unique(np.concatenate([np.zeros(0, np.int64), *of_trace.values()]))
    place = {trace: np.searchsorted(pairs, keys) for trace, keys in of_trace.items()}
    best = np.ones(len(pairs))
    for one in tested:
        at = place[one.trace]
        best[at] = np.minimum(best[at], one.cell.tested.p)
    a, b = pairs // accounts, pairs % accounts
    q = digits(benjamini_hochberg(np.minimum(1.0, best * np.minimum(budget[a], budget[b])), family))
    shown = (q <= fdr) & standing.found[a] & standing.found[b]
    parts = []
    for one in tested:
        result = one.cell.tested
        smallest = np.minimum.reduce((result.p, result.p_before, result.p_odd, result.p_even))
        rows = np.flatnonzero((smallest <= KEPT) & (result.together > 0))
        at = place[one.trace][rows]
        few = result.because[rows] == FEW_DAYS
        innocent = (result.because[rows] > 0) & (result.p_before[rows] <= KEPT)
        kinds = np.select(
            [shown[at] & (result.p[rows] <= KEPT), few, innocent],
            ["found", "unresolved", "explained"],
            "none",
        )
        parts.append(
            schema.rows(
                "ties",
                trace=pa.repeat(one.trace, len(rows)),
                tier=pa.repeat(one.cell.tier, len(rows)),
                a=names.take(pa.array(one.a[rows])),
                b=names.take(pa.array(one.b[rows])),
                window_s=np.full(len(rows), one.cell.window),
                both=result.both[rows],
                together=result.together[rows],
                expected=digits(result.expected[rows]),
                p=digits(result.p[rows]),
                p_before=digits(result.p_before[rows]),
                p_odd=digits(result.p_odd[rows]),
                p_even=digits(result.p_even[rows]),
                q=q[at],
                answer=kinds.tolist(),
                because=[CAUSES[cause] or None for cause in result.because[rows]],
                leader=[names[int(who)].as_py() if who >= 0 else None for who in result.leader[rows]],
            )
        )
    table = pa.concat_tables(parts) if parts else schema.empty("ties")
    return table.sort_by([(c, "ascending") for c in ("trace", "a", "b", "window_s", "tier")])


def _made(
    tested: list[Tested],
    coded: dict[str, Coded],
    alone: Collection[str],
    standing: Standing,
    budget: Ints,
    config: Weigh,
) -> pa.Table:
    paid = int(standing.paid.sum())
    near = " or acted within half a minute of one in two hours" if alone else ""
    rows: list[tuple[str, float, str, bool]] = [
        (
            "accounts tested",
            paid,
            f"{paid:,} accounts share at least two objects with another{near} and were tested",
            False,
        ),
        (
            "cells paid for",
            int(budget.sum()),
            f"each paid for {budget[budget > 0].mean() if paid else 0:.1f} tests on average "
            "(traces x windows x tiers)",
            False,
        ),
    ]
    for one in tested:
        if not one.cell.partners.exact:
            says = (
                f"{one.trace}: partners within the horizon of the {one.cell.window:,} s window were too many "
                "to count; an upper bound was paid for instead"
            )
            if one.cell.tier == "jitter":
                says = (
                    f"{one.trace}: partners within half a minute were too many to count; an upper bound was "
                    "paid for instead"
                )
            if one.cell.tier in ("anchored", "jitter"):
                rows.append((f"bound {one.trace} {one.cell.window}", one.cell.partners.pairs, says, True))
    for trace, one_trace in coded.items():
        late = int(samesecond.piled_up(one_trace.log))
        if late and one_trace.log.clock <= samesecond.COARSEST:
            says = f"{trace}: about {late:,} acts more than chance fall on whole minutes, as schedulers post"
            rows.append((f"scheduled {trace}", late, says, True))
    for trace in coded:
        own = max((one.cell.own for one in tested if one.trace == trace), default=0.0)
        if own > anchored.ONE_SIDED:
            says = (
                f"{trace}: {own:.0%} of the acts are those of accounts that look alike, as in an archive of "
                "one side: there is hardly anybody to compare them with. What is found rests on what almost "
                "only they touched and on their own promptness; a file that mixes them with other accounts "
                "of the same time and subject would add the crowd."
            )
            rows.append((f"one-sided {trace}", own, says, True))
    rows.append(("smallest group", 0, power.sentence(tested, [*coded, *alone], budget, config.fdr), True))
    return schema.rows(
        "made",
        stage=["weigh"] * len(rows),
        trace=[None] * len(rows),
        what=[row[0] for row in rows],
        value=[float(row[1]) for row in rows],
        says=[row[2] for row in rows],
        limit=[row[3] for row in rows],
    )
