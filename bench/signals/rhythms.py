"""Shared pauses and the spread of posts: `uv run python bench/signals/rhythms.py --data DIR`.

First invented groups of 15 in a crowd of 200 over 26 weeks, everybody with weekends of their own: false
alarms where nobody shares a pause or where the whole file does, and power where members share so many days.
Then the Thai operation and the categories of the IRA archive beside honest sets, each asked as a whole (so
with nobody to compare with: described only), and random halves of the honest sets, which have others to
compare with.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from loading import accounts_of, labels, read, subjects

from concerted import schema
from concerted.engines import open_engine
from concerted.signals.rhythm import Rhythm
from concerted.table import Table

HONEST = ("us_congress_2016", "conference_tweets", "paraguay_election_2018", "up_elections_2017")
WEEKS, CROWD, MEMBERS = 26, 200, 15


def invented(seed: int, shared: int, everybody: bool) -> tuple[dict[str, Table], list[str]]:
    """Posts on working days; members, or everybody, pause together on `shared` days."""
    rng = np.random.default_rng(seed)
    days = WEEKS * 7
    pauses = rng.choice(days, shared, False)
    accounts, times = [], []
    for place in range(CROWD + MEMBERS):
        name = f"x:m{place}" if place < MEMBERS else f"x:o{place}"
        weekend = rng.choice(7, 2, False)
        chance = np.where(np.isin(np.arange(days) % 7, weekend), 0.2, 0.8)
        off = rng.choice(days, 10, False)
        chance[off] = 0
        if place < MEMBERS or everybody:
            chance[pauses] = 0.02
        for day in np.flatnonzero(rng.random(days) < chance):
            for hour in rng.normal(14, 3, rng.integers(1, 4)).clip(0, 23.9):
                accounts.append(name)
                times.append(
                    datetime(2023, 1, 2, tzinfo=UTC) + timedelta(hours=24.0 * int(day) + float(hour))
                )
    rows = schema.rows("posts", account=accounts, time=times, platform=["x"] * len(times))
    return {"posts": Table("posts", rows)}, [f"x:m{place}" for place in range(MEMBERS)]


def main(data: Path, draws: int, seed: int) -> None:
    engine = open_engine()
    print(f"Shared pauses, {draws} files a row: a note that counts for the group\n")
    for what, shared, everybody in (
        ("nobody shares any", 0, False),
        ("the whole file shares 12 days", 12, True),
        ("members share 2 days", 2, False),
        ("members share 4 days", 4, False),
        ("members share 8 days", 8, False),
    ):
        found = 0
        for place in range(draws):
            tables, members = invented(seed + place, shared, everybody)
            notes = Rhythm(seed=place).notes(subjects({"a": members}), tables, engine).to_pylist()
            found += any(note["leans"] == "for" for note in notes)
        print(f"  {what:30} {found / draws:.2f}")

    print("\nReal sets\n")
    ira, category = read(data, "ira_clemson"), labels(data, "ira_clemson", "account_category")
    groups: dict[str, list[str]] = {}
    for account in accounts_of(ira):
        groups.setdefault(category.get(account.partition(":")[2], "unknown"), []).append(account)
    # one category at a time: the others are no crowd but the same operation
    for name, accounts in sorted(groups.items()):
        if len(accounts) >= 5:
            part = {"posts": _of(ira["posts"], accounts)}
            _told(
                f"IRA {name}", Rhythm(seed=seed).notes(subjects({name: accounts}), part, engine).to_pylist()
            )
    thai = read(data, "thailand_rta_2020", "posts.parquet")
    notes = Rhythm(seed=seed, posts=30).notes(subjects({"Thai": accounts_of(thai)}), thai, engine)
    _told("Thailand (30 posts)", notes.to_pylist())
    for name in HONEST:
        part = read(data, name)
        every = accounts_of(part)
        rng = np.random.default_rng(seed)
        half = rng.choice(every, len(every) // 2, False).tolist()
        for what, some in (("whole", every), ("random half", half)):
            notes = Rhythm(seed=seed, posts=30).notes(subjects({name: some}), part, engine)
            _told(f"{name}, {what} (30 posts)", notes.to_pylist())


def _of(posts: Table, accounts: list[str]) -> Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = posts.to_arrow()
    return Table("posts", rows.filter(pc.is_in(rows["account"], value_set=pa.array(accounts, pa.string()))))


def _told(name: str, notes: list[dict[str, object]]) -> None:
    for note in notes:
        print(f"  {name}: {note['leans']}: {note['says']}")
    if not notes:
        print(f"  {name}: too few members with enough posts")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--draws", type=int, default=20, help="files per row")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    main(given.data, given.draws, given.seed)
