"""Sets tested on when they do what they share: all co-touches of a set's members at one rung, pooled.

What is new brings strangers together: a match, a meeting, the news of the day. So all things of a day are
one trial. Things made before the day before have no occasion that made them; there each thing is a trial. A
list of such things, told where the file does not show it, would look the same, so a set must also have been
opened together: two kinds of evidence, each of which has another innocent reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concerted.nulls import openings
from concerted.nulls.communities import Community
from concerted.nulls.crowd import Crowd
from concerted.nulls.daily import BLOCKS, ranked, t_test
from concerted.nulls.ladder import ANCHORED, geometry
from concerted.nulls.log import DAY, SECOND, Flags, Floats, Ints, expand
from concerted.nulls.outsiders import Outsiders
from concerted.nulls.setcauses import LIST, Set

CHECK = 0.05  # sets whose p is at most this are asked for innocent causes
MARGIN = 2.0  # organic communities reach 1.5 to 2 times their members' promptness
OWN = 10.0
MIXED = 0.5  # share of an object's sharers from outside from which on they are asked for their own rate
OLDER = 2  # UTC days after which what is shared was made by no occasion of that day or the day before
ROWS = 5_000_000  # co-touches of one set at one rung; larger sets are not tested there


@dataclass(frozen=True)
class Tested:
    """One set at one rung, on all things or on `older` ones: `p_before` is before innocent causes.

    Of each account that was named: whether it takes `part`, which is whether its acts at this rung come
    together with those of others more often than chance gives, and on two things or more; and, where the set
    may be shown, its share of the successes and the p of its own part (1 on too few days or things).
    """

    window: int
    older: bool
    days: int
    p: float
    p_before: float
    ratio: float
    low: float
    high: float
    part: Flags
    share: Floats
    member_p: Floats
    because: str


@dataclass(frozen=True)
class Rows:
    """All co-touches of a set's members at one rung: events, chance and success of each."""

    early: Ints
    late: Ints
    q: Floats
    success: Flags

    def keep(self, mask: Flags) -> Rows:
        """The rows chosen by a mask."""
        return Rows(self.early[mask], self.late[mask], self.q[mask], self.success[mask])


def mixed(crowd: Crowd, communities: Sequence[Community]) -> Ints:
    """Keys of the homes and objects at which outsiders are asked for their own rate, ascending."""
    keys = [np.zeros(0, np.int64)]
    for one in communities:
        object = np.unique(crowd.log.object[crowd.acts(one.members)])
        keys.append(crowd.key(one.home, object[crowd.outside(one.home, object) >= MIXED]))
    return np.unique(np.concatenate(keys))


class Rung:
    """What all communities of a crowd need at one window and horizon, in seconds. `asked` is what `mixed`
    gives, `opened` the day of each account's opening, -1 where unknown."""

    def __init__(
        self, crowd: Crowd, asked: Ints, window: int, horizon: int, opened: Ints | None = None
    ) -> None:
        self.crowd, self.window, self.horizon = crowd, window, horizon
        self._opened = np.full(len(crowd.home), -1) if opened is None else opened
        self._reach = crowd.log.reach(horizon)
        self._outsiders = Outsiders(crowd.log, crowd.bin, len(ANCHORED), crowd.home, asked, window, horizon)

    def rows(self, community: Community, acts: Ints, cost: int = ROWS) -> Rows | None:
        """Rows of all pairs of the set within the horizon. None where there are more than `cost`, or none.

        q is twice what geometry gives for the latency bins, and, where outsiders to the coarse community are
        at least half of an object's sharers, at least their own rate in the cell.
        """
        crowd, log = self.crowd, self.crowd.log
        prior = geometry(ANCHORED, crowd.clock(acts), self.window, self.horizon).ratio
        acts = acts[crowd.told[acts]]
        first = np.arange(1, len(acts) + 1)
        last = np.searchsorted(acts, self._reach[acts])
        each = last - first
        if not each.sum() or each.sum() > cost:
            return None
        early, late = expand(first, last)
        mixed = (crowd.outside(community.home, log.object[acts]) >= MIXED)[early]
        early, late = acts[early], acts[late]
        k, l = crowd.bin[early], crowd.bin[late]
        q = np.minimum(1.0, MARGIN * prior[k, l])
        if mixed.any():
            object, k, l = log.object[early[mixed]], k[mixed], l[mixed]
            within, near = self._outsiders.count(community.home, object, k, l)
            rate = (within + OWN * prior[k, l]) / (near + OWN)
            q[mixed] = np.maximum(q[mixed], np.minimum(1.0, rate))
        return Rows(early, late, q, log.time[late] - log.time[early] <= self.window * SECOND)

    def judge(self, community: Community, older: bool, seed: int, bar: float = 1.0) -> Tested | None:
        """The set's successes against its members' own promptness: on all things, a UTC day being a trial, or
        on `older` ones, a thing being a trial. None under 6 trials.

        p is that of a one-sided t test of successes minus expectation over trials; the interval of the ratio
        is a bootstrap over trials. A set whose p exceeds the `bar` is told without its members' shares.
        """
        crowd, log, members = self.crowd, self.crowd.log, community.members
        acts = crowd.acts(members)
        every = self.rows(community, acts)
        if every is None:
            return None
        age = log.time[every.early] // DAY - log.anchor[log.object[every.early]] // DAY
        rows = every.keep(age >= OLDER) if older else every
        day = log.time[rows.early] // DAY
        days = len(ranked(day)[0])
        block = log.object[rows.early] if older else day
        (before,), (blocks,) = t_test(np.zeros(len(block), np.int64), block, rows.success, rows.q, 1)
        if blocks < BLOCKS:
            return None
        p, because = before, ""
        if before <= CHECK:
            near, object, start = crowd.around(acts)
            # the same events by their place there
            early, late = (
                start[np.searchsorted(object, log.object[event])] + event - log.start[log.object[event]]
                for event in (rows.early, rows.late)
            )
            asked = Set(near, early, late, rows.success, rows.q, MARGIN, seed, older)
            p, because = asked.raised(float(before), self.window, self.horizon)
            apart = self._apart(members, seed) if older else 0.0
            if apart > p:
                p, because = apart, LIST
        ratio, low, high = _ratio(block, rows, seed)
        share, member_p = np.zeros(0), np.zeros(0)
        if before <= bar:
            both, success, q = self._each(members, rows)
            share = np.bincount(both, success, len(members)) / max(1, rows.success.sum())
            member_p, _ = t_test(both, np.tile(block, 2), success, q, len(members))
        return Tested(
            *(self.window, older, days, float(p), float(before), ratio, low, high),
            *(self._part(members, every), share, member_p, because),
        )

    def _apart(self, members: Ints, seed: int) -> float:
        """p of the openings of these accounts, among all whose acts the log holds and whose day is known."""
        known = np.flatnonzero((self._opened >= 0) & self.crowd.active)
        return openings.p(self._opened[known], np.isin(known, members), seed)

    def _part(self, members: Ints, rows: Rows) -> Flags:
        """Who has more successes than chance gives, and on two things or more: one is no repetition."""
        both, success, q = self._each(members, rows)
        hit = np.flatnonzero(success)
        object = np.tile(self.crowd.log.object[rows.early], 2)[hit]
        once, _ = ranked(both[hit] * len(self.crowd.log.origin) + object)
        things = np.bincount(once // len(self.crowd.log.origin), minlength=len(members))
        part: Flags = (np.bincount(both, success - q, len(members)) > 0) & (things >= 2)
        return part

    def _each(self, members: Ints, rows: Rows) -> tuple[Ints, Flags, Floats]:
        """The rows of each end: which member it is, success and chance."""
        ends = self.crowd.log.account[np.concatenate((rows.early, rows.late))]
        return np.searchsorted(members, ends), np.tile(rows.success, 2), np.tile(rows.q, 2)


def _ratio(block: Ints, rows: Rows, seed: int, times: int = 500) -> tuple[float, float, float]:
    """Observed over expected by promptness alone (without the margin), and its 95 % interval over blocks."""
    index = ranked(block)[1]
    seen = np.bincount(index, rows.success)
    expected = np.bincount(index, rows.q) / MARGIN
    rng = np.random.default_rng(seed)
    pick = rng.integers(0, len(seen), (times, len(seen)))
    ratios = seen[pick].sum(1) / np.maximum(expected[pick].sum(1), 1e-12)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(seen.sum() / max(expected.sum(), 1e-12)), float(low), float(high)
