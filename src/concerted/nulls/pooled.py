"""Sets tested on when they do what they share: all co-touches of a set's members at one rung, pooled.

What is new brings strangers together: a match, a meeting, the news of the day. So all things of a day are
one trial. Things made before the day before have no occasion that made them; there each thing is a trial. A
list of such things, told where the file does not show it, would look the same, so a set must also have been
opened together: two kinds of evidence, each of which has another innocent reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from concerted import machine
from concerted.nulls import openings
from concerted.nulls.communities import Community
from concerted.nulls.crowd import Crowd
from concerted.nulls.daily import BLOCKS, ranked, t_test
from concerted.nulls.ladder import ANCHORED, geometry
from concerted.nulls.log import DAY, SECOND, Flags, Floats, Ints, Places, Whole, expand
from concerted.nulls.outsiders import Outsiders
from concerted.nulls.setcauses import LIST, Set

CHECK = 0.05  # sets whose p is at most this are asked for innocent causes
MARGIN = 2.0  # organic communities reach 1.5 to 2 times their members' promptness
OWN = 10.0  # pairs of outsiders that what is usual counts for, and an object at most for what is usual
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
class Acts:
    """Acts of a community on objects that at least two of its members touched: events, ascending, and which
    are on objects whose outsiders are asked for their own rate."""

    community: Community
    event: Places
    mixed: Flags


@dataclass(frozen=True)
class Rows:
    """All co-touches of a set's members at one rung, each of two of its `acts` by place there: chance and
    success of each."""

    acts: Places
    one: Ints
    other: Ints
    q: Floats
    success: Flags

    @property
    def early(self) -> Places:
        """The earlier event of each."""
        return self.acts[self.one]

    @property
    def late(self) -> Places:
        """The later event of each."""
        return self.acts[self.other]

    def keep(self, mask: Flags) -> Rows:
        """The rows chosen by a mask."""
        return Rows(self.acts, self.one[mask], self.other[mask], self.q[mask], self.success[mask])


def acts(crowd: Crowd, community: Community) -> Acts:
    """The acts of a community, for all rungs."""
    event = crowd.acts(community.members)
    object = crowd.log.object[event]
    new = np.diff(object, prepend=-1) != 0
    mixed = crowd.outside(community.home, object[new]) >= MIXED
    return Acts(community, event, mixed[np.cumsum(new) - 1])


def mixed(crowd: Crowd, every: Iterable[Acts]) -> Ints:
    """Keys of the homes and objects at which outsiders are asked for their own rate, ascending."""
    keys = [np.zeros(0, np.int64)]
    for one in every:
        object = crowd.log.object[one.event[one.mixed]]
        keys.append(crowd.key(one.community.home, object[np.diff(object, prepend=-1) != 0]))
    return np.unique(np.concatenate(keys))


class Rung:
    """What all communities of a crowd need at one window and horizon, in seconds. `asked` is what `mixed`
    gives, `opened` the day of each account's opening, -1 where unknown."""

    def __init__(
        self, crowd: Crowd, asked: Ints, window: int, horizon: int, opened: Ints | None = None
    ) -> None:
        self.crowd, self.window, self.horizon = crowd, window, horizon
        self._opened = np.full(crowd.homes.shape[1], -1) if opened is None else opened
        # what is made next is as large as the log, what was before it left holes, and so does this
        machine.give_back()
        self._outsiders = Outsiders(crowd.log, crowd.bin, len(ANCHORED), crowd.homes, asked, window, horizon)
        machine.give_back()

    def rows(self, acts: Acts, older: bool, least: int = BLOCKS, cost: int = ROWS) -> Rows | None:
        """Rows of all pairs of the set within the horizon. None where there are more than `cost`, or where
        those of a test are on fewer than `least` trials.

        q is twice what geometry gives for the latency bins, and, where outsiders to the set's home are at
        least half of an object's sharers, at least their own rate in the cell. Where these are few, it leans
        on what is usual for outsiders on such objects of the set, if that is more than geometry gives.
        """
        crowd, log = self.crowd, self.crowd.log
        told = crowd.told[acts.event]
        event = acts.event[told]
        first = np.arange(1, len(event) + 1)
        last = np.searchsorted(event, self._outsiders.reach(event))
        each = last - first
        if each.sum() > cost or self._trials(event[each > 0], older) < least:
            return None
        prior = geometry(ANCHORED, crowd.clock(acts.event), self.window, self.horizon).ratio
        one, other = expand(first, last)
        bin, time = crowd.bin[event], log.time[event]
        cell = (bin * len(prior))[one] + bin[other]
        prompt = np.minimum(1.0, MARGIN * prior).ravel()
        q = prompt[cell]
        mixed = np.flatnonzero(acts.mixed[told][one])
        if len(mixed):
            object = log.object[event][one[mixed]]
            which, of, within, near = self._outsiders.count(acts.community.home, object, cell[mixed])
            # what is usual on the set's objects, each of which counts for no more than a few pairs
            weight = np.minimum(near, OWN)
            seen = np.bincount(of, weight * within / np.maximum(near, 1), len(prompt))
            usual = np.maximum(prompt, (seen + OWN * prompt) / (np.bincount(of, weight, len(prompt)) + OWN))
            rate = (within + OWN * usual[of]) / (near + OWN)
            q[mixed] = np.maximum(q[mixed], rate[which])
        return Rows(event, one, other, q, time[other] - time[one] <= self.window * SECOND)

    def _trials(self, event: Whole, older: bool) -> int:
        """Of how many trials co-touches that begin with these events are."""
        old = self._old(event)
        return len(ranked(self._block(event[old] if older else event, older))[0])

    def _old(self, event: Whole) -> Flags:
        """Whether events are on things made before the day before."""
        log = self.crowd.log
        old: Flags = log.time[event] // DAY - log.anchor[log.object[event]] // DAY >= OLDER
        return old

    def _block(self, event: Whole, older: bool) -> Ints:
        """The trial of each event, as a day or an object."""
        log = self.crowd.log
        return log.object[event] if older else log.time[event] // DAY

    def judge(self, acts: Acts, older: bool, seed: int, bar: float = 1.0) -> Tested | None:
        """The set's successes against its members' own promptness: on all things, a UTC day being a trial, or
        on `older` ones, a thing being a trial. None under 6 trials.

        p is that of a one-sided t test of successes minus expectation over trials; the interval of the ratio
        is a bootstrap over trials. A set whose p exceeds the `bar` is told without its members' shares.
        """
        log, members = self.crowd.log, acts.community.members
        every = self.rows(acts, older)
        if every is None:
            return None
        rows = every.keep(self._old(every.acts)[every.one]) if older else every
        begins = np.zeros(len(every.acts), bool)
        begins[rows.one] = True
        begins = np.flatnonzero(begins)
        days = len(ranked(log.time[every.acts[begins]] // DAY)[0])
        # numbered from 0 on, by act: rows are many times as many
        number = np.zeros(len(every.acts), np.int64)
        number[begins] = ranked(self._block(every.acts[begins], older))[1]
        block = number[rows.one]
        (before,), _ = t_test(np.zeros(len(block), np.int64), block, rows.success, rows.q, 1)
        p, because = before, ""
        if before <= CHECK:
            near, object, start = self.crowd.around(acts.event)
            of = log.object[every.acts]
            # the same events by their place there
            at = start[np.searchsorted(object, of)] + every.acts - log.start[of]
            asked = Set(near, at[rows.one], at[rows.other], rows.success, rows.q, MARGIN, seed, older)
            p, because = asked.raised(float(before), self.window, self.horizon)
            apart = self._apart(members, seed) if older else 0.0
            if apart > p:
                p, because = apart, LIST
        ratio, low, high = _ratio(block, rows, seed)
        who = np.searchsorted(members, log.account[every.acts])
        share, member_p = np.zeros(0), np.zeros(0)
        if before <= bar:
            both, success, q = _each(who, rows)
            share = np.bincount(both, success, len(members)) / max(1, rows.success.sum())
            member_p, _ = t_test(both, np.tile(block, 2), success, q, len(members))
        return Tested(
            *(self.window, older, days, float(p), float(before), ratio, low, high),
            *(_part(who, every, len(members)), share, member_p, because),
        )

    def _apart(self, members: Ints, seed: int) -> float:
        """p of the openings of these accounts, among all whose acts the log holds and whose day is known."""
        return openings.p(self._opened[self._known], np.isin(self._known, members), seed)

    @cached_property
    def _known(self) -> Ints:
        return np.flatnonzero((self._opened >= 0) & self.crowd.active)


def _part(who: Ints, rows: Rows, members: int) -> Flags:
    """Who has more successes than chance gives, and on two things or more: one is no repetition."""
    both, success, q = _each(who, rows)
    hit = np.zeros(len(rows.acts), bool)
    hit[rows.one[rows.success]] = hit[rows.other[rows.success]] = True
    # an account acts on a thing once
    things = np.bincount(who[hit], minlength=members)
    part: Flags = (np.bincount(both, success - q, members) > 0) & (things >= 2)
    return part


def _each(who: Ints, rows: Rows) -> tuple[Ints, Flags, Floats]:
    """The rows of each end: which member it is, of the members `who` that act; success and chance."""
    ends = np.concatenate((who[rows.one], who[rows.other]))
    return ends, np.tile(rows.success, 2), np.tile(rows.q, 2)


def _ratio(block: Ints, rows: Rows, seed: int, times: int = 500) -> tuple[float, float, float]:
    """Observed over expected by promptness alone (without the margin), and its 95 % interval over blocks,
    which are numbered from 0 on."""
    seen = np.bincount(block, rows.success)
    expected = np.bincount(block, rows.q) / MARGIN
    rng = np.random.default_rng(seed)
    pick = rng.integers(0, len(seen), (times, len(seen)))
    ratios = seen[pick].sum(1) / np.maximum(expected[pick].sum(1), 1e-12)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(seen.sum() / max(expected.sum(), 1e-12)), float(low), float(high)
