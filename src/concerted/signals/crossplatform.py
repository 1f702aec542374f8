"""Signal: members on several platforms that act on the same things at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._offsets import Offset, offsets
from concerted.table import Table

Row = dict[str, Any]
Pair = tuple[str, str]

# meetings of two platforms: of groups those of tied pairs, of sets all within the set's window
ACROSS = """
with acts as (
    select distinct cluster as subject, trace, object, account, time, split_part(account, ':', 1) as platform
    from evidence where success and cluster <> ''
),
tied as (
    select g.cluster as subject, t.trace, t.a, t.b, max(greatest(t.window_s, 1)) as within_s
    from ties t join groups g on g.account = t.a join groups h on h.account = t.b and h.cluster = g.cluster
    where t.answer = 'found' group by all
),
near as (select distinct set as subject, trace, window_s as within_s from sets),
meetings as (
    select x.subject, x.trace, x.object, x.account as a, y.account as b, x.platform as one,
           y.platform as two, (epoch_us(y.time) - epoch_us(x.time)) / 1e6 as lag
    from acts x join acts y
        on y.subject = x.subject and y.trace = x.trace and y.object = x.object and y.platform > x.platform
)
select m.* from meetings m join tied t on t.subject = m.subject and t.trace = m.trace
    and t.a = least(m.a, m.b) and t.b = greatest(m.a, m.b) and abs(m.lag) <= t.within_s
union all
select m.* from meetings m join near n on n.subject = m.subject and n.trace = m.trace
    and abs(m.lag) <= n.within_s
order by 1, 2, 3, 4, 5
"""
TIED = """
select a, b, min(q) as q from ties
where answer = 'found' and split_part(a, ':', 1) <> split_part(b, ':', 1) group by a, b
"""
SHARED = """
select cluster as subject, count(distinct trace || ' ' || object) as things
from evidence where success and cluster <> '' group by cluster
"""
NAMES = {"x": "X", "web": "an unnamed platform"}


@dataclass(frozen=True)
class Crossplatform:
    """Members on several platforms that act on the same things at the same time.

    What it sees
        Links, texts and pictures are compared whatever the platform, so accounts of two platforms can be tied
        like any others. Told are how many members are on which platform, how many pairs across platforms are
        tied, how much of what the group shared together it shared across, how far apart in time, and which
        platform came first. Accounts are counted as accounts: that two belong to one person is never said,
        and they are never joined.

    Null model
        For groups that of their ties, in which popularity counts over all platforms; q is the largest among
        the tied pairs across. It leans nowhere, because the ties count already. Of the files it says where
        acts on two platforms pile up at a distance of whole quarters of an hour: against lags up to half a
        quarter away (binomial), paid for over all quarters of a day in both directions and all platforms.
        One of the clocks may be off; the option `clocks` takes a known error off before acts are compared.

    Innocent explanations
        A newsroom, a party or a shop that posts to all its accounts from one program; followers who carry
        news from one platform to the other; a distance in time that a scheduler makes, not a clock.

    Example
        "5 members are on facebook and 4 on X, and act together on both: 14 pairs across are tied. 31 of 58
        things shared together were shared across, 12 s apart in the median."

    References
        Wilson 1927 (interval of a share); Wilson, Zhou and Starbird 2018; Ng, Cruickshank and Carley 2022
        (coordination across platforms).
    """

    name = "crossplatform"

    fdr: Annotated[float, Meta(gt=0, lt=1)] = option(
        0.05, "chance, over all platforms, of telling of a clock that is not off, 0 to 1"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per group or set, and one about the files per two platforms."""
        bound = {name: tables[name] for name in ("evidence", "ties", "groups", "sets")}
        acts: dict[str, list[Row]] = {}
        for row in engine.query(ACROSS, bound).to_pylist():
            acts.setdefault(row["subject"], []).append(row)
        tied = {(row["a"], row["b"]): row["q"] for row in engine.query(TIED, bound).to_pylist()}
        shared = {row["subject"]: row["things"] for row in engine.query(SHARED, bound).to_pylist()}
        rows = []
        for kind, subject, accounts in common.members(subjects):
            told = (
                None
                if kind == "account"
                else _told(kind, accounts, acts.get(subject, []), tied, shared.get(subject, 0))
            )
            if told is not None:
                rows.append({"subject_kind": kind, "subject": subject, **told})
        rows += [self._off(one) for one in offsets(subjects, tables, engine, self.fdr)]
        return common.table(rows)

    def _off(self, found: Offset) -> Row:
        late, early = (found.two, found.one) if found.seconds > 0 else (found.one, found.two)
        size = abs(found.seconds)
        says = (
            f"First acts of {found.whose} on the same things come {words.span(size)} later on {_named(late)} "
            f"than on {_named(early)} oftener than chance explains: {found.hits:,} of the "
            f"{found.around:,} distances nearby are within {words.span(found.near)} of that, "
            f"{words.small(round(found.expected, 1))} expected (p = {words.small(found.p)}). Either one "
            "clock is read wrongly, or a program posts that much later there. With the option --clocks "
            f"{late}={size} the time is taken off before acts are compared."
        )
        return {
            "subject_kind": "file",
            "subject": "",
            "signal": self.name,
            "value": float(size),
            "p": found.p,
            "leans": "none",
            "says": says,
        }


def _told(
    kind: str, accounts: list[str], across: list[Row], tied: Mapping[Pair, float], things: int
) -> Row | None:
    """How many members are where and what they shared across; None where nothing was."""
    at = Counter(account.partition(":")[0] for account in accounts)
    if not across:
        return None
    inside = set(accounts)
    pairs = {pair: q for pair, q in tied.items() if inside.issuperset(pair)}
    both = {(row["trace"], row["object"]) for row in across}
    low, high = common.wilson(len(both), things)
    listed = [f"{at[name]:,} on {_named(name)}" for name in sorted(at, key=lambda one: (-at[one], one))]
    where = " and ".join(listed)
    shared = f"{len(both):,} of {words.count(things, 'thing')}"
    were = "was" if len(both) == 1 else "were"
    if kind == "cluster":
        tied_across = f"{words.count(len(pairs), 'pair')} across {'is' if len(pairs) == 1 else 'are'} tied"
        says = (
            f"{where}: these accounts act together on {words.count(len(at), 'platform')}: {tied_across}. "
            f"{shared} shared together {were} shared across platforms"
        )
    else:
        says = f"{where}: {shared} that the pairs listed shared together {were} shared across platforms"
    apart = _apart(median(abs(row["lag"]) for row in across))
    says = f"{says}, {apart} in the median{_first(across)}."
    return {
        "signal": Crossplatform.name,
        "value": len(both) / things,
        "low": low,
        "high": high,
        "q": max(pairs.values(), default=None),
        "leans": "none",
        "says": says,
    }


def _named(platform: str) -> str:
    return NAMES.get(platform, platform)


def _apart(seconds: float) -> str:
    return f"{words.span(round(seconds))} apart" if seconds >= 1 else "less than a second apart"


def _first(across: list[Row]) -> str:
    """Which platform comes first, where there are two."""
    if len({name for row in across for name in (row["one"], row["two"])}) != 2:
        return ""
    ahead = Counter(row["one"] if row["lag"] > 0 else row["two"] for row in across if row["lag"])
    if not ahead:
        return ""
    name = min(ahead, key=lambda one: (-ahead[one], one))
    return f", {_named(name)} first in {ahead[name]:,} of {words.count(len(across), 'meeting')} of pairs"
