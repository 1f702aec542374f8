"""The stages run on one case, and what they said compared with the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from concerted import api
from concerted.evaluating import figures as stats
from concerted.evaluating.case import Case, Labelled
from concerted.table import Table

LEVELS = (0.1, 0.05, 0.01, 0.001)
DIGITS = 4


@dataclass(frozen=True)
class Outcome:
    """What the stages said. `sets` is judged at the widest of LEVELS, `ranks` as a user would get it."""

    labelled: Labelled
    events: pa.Table
    objects: pa.Table
    standings: pa.Table
    ties: pa.Table
    groups: pa.Table
    sets: pa.Table
    ranks: pa.Table

    def found_sets(self, level: float) -> list[set[str]]:
        """The members of each set found at this level."""
        sets: dict[str, set[str]] = {}
        for row in self.sets.to_pylist():
            if row["q"] <= level and not row["because"]:
                sets.setdefault(row["set"], set()).add(row["account"])
        return list(sets.values())

    def members(self, level: float) -> set[str]:
        """Accounts in sets found at this level."""
        return set().union(*self.found_sets(level))

    def found(self, level: float) -> set[str]:
        """Accounts found at this level; one run gives all levels, since p does not depend on them."""
        kept = self.standings.filter(pc.less_equal(self.standings["q"], level))
        return set(kept["account"].to_pylist())


def outcome(labelled: Labelled, fdr: float = 0.05) -> Outcome:
    """Runs trace, pair, weigh and group. Raises what they raise."""
    posts = Table("posts", labelled.posts, {"accounts": Table("accounts", labelled.accounts)})
    events = api.trace(posts, labelled.traces)
    ties = api.weigh(api.pair(events), fdr=fdr)
    groups = api.group(ties, fdr=fdr)
    widest = api.group(ties, fdr=max(LEVELS), resamples=0)
    made = {name: table.to_arrow() for name, table in groups.beside.items()}
    return Outcome(
        labelled,
        made["events"],
        made["objects"],
        made["standings"],
        made["ties"],
        made["groups"],
        widest.beside["sets"].to_arrow(),
        made["ranks"],
    )


def figures(case: Case, seen: Outcome, level: float = 0.05) -> dict[str, Any]:
    """Everything that is counted of one case, as plain values in a fixed order."""
    known = seen.labelled
    everyone = set(pc.unique(seen.labelled.posts["account"]).to_pylist()) - known.unlabelled
    planted = {account: group for account, group in known.truth.items() if account in everyone}
    found, members = seen.found(level) & everyone, seen.members(level) & everyone
    answers = Counter(row["answer"] for row in seen.standings.to_pylist() if row["account"] in everyone)
    return {
        "case": case.name,
        "kind": case.kind,
        "family": case.family,
        "posts": seen.labelled.posts.num_rows,
        "accounts": len(everyone),
        "tested": seen.standings.num_rows,
        "planted": len(planted),
        "found": len(found & planted.keys()),
        "honest": len(found - planted.keys()),
        "in sets": len(members & planted.keys()),
        "honest in sets": len(members - planted.keys()),
        "explained": answers["explained"],
        "unresolved": answers["unresolved"],
        "groups": _recall(planted, found, seen.found_sets(level)),
        "levels": {str(one): _level(seen, everyone, planted, one) for one in LEVELS},
        "pr_auc": _rounded(_pr_auc(seen, everyone, planted)),
    }


def _recall(planted: dict[str, str], found: set[str], sets: list[set[str]]) -> dict[str, dict[str, int]]:
    """Per group its accounts, those found, those found or in a found set, and those in a set of their own.

    A set is a group's own where at least half of its members are of that group: several groups, or a group
    and a crowd, may come to light as one set, which says little about each.
    """
    result: dict[str, dict[str, int]] = {}
    for group in sorted(set(planted.values())):
        mine = {account for account, other in planted.items() if other == group}
        held = set().union(*sets) & mine
        own = set().union(*(one for one in sets if 2 * len(one & mine) >= len(one))) & mine
        result[group] = {
            "accounts": len(mine),
            "found": len(mine & found),
            "found or in sets": len((mine & found) | held),
            "in own sets": len(own),
        }
    return result


def _level(seen: Outcome, everyone: set[str], planted: dict[str, str], level: float) -> dict[str, list[int]]:
    """Of accounts, ties and sets how many are shown at this level and how many of these are false.

    A tie is false where an end is innocent, a set where fewer than half of its labelled members are known.
    """
    found = seen.found(level) & everyone
    ties = {
        (row["a"], row["b"])
        for row in seen.ties.filter(pc.less_equal(seen.ties["q"], level)).to_pylist()
        if row["a"] in found and row["b"] in found
    }
    sets = [members & everyone for members in seen.found_sets(level)]
    return {
        "accounts": [len(found), len(found - planted.keys())],
        "ties": [len(ties), sum(a not in planted or b not in planted for a, b in ties)],
        "sets": [len(sets), sum(2 * len(one & planted.keys()) < len(one) for one in sets)],
    }


def _pr_auc(seen: Outcome, everyone: set[str], planted: dict[str, str]) -> float | None:
    if len(planted) == len(everyone):
        return None
    scores = dict(zip(seen.ranks["account"].to_pylist(), seen.ranks["score"].to_pylist(), strict=True))
    return stats.pr_auc(*stats.aligned(sorted(everyone), scores, planted))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
