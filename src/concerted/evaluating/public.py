"""Published data sets by the names of their folders, and what is known about the accounts in them.

Each folder holds Parquet files with the columns its publication has; docs/calibration.md names the
publications. Sets that are not there are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from concerted import api, schema
from concerted.evaluating.case import Case, Kind, Labelled

Loader = Callable[[Path], Labelled]


def as_exported(folder: Path) -> Labelled:
    """A set whose posts are read like any export, nobody in it known to be part of an operation."""
    posts = api.read(folder / "posts.parquet", timezone="UTC")
    return Labelled(posts.to_arrow(), {}, posts.beside["accounts"].to_arrow())


def higgs(folder: Path) -> Labelled:
    """Who reshared, answered or named whom in the days of the Higgs boson; posts have no ids."""
    table = _parquet(folder / "interactions.parquet")
    kind = table["kind"].to_pylist()
    target = [f"web:{one}" for one in table["target_account_id"].to_pylist()]
    kinds = {"retweet": "reshare", "reply": "reply"}
    rows = table.num_rows
    posts = schema.rows(
        "posts",
        post=[f"i{number}" for number in range(rows)],
        account=[f"web:{one}" for one in table["account_id"].to_pylist()],
        time=_times(table["created_at"]),
        resolution_s=[1.0] * rows,
        kind=[kinds.get(one, "original") for one in kind],
        parent_account=[who if one in kinds else None for who, one in zip(target, kind, strict=True)],
        mentions=[[who] if one not in kinds else [] for who, one in zip(target, kind, strict=True)],
        platform=["web"] * rows,
        file=["interactions.parquet"] * rows,
        row=range(1, rows + 1),
    )
    return Labelled(posts, {})


def cascades(folder: Path, every: int = 1) -> Labelled:
    """Reshares of news stories and rumours; with `every`, each so manieth story in the order of their ids."""
    sources = _parquet(folder / "sources.parquet").sort_by("cascade_id")
    sources = sources.take(pa.array(range(0, sources.num_rows, every)))
    events = _parquet(folder / "events.parquet")
    events = events.filter(
        pc.and_(
            pc.equal(events["kind"], "retweet"),
            pc.is_in(events["cascade_id"], sources["cascade_id"].combine_chunks()),
        )
    ).sort_by([("created_at", "ascending"), ("account_id", "ascending"), ("cascade_id", "ascending")])
    where = pc.index_in(events["cascade_id"], sources["cascade_id"].combine_chunks())
    rows = events.num_rows
    posts = schema.rows(
        "posts",
        post=[f"e{number}" for number in range(rows)],
        account=_prefixed(events["account_id"]),
        time=_times(events["created_at"]),
        resolution_s=[1.0] * rows,
        kind=["reshare"] * rows,
        parent=events["cascade_id"].combine_chunks(),
        parent_account=_prefixed(sources["account_id"].take(where)),
        parent_time=_times(sources["created_at"].take(where)),
        platform=["web"] * rows,
        file=["events.parquet"] * rows,
        row=range(1, rows + 1),
    )
    return Labelled(posts, {}, traces=("reshare",))


def ira(folder: Path) -> Labelled:
    """The Internet Research Agency; its published categories are the sub-operations, without the word that
    four of them call people by."""
    read = as_exported(folder)
    published = _parquet(folder / "accounts.parquet")
    category = dict(
        zip(published["account_id"].to_pylist(), published["account_category"].to_pylist(), strict=True)
    )
    names = pc.unique(read.posts["account"]).to_pylist()
    truth = {name: (category.get(name.split(":", 1)[1]) or "Unknown").removesuffix("Troll") for name in names}
    return Labelled(read.posts, truth, read.accounts)


def thailand(folder: Path) -> Labelled:
    """The Royal Thai Army as published in the archive of information operations."""
    read = as_exported(folder)
    return Labelled(
        read.posts, dict.fromkeys(pc.unique(read.posts["account"]).to_pylist(), "RTA"), read.accounts
    )


SETS: dict[str, tuple[Kind, Loader, str]] = {
    "conference_tweets": (
        "organic",
        as_exported,
        "four scientific conferences, 2012 to 2018; openly automated resharers among them",
    ),
    "us_congress_2016": ("organic", as_exported, "members of the US Congress naming politicians"),
    "boxing_match_2017": ("organic", as_exported, "70 minutes of a live event"),
    "vaccine_tweets_2021": ("organic", as_exported, "vaccination; some syndicated newsrooms"),
    "bluesky_search_2025": ("organic", as_exported, "posts on social science"),
    "higgs_2012": ("organic", higgs, "a burst of honest attention: the Higgs boson, 2012"),
    "twitter15_16_cascades": ("organic", cascades, "reshares of news stories and rumours, 2011 to 2016"),
    "thailand_rta_2020": ("known", thailand, "Royal Thai Army, by hand"),
    "ira_clemson": ("known", ira, "Internet Research Agency, 2012 to 2015, clock of a minute"),
}


def public(data: Path) -> Iterator[Case]:
    """The sets that are in `data`."""
    for name, (kind, load, says) in SETS.items():
        if (data / name).is_dir():
            yield Case(name, kind, name, partial(load, data / name), says)


def _parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _times(column: pa.ChunkedArray) -> pa.Array:
    return pc.floor_temporal(column.cast(schema.TIME), unit="second").combine_chunks()


def _prefixed(column: pa.ChunkedArray) -> pa.Array:
    return pc.binary_join_element_wise("web:", column.cast(pa.string()), "").combine_chunks()
