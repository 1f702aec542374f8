"""Acting together across platforms: planted groups, and published pages and accounts of two platforms.

    uv run python bench/signals/platforms.py SEEDS [DATA]

For each of so many seeds a group of 8 on two platforms is planted, with content of its own, with content that
others share, and with one clock two hours ahead before and after that is taken off; and a crowd without one.
With DATA, a folder that holds coortweet_german_elections, the links of Facebook and Twitter there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import concerted as co
from concerted import schema
from concerted.simulate import Plan, crowd, plant, spread
from concerted.table import Table

ROOM = {"accounts": 300, "links": 0.6}
GROUP = {"name": "both", "size": 8, "acts": 30, "traces": ("link",), "participation": 0.8}
KINDS: dict[str, tuple[str, float, dict[str, float]]] = {
    "nobody planted": ("", 0.0, {}),
    "own content": ("own", 0.0, {}),
    "shared content": ("shared", 0.0, {}),
    "own, clock ahead": ("own", 7200.0, {}),
    "own, taken off": ("own", 7200.0, {"facebook": 7200.0}),
    "shared, clock ahead": ("shared", 7200.0, {}),
    "shared, taken off": ("shared", 7200.0, {"facebook": 7200.0}),
}
CROSS = "split_part(a, ':', 1) <> split_part(b, ':', 1)"


def main(seeds: int, data: Path | None) -> None:
    """Prints a line per kind, summed over the seeds."""
    print(f"{'':22} {'members':>14} {'innocent':>9} {'pairs across':>13} {'groups on two':>14} {'offset':>7}")
    for kind, (objects, ahead, clocks) in KINDS.items():
        members = innocent = across = mixed = told = 0
        for seed in range(1, seeds + 1):
            made = crowd(seed, **ROOM)  # type: ignore[arg-type]
            if objects:
                made = plant(made, Plan(**GROUP, objects=objects))  # type: ignore[arg-type]
            made = spread(made, ahead={"facebook": ahead})
            planted = {account for some in made.groups().values() for account in some}
            tables = found(made.posts, made.accounts, clocks)
            shown = {row["account"] for row in tables["standings"].rows() if row["answer"] == "found"}
            members += len(shown & planted)
            innocent += len(shown - planted)
            across += _ties(tables)
            mixed += _mixed(tables)
            told += sum(row["subject_kind"] == "file" for row in _notes(tables))
        print(
            f"{kind:22} {members:>11}/{8 * seeds * bool(objects):<2} {innocent:>9} {across:>13} {mixed:>14} "
            f"{told:>7}"
        )
    if data is not None:
        pages(data, {})
        pages(data, {"facebook": 14400.0})


def pages(data: Path, clocks: dict[str, float]) -> None:
    """Facebook pages and Twitter accounts before the German election of 2021, by the links they shared."""
    read = co.read(data / "coortweet_german_elections" / "posts.parquet", timezone="UTC")
    tables = found(read.to_arrow(), read.beside["accounts"].to_arrow(), clocks)
    both = f"select window_s, count(*) as pairs from pairs where {CROSS} group by 1 order by 1"
    print(f"German pages, clocks {clocks}: pairs across with two links or more in common, by window in s:")
    for row in tables["pairs"].sql(both.replace("from pairs", "from this")).rows():
        print(f"  {row['window_s']:>6} {row['pairs']:>6}")
    print(
        f"ties across: {_ties(tables)}; groups on two platforms: {_mixed(tables)} of "
        f"{len({row['cluster'] for row in tables['groups'].rows()})}"
    )
    answers = {row["set"]: row["answer"] for row in tables["sets"].rows()}
    for row in _notes(tables):
        print(
            f"  {row['subject_kind']} {row['subject']} {answers.get(str(row['subject']), '')}: {row['says']}"
        )


def found(posts: pa.Table, accounts: pa.Table, clocks: Mapping[str, float]) -> dict[str, Table]:
    """All tables up to the notes of the one signal, from links alone."""
    given = Table("posts", posts, {"accounts": Table("accounts", accounts)})
    groups = co.group(co.weigh(co.pair(co.trace(given, ["link"], clocks=dict(clocks)))))
    rest = {
        name: Table(name, schema.empty(name)) for name in ("inputs", "ledger") if name not in groups.beside
    }
    said = co.explain(
        Table("groups", groups.to_arrow(), {**rest, **groups.beside}), signals=["crossplatform"]
    )
    return {**said.beside, "evidence": said}


def _ties(tables: Mapping[str, Table]) -> int:
    ties = tables["ties"].sql(f"select distinct a, b from this where answer = 'found' and {CROSS}")
    return len(ties)


def _mixed(tables: Mapping[str, Table]) -> int:
    sql = "select cluster from this group by 1 having count(distinct split_part(account, ':', 1)) > 1"
    return len(tables["groups"].sql(sql))


def _notes(tables: Mapping[str, Table]) -> list[dict[str, object]]:
    notes = tables["notes"].to_arrow()
    rows: list[dict[str, object]] = notes.filter(pc.equal(notes["signal"], "crossplatform")).to_pylist()
    return rows


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
