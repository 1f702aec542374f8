"""How much of early attention groups make: `uv run python bench/signals/amplification.py --data DIR`.

First the posts that the Thai operation reshared most. Then why it only describes: the share of things in
which a group's early members exceed what activity alone lets expect, by that null's own p, for random groups
(which it fits) and for honest communities, the users of one hashtag (which it does not). Last, the figures of
such communities beside those of the planted group of the demo.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from loading import accounts_of, read, subjects, tagged

import concerted as co
from concerted import simulate
from concerted.engines import open_engine
from concerted.nulls.tails import poisson_binomial
from concerted.signals._early import Early, early
from concerted.signals._members import marks
from concerted.signals.amplification import Amplification
from concerted.simulate.demo import demo
from concerted.table import Table

HONEST = ("conference_tweets", "us_congress_2016", "up_elections_2017")
LEVELS = (0.05, 0.01, 0.001)


def main(data: Path, draws: int, seed: int, scratch: Path) -> None:
    engine = open_engine()
    thai = traced(read(data, "thailand_rta_2020", "posts.parquet"))
    every = accounts_of(thai)
    known = early(thai, engine, 20, 3600)
    inside = marks(known.names, every)
    sizes = np.bincount(known.object)
    print("The most reshared posts of the Thai operation: accounts, of them members\n")
    for place in np.argsort(-np.where(known.trace == 0, sizes, 0), kind="stable")[:5]:
        mine = inside[known.account[known.object == place]]
        print(f"  {sizes[place]:4} accounts, {int(mine.sum()):4} members")
    for note in Amplification().notes(subjects({"Thailand": every}), thai, engine).to_pylist():
        print(f"  {note['leans']} {note['says']}")

    print(f"\nShare of things with p at most {', '.join(map(str, LEVELS))} if activity were the null\n")
    for name in HONEST:
        part = traced(read(data, name))
        known = early(part, engine, 20, 3600)
        rng = np.random.default_rng(seed)
        everybody = sorted(set(known.names.to_pylist()))
        groups = {
            "random groups of 20": [rng.choice(everybody, 20, False).tolist() for _ in range(draws)],
            "users of a hashtag": [sorted(some) for _, some in tagged(part, 10, 0.2)],
        }
        for what, some in groups.items():
            p = np.array([one for accounts in some for one in chances(known, marks(known.names, accounts))])
            if len(p):
                cells = " ".join(f"{(p <= level).mean():7.4f}" for level in LEVELS)
                print(f"  {name:20} {what:20} {len(some):4} groups {len(p):6} things {cells}")

    print("\nWhat is told: the planted boosters of the demo, and three honest communities\n")
    posts = co.read(simulate.write_demo(scratch, seed))
    shown = traced({"posts": posts, **posts.beside})
    for note in Amplification().notes(subjects({"boosters": boosters(seed)}), shown, engine).to_pylist():
        print(f"  boosters: {note['says']}")
    part = traced(read(data, HONEST[0]))
    for tag, accounts in tagged(part, 20, 0.2)[:3]:
        for note in Amplification(most=1).notes(subjects({tag: sorted(accounts)}), part, engine).to_pylist():
            print(f"  users of a tag: {note['says']}")


def traced(part: Mapping[str, Table]) -> dict[str, Table]:
    """The same with events and objects."""
    events = co.trace(part["posts"], ["reshare", "link", "hashtag"])
    return {**part, "events": events, **{name: events.beside[name] for name in ("objects",)}}


def chances(known: Early, inside: np.ndarray) -> list[float]:
    """P of so many early members, of each thing that 20 accounts shared, 5 of them no members."""
    found = []
    head = known.first
    mine = inside[known.account]
    size = np.bincount(known.object)
    total = np.bincount(known.object, mine)
    for place in np.flatnonzero((size >= 20) & (size - total >= 5)):
        rows = head & (known.object == place)
        q = known.chances(int(place), int(rows.sum()), np.flatnonzero(inside))
        hits = np.array([int((rows & mine).sum())])
        found.append(float(poisson_binomial(q, np.zeros(len(q), np.int64), hits)[0]))
    return found


def boosters(seed: int) -> list[str]:
    """The accounts that the demo plants to reshare, as its export calls them."""
    made = demo(seed)
    order = np.random.default_rng([seed, 3]).permutation(made.truth.num_rows).tolist()
    names = dict(zip(sorted(made.truth["account"].to_pylist()), order, strict=True))
    return [f"meadow:a{names[one]:05d}" for one in made.groups()["boosters"]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--draws", type=int, default=40, help="random groups per set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the demo's export")
    given = parser.parse_args()
    main(given.data, given.draws, given.seed, given.scratch)
