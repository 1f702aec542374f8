"""Each design choice of the null taken out in turn, and what that does to what is found.

The switches live here and not in the product: each replaces one function or number while the stages run.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from concerted import api
from concerted.evaluating import Case, Labelled
from concerted.nulls import communities
from concerted.nulls.trigger import Leads
from concerted.table import Table

Patch = tuple[str, str, Callable[[Any], Any]]


def _without_tier(tier: str) -> list[Patch]:
    def make(cells: Any) -> Any:
        return lambda *given: (cell for cell in cells(*given) if cell.tier != tier)

    return [("concerted.stages.weigh", "cells", make)]


def _only(window: int) -> list[Patch]:
    def make(ladder: Any) -> Any:
        return lambda trace, log: [rung for rung in ladder(trace, log) if rung[0] == window]

    return [("concerted.stages.weigh", "ladder", make), ("concerted.stages.pair", "ladder", make)]


def _nobody_leads(log: Any, rows: Any, success: Any, a: Any, b: Any) -> Leads:
    return Leads(np.full(len(a), -1), np.zeros(len(a), bool))


SWITCHES: dict[str, list[Patch]] = {
    "as it is": [],
    "the group stays in its own crowd": [
        ("concerted.nulls.candidates", "groups", lambda _: lambda nodes, a, b, **_more: np.full(nodes, -1))
    ],
    "leaders explain nobody": [
        ("concerted.nulls.trigger", "leaders", lambda _: lambda log, early, late: np.zeros(0, np.int64))
    ],
    "followers are not told apart": [("concerted.nulls.trigger", "leads", lambda _: _nobody_leads)],
    "no third account explains (exclusive tier)": [
        ("concerted.nulls.trigger", "third", lambda _: lambda log, rows, success, pairs: np.full(pairs, -1))
    ],
    "no forerunner of a pair explains (anchored tier)": [
        ("concerted.nulls.causes", "forerunner", lambda _: lambda log, rows, hit, pairs: np.full(pairs, -1))
    ],
    "timetables explain nobody": [("concerted.nulls.timetable", "LEVEL", lambda _: -1.0)],
    "fixed hours of the week explain nobody": [("concerted.nulls.appointment", "RECURS", lambda _: -1.0)],
    "without the anchored tier": _without_tier("anchored"),
    "without the exclusive tier": _without_tier("exclusive"),
    "without the same-second tier": _without_tier("same-second"),
    "exclusive tier from one day on": [("concerted.nulls.exclusive", "DAYS", lambda _: 1)],
    "exclusive tier without its margin": [("concerted.nulls.exclusive", "MARGIN", lambda _: 1.0)],
    "window of 10 s alone": _only(10),
    "window of 1 min alone": _only(60),
    "window of 10 min alone": _only(600),
}


def _method(home: str, of: str, name: str, instead: Callable[..., Any]) -> list[Patch]:
    return [(home, of, lambda was: type(was.__name__, (was,), {name: instead}))]


def _no_cause(name: str) -> list[Patch]:
    return _method("concerted.nulls.pooled", "Set", name, lambda self, *_given: 0.0)


def _by_all_they_share(near: Any) -> Any:
    return lambda log, _horizon, accounts: communities.networks(log, accounts, [communities.LEAST_OBJECTS])[0]


OF_SETS: dict[str, list[Patch]] = {
    "as it is": [],
    "older things are not tested": [("concerted.nulls.pooled", "OLDER", lambda _: 10**9)],
    "things of the day before are older ones, too": [("concerted.nulls.pooled", "OLDER", lambda _: 1)],
    "sets tested by day are named by all they share": [
        ("concerted.nulls.communities", "near", _by_all_they_share)
    ],
    "a day, and a thing, counts by its rows": [("concerted.nulls.daily", "ROOT", lambda _: 0.0)],
    "all who were named are members": _method(
        "concerted.nulls.sets", "Rung", "_part", lambda self, members, rows: np.ones(len(members), bool)
    ),
    "leaders explain nobody": [
        ("concerted.nulls.trigger", "leaders", lambda _: lambda log, early, late: np.zeros(0, np.int64))
    ],
    "two members may carry a set": _no_cause("_without_two"),
    "openings are not asked of older things": _method(
        "concerted.nulls.sets", "Rung", "_apart", lambda self, members, seed: 0.0
    ),
    "timetables explain nobody": _no_cause("_clocked"),
    "fixed hours of the week explain nobody": _no_cause("_weekly"),
    "without the margin": [("concerted.nulls.pooled", "MARGIN", lambda _: 1.0)],
}


@contextmanager
def _switched(patches: Sequence[Patch]) -> Iterator[None]:
    kept = []
    for module, name, make in patches:
        home = importlib.import_module(module)
        kept.append((home, name, getattr(home, name)))
        setattr(home, name, make(getattr(home, name)))
    try:
        yield
    finally:
        for home, name, value in kept:
            setattr(home, name, value)


def ablation(cases: Sequence[Case], level: float = 0.05) -> list[dict[str, object]]:
    """Per switch, over all cases: planted and innocent accounts found."""
    return _without_each(
        SWITCHES,
        cases,
        lambda events: events,
        lambda events: api.weigh(api.pair(events), fdr=level),
        "standings",
    )


def ablation_of_sets(cases: Sequence[Case], level: float = 0.05) -> list[dict[str, object]]:
    """Per switch, over all cases: planted and innocent members of found sets."""
    return _without_each(
        OF_SETS,
        cases,
        lambda events: api.weigh(api.pair(events), fdr=level),
        lambda ties: api.group(ties, fdr=level, resamples=0),
        "sets",
    )


def _without_each(
    switches: dict[str, list[Patch]],
    cases: Sequence[Case],
    before: Callable[[Table], Table],
    switched: Callable[[Table], Table],
    told: str,
) -> list[dict[str, object]]:
    """Accounts found in the table `told`, of what `switched` makes of what `before` made of the events."""
    loaded: list[tuple[Labelled, Table]] = []
    for case in cases:
        known = case.load()
        posts = Table("posts", known.posts, {"accounts": Table("accounts", known.accounts)})
        loaded.append((known, before(api.trace(posts, known.traces))))
    rows: list[dict[str, object]] = []
    for name, patches in switches.items():
        per_case = {}
        with _switched(patches):
            for case, (known, made) in zip(cases, loaded, strict=True):
                answers = switched(made).beside[told].rows()
                found = {row["account"] for row in answers if row["answer"] == "found"} - known.unlabelled
                hits = len(found & known.truth.keys())
                per_case[case.name] = [hits, len(found) - hits]
        planted, honest = (sum(one[i] for one in per_case.values()) for i in (0, 1))
        rows.append({"switch": name, "found": planted, "honest": honest, "cases": per_case})
    return rows
