"""Signal: how long accounts of the group were there before they were suspended or removed."""

from __future__ import annotations

import warnings
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
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._lives import DAY, Lives, lives
from concerted.signals._matched import Matched, cells, halvings, match, one_in, percent
from concerted.signals._members import Places, dice, groups
from concerted.table import Table

MONTH = 30 * DAY


@dataclass(frozen=True)
class Survival:
    """How long accounts of the group were there before they were suspended or removed.

    What it sees
        Profiles of several days, or notices of suspension and deletion: of how many members it is known,
        after how many days in these files half of them were gone (or how many are left after the last that
        is), and how many were seen again later. Where
        the files know of no suspension, how many members fell silent: they posted nothing for at least 30
        days and longer than their own pauses, until the files end. Silence is no suspension, and is not
        called so.

    Null model
        None that could count for or against: that a platform removed accounts is its judgement and not this
        tool's, and it need not have been for acting together. Beside it stand accounts of the same files in
        no group or set, on the same platform, first there in the same 30 days, posting about as often
        where there are enough of those; the p of the log-rank test, by shuffling who is a member within
        these, says whether members went earlier.

    Innocent explanations
        Platforms remove accounts in waves and by mistake, on reports of opponents and for reasons of law;
        people close accounts when a campaign or a job ends, and rest. Accounts of the same age and country go
        together when rules change. Collections made after a purge hold survivors only.

    Example
        "9 of 20 members were seen suspended or removed; half of them were gone after 61 days in these files
        (95 % interval 38 to 90; 8 members known so long); of comparable accounts 3 %. 2 of them were seen
        again later."

    References
        Kaplan and Meier 1958; Greenwood 1926 (interval, on the log-log scale); Mantel 1966 (log-rank);
        Phipson and Smyth 2010 (permutation p).
    """

    name = "survival"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations")
    least: Annotated[int, Meta(ge=5)] = option(10, "members of whom it must be known when they were there")
    ends: Annotated[int, Meta(ge=3)] = option(5, "members that must be gone or silent to tell of it")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per group and set, which leans nowhere."""
        known = lives(tables, engine)
        if not (np.isfinite(known.gone).any() or np.isfinite(known.silent).any()):
            return common.table([])
        month = np.asarray(np.floor(known.first / MONTH), np.int64)
        # posts per month and not posts: who is gone early has few of them, and that is what is asked about
        pace = halvings(known.posts / np.maximum((known.last - known.first) / MONTH, 1))
        levels = [
            cells(known.platform, month, pace),
            cells(known.platform, month),
            cells(known.platform, month // 3),
        ]
        places = Places(known.names, subjects)
        others = places.others()
        rows = []
        for kind, subject, accounts in groups(subjects, self.least):
            told = self._told(known, places.marks(accounts), others, levels, dice(self.seed, kind, subject))
            if told is not None:
                rows.append({"subject_kind": kind, "subject": subject, **told})
        return common.table(rows)

    def _told(
        self, known: Lives, inside: Flags, others: Flags, levels: list[Ints], rng: np.random.Generator
    ) -> dict[str, Any] | None:
        total = int(inside.sum())
        kinds = {"were seen suspended or removed": known.gone, "fell silent": known.silent}
        enough = [what for what, at in kinds.items() if (np.isfinite(at) & inside).sum() >= self.ends]
        if total < self.least or not enough:
            return None
        matched = match(inside, others, levels)
        what, at = enough[0], kinds[enough[0]]
        ended = np.isfinite(at)
        hits = int((ended & inside).sum())
        days = (np.where(ended, at, known.end) - known.first).clip(min=0) / DAY
        low, high = common.wilson(hits, total)
        return {
            "signal": self.name,
            "value": hits / total,
            "low": low,
            "high": high,
            "leans": "none",
            **self._beside(matched, days, ended, rng),
            "says": f"{hits} of {words.count(total, 'member')} {what}"
            f"{course(days[inside], ended[inside], what)}{self._usual(matched, days, ended)}."
            f"{self._again(known, inside, ended, at)}",
        }

    def _beside(
        self, matched: Matched, days: Floats, ended: Flags, rng: np.random.Generator
    ) -> dict[str, Any]:
        if not self._comparable(matched):
            return {}
        score = log_rank(days, ended, matched.stratum >= 0)
        seen = score[matched.members].sum()
        p = one_in(lambda labels: bool(score[labels].sum() >= seen - 1e-9), matched, rng, 999)
        return {
            "p": p,
            "reference": matched.reference("platform, month of the first day and pace of posts"),
        }

    def _comparable(self, matched: Matched) -> bool:
        """Whether most members have others to compare with: the rest may be the ones that are gone."""
        found = int(matched.members.sum())
        return matched.enough and found >= self.least and found > matched.unmatched

    def _usual(self, matched: Matched, days: Floats, ended: Flags) -> str:
        if not self._comparable(matched):
            return ""
        return f"; of comparable accounts {percent(matched.expected(ended))}"

    def _again(self, known: Lives, inside: Flags, ended: Flags, at: Floats) -> str:
        back = int((known.back & inside & ended).sum())
        if at is known.silent:
            return " Silence is no suspension."
        return f" {back} of them {'was' if back == 1 else 'were'} seen again later." if back else ""


def course(days: Floats, ended: Flags, what: str) -> str:
    """After how many days half of them had ended, as part of a sentence; where fewer had, how many are left
    after the last that ended."""
    from scipy.stats import CensoredData, ecdf

    curve = ecdf(CensoredData(uncensored=days[ended], right=days[~ended])).sf
    with warnings.catch_warnings():
        # the bounds are undefined where nobody is gone yet, and where all are
        warnings.simplefilter("ignore", RuntimeWarning)
        bounds = curve.confidence_interval(method="log-log")
    lower, upper = bounds.low.probabilities, bounds.high.probabilities
    lower = np.where(np.isnan(lower), np.where(curve.probabilities < 1, 0.0, 1.0), lower)
    upper = np.nan_to_num(upper, nan=1.0)
    at = crossing(curve.quantiles, curve.probabilities)
    if at is None:
        last = int(np.searchsorted(curve.quantiles, days[ended].max(initial=0)))
        still = "still there" if "seen" in what else "not yet silent"
        return (
            f"; by the curve of Kaplan and Meier {percent(float(curve.probabilities[last]))} of all are "
            f"{still} {curve.quantiles[last]:.0f} days after they were first there (95 % interval "
            f"{percent(float(lower[last]))} to {percent(float(upper[last]))}; "
            f"{_watched(days, float(curve.quantiles[last]))})"
        )
    low, high = crossing(curve.quantiles, lower), crossing(curve.quantiles, upper)
    done = "were gone" if "seen" in what else "had fallen silent"
    until = "beyond these files" if high is None else f"{high:.0f}"
    since = f"{low:.0f}" if low is not None else "0"
    between = f"95 % interval {since} to {until}; {_watched(days, at)}"
    return f"; half of all members {done} after {at:.0f} days in these files ({between})"


def _watched(days: Floats, at: float) -> str:
    """How many the end of a curve rests on."""
    return f"{words.count(int((days >= at).sum()), 'member')} known so long"


def crossing(days: Floats, alive: Floats) -> float | None:
    """The first day on which a curve is at one half or under; None where it never is."""
    at = np.flatnonzero(alive <= 0.5)
    return float(days[at[0]]) if len(at) else None


def log_rank(days: Floats, ended: Flags, taking: Flags) -> Floats:
    """Ended or not, less what the accounts that take part let expect of so many days: sums of it over a group
    are the log-rank statistic."""
    order = np.argsort(days[taking], kind="stable")
    time, event = days[taking][order], ended[taking][order]
    at_risk = len(time) - np.searchsorted(time, time, side="left")
    hazard = np.cumsum(event / at_risk)
    score = np.zeros(len(days))
    score[np.flatnonzero(taking)[order]] = event - hazard[np.searchsorted(time, time, side="right") - 1]
    return score
