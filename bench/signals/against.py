"""How often what speaks against is said: `uv run python bench/signals/against.py --data DIR`.

Two tables. What the tool finds in each set (groups, sets and accounts outside groups), and how many of them
get each note. Then pairs of accounts that shared at least --least things within an hour of each other, as
tools that count would name them, without any test: in a known operation both are the operation's, and a note
there would excuse it; in honest material it is what the note is for.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import concerted as co
from concerted import registry, schema
from concerted.engines import open_engine
from concerted.table import Table

SETS = {
    "conference_tweets": "honest",
    "us_congress_2016": "honest",
    "bluesky_search_2025": "honest",
    "vaccine_tweets_2021": "honest",
    "boxing_match_2017": "honest",
    "us_election_x_2024": "wild",
    "paraguay_election_2018": "wild",
    "up_elections_2017": "wild",
    "telegram_channels": "wild",
    "coortweet_german_elections": "publishers, wild",
    "thailand_rta_2020": "operation",
    "africa_ira_2019": "operation",
    "ira_clemson": "operation",
    "turkish_astroturf_2022": "operation",
}
PAIRS = """
with near as (
    select x.account as a, y.account as b, x.trace, x.object, x.post as post_a, y.post as post_b,
           x.time as time_a, y.time as time_b
    from events x join events y on y.trace = x.trace and y.object = x.object and y.account > x.account
    join objects o on o.trace = x.trace and o.object = x.object
    where abs(epoch_us(x.time) - epoch_us(y.time)) <= 3600000000 and o.crowd <= 200
      and x.trace in ('text', 'link', 'reshare', 'media')
),
often as (
    select a, b from near group by a, b having count(*) >= {least}
    order by md5(a || b || '{seed}'), a, b limit {most}
)
select a || ' ' || b as cluster, near.* from near join often using (a, b)
"""
BOTH = """
select cluster, trace, object, a as account, post_a as post, time_a as time, true as success from pairs
union all
select cluster, trace, object, b as account, post_b as post, time_b as time, true as success from pairs
"""


def main(data: Path, names: list[str], least: int, most: int, seed: int) -> None:
    signals = [name for name in registry.names("signals") if _against(name)]
    print(
        f"{'':28} {'label':16} {'what':9} {'number':>7} " + " ".join(f"{name[:11]:>11}" for name in signals)
    )
    for name in names:
        groups = co.group(co.weigh(co.pair(co.trace(_read(data / name)))))
        found = co.explain(groups, signals=signals)
        tables = {**found.beside, "evidence": found}
        subjects = _subjects(tables)
        said = [row for row in tables["notes"].rows() if row["leans"] == "against"]
        for kind, what in (("cluster", "groups"), ("set", "sets"), ("account", "alone")):
            count = subjects.get(kind, 0)
            some = Counter(row["signal"] for row in said if row["subject_kind"] == kind)
            _line(name, what, count, [some[signal] for signal in signals])
        pairs, notes = _counted(tables, signals, least, most, seed)
        _line(name, "pairs", pairs, [notes[signal] for signal in signals])


def _read(folder: Path) -> Table:
    return co.read(folder / "posts.parquet", timezone="UTC")


def _against(name: str) -> bool:
    return "It is one itself" in (registry.find("signals", name).__doc__ or "")


def _subjects(tables: Mapping[str, Table]) -> Counter[str]:
    counted = Counter({"cluster": len({row["cluster"] for row in tables["groups"].rows()})})
    shown = {row["set"] for row in tables["sets"].rows() if row["answer"] in ("found", "unresolved")}
    inside = {row["account"] for row in tables["groups"].rows()}
    alone = [row for row in tables["standings"].rows() if row["answer"] != "none"]
    return counted + Counter(
        {"set": len(shown), "account": sum(row["account"] not in inside for row in alone)}
    )


def _counted(
    tables: Mapping[str, Table], signals: list[str], least: int, most: int, seed: int
) -> tuple[int, Counter[str]]:
    """How many pairs were looked at, and how many of them got each note."""
    engine = open_engine()
    near = engine.query(PAIRS.format(least=least, most=most, seed=seed), tables)
    acts = engine.query(BOTH, {"pairs": Table("query", near)})
    evidence = schema.rows("evidence", **{name: acts[name] for name in acts.column_names})
    columns = {"subject": "cluster", "account": "account"}
    ends = pa.table({name: evidence[column] for name, column in columns.items()}).group_by(
        ["subject", "account"]
    )
    members = ends.aggregate([])
    subjects = members.append_column("subject_kind", pa.array(["cluster"] * members.num_rows, pa.string()))
    given = {**tables, "evidence": Table("evidence", evidence)}
    notes: Counter[str] = Counter()
    for name in signals:
        said = registry.find("signals", name)().notes(subjects, given, engine)
        notes[name] = len(pc.unique(said["subject"]))
    return len(pc.unique(subjects["subject"])), notes


def _line(name: str, what: str, number: int, counts: list[int]) -> None:
    if number:
        print(
            f"{name:28} {SETS.get(name, ''):16} {what:9} {number:7,} "
            + " ".join(f"{one:11,}" for one in counts)
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--sets", default=",".join(SETS), help="names of data sets, with commas")
    parser.add_argument("--least", type=int, default=4, help="things a pair must have shared within an hour")
    parser.add_argument("--most", type=int, default=3000, help="pairs looked at, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    there = [name for name in given.sets.split(",") if (given.data / name).is_dir()]
    main(given.data, there, given.least, given.most, given.seed)
