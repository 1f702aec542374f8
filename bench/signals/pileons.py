"""Pile-ons, invented with known truth and in real files: `uv run python bench/signals/pileons.py --data DIR`.

First, false alarms in invented crowds: random groups, and communities with a taste of their own to which news
happens that no other community hears of (the hardest innocent case). Then power: so many members of a group
of 40 address one target within so long a time, on top of all else they do; the target is one that many, some
or hardly any others address. Last, honest communities of real files (the users of one hashtag), random groups
of 30, and the Thai operation: how many groups have a note that counts for them, and which targets are known.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from invented import CIRCLE, Crowd, subjects
from loading import accounts_of, read, tagged
from loading import subjects as named

from concerted import schema
from concerted.engines import open_engine
from concerted.signals.pileon import PileOn
from concerted.table import Table

REAL = (
    "conference_tweets",
    "us_congress_2016",
    "paraguay_election_2018",
    "up_elections_2017",
    "us_election_x_2024",
    "bluesky_search_2025",
    "thailand_rta_2020",
    "africa_ira_2019",
)
PLACES = {"famous": 2, "known": 40, "obscure": 280}  # of 300 targets by how much they are addressed


def main(data: Path, crowds: int, draws: int, seed: int) -> None:
    engine = open_engine()
    print(f"False alarms, {crowds} invented crowds of 1,200: groups of 40 with a note that counts for\n")
    for news in (0, 3):
        for kind in ("random groups", "communities"):
            alarms = asked = 0
            for place in range(crowds):
                crowd = Crowd(seed + place, news=news)
                groups = (
                    {str(n): list(range(n * CIRCLE, (n + 1) * CIRCLE)) for n in range(10)}
                    if kind == "communities"
                    else {str(n): crowd.rng.choice(crowd.accounts, 40, False).tolist() for n in range(10)}
                )
                # each group is a run of its own: q is over the targets of one group
                tables = crowd.tables()
                for name, members in groups.items():
                    notes = PileOn().notes(subjects({name: members}), tables, engine).to_pylist()
                    asked += 1
                    alarms += any(note["leans"] == "for" for note in notes)
            print(f"  {news} news a community, {kind:14} {alarms} of {asked}")

    print(f"\nPower: strikes found of {draws}, random group of 40, q at most 0.05\n")
    print(f"  {'target':10} {'within':>8} " + " ".join(f"{size:>4} members" for size in (4, 6, 10, 20)))
    for fame, target in PLACES.items():
        for spread in (300, 3600, 43200):
            cells = []
            for size in (4, 6, 10, 20):
                found = 0
                for place in range(draws):
                    crowd = Crowd(seed + 1000 + place)
                    group = crowd.rng.choice(crowd.accounts, 40, False)
                    crowd.strike(group[:size], target, spread)
                    notes = (
                        PileOn().notes(subjects({"a": group.tolist()}), crowd.tables(), engine).to_pylist()
                    )
                    found += any(n["leans"] == "for" and f"⟦x:t{target}⟧" in n["says"] for n in notes)
                cells.append(f"{found / draws:12.2f}")
            print(f"  {fame:10} {spread:>6} s {''.join(cells)}")

    print("\nReal files: groups with a note that counts for them, of those asked; targets only described\n")
    for name in REAL:
        if not (data / name).is_dir():
            continue
        part = dict(read(data, name, "posts.parquet"))
        part["evidence"] = Table("evidence", schema.empty("evidence"))
        rng = np.random.default_rng(seed)
        every = accounts_of(part)
        communities: dict[str, list[str]] = {tag: sorted(accounts) for tag, accounts in tagged(part, 15)}
        random: dict[str, list[str]] = {
            str(n): rng.choice(every, min(30, len(every)), False).tolist() for n in range(40)
        }
        for what, groups in (
            ("communities", communities),
            ("random", random),
            ("all accounts", {"all": every}),
        ):
            alarms = described = 0
            for label, accounts in groups.items():
                notes = PileOn().notes(named({label: accounts}), part, engine).to_pylist()
                mine = [note for note in notes if note["subject_kind"] == "cluster"]
                alarms += any(note["leans"] == "for" for note in mine)
                described += sum(note["p"] is None for note in mine)
            print(
                f"  {name:24} {what:12} {alarms:3} of {len(groups):3} groups; {described} targets described"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--crowds", type=int, default=8, help="invented crowds for false alarms")
    parser.add_argument("--draws", type=int, default=20, help="strikes per cell")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    main(given.data, given.crowds, given.draws, given.seed)
