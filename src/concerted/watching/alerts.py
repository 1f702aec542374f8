"""What a look at a growing case may say, and what it pays for looking again.

Who looks every day has a chance of a false alarm every day. Look k therefore tests at fdr / (k (k + 1)),
which over all looks together, however many, is no more than fdr: of all accounts that ever passed, at most
that share is expected to have done so by chance. Every account is told once and never taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from concerted import words
from concerted.case import Case
from concerted.errors import CaseError
from concerted.runner import NAMES

LOOKS = "looks.json"
LEAST = 2  # accounts of a group that must pass before it is told of


class Alert(msgspec.Struct, frozen=True):
    """A group that appears or grows, or took another in: how many of its accounts passed so far, how many of
    them for the first time."""

    group: str
    event: str
    accounts: int
    new: int
    says: str


class Look(msgspec.Struct, frozen=True):
    """The k-th look at a case: the UTC day of the data, the rate it tested at, how many files it saw.

    `told` are the accounts of each group told of so far. `announced` says that people have heard of it.
    """

    k: int
    day: str
    fdr: float
    files: int
    alerts: list[Alert]
    told: dict[str, list[str]]
    announced: bool = False

    def says(self) -> str:
        """That the look was made, and whether there was anything to tell."""
        news = words.count(len(self.alerts), "piece") + " of news" if self.alerts else "nothing new"
        return f"look {self.k}, {self.day}, at {self.fdr:.2g}: {news}"

    def told_of(self) -> dict[str, Any]:
        """The same as plain values, without accounts."""
        alerts = [msgspec.to_builtins(one) for one in self.alerts]
        return {"look": self.k, "day": self.day, "fdr": self.fdr, "alerts": alerts}


def level(fdr: float, k: int) -> float:
    """The rate of look k = 1, 2, ...; over all k they add up to `fdr`."""
    return fdr / (k * (k + 1))


def looks(case: Case) -> list[Look]:
    """All looks at a case so far. Raises CaseError where their record is damaged."""
    try:
        return msgspec.convert(case.read(LOOKS) or [], list[Look])
    except msgspec.ValidationError:
        raise CaseError(
            f"{case.path / LOOKS} is damaged: it holds what was told and what looking cost, put it back"
        ) from None


def compare(case: Case, why: Mapping[str, str], before: list[Look], day: str, fdr: float, files: int) -> Look:
    """The next look: what is to be told of groups of the case that was not before.

    `why` says of each group by its id what to add, and names nobody; `fdr` is the rate of all looks together.
    """
    k = len(before) + 1
    bar = level(fdr, k)
    told = {name: set(accounts) for name, accounts in (before[-1].told if before else {}).items()}
    passing = {
        row["account"] for row in case.table("standings").rows() if row["q"] is not None and row["q"] <= bar
    }
    alerts = []
    named = _names(case)
    for row in named:
        if row["event"] == "merged" and row["name"] in told and row["other"]:
            told.setdefault(row["other"], set()).update(told.pop(row["name"]))
            says = f"{row['name']} is part of {row['other']} now"
            alerts.append(Alert(row["other"], "merged", 0, 0, says))
    ever = {account for accounts in told.values() for account in accounts}
    for row in named:
        if not row["cluster"]:
            continue
        name, members = row["name"], set(row["accounts"])
        new = (members & passing) - ever
        size = len(members & ever) + len(new)
        if not new or size < LEAST:
            continue
        alerts.append(_alert(name, size, len(new), name in told, why.get(row["cluster"], "")))
        told.setdefault(name, set()).update(new)
        ever |= new
    return Look(k, day, bar, files, alerts, {name: sorted(who) for name, who in sorted(told.items())})


def _names(case: Case) -> list[Mapping[str, Any]]:
    """What the names of groups stand for now."""
    rows = case.table(NAMES).rows()
    last = max((row["round"] for row in rows), default=0)
    return [row for row in rows if row["round"] == last]


def _alert(name: str, size: int, new: int, grows: bool, why: str) -> Alert:
    who = words.count(size, "account")
    event = "grows" if grows else "appears"
    came = f"{name} grows by {new:,} to {who}" if grows else f"{name} appears: {who}"
    return Alert(
        name, event, size, new, f"{came} that acted together more than chance explains. {why}".strip()
    )
