"""Comparison accounts: those of the same file that are in no group, alike in what a statistic depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from concerted import words
from concerted.nulls.daily import ranked
from concerted.signals._exact import Flags, Floats, Ints, over_strata

EACH = 3  # comparison accounts a member needs in its stratum
RESAMPLES = 999  # of accounts, for an interval
FEWEST = 20  # comparison accounts in all under which nothing is tested


@dataclass(frozen=True)
class Matched:
    """Members and comparison accounts by stratum.

    `stratum` has one entry an account, -1 for those left out; `inside` marks members. `unmatched` counts the
    members for whom no comparison was found, who take part in nothing. `weight` says how many comparison
    accounts an entry stands for, else one: what draws accounts needs them one by one.
    """

    inside: Flags
    stratum: Ints
    unmatched: int
    weight: Ints | None = None

    @cached_property
    def members(self) -> Flags:
        """Members that have comparison accounts."""
        return self.inside & (self.stratum >= 0)

    @cached_property
    def others(self) -> Flags:
        """The comparison accounts."""
        return ~self.inside & (self.stratum >= 0)

    @property
    def enough(self) -> bool:
        """Whether there is enough to test against."""
        return self._compared.sum() >= FEWEST and bool(self.members.any())

    def reference(self, alike: str) -> str:
        """The comparison accounts in words; `alike` says what they were matched by."""
        left = f"; {words.count(self.unmatched, 'member')} without a match left out" if self.unmatched else ""
        return (
            f"{words.count(int(self._compared.sum()), 'account')} of these files in no group or set, "
            f"matched by {alike}{left}"
        )

    def expected(self, values: Floats | Flags) -> float:
        """Mean of `values` over members, were each as the comparison accounts of its stratum are."""
        drawn, sums = self._drawn, self._counts(self.others, values)
        return float((drawn * sums / np.maximum(self._compared, 1)).sum() / max(drawn.sum(), 1))

    def share(self, marked: Flags) -> tuple[int, float]:
        """Marked members, and p of at least so many: labels permuted within strata, computed exactly."""
        hits = int((marked & self.members).sum())
        tables = (self._counts(marked & self._used), self._drawn, self._drawn + self._compared)
        return hits, over_strata(hits, *(table.astype(np.int64) for table in tables))

    def held(self, code: Ints) -> Floats:
        """How many of those matched have each code; -1 is none."""
        rows = np.flatnonzero((code >= 0) & self._used)
        return np.bincount(code[rows], self._weights(rows)).astype(np.float64)

    def shares(self, code: Ints, codes: Ints) -> Iterator[tuple[int, float, float]]:
        """Of each of these codes what `share` and `expected` say of the accounts that have it; -1 is none."""
        place = np.full(int(code.max(initial=-1)) + 2, -1)
        place[codes] = np.arange(len(codes))
        rows = np.flatnonzero((place[code] >= 0) & self._used)
        strata = len(self._drawn)
        cell = place[code[rows]] * strata + self.stratum[rows]
        mine = self.inside[rows]
        marked, hits = (
            np.bincount(one, weights, len(codes) * strata).astype(np.int64).reshape(len(codes), strata)
            for one, weights in ((cell, self._weights(rows)), (cell[mine], None))
        )
        drawn, compared = (table.astype(np.int64) for table in (self._drawn, self._compared))
        for every, own in zip(marked, hits, strict=True):
            usual = (drawn * (every - own) / np.maximum(compared, 1)).sum() / max(drawn.sum(), 1)
            yield int(own.sum()), over_strata(int(own.sum()), every, drawn, drawn + compared), float(usual)

    def lower(self, values: Floats, rng: np.random.Generator, times: int = 999) -> float:
        """P of a mean over members as low as theirs: labels permuted within strata, `times` times at most."""
        seen = values[self.members].sum()
        return one_in(lambda inside: bool(values[inside].sum() <= seen + 1e-9), self, rng, times)

    def permuted(self, rng: np.random.Generator) -> Flags:
        """Labels permuted within strata. Raises ValueError where entries stand for several accounts."""
        if self.weight is not None:
            raise ValueError("accounts are drawn one by one, and entries stand for several")
        used = np.flatnonzero(self.stratum >= 0)
        of = self.stratum[used]
        order = used[np.lexsort((rng.random(len(used)), of))]
        drawn = self._drawn.astype(np.int64)
        size = np.bincount(of, minlength=len(drawn))
        rank = np.arange(len(used)) - np.repeat(np.cumsum(size) - size, size)
        labels = np.zeros(len(self.inside), bool)
        labels[order[rank < np.repeat(drawn, size)]] = True
        return labels

    @cached_property
    def _used(self) -> Flags:
        return self.stratum >= 0

    @cached_property
    def _drawn(self) -> Floats:
        """Members of each stratum."""
        return self._counts(self.members)

    @cached_property
    def _compared(self) -> Floats:
        """Comparison accounts of each stratum."""
        return self._counts(self.others)

    def _counts(self, part: Flags, values: Floats | Flags | None = None) -> Floats:
        size = int(self.stratum.max(initial=-1)) + 1
        weights: Ints | Floats | None = self._weights(part)
        if values is not None:
            weights = np.asarray(values, np.float64)[part] * (1 if weights is None else weights)
        return np.bincount(self.stratum[part], weights, size).astype(np.float64)

    def _weights(self, part: Flags | Ints) -> Ints | None:
        return None if self.weight is None else self.weight[part]


def one_in(reached: Callable[[Flags], bool], matched: Matched, rng: np.random.Generator, times: int) -> float:
    """Monte Carlo p, (1 + reached) / (1 + drawn), never 0 (Phipson and Smyth 2010).

    A fifth is drawn first; the rest only where that leaves p at 0.05 or under, since nothing rests on the
    digits of a large p.
    """
    hits = done = 0
    for goal in (times // 5, times):
        while done < goal:
            hits += reached(matched.permuted(rng))
            done += 1
        if (1 + hits) > 0.05 * (1 + done):
            break
    return (1 + hits) / (1 + done)


def match(inside: Flags, others: Flags, levels: Sequence[Ints], weight: Ints | None = None) -> Matched:
    """Strata from the first of `levels` that gives each member of a cell enough comparison accounts.

    `inside` and `others` mark members and accounts that may be compared with them; each level has a cell
    number per account, the finest first. Cells that hold fewer than three comparison accounts per member go
    on to the next level, with what is left of both. `weight` as in `Matched`.
    """
    stratum = np.full(len(inside), -1, np.int64)
    left, free, number = inside.copy(), others & ~inside, 0
    for level in levels:
        cells = level - level.min(initial=0)
        size = int(cells.max(initial=-1)) + 1
        need = np.bincount(cells[left], minlength=size)
        have = np.bincount(cells[free], None if weight is None else weight[free], size)
        full = (need > 0) & (have >= EACH * need)
        names = number + np.cumsum(full) - 1
        here = full[cells] & (left | free)
        stratum[here] = names[cells[here]]
        left, free, number = left & ~here, free & ~here, number + int(full.sum())
    return Matched(inside, stratum, int(left.sum()), weight)


class Cohort:
    """Comparison accounts, those alike in all that is asked told as one and a number: a case may have
    millions, and thousands of groups to compare with them.

    `levels` are those of `match`, `values` what else is asked of an account; `others` marks who may be
    compared.
    """

    def __init__(self, others: Flags, levels: Sequence[Ints], *values: Ints | Flags) -> None:
        place = np.flatnonzero(others)
        kind = cells(*(np.asarray(key, np.int64)[place] for key in (*levels, *values)))
        _, first, self._weight = np.unique(kind, return_index=True, return_counts=True)
        self._at, self._levels = place[first], levels

    def match(self, members: Ints) -> tuple[Ints, Matched]:
        """Members, given by place, matched with them; and the place of an account for each entry."""
        rows = np.concatenate((members, self._at))
        inside = np.arange(len(rows)) < len(members)
        weight = np.concatenate((np.ones(len(members), np.int64), self._weight))
        return rows, match(inside, ~inside, [level[rows] for level in self._levels], weight)


def interval(values: Floats, rng: np.random.Generator, of: Any = np.mean) -> tuple[float, float]:
    """95 % interval of the mean, or of what `of` takes along an axis: bootstrap of accounts (Efron 1979)."""
    drawn = of(values[rng.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def percent(share: float) -> str:
    """A share from 0 to 1 as people say it: "4.2 %", "31 %"."""
    return f"{100 * share:.2g} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def cells(*keys: Ints) -> Ints:
    """One cell number per account from several keys, equal where all keys are."""
    codes = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        values, place = ranked(np.asarray(key, np.int64))
        codes = ranked(codes * max(1, len(values)) + place)[1]
    return codes


def halvings(values: Floats | Ints) -> Ints:
    """floor(log2(value + 1)): accounts of one number have about equally much."""
    return np.asarray(np.floor(np.log2(np.maximum(values, 0) + 1)), np.int64)
