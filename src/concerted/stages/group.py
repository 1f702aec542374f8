"""group: what found accounts hang together, which sets act together, and what else looks alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted import schema, words
from concerted.engines import Engine
from concerted.nulls import courses, firmness, found, ranking, sets
from concerted.nulls.log import Ints
from concerted.nulls.multiplicity import digits
from concerted.nulls.windows import starts
from concerted.settings import option
from concerted.stages import Chunks, Progress, Tables, silent
from concerted.stages.pair import account_names, log_of, traces
from concerted.table import Table

READS = ("events", "objects", "ties", "touches", "standings", "accounts")
WRITES = ("groups", "lineage", "sets", "leads", "ranks", "made")
VERSION = 9
DAYS = "select distinct cast(time as date) as day from this"
INSIDE = "(select account from inside)"


@dataclass(frozen=True)
class Group:
    """Groups found accounts, tests sets on timing, ranks the rest as leads."""

    fdr: Annotated[float, Meta(gt=0, lt=1)] = option(
        0.05, "false discovery rate at which sets are found, 0 to 1"
    )
    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of every random step")
    resamples: Annotated[int, Meta(ge=0, le=1000)] = option(
        50, "resamples of objects that tell how firmly members belong"
    )
    window_days: Annotated[int, Meta(ge=1)] = option(
        28, "length of the windows in which groups are followed, in days"
    )
    step_days: Annotated[int, Meta(ge=1)] = option(
        7, "days from one such window to the next, at most their length"
    )

    def __post_init__(self) -> None:
        if self.step_days > self.window_days:
            raise ValueError(
                f"step_days = {self.step_days} leaves days between windows of {self.window_days} days: "
                "choose at most that many"
            )


Config = Group


def run(tables: Tables, config: Group, progress: Progress = silent, engine: Engine | None = None) -> Chunks:
    """Groups with their q, sets with theirs, leads and a ranking of all accounts (docs/methods.md)."""
    names, of_ladder = account_names(tables), traces(tables)[0]
    ties, standings = tables["ties"].to_arrow(), _standings(tables)
    touches = tables["touches"].to_arrow(("trace", "tier", "a", "b", "object"))
    progress("groups", 0, len(of_ladder) + 1)
    grouped = found.groups(names, ties, standings, config.seed)
    firm = firmness.stability(names, touches, grouped, config.seed, config.resamples)
    yield "groups", _groups(names, grouped, firm)
    first = _windows(tables["events"], names, grouped, config)
    followed = courses.courses(
        names,
        grouped,
        (touches, ties, standings),
        first,
        config.window_days,
        config.fdr,
        config.seed,
        config.resamples,
    )
    yield "lineage", followed
    del ties, touches, standings  # sets take more memory than all before, and these are large
    tested: list[sets.Result] = []
    likeness: list[sets.Likeness] = []
    opened = _opened(tables, names)
    for number, trace in enumerate(of_ladder, start=1):
        progress(f"sets {trace}", number, len(of_ladder) + 1)
        log = log_of(tables, trace, names).log
        result, alike = sets.test(trace, log, len(names), opened, config.seed, config.fdr)
        del log  # before the next one is read
        tested += result
        likeness.append(alike)
    progress("groups", len(of_ladder) + 1, len(of_ladder) + 1)
    judged, standings = sets.judge(tested, config.fdr), _standings(tables)
    yield "sets", _sets(names, judged)
    ranks = ranking.ranks(names, standings, judged, likeness)
    yield "leads", ranking.leads(names, standings, judged, likeness)
    yield "ranks", ranks
    yield "made", _made(tested, judged, grouped, config.fdr)
    lost = len(grouped) - len(pc.unique(followed["cluster"]))
    if lost and len(first) > 1:
        yield "made", _unfollowed(lost, len(grouped), len(first), config)


def _standings(tables: Tables) -> pa.Table:
    """What groups and ranks ask of the accounts tested, which may be millions."""
    return tables["standings"].sql("select account, p, k, answer from this").to_arrow()


def _opened(tables: Tables, names: pa.Array) -> np.ndarray:
    """Day each account was opened, as days since 1970; -1 where it is not known."""
    days = np.full(len(names), -1, np.int64)
    if "accounts" not in tables or not len(tables["accounts"]):
        return days
    sql = "select account, min(opened) as opened from this where opened is not null group by account"
    table = tables["accounts"].sql(sql).to_arrow()
    at = pc.index_in(table["account"].combine_chunks(), names)
    known = pc.is_valid(at)
    where = np.asarray(at.filter(known), dtype=np.int64)
    days[where] = (
        np.asarray(table["opened"].combine_chunks().filter(known).cast(pa.int64())) // 86_400_000_000
    )
    return days


def _windows(events: Table, names: pa.Array, grouped: list[found.Grouped], config: Group) -> Ints:
    """First days of the windows in which groups are followed.

    Days on which nobody acted but found accounts may be a hole in the collection, and are not covered; all
    are where all accounts were found.
    """
    members = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.members for one in grouped)]))
    inside = Table("query", pa.table({"account": names.take(pa.array(members))}))
    days = replace(events, beside={"inside": inside}).sql(f"{DAYS} where account not in {INSIDE}").to_arrow()
    if not days.num_rows:
        days = events.sql(DAYS).to_arrow()
    covered = np.sort(np.asarray(days["day"].combine_chunks().cast(pa.int32()), dtype=np.int64))
    return starts(covered, config.window_days, config.step_days)


def _groups(names: pa.Array, grouped: list[found.Grouped], firm: list[np.ndarray]) -> pa.Table:
    rows: dict[str, list[Any]] = {name: [] for name in schema.TABLES["groups"]}
    for number, (one, share) in enumerate(zip(grouped, firm, strict=True), start=1):
        size = len(one.members)
        rows["cluster"] += [f"G{number}"] * size
        rows["account"] += names.take(pa.array(one.members)).to_pylist()
        rows["ties"] += one.ties.tolist()
        rows["traces"] += [one.traces] * size
        rows["p"] += [one.p] * size
        rows["q"] += [one.q] * size
        rows["q_reason"] += [one.q_reason] * size
        rows["stability"] += share.tolist()
    return schema.rows("groups", **rows)


def _sets(names: pa.Array, judged: list[sets.Judged]) -> pa.Table:
    rows: dict[str, list[Any]] = {name: [] for name in schema.TABLES["sets"]}
    for number, one in enumerate(judged, start=1):
        result = one.result
        size = len(result.members)
        rows["set"] += [f"S{number}"] * size
        rows["account"] += names.take(pa.array(result.members)).to_pylist()
        rows["share"] += result.share[result.part].tolist()
        rows["member_p"] += digits(result.member_p[result.part]).tolist()
        for column, value in (
            ("kind", result.kind),
            ("trace", result.trace),
            ("basis", result.basis),
            ("named", len(result.named)),
            ("older", result.older),
            ("window_s", result.window),
            ("days", result.days),
            ("p", result.p),
            ("q", one.q),
            ("ratio", result.ratio),
            ("low", result.low),
            ("high", result.high),
            ("answer", one.answer),
            ("because", None if one.answer == "found" else result.because or None),
        ):
            rows[column] += [value] * size
    return schema.rows("sets", **rows)


def _unfollowed(lost: int, groups: int, windows: int, config: Group) -> pa.Table:
    """How many groups show in no window by themselves."""
    says = (
        f"{lost:,} of {words.count(groups, 'group')} cannot be followed through time: in none of {windows:,} "
        f"windows of {config.window_days} days do their acts suffice by themselves"
    )
    return schema.rows(
        "made",
        stage=["group"],
        trace=[None],
        what=["groups not followed"],
        value=[float(lost)],
        says=[says],
        limit=[True],
    )


def _made(
    tested: list[sets.Result], judged: list[sets.Judged], grouped: list[found.Grouped], fdr: float
) -> pa.Table:
    kinds = [(kind, sum(one.kind == kind for one in tested)) for kind in ("community", "cohort")]
    shown = sum(one.answer == "found" for one in judged)
    rows: list[tuple[str, float, str, bool]] = [
        (
            f"{kind} tests",
            count,
            f"{words.count(count, 'test')} of {kind} sets on timing, all paid for",
            False,
        )
        for kind, count in kinds
    ]
    rows.append(
        (
            "sets found",
            shown,
            f"{words.count(shown, 'set')} act together more than promptness explains",
            False,
        )
    )
    rows.append(("groups", len(grouped), f"{words.count(len(grouped), 'group')} of found accounts", False))
    nearest = min(tested, key=lambda one: one.p, default=None)
    if nearest is not None and not shown:
        rows.append(("nearest set", nearest.p, _nearest(nearest, len(tested), fdr), True))
    return schema.rows(
        "made",
        stage=["group"] * len(rows),
        trace=[None] * len(rows),
        what=[row[0] for row in rows],
        value=[float(row[1]) for row in rows],
        says=[row[2] for row in rows],
        limit=[row[3] for row in rows],
    )


def _nearest(one: sets.Result, tests: int, fdr: float) -> str:
    """How close the set with the smallest p came; nothing is near that would not be found were it alone."""
    p, of = words.small(one.p), words.count(tests, "test")
    if one.p > fdr:
        return f"No set came near to being found: the smallest p of {of} is {p}."
    size = words.count(len(one.named), "account")
    return (
        f"The set nearest to being found has {size} ({one.trace}): they act together {one.ratio:.1f} times "
        f"as often as their own promptness explains (p = {p}), short of significance after {of}."
    )
