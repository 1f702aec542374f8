"""Who had first what groups pushed: members, others, or a list. All groups are asked about at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.nulls.coding import by_code
from concerted.nulls.log import blocks, expand
from concerted.signals._exact import Flags, Ints
from concerted.signals._passing import Listed, Touches, touches
from concerted.table import Table

TOUCHED = 1_000_000  # touches held at a time; or those of one thing
# of each subject the things that most of its members touched, and how many touched them at all
PUSHED = """
with counted as (
    select m.subject, e.trace, e.object, count(*) as members
    from events e join m on m.account = e.account
    where e.trace in ('text', 'link', 'media')
    group by m.subject, e.trace, e.object having count(*) >= {least}
),
ranked as (
    select *, row_number() over (partition by subject order by members desc, trace, object) as place
    from counted
),
things as (select distinct trace, object from ranked where place <= {most}),
sizes as (
    select e.trace, e.object, count(*) as touches
    from events e join things t on t.trace = e.trace and t.object = e.object
    group by e.trace, e.object
)
select r.subject, r.trace, r.object, s.touches
from ranked r join sizes s on s.trace = r.trace and s.object = r.object
where r.place <= {most} order by r.subject, r.place
"""


@dataclass(frozen=True)
class Orders:
    """Of each thing that one list of accounts pushed: whether one of them had it `first`, and whether nobody
    else had it at all (`alone`).

    Of the list, whether it had the thing too, apart from members on it (`both`), and whether a member had it
    before (1), after (-1) or, for all the clock tells, at the same time (0). Of the sharers not on the list,
    how many are members, how many came before the list, and how many there are.
    """

    first: Flags
    alone: Flags
    both: Flags
    ahead: Ints
    members: Ints
    before: Ints
    free: Ints

    def of(self, part: slice | Flags) -> Orders:
        """Those of some things."""
        return Orders(**{name: values[part] for name, values in vars(self).items()})


def pushed(
    subjects: Sequence[Sequence[str]], tables: Mapping[str, Table], engine: Engine, least: int, most: int
) -> pa.Table:
    """Of each list of accounts the texts, links and images that `least` of them or more touched, at most
    `most`, by how many did: subject (its place among the lists), trace, object, touches (by anybody)."""
    place = np.repeat(np.arange(len(subjects)), [len(accounts) for accounts in subjects])
    named = pa.array([one for accounts in subjects for one in accounts], pa.string())
    m = Table("query", pa.table({"subject": place, "account": named}))
    return engine.query(PUSHED.format(least=least, most=most), {"events": tables["events"], "m": m})


def orders(
    subjects: Sequence[Sequence[str]],
    things: pa.Table,
    listed: Listed,
    tables: Mapping[str, Table],
    engine: Engine,
) -> list[Orders]:
    """Of each list of accounts the orders of the things it pushed, as `pushed` has them.

    Each thing is read once, however many pushed it, and as many at a time as memory holds touches of.
    """
    name = pc.binary_join_element_wise(things["trace"], things["object"], " ").combine_chunks()
    names = pc.unique(name).sort()
    every, thing = things.take(pc.index_in(names, name)), np.asarray(pc.index_in(name, names), np.int64)
    subject = np.asarray(things["subject"], np.int64)
    key = subject * len(names) + thing
    order = np.argsort(key)
    key = key[order]
    accounts, belongs, first = _belonging(subjects)
    found = {name: np.zeros(len(things), bool) for name in ("first", "alone", "both")}
    found |= {name: np.zeros(len(things), np.int64) for name in ("ahead", "members", "before", "free")}
    for low, high in blocks(np.asarray(every["touches"], np.int64), TOUCHED):
        seen = touches(every.slice(low, high - low), listed, tables, engine)
        who = pc.index_in(seen.rows["account"].combine_chunks(), accounts)
        mine = np.flatnonzero(np.asarray(pc.is_valid(who)))
        code = np.asarray(who.take(pa.array(mine)), np.int64)
        which, at = expand(first[code], first[code + 1])
        row, whose = mine[which], belongs[at]
        of = np.repeat(np.arange(low, high), np.diff(seen.start))[row]
        want = whose * len(names) + of
        place = np.minimum(np.searchsorted(key, want), len(order) - 1)
        asked = np.flatnonzero(key[place] == want)
        asked = asked[np.argsort(place[asked], kind="stable")]
        pair, row = order[place[asked]], row[asked]
        begins = np.flatnonzero(np.diff(pair, prepend=-1))
        told = _orders(seen, row, begins, thing[pair[begins]] - low)
        for column, values in vars(told).items():
            found[column][pair[begins]] = values
    whole = Orders(**found)
    ends = np.searchsorted(subject, np.arange(len(subjects) + 1)).tolist()
    return [whole.of(slice(*bounds)) for bounds in pairwise(ends)]


def _belonging(subjects: Sequence[Sequence[str]]) -> tuple[pa.Array, Ints, Ints]:
    """All accounts, the lists that each is on, one account after the other, and where each one's begin."""
    place = np.repeat(np.arange(len(subjects)), [len(accounts) for accounts in subjects])
    names = pa.array([one for accounts in subjects for one in accounts], pa.string()).dictionary_encode()
    order, start = by_code(np.asarray(names.indices, np.int64), len(names.dictionary))
    return names.dictionary, place[order], start


def _orders(seen: Touches, row: Ints, begins: Ints, thing: Ints) -> Orders:
    """The orders of things, where members' touches are `row`, ascending, those of each from `begins` on."""
    none, start, end = len(seen.time), seen.start[thing], seen.start[thing + 1]
    number = np.diff(begins, append=len(row))
    # who had it next after members that had it in one row, from the first on
    place = np.arange(len(row)) - np.repeat(begins, number)
    in_row = np.where(row - np.repeat(start, number) == place, np.repeat(number, number), place)
    other = start + np.minimum.reduceat(in_row, begins)
    alone = other == end
    first = alone | (seen.until[row[begins]] <= seen.time[np.minimum(other, none - 1)])
    free = ~seen.listed[row]
    mine = np.minimum.reduceat(np.where(free, row, none), begins)
    theirs = np.minimum.reduceat(np.where(seen.listed, np.arange(none), none), seen.start[:-1])[thing]
    on_list = np.add.reduceat(seen.listed.astype(np.int64), seen.start[:-1])[thing]
    both = (mine < none) & (theirs < none)
    a, b = np.minimum(mine, none - 1), np.minimum(theirs, none - 1)
    ahead = (seen.until[a] <= seen.time[b]).astype(np.int64) - (seen.until[b] <= seen.time[a])
    return Orders(
        first=first,
        alone=alone,
        both=both,
        ahead=np.where(both, ahead, 0),
        members=np.add.reduceat(free.astype(np.int64), begins),
        before=np.where(both, theirs - start, 0),
        free=end - start - on_list,
    )
