"""Signal: when members stop, others begin and take up what those did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._exact import Flags, Floats, Ints, tail
from concerted.signals._judged import Row, Tested
from concerted.signals._lives import DAY, Lives, lives
from concerted.signals._matched import percent
from concerted.signals._members import Places, dice, groups
from concerted.signals._succession import alike
from concerted.table import Table

TIMES = 999


@dataclass(frozen=True)
class Replacement(Tested):
    """When members stop, others begin and take up what those did.

    What it sees
        Members of one group that were suspended or removed, or fell silent for good, and members first there
        within two weeks after: how many begin then, and whether the tags, sites and accounts they turn to are
        those of the member that has just stopped. Only members are compared, and only counts are told: it
        never says that two accounts are one person's, and names no pair.

    Null model
        Two questions, each with its own. That so many begin just then: compared with the accounts outside
        that begin while the group is there (hypergeometric), and with the same stops moved as a whole by so
        many days (circular shifts within the group's time, all of them); both must fail. That newcomers are
        like the one that stopped: compared with other members that were there in those two weeks, drawn in
        its place (permutation). What all members use tells nothing of a role: things weigh by how few
        members use them. Who came for less than two weeks, as to one event, has not stopped.

    Innocent explanations
        A topic that brings new people while others leave; a season of hiring; a person who opens a new
        account openly; a platform that removes accounts in a wave just when an event begins.

    Example
        "15 of 22 newcomers of the group began within 14 days after a member stopped; 5.1 would be expected
        (p = 0.004)."

    References
        Fisher 1935; Berger 1982 (tests that must all fail); Phipson and Smyth 2010; Spaerck Jones 1972
        (weight of rare things).
    """

    name = "replacement"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations")
    days: Annotated[float, Meta(gt=0)] = option(14.0, "how long after a stop a beginning counts, in days")
    least: Annotated[int, Meta(ge=3)] = option(5, "members that must have stopped, and that must have begun")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """At most one note on beginnings and one on what is taken up per group and set."""
        known = lives(tables, engine)
        left = np.minimum(known.gone, known.silent)
        # a visitor of some days leaves no role to be taken up
        stop = np.where(left - known.first > self.days * DAY, left, np.inf)
        if not np.isfinite(stop).any():
            return []
        places = Places(known.names, subjects)
        others = places.others()
        rows: list[dict[str, Any]] = []
        for kind, subject, accounts in groups(subjects, 2 * self.least):
            inside = places.marks(accounts)
            span = _span(known, inside)
            # who is there from the start has not begun: a group begins, and the files may begin later
            begun = (known.first > span[0] + self.days * DAY) & (known.first <= span[1])
            stops, fresh = np.flatnonzero(inside & np.isfinite(stop)), np.flatnonzero(inside & begun)
            if len(stops) < self.least or len(fresh) < self.least:
                continue
            rng = dice(self.seed, kind, subject)
            found = [self._begin(known, stop[stops], fresh, np.flatnonzero(others & begun), span)]
            found.append(self._take_up(known, left, stop, inside, fresh, tables, engine, rng))
            rows += [{"subject_kind": kind, "subject": subject, **row} for row in found if row is not None]
        return rows

    def _begin(
        self, known: Lives, stops: Floats, fresh: Ints, outside: Ints, span: tuple[float, float]
    ) -> dict[str, Any] | None:
        if len(outside) < self.least:
            return None
        mine, theirs = (self._after(known.first[some], stops) for some in (fresh, outside))
        hits, there = int(mine.sum()), int(mine.sum() + theirs.sum())
        p = float(tail(hits, len(fresh), there, len(fresh) + len(outside))[0])
        shifts = self._shifted(known, stops, fresh, span)
        p = max(p, (1 + int((shifts >= hits).sum())) / (1 + len(shifts)))
        # both comparisons say how many would be usual; the larger is the fairer
        expected = max(len(fresh) * float(theirs.mean()), float(shifts.mean()))
        low, high = common.wilson(hits, len(fresh))
        return {
            "signal": self.name,
            "value": hits / len(fresh),
            "low": low,
            "high": high,
            "p": p,
            "beyond": low > expected / len(fresh),
            "reference": f"{words.count(len(outside), 'account')} of these files in no group or set that "
            "began while the group was there",
            "says": f"{hits} of {words.count(len(fresh), 'newcomer')} of the group began within "
            f"{words.span(self.days * DAY)} after one of {len(stops)} members stopped; "
            f"{words.small(round(expected, 1))} would be expected (p = {words.small(p)})",
            "passed": ". A season of hiring looks the same.",
            "failed": ": chance explains that, with everything asked.",
        }

    def _after(self, first: Floats, stops: Floats) -> Flags:
        """Which beginnings lie within so many days after a stop."""
        stops = np.sort(stops)
        before = np.searchsorted(stops, first, side="right") - 1
        return (before >= 0) & (first - stops[before] <= self.days * DAY)

    def _shifted(self, known: Lives, stops: Floats, fresh: Ints, span: tuple[float, float]) -> Ints:
        """Beginnings after stops, with all stops moved by each number of days, round the group's time."""
        start, length = span[0], np.ceil((span[1] - span[0]) / DAY) * DAY
        moved = (start + (stops - start + day * DAY) % length for day in range(1, int(length // DAY)))
        return np.array([self._after(known.first[fresh], one).sum() for one in moved], np.int64)

    def _take_up(
        self,
        known: Lives,
        left: Floats,
        stop: Floats,
        inside: Flags,
        fresh: Ints,
        tables: Mapping[str, Table],
        engine: Engine,
        rng: np.random.Generator,
    ) -> dict[str, Any] | None:
        """Whether newcomers are like the member that has just stopped, more than like others there then."""
        members = np.flatnonzero(inside)
        similar = alike(tables, engine, known.names, members)
        if not (similar[~np.eye(len(members), dtype=bool)] > 0).any():
            return None  # the files list neither tags nor sites nor whom accounts turn to
        observed, choices = [], []
        for place in np.flatnonzero(np.isin(members, fresh)):
            began = known.first[members[place]]
            since = began - self.days * DAY
            # who was gone for long turned to what was talked of long ago
            there = (known.first[members] < since) & (left[members] >= since)
            there[place] = False
            just = there & (stop[members] <= began)
            if just.any() and there.sum() >= 2 * just.sum():
                observed.append(similar[place, just].max())
                choices.append((similar[place, there], int(just.sum())))
        if len(observed) < self.least:
            return None
        drawn = np.array([self._drawn(values, size, rng) for values, size in choices])
        seen, expected = float(np.mean(observed)), float(drawn.mean())
        p = (1 + int((drawn.mean(axis=0) >= seen - 1e-12).sum())) / (1 + TIMES)
        picks = rng.integers(0, len(observed), (TIMES, len(observed)))
        low, high = np.quantile(np.array(observed)[picks].mean(axis=1), (0.025, 0.975))
        return {
            "signal": self.name,
            "value": seen,
            "low": float(low),
            "high": float(high),
            "p": p,
            "beyond": low > expected,
            "reference": "other members of the group that were there when the newcomer began",
            "says": f"{words.count(len(observed), 'newcomer')} of the group turn to the same tags, sites and "
            f"accounts as a member that had just stopped: alike by {percent(seen)}, where "
            f"{percent(expected)} would be expected of any other member (p = {words.small(p)})",
            "passed": ". A season of hiring looks the same.",
            "failed": ": chance explains that, with everything asked.",
        }

    @staticmethod
    def _drawn(values: Floats, size: int, rng: np.random.Generator) -> Floats:
        """The largest of `size` values drawn without repetition, so many times."""
        order = rng.random((TIMES, len(values))).argsort(axis=1)[:, :size]
        return np.asarray(values[order].max(axis=1), np.float64)


def _span(known: Lives, inside: Flags) -> tuple[float, float]:
    """When the group is there: a crowd of one event begins and stops in its days, and replaces nobody."""
    gone = known.gone[inside]
    last = np.append(known.last[inside], gone[np.isfinite(gone)])
    return float(known.first[inside].min(initial=np.inf)), float(last.max(initial=-np.inf))
