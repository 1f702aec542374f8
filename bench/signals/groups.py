"""Disguise and deficit beside honest groups: `uv run python bench/signals/groups.py --data DIR`.

All sets are read into one file. Asked about are the categories of the IRA archive, the Thai operation, and a
random half of each honest set; the other halves are the accounts to compare with. The sets were collected in
different years, so what p says here is that they differ, not why; the shares side by side are what there is
to see. Calibration is the last table: honest groups within their own file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from loading import accounts_of, joined, labels, read, subjects, tagged

from concerted.engines import open_engine
from concerted.signals._facts import compared
from concerted.signals._judged import judged
from concerted.signals._profiles import profiles
from concerted.signals.deficit import Deficit
from concerted.signals.disguise import Disguise

HONEST = (
    "conference_tweets",
    "up_elections_2017",
    "vaccine_tweets_2021",
    "us_congress_2016",
    "bluesky_search_2025",
)
TAGS = 20  # hashtags of a set whose users are asked about, the most used ones
LEVELS = (0.05, 0.01)


def main(data: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ira, thai = read(data, "ira_clemson"), read(data, "thailand_rta_2020", "posts.parquet")
    honest = {name: read(data, name) for name in HONEST}
    category = labels(data, "ira_clemson", "account_category")
    operations: dict[str, list[str]] = {"Thailand": same(accounts_of(thai))}
    for account in accounts_of(ira):
        name = f"IRA {category.get(account.partition(':')[2], 'unknown')}"
        operations.setdefault(name, []).append(*same([account]))
    halves = {
        name: sorted(rng.choice(every := same(accounts_of(part)), len(every) // 2, replace=False).tolist())
        for name, part in honest.items()
    }
    tables = joined(ira, thai, *honest.values())
    engine = open_engine()
    asked = {**{k: v for k, v in sorted(operations.items()) if len(v) >= 5}, **halves}

    print("Disguise: members of whom it holds, of those of whom it can be told\n")
    in_groups = sorted({account for accounts in asked.values() for account in accounts})
    for fact in Disguise(seed=seed)._facts(profiles(tables, engine), tables, engine):
        print(f"  {fact.did}{'' if fact.counts else ' (described only)'}")
        others = ~fact.marks(in_groups)
        for name, accounts in asked.items():
            members = fact.marks(accounts)
            if members.sum() >= 5:
                told = compared(fact, accounts, others, 5)
                beside = "nobody to compare with" if told is None else told["says"].partition("; ")[2]
                hits = int((fact.holds & members).sum())
                told_of = int(members.sum())
                print(f"    {name:22} {hits:5} of {told_of:5} ({hits / told_of:6.1%})  {beside}")

    print("\nDeficit\n")
    notes = Deficit(seed=seed).notes(subjects(asked), tables, engine).to_pylist()
    for note in notes:
        interval = f"{note['value']:.3f} [{note['low']:.3f}, {note['high']:.3f}]"
        print(f"    {note['subject']:22} {note['leans']:4} {interval} {note['says']}")

    print("\nHonest groups within their own file: users of a hashtag, and random groups of 15\n")
    for name, part in honest.items():
        every = accounts_of(part)
        groups = {f"tag {tag}": sorted(members) for tag, members in tagged(part, 8)[:TAGS]}
        groups |= {f"drawn {n}": sorted(rng.choice(every, 15, replace=False).tolist()) for n in range(TAGS)}
        for label, signal in (("deficit", Deficit(seed=seed)), ("disguise", Disguise(seed=seed))):
            asked = [signal.asked(subjects({key: some}), part, engine) for key, some in groups.items()]
            p = [row["p"] for rows in asked for row in rows if row.get("p") is not None]
            called = sum(
                note["leans"] == "for"
                for rows in asked
                for note in judged(rows, {signal.name: signal.fdr}).to_pylist()
            )
            said = ", ".join(f"{sum(one <= level for one in p)} at {level:g}" for level in LEVELS)
            print(
                f"    {name:22} {label:9} {len(groups)} groups, {len(p)} questions with p: {said}; "
                f"{called} notes for, each group a run of its own"
            )


def same(accounts: list[str]) -> list[str]:
    """As `joined` names them: on one platform."""
    return ["x:" + account.partition(":")[2] for account in accounts]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--seed", type=int, default=1)
    main(**vars(parser.parse_args()))
