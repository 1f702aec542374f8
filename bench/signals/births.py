"""Openings in known operations and in honest crowds: `uv run python bench/signals/births.py --data DIR`.

Five tables. What the profiles of whole files show by themselves (surges lean nowhere; batches are alike
besides and lean for). Groups drawn at random from one set into a pool of honest accounts: how often the test
passes. Groups drawn at random from honest files against the rest of their own file, three times as many: this
is the calibration. Honest groups as they are, the users of one hashtag, against the rest of their file. Whole
sets against honest accounts that others collected at another time, which no permutation within quarters makes
alike: a warning, not a calibration, and what is in the honest rows of the second table, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from loading import accounts_of, joined, labels, only, read, subjects, tagged

from concerted.engines import open_engine
from concerted.signals._profiles import Profiles, profiles
from concerted.signals._scan import Window, scan
from concerted.signals.births import Births

OPERATIONS = ("turkish_astroturf_2022", "thailand_rta_2020", "reddit_ira_2018", "africa_ira_2019")
HONEST = ("vaccine_tweets_2021", "conference_tweets", "us_election_x_2024")
POOL = ("random_users_2015", *HONEST)
SIZES = (6, 15, 40)
LEVELS = (0.05, 0.01)


def main(data: Path, fdr: float, draws: int, seed: int) -> None:
    mib = labels(data, "fake_followers_mib", "label")
    both = read(data, "fake_followers_mib")
    parts = {name: read(data, name) for name in (*OPERATIONS, *POOL, "bluesky_search_2025")}
    for label in ("fake_follower", "genuine"):
        ids = {account for account in accounts_of(both) if mib[account.partition(":")[2]] == label}
        parts[f"mib {label}"] = only(both, ids)
    parts["mib both"] = both
    engine = open_engine()

    print(f"Whole files, --fdr {fdr:g}\n")
    for name, part in parts.items():
        notes = Births(fdr=fdr).notes(subjects({}), part, engine).to_pylist()
        batches = [note for note in notes if note["leans"] == "for"]
        print(f"{name}: {len(accounts_of(part, True)):,} accounts, {len(batches)} batches")
        for note in sorted(notes, key=lambda note: note["leans"]):
            print(f"    {note['leans']:4} {note['says']}")

    names = (*OPERATIONS, "mib fake_follower", *POOL, "mib genuine")
    pools = {name: joined(*(parts[one] for one in POOL if one != name), parts[name]) for name in names}
    known = {name: profiles(pool, engine) for name, pool in pools.items()}
    print(f"\nGroups of g drawn at random into the pool of {', '.join(POOL)}")
    print(f"how many of {draws} have p at most {' and '.join(map(str, LEVELS))}\n")
    rng = np.random.default_rng(seed)
    for name in names:
        own = known[name].marks(accounts_of(parts[name])) & known[name].dated
        cells = [
            f"g = {size}: {' '.join(str(sum(p <= level for p in found)) for level in LEVELS):6}"
            for size in SIZES
            if len(found := [_drawn(known[name], own, size, name not in POOL, rng) for _ in range(draws)])
        ]
        honest = name in (*POOL, "mib genuine")
        print(f"{name:28} {'honest' if honest else 'known':6} {'   '.join(cells)}")

    print("\nGroups of g drawn at random from honest files, against the rest of their own file")
    print(f"how many of {3 * draws} have p at most {' and '.join(map(str, LEVELS))}\n")
    for name in (*POOL, "bluesky_search_2025", "mib genuine"):
        file = profiles(parts[name], engine)
        cells = []
        for size in SIZES:
            found = [_drawn(file, file.dated, size, False, rng) for _ in range(3 * draws)]
            cells.append(f"g = {size}: {' '.join(str(sum(p <= level for p in found)) for level in LEVELS):6}")
        print(f"{name:28} {'   '.join(cells)}")

    print("\nUsers of one hashtag against the rest of their file (honest)\n")
    for name in ("conference_tweets", "vaccine_tweets_2021", "us_election_x_2024", "bluesky_search_2025"):
        file = profiles(parts[name], engine)
        groups = [members for _, members in tagged(parts[name], 8)]
        found = [
            _scanned(file, file.marks(sorted(members)) & file.dated, file.dated, rng) for members in groups
        ]
        p = np.array([1.0 if one is None else one.p for one in found])
        tested = sum(one is not None for one in found)
        shares = ", ".join(f"p <= {level:g}: {int((p <= level).sum())}" for level in LEVELS)
        print(f"{name:28} {len(groups)} groups, {tested} with three in one window; {shares}")

    print("\nWhole sets against the pool (other collections)\n")
    for name in names:
        own = known[name].marks(accounts_of(parts[name])) & known[name].dated
        one = _scanned(known[name], own, known[name].dated, rng)
        if one is not None:
            print(f"{name:28} {one.hits:4} in one window, {one.expected:7.1f} expected, p = {one.p:.2g}")


def _drawn(known: Profiles, own: np.ndarray, size: int, apart: bool, rng: np.random.Generator) -> float:
    """P of a group drawn from `own`; `apart` takes the rest of that set out of the crowd."""
    inside = np.zeros(len(known), bool)
    inside[rng.choice(np.flatnonzero(own), size, replace=False)] = True
    crowd = inside | (known.dated & ~own) if apart else known.dated
    found = _scanned(known, inside, crowd, rng)
    return 1.0 if found is None else found.p


def _scanned(
    known: Profiles, inside: np.ndarray, crowd: np.ndarray, rng: np.random.Generator
) -> Window | None:
    return scan(known.opened[crowd], inside[crowd], rng)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--fdr", type=float, default=0.05)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    main(**vars(parser.parse_args()))
