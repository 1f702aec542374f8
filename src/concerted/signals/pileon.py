"""Signal: many members begin to address one account at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.nulls.tails import poisson_binomial
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._converging import SECOND, Addresses, Window, addresses, windows
from concerted.signals._exact import Flags, Ints, tail
from concerted.signals._judged import Row, Tested
from concerted.signals._members import Places, groups
from concerted.signals._saturating import saturating
from concerted.table import Table

WIDTHS = (600, 3600, 86400)
AWAKE_S = 3600  # on either side of a window; who addresses anybody then is there to address the target
FULLEST = 3  # windows of each width looked at per target
MADE_IT = "select distinct cluster, post from evidence where success and post is not null"


@dataclass(frozen=True)
class PileOn(Tested):
    """Many members begin to address one account at the same time.

    What it sees
        Accounts that reply to, quote or name one target for the first time (or again after 30 days), counted
        in the fullest windows of 10 minutes, an hour and a day; and how many of them are members. That many
        do so at once is a crowd and says nothing; told is whether members are more of it than others.

    Null model
        Two must both fail. That those who came in the window were drawn from all accounts that addressed
        anybody in it or near it (an hour, or its width), by how much they addressed others then, each at most
        once (Poisson-binomial). And that of all accounts that began to address this target while the group
        was there, those that came in the window are a random part (hypergeometric), so that a community that
        always addresses it is no pile-on. The windows are chosen by how many came, never by who, and all of
        them are paid for. Accounts that began with a post by which the group was found are left out: they
        are no second sign. Where nobody else addressed the target, there is nothing to compare with, and the
        note only describes, and only where more came than by activity.

    Innocent explanations
        The target said something; a public figure's ordinary day; an open appeal to write to an office;
        fans of somebody whom the target criticised. A crowd of one mind that hears the same news at the same
        time can look like this.

    Example
        "Within 60 min from 2020-05-03 18:02:11 UTC, 64 accounts began to address T01, where 2 would be usual
        for it. 41 of them are members, all within 38 min; 1.7 would be expected (p = 3 × 10⁻⁹). A crowd of
        one mind that hears the same news can look like this."

    References
        Hong 2013 (Poisson-binomial); Fisher 1935 (hypergeometric); Berger 1982 (tests that must all fail);
        Benjamini and Hochberg 1995.
    """

    name = "pileon"

    least: Annotated[int, Meta(ge=3)] = option(4, "members that must address a target to ask about it")
    crowd: Annotated[int, Meta(ge=5)] = option(10, "accounts that must begin to address it within a window")
    most: Annotated[int, Meta(ge=1)] = option(20, "targets told per group or set")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """Rows on groups and sets, and beside each one on its target, which leans nowhere."""
        known = addresses(tables, engine)
        made: dict[str, set[str]] = {}
        for row in engine.query(MADE_IT, {"evidence": tables["evidence"]}).to_pylist():
            made.setdefault(row["cluster"], set()).add(row["post"])
        rows: list[dict[str, Any]] = []
        places = Places(known.names, subjects)
        for kind, subject, accounts in groups(subjects, self.least):
            inside = places.marks(accounts)
            own = made.get(subject, set())
            asked = [
                self._target(known, inside, target, own) for target in _targets(known, inside, self.least)
            ]
            found = [one for one in asked if one is not None]
            found.sort(key=lambda one: (one["p"] is None, one["p"], -one["hits"], one["target"]))
            for row in found:
                row["quiet"] = row["p"] is not None
            described = [row for row in found if row["p"] is None]
            kept = [row for row in found if row["p"] is not None] + described[: self.most]
            rows += [{"subject_kind": kind, "subject": subject, **row} for row in kept]
        return rows

    def _target(self, known: Addresses, inside: Flags, target: int, own: set[str]) -> dict[str, Any] | None:
        acts = known.first[known.target[known.first] == target]
        here = inside[known.account[acts]]
        posts = [known.posts[act] for act in acts]
        # an account that began with a post that made the group has no other beginning to be judged by
        free = ~(here & np.array([post in own for post in posts], bool))
        there = inside & (known.since >= 0)
        during = (known.time[acts] >= known.since[there].min()) & (
            known.time[acts] <= known.until[there].max()
        )
        tested, mine = acts[free & during], here[free & during]
        found = windows(known.time[tested], WIDTHS, FULLEST, self.crowd)
        best: tuple[float, Window] | None = None
        for window in found:
            p = self._chance(known, inside, target, tested, window)
            if best is None or p < best[0]:
                best = (p, window)
        others = int((~mine).sum())
        if others >= self.crowd and mine.sum() >= self.least:
            p = 1.0 if best is None else min(1.0, best[0] * len(found))
            if best is None or p == 1.0:
                # asked all the same: leaving it out would be choosing tests by their result
                return {"signal": self.name, "p": 1.0, "hits": 0, "target": known.names[target].as_py()}
            return self._row(known, inside, target, tested, best[1], p)
        whole = windows(known.time[acts], WIDTHS[1:], 1, self.crowd)
        fullest = [window for window in whole if here[window.acts].sum() >= self.least]
        if not fullest or (free.all() and others >= self.crowd):
            return None
        why = (
            "members began with posts by which the group was found, so this is no second sign"
            if not free.all()
            else "hardly anybody else addressed it in these files, so there is nothing to compare with"
        )
        row = self._row(known, inside, target, acts, fullest[0], None, why)
        return row if row.pop("beyond") else None

    def _chance(self, known: Addresses, inside: Flags, target: int, acts: Ints, window: Window) -> float:
        """The larger p of the two nulls; 1 where too few members came."""
        came = known.account[acts[window.acts]]
        hits, size = int(inside[came].sum()), len(came)
        if hits < self.least:
            return 1.0
        by_time = float(tail(hits, int(inside[known.account[acts]].sum()), size, len(acts))[0])
        q, mine = drawn(known, inside, target, window, size)
        by_activity = poisson_binomial(q[mine], np.zeros(int(mine.sum()), np.int64), np.array([hits]))[0]
        return max(by_time, float(by_activity))

    def _row(
        self,
        known: Addresses,
        inside: Flags,
        target: int,
        acts: Ints,
        window: Window,
        p: float | None,
        why: str = "",
    ) -> dict[str, Any]:
        came = known.account[acts[window.acts]]
        hits, size = int(inside[came].sum()), len(came)
        low, high = common.wilson(hits, size)
        q, mine = drawn(known, inside, target, window, size)
        expected = float(q[mine].sum())
        name = known.names[target].as_py()
        surge = self._surge(known, acts, window, words.who(name))
        struck = acts[window.acts][inside[came]]
        apart = (known.time[struck].max() - known.time[struck].min()) / SECOND
        near = words.span(max(1, round(max(apart, known.step[struck].max()))))
        said = (
            f"{surge} {hits} of them are members, all within {near}; {words.small(round(expected, 2))} would "
            "be expected"
        )
        about = {"subject_kind": "target", "subject": name, "signal": self.name, "value": float(size)}
        return {
            "target": name,
            "hits": hits,
            "beside": [{**about, "leans": "none", "says": surge}],
            "signal": self.name,
            "value": hits / size,
            "low": low,
            "high": high,
            "p": p,
            "beyond": low > expected / size,
            "reference": f"{words.count(int((~mine & (q > 0)).sum()), 'account')} of these files outside the "
            "group that addressed anybody at that time",
            "says": f"{said} ({why})." if p is None else f"{said} (p = {words.small(p)})",
            "passed": ". A crowd of one mind that hears the same news can look like this.",
            "leans": "none",
        }

    def _surge(self, known: Addresses, acts: Ints, window: Window, who: str) -> str:
        """How many came and how many would have been usual; that alone is a crowd."""
        size, others = len(window.acts), len(acts) - len(window.acts)
        span = float(known.until.max() - known.since[known.since >= 0].min()) / SECOND - window.width_s
        usual = others * window.width_s / span if span > window.width_s else None
        started = words.utc(datetime.fromtimestamp(window.start / SECOND, UTC))
        beside = "" if usual is None else f", where {words.small(round(usual, 2))} would be usual for it"
        return (
            f"Within {words.span(window.width_s)} from {started}, {words.count(size, 'account')} began to "
            f"address {who}{beside}."
        )


def drawn(known: Addresses, inside: Flags, target: int, window: Window, size: int) -> tuple[Any, Flags]:
    """Chance of each account that addressed anybody about then to be among `size`, and who is a member."""
    near = max(AWAKE_S, window.width_s) * SECOND
    low, high = np.searchsorted(
        known.time, [window.start - near, window.start + window.width_s * SECOND + near]
    )
    account, to = known.account[low:high], known.target[low:high]
    here = np.unique(account)
    otherwise = np.bincount(account[to != target], minlength=len(known.names))[here]
    return saturating(otherwise.astype(np.float64), size), inside[here]


def _targets(known: Addresses, inside: Flags, least: int) -> list[int]:
    """Accounts outside the group that at least so many members began to address."""
    begun = known.first[inside[known.account[known.first]]]
    pairs = np.unique(np.column_stack([known.target[begun], known.account[begun]]), axis=0)
    target, members = np.unique(pairs[:, 0], return_counts=True)
    return [int(one) for one in target[(members >= least) & ~inside[target]]]
