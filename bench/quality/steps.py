"""What the full run measures beyond the figures of a case: peers, days until found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
from peers import RULES

from concerted.evaluating import Case, Outcome, outcome
from concerted.evaluating.figures import aligned, pr_auc, pr_curve, recall_at

DAYS = (1, 3, 7, 14, 21, 28)
POINTS = 60
LEVEL = 0.05


def against_peers(seen: Outcome) -> dict[str, Any]:
    """Every rule on the same events: area, and planted accounts at no more false alarms than here."""
    known = seen.labelled
    everyone = sorted(set(pc.unique(known.posts["account"]).to_pylist()) - known.unlabelled)
    planted = {account for account in everyone if account in known.truth}
    alone = seen.found(LEVEL) & set(everyone)
    both = alone | (seen.members(LEVEL) & set(everyone))
    scores = {
        "concerted": dict(
            zip(seen.ranks["account"].to_pylist(), seen.ranks["score"].to_pylist(), strict=True)
        )
    }
    scores |= {name: rule(seen.events) for name, rule in RULES.items()}
    result: dict[str, Any] = {
        "planted": len(planted),
        "found": [len(alone & planted), len(alone - planted)],
        "found or in sets": [len(both & planted), len(both - planted)],
        "rules": {},
    }
    for name, score in scores.items():
        value, label = aligned(everyone, score, known.truth)
        area = pr_auc(value, label)
        result["rules"][name] = {
            "pr_auc": None if area is None else round(area, 4),
            "at the honest of found": recall_at(value, label, len(alone - planted)),
            "at the honest of found or in sets": recall_at(value, label, len(both - planted)),
            "curve": _thin(*pr_curve(value, label)),
        }
    return result


def _thin(recall: np.ndarray, precision: np.ndarray) -> list[list[float]]:
    """A curve in at most POINTS points, evenly by recall, without its last step to everybody."""
    if not len(recall):
        return []
    wanted = np.searchsorted(recall, np.linspace(recall[0], recall[-1], POINTS), side="left")
    picked = np.unique(np.minimum(wanted, len(recall) - 1))
    return [[round(float(recall[i]), 3), round(float(precision[i]), 3)] for i in picked]


def days_until_found(case: Case) -> dict[str, dict[str, int | None]]:
    """Per group the first day of DAYS, counted from the first post of anyone in the truth, on which half of
    its accounts are found: by one look that day (accounts, or members of found sets), and by a look every
    day, the k-th at fdr / (k (k + 1))."""
    whole = case.load()
    begin, end = whole.begin(), whole.end()
    sizes: dict[str, int] = {}
    for group in whole.truth.values():
        sizes[group] = sizes.get(group, 0) + 1
    first: dict[str, dict[str, int | None]] = {
        group: {"one look": None, "one look, sets too": None, "daily looks": None} for group in sorted(sizes)
    }
    if begin is None or end is None:
        return first
    for day in DAYS:
        upto = begin + timedelta(days=day)
        if upto - timedelta(days=DAYS[DAYS.index(day) - 1] if day > 1 else 0) > end:
            break
        seen = outcome(whole.until(min(upto, end)))
        ways = {
            "one look": seen.found(LEVEL),
            "one look, sets too": seen.found(LEVEL) | seen.members(LEVEL),
            "daily looks": seen.found(LEVEL / (day * (day + 1))),
        }
        for way, found in ways.items():
            for group, size in sizes.items():
                hits = sum(account in found and whole.truth[account] == group for account in whole.truth)
                if first[group][way] is None and 2 * hits >= size:
                    first[group][way] = day
        if upto >= end:
            break
    return first
