"""Replacement and survival on invented groups: `uv run python bench/signals/replacements.py`.

A group of 40 among 600 accounts, 180 days. Twelve members are suspended, scattered or in two batches; of
those a share is answered by a new member within five days, which takes up its tags, or those of nobody in
particular. Besides, members and others begin at an ordinary pace, others more in a month of news. Printed is
how often a note counts for the group at q 0.05, first where nothing is answered: false alarms. Then the
log-rank p of survival, which leans nowhere, with and without a higher risk for members. With --data, what is
told of the categories of the IRA archive and of honest hashtag communities.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from loading import accounts_of, labels, read, subjects, tagged

from concerted import schema
from concerted.engines import open_engine
from concerted.signals.replacement import Replacement
from concerted.signals.survival import Survival
from concerted.table import Table

BEGUN = datetime(2023, 1, 1, tzinfo=UTC)
DAYS, ROLES, PACE = 180, 6, 0.4


class File:
    """Posts and profiles in the making."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.posts: list[dict[str, Any]] = []
        self.profiles: list[dict[str, Any]] = []

    def account(self, name: str, first: float, last: float, tags: list[str], gone: bool = False) -> None:
        """An account that posts from one day to another, with some of these tags and common ones."""
        days = np.append(first, first + np.cumsum(self.rng.exponential(1 / PACE, int(DAYS * PACE * 3))))
        for day in days[days <= last]:
            used = [str(self.rng.choice(tags)), f"common{self.rng.integers(20)}"]
            self.posts.append(
                {
                    **{"account": name, "post": f"{name} {day}", "time": BEGUN + timedelta(days=float(day))},
                    **{"tags": used, "platform": "x", "kind": "original"},
                }
            )
        if gone:
            seen = BEGUN + timedelta(days=float(last))
            self.profiles.append(
                {"account": name, "platform": "x", "status": "suspended", "status_time": seen, "seen": seen}
            )

    def tables(self) -> dict[str, Table]:
        """As signals see them."""
        rows = {"posts": self.posts, "accounts": self.profiles}
        return {n: Table(n, pa.Table.from_pylist(r, schema=schema.arrow(n))) for n, r in rows.items()}


def invented(
    seed: int, answered: float, batches: bool, alike: bool, hazard: float = 0.0
) -> tuple[File, list[str]]:
    """The file and the members of its group; `hazard` suspends accounts at random instead, members it
    times as often."""
    file = File(seed)
    rng = file.rng
    roles = [[f"role{role} {n}" for n in range(4)] for role in range(ROLES)]
    members: list[str] = []
    stops = np.sort(rng.uniform(30, 150, 12))
    if batches:
        stops = np.sort(np.repeat(rng.uniform(30, 150, 2), 6) + rng.uniform(0, 1, 12))

    def joins(first: float, last: float, role: int, gone: bool = False) -> None:
        members.append(f"x:m{len(members)}")
        file.account(members[-1], first, last, roles[role], gone)

    def ends(first: float, often: float) -> float:
        """When an account is suspended at random, or the end of the file."""
        return min(DAYS, first + rng.exponential(DAYS / (0.3 * often))) if hazard else DAYS

    for place in range(40):
        first, role = rng.uniform(0, 10), int(rng.integers(ROLES))
        end = stops[place] if place < 12 and not hazard else ends(first, hazard)
        joins(first, end, role, end < DAYS)
        if place < 12 and not hazard and rng.random() < answered:
            joins(end + rng.uniform(0, 5), DAYS, role if alike else int(rng.integers(ROLES)))
    for day in rng.uniform(20, DAYS - 5, rng.poisson(18)):
        end = ends(day, hazard)
        joins(day, end, int(rng.integers(ROLES)), end < DAYS)
    for place in range(600):
        news = rng.uniform(60, 90) if place % 5 == 0 else rng.uniform(0, DAYS - 5)
        first = rng.uniform(0, 10) if place < 200 else news
        end = ends(first, 1)
        file.account(f"x:o{place}", first, end, [f"own{place % 50} {n}" for n in range(4)], end < DAYS)
    return file, members


def real(data: Path) -> None:
    """Prints what is told of public sets."""
    engine = open_engine()
    ira, category = read(data, "ira_clemson"), labels(data, "ira_clemson", "account_category")
    known: dict[str, list[str]] = {}
    for account in accounts_of(ira):
        known.setdefault(category.get(account.partition(":")[2], "unknown"), []).append(account)
    sets = {"ira_clemson": (ira, known)}
    for name in ("up_elections_2017", "paraguay_election_2018"):
        part = read(data, name)
        sets[name] = (part, {tag: sorted(some) for tag, some in tagged(part, 20)[:20]})
    for name, (part, groups) in sets.items():
        for label, accounts in groups.items():
            for signal in (Replacement(), Survival()):
                for note in signal.notes(subjects({label: accounts}), part, engine).to_pylist():
                    print(f"  {name}, {len(accounts)} accounts: {note['leans']}: {note['says']}")


def main(draws: int, seed: int) -> None:
    engine = open_engine()
    print(f"Replacement, {draws} files a row: beginnings and likeness with q at most 0.05\n")
    for batches in (False, True):
        for answered, alike in ((0.0, False), (0.25, True), (0.5, True), (1.0, True), (1.0, False)):
            begun = taken = 0
            for place in range(draws):
                file, members = invented(seed + place, answered, batches, alike)
                notes = Replacement().notes(subjects({"a": members}), file.tables(), engine).to_pylist()
                begun += any(n["leans"] == "for" and "began within" in n["says"] for n in notes)
                taken += any(n["leans"] == "for" and "same tags" in n["says"] for n in notes)
            how = f"{'two batches' if batches else 'scattered':12} {answered:4.0%} answered, "
            how += f"{'same tags' if alike else 'any tags':10}"
            print(f"  {how} beginnings {begun / draws:.2f}, likeness {taken / draws:.2f}")
    print(f"\nSurvival, {draws} files a row: log-rank p at most 0.05 and 0.01\n")
    for hazard in (1.0, 3.0, 6.0):
        p = []
        for place in range(draws):
            file, members = invented(seed + place, 0, False, False, hazard)
            notes = Survival().notes(subjects({"a": members}), file.tables(), engine).to_pylist()
            p += [note["p"] for note in notes if note["p"] is not None]
        found = np.array(p)
        shares = " ".join(f"{(found <= level).mean():.2f}" for level in (0.05, 0.01))
        print(f"  risk of members times {hazard:.0f}: {shares} of {len(p)} told")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20, help="files per row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--data", type=Path, help="folder of the public data sets; without it, invented ones only"
    )
    given = parser.parse_args()
    main(given.draws, given.seed)
    if given.data is not None:
        print("\nReal sets\n")
        real(given.data)
