"""Order of a group and a list, with known truth: `uv run python bench/signals/provenances.py --data DIR`.

Invented: 30 links, each posted by 10 to 60 of 600 accounts at random times, prompt accounts earlier; a group
of 12 posts each with chance 0.5; a list of five outlets posts each. False alarms where members are drawn like
anybody, where they act together but no earlier, and where they are as prompt as the promptest; power where
they come within the first tenth, or within an hour after the list. Then what is told of real files.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from loading import accounts_of, read, subjects, tagged

import concerted as co
from concerted import schema
from concerted.engines import open_engine
from concerted.signals.provenance import Provenance
from concerted.table import Table

BEGUN = datetime(2023, 1, 2, tzinfo=UTC)
MEMBERS = [f"x:m{n}" for n in range(12)]
LIST = tuple(f"x:l{n}" for n in range(5))
CASES = {
    "members like anybody": "free",
    "members together, no earlier": "together",
    "members ahead of most": "early",
    "members within an hour after the list": "after",
}


def invented(seed: int, how: str) -> dict[str, Table]:
    """Posts and events of one file."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, float]] = []
    for place in range(30):
        others = rng.choice(600, rng.integers(10, 60), False)
        start = place * 86400.0
        times = rng.exponential(20_000, len(others))
        rows += [
            (f"x:o{one}", f"https://a.example/{place}", start + t)
            for one, t in zip(others, times, strict=True)
        ]
        lists = rng.exponential(20_000, len(LIST))
        chosen = rng.random(len(LIST)) < 0.4
        listed = [(LIST[n], f"https://a.example/{place}", start + lists[n]) for n in np.flatnonzero(chosen)]
        rows += listed
        there = [one for one in MEMBERS if rng.random() < 0.5]
        mine = rng.exponential(20_000, len(there))
        if how == "together":
            mine = np.full(len(there), rng.exponential(20_000)) + rng.uniform(0, 300, len(there))
        if how == "early":
            mine = rng.uniform(0, np.quantile(times, 0.1), len(there))
        if how == "after" and listed:
            mine = min(lists[chosen]) + rng.uniform(0, 3600, len(there))
        rows += [(one, f"https://a.example/{place}", start + t) for one, t in zip(there, mine, strict=True)]
    account, link, second = zip(*sorted(rows, key=lambda row: row[2]), strict=True)
    times_ = [BEGUN + timedelta(seconds=float(one)) for one in second]
    posts = [f"p{n}" for n in range(len(rows))]
    same = {"account": list(account), "time": times_, "post": posts, "resolution_s": [1.0] * len(rows)}
    events = schema.rows("events", **same, trace=["link"] * len(rows), object=list(link))
    made = {"events": events, "posts": schema.rows("posts", **same, urls=[[one] for one in link])}
    return {name: Table(name, table) for name, table in made.items()} | {
        name: Table(name, schema.empty(name)) for name in ("accounts", "sets")
    }


def main(data: Path, draws: int, seed: int) -> None:
    engine = open_engine()
    print(
        f"Order against the list, {draws} files a row: share with p at most 0.05 and 0.01, ahead and behind\n"
    )
    for what, how in CASES.items():
        p: dict[str, list[float]] = {"ahead": [], "behind": []}
        for place in range(draws):
            tables = invented(seed + place, how)
            signal = Provenance(accounts=LIST, timelines=0)
            (note,) = signal.notes(subjects({"a": MEMBERS}), tables, engine).to_pylist()
            side = "ahead" if "being ahead" in note["says"] else "behind"
            p[side].append(note["p"])
        cells = ""
        for side, ps in p.items():
            cells += f"   {side}" + "".join(
                f" {sum(one <= at for one in ps) / draws:.2f}" for at in (0.05, 0.01)
            )
        print(f"  {what:40}{cells}")

    print("\nReal files\n")
    for name in ("coortweet_german_elections", "us_congress_2016", "conference_tweets"):
        part = read(data, name)
        events = co.trace(part["posts"], ["link", "text"])
        tables = {**part, "events": events, "objects": events.beside["objects"]}
        tables["sets"] = Table("sets", schema.empty("sets"))
        communities: dict[str, list[str]] = {tag: sorted(some) for tag, some in tagged(part, 10)[:3]}
        if not communities:
            rng = np.random.default_rng(seed)
            communities = {"random": sorted(rng.choice(accounts_of(part), 400, False).tolist())}
        for label, some in communities.items():
            sites = ("spiegel.de", "welt.de", "nytimes.com", "theguardian.com", "washingtonpost.com")
            notes = Provenance(sites=sites, label="five newspapers", timelines=1)
            for note in notes.notes(subjects({label: some}), tables, engine).to_pylist():
                print(f"  {name}: {note['subject_kind']}: {note['says']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--draws", type=int, default=40, help="files per row")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    main(given.data, given.draws, given.seed)
