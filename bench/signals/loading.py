"""Data sets of the benchmark as tables, each read once as `concerted` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

import concerted as co
from concerted import schema
from concerted.table import Table

SHAPE = {"handle": "screen_name_shape"}  # handles of ordinary people are given as their form only
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "turkish_astroturf_2022": ("accounts.parquet", SHAPE),
    "thailand_rta_2020": ("accounts.parquet", {}),
    "reddit_ira_2018": ("accounts.parquet", {}),
    "africa_ira_2019": ("accounts.parquet", {}),
    "fake_followers_mib": ("accounts.parquet", SHAPE),
    "random_users_2015": ("posts.parquet", SHAPE),
    "vaccine_tweets_2021": ("posts.parquet", {}),
    "conference_tweets": ("posts.parquet", {}),
    "us_election_x_2024": ("posts.parquet", SHAPE),
    "bluesky_search_2025": ("posts.parquet", {}),
}


@cache
def read(
    folder: Path, name: str, file: str = "", columns: tuple[tuple[str, str], ...] = ()
) -> dict[str, Table]:
    """posts and accounts of a data set (`inputs` too), as the reader of concerted makes them."""
    part, mapped = PARTS.get(name, ("posts.parquet", {}))
    posts = co.read(folder / name / (file or part), columns={**mapped, **dict(columns)})
    return {"posts": posts, **posts.beside}


def labels(folder: Path, name: str, column: str) -> dict[str, str]:
    """The label of each account id of a data set."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / name / "accounts.parquet", columns=["account_id", column])
    ids = table["account_id"].cast(pa.string()).to_pylist()
    return dict(zip(ids, (str(value) for value in table[column].to_pylist()), strict=True))


def joined(*parts: Mapping[str, Table]) -> dict[str, Table]:
    """Several data sets as one, as if they had been read into one case, on one platform."""
    made: dict[str, Table] = {}
    for name in ("posts", "accounts", "inputs"):
        tables = [schema.check(name, part[name].to_arrow()) for part in parts if name in part]
        if name != "accounts":
            # the sets call their files alike
            tables = [_set(one, "file", f"{place}.parquet") for place, one in enumerate(tables)]
        table = pa.concat_tables(tables)
        if "platform" in table.column_names:
            table = _set(table, "platform", "x")
        made[name] = Table(name, table)
    return made


def _set(table: pa.Table, column: str, value: str) -> pa.Table:
    values = pa.array([value] * table.num_rows, pa.string())
    return table.set_column(table.schema.get_field_index(column), column, values)


def only(part: Mapping[str, Table], accounts: set[str]) -> dict[str, Table]:
    """The same with these accounts only."""
    named = pa.array(sorted(accounts), pa.string())
    made = dict(part)
    for name in ("posts", "accounts"):
        table = part[name].to_arrow()
        made[name] = Table(name, table.filter(pc.is_in(table["account"], value_set=named)))
    return made


def accounts_of(part: Mapping[str, Table], dated: bool = False) -> list[str]:
    """All accounts with a profile or post, sorted; with `dated` those whose opening date is known."""
    table = part["accounts"].to_arrow()
    if dated:
        return sorted(set(table.filter(pc.is_valid(table["opened"]))["account"].to_pylist()))
    return sorted({*table["account"].to_pylist(), *part["posts"].to_arrow()["account"].to_pylist()} - {None})


def tagged(part: Mapping[str, Table], least: int, most: float = 0.5) -> list[tuple[str, set[str]]]:
    """Users of each hashtag, `least` of them or more and at most the share `most` of all; the largest 60."""
    users: dict[str, set[str]] = {}
    posts = part["posts"].to_arrow()
    for account, tags in zip(posts["account"].to_pylist(), posts["tags"].to_pylist(), strict=True):
        for tag in tags or ():
            users.setdefault(tag.casefold(), set()).add(account)
    limit = most * len(accounts_of(part))
    kept = [(tag, accounts) for tag, accounts in users.items() if least <= len(accounts) <= limit]
    return sorted(kept, key=lambda one: (-len(one[1]), one[0]))[:60]


def subjects(groups: Mapping[str, list[str]]) -> pa.Table:
    """Groups as the subjects that signals are asked about."""
    rows = [(name, account) for name, accounts in groups.items() for account in accounts]
    return pa.table(
        {
            "subject_kind": pa.array(["cluster"] * len(rows), pa.string()),
            "subject": pa.array([name for name, _ in rows], pa.string()),
            "account": pa.array([account for _, account in rows], pa.string()),
        }
    )
