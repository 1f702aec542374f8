"""Ranks of things by early accounts among what began on the same day, with a group's members and without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concerted.nulls.coding import by_code
from concerted.nulls.log import expand
from concerted.parallel import in_parallel
from concerted.signals._early import TRACES, Early
from concerted.signals._exact import Floats, Ints
from concerted.signals._members import dice

RESAMPLES = 199
UNSEEN = 0.5  # accounts by which the weight of each thing is larger than what is seen of it
LEAST = 10  # things of a day among which a rank says something


@dataclass(frozen=True)
class Rank:
    """Place among `of` things, 1 the most: with all accounts, without members, and the 95 % interval of that,
    which holds it."""

    of: int
    whole: int
    without: int
    low: int
    high: int


def ranks(known: Early, asked: Sequence[tuple[int, Ints]], seed: int) -> list[Rank | None]:
    """The rank of each thing among those of its trace that began on its day, without these members; None
    where fewer than ten did.

    All that is asked of one day draws the same weights, which depend on the seed and the day alone.
    """
    days: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (place, _) in enumerate(asked):
        days[int(known.trace[place]), int(known.day[place])].append(number)

    def of_day(one: tuple[tuple[int, int], list[int]]) -> list[tuple[int, Rank]]:
        (trace, day), numbers = one
        near = known.begun(day, trace)
        if len(near) < LEAST:
            return []
        object_, rows = expand(known.start[near], known.start[near + 1])
        early = known.hour[rows]
        account = known.account[rows[early]]
        those = [(int(np.searchsorted(near, asked[n][0])), asked[n][1]) for n in numbers]
        rng = dice(seed, TRACES[trace], str(day))
        return list(zip(numbers, ranked(object_[early], account, len(near), those, rng), strict=True))

    found = dict(pair for some in in_parallel(of_day, days.items()) for pair in some)
    return [found.get(number) for number in range(len(asked))]


def ranked(
    object: Ints, account: Ints, number: int, asked: Sequence[tuple[int, Ints]], rng: np.random.Generator
) -> list[Rank]:
    """Ranks of things among `number`, `object[i]` shared by `account[i]`, each without some accounts.

    Each account weighs by chance (exponential), and each thing half an account more, which might have taken
    it up.
    """
    names, who = np.unique(account, return_inverse=True)
    order, start = by_code(who, len(names))
    without = []
    for thing, members in asked:
        there = np.flatnonzero(np.isin(names, members, assume_unique=True))
        rows = order[expand(start[there], start[there + 1])[1]]
        without.append(_Without(thing, object[rows], who[rows]))
    count, one = np.bincount(object, minlength=number), np.ones(len(names))
    drawn = np.empty((RESAMPLES, len(asked)))
    for row in drawn:
        weight = rng.standard_exponential(len(names))
        value = np.bincount(object, weight[who], number) + rng.standard_gamma(UNSEEN, number)
        row[:] = [part.rank(value, weight) for part in without]
    bounds = np.quantile(drawn, (0.025, 0.975), axis=0).astype(np.int64).T.tolist()
    found = []
    for (thing, _), part, (low, high) in zip(asked, without, bounds, strict=True):
        whole, rest = 1 + int((count > count[thing]).sum()), part.rank(count, one)
        found.append(Rank(number, whole, rest, min(low, rest), max(high, rest)))
    return found


class _Without:
    """A thing and what some accounts shared: its rank without them costs little more than they did."""

    def __init__(self, thing: int, object: Ints, account: Ints) -> None:
        self._account = account
        self._touched, place = np.unique(np.append(object, thing), return_inverse=True)
        self._of, self._mine = place[:-1], int(place[-1])

    def rank(self, value: Ints | Floats, weight: Floats) -> int:
        """Its rank, from what all things come to with everybody and what each account weighs."""
        before = value[self._touched]
        left = before - np.bincount(self._of, weight[self._account], len(before))
        mine = left[self._mine]
        return 1 + int((value > mine).sum() - (before > mine).sum() + (left > mine).sum())
