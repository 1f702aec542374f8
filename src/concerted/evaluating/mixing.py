"""A known operation laid over an innocent file, so that recall and false alarms come from one run.

Objects never overlap: ids of the operation get a prefix, so what its members share with each other stays
what it was. Times are moved by whole days, which keeps daily rhythm, and both files get the coarser clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from concerted import api, schema
from concerted.evaluating import public
from concerted.evaluating.case import Case, Labelled

PREFIX = "op-"
KOCH = (datetime(2015, 11, 26, tzinfo=UTC), datetime(2015, 11, 28, tzinfo=UTC))
BURST = timedelta(minutes=70)


def mixed(data: Path) -> Iterator[Case]:
    """The mixtures whose parts are all in `data`."""
    for name, (parts, load, says) in MIXTURES.items():
        if all((data / part).is_dir() for part in parts):
            yield Case(name, "mixed", name, partial(load, data), says)


def over(operation: Labelled, crowd: Labelled) -> Labelled:
    """The operation moved to the middle of the crowd's time, and both at the coarser of their clocks."""
    clock = max(1.0, *(pc.max(part.posts["resolution_s"]).as_py() or 1.0 for part in (operation, crowd)))
    days = (_middle(crowd.posts) - _middle(operation.posts)).days
    posts = pa.concat_tables(
        [_clocked(_moved(operation.posts, timedelta(days=days)), clock), _clocked(crowd.posts, clock)]
    )
    moved = {_other(account): group for account, group in operation.truth.items()}
    return Labelled(
        posts.sort_by([("time", "ascending"), ("post", "ascending")]),
        moved,
        pa.concat_tables([_renamed(operation.accounts, "account"), crowd.accounts]),
        crowd.unlabelled,
        crowd.traces,
    )


def _other(account: str) -> str:
    platform, _, own = account.partition(":")
    return f"{platform}:{PREFIX}{own}"


def _renamed(table: pa.Table, column: str) -> pa.Table:
    values = [None if one is None else _other(one) for one in table[column].to_pylist()]
    return _with(table, column, pa.array(values, pa.string()))


def _with(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), values)


def _moved(posts: pa.Table, by: timedelta) -> pa.Table:
    for column in ("time", "parent_time"):
        posts = _with(
            posts, column, pc.add(posts[column], pa.scalar(by, pa.duration("us"))).cast(schema.TIME)
        )
    for column in ("post", "parent", "thread"):
        named = pc.binary_join_element_wise(PREFIX, posts[column], "")
        posts = _with(posts, column, named)
    for column in ("account", "parent_account"):
        posts = _renamed(posts, column)
    return posts


def _clocked(posts: pa.Table, clock: float) -> pa.Table:
    unit = "minute" if clock >= 60 else "second"
    for column in ("time", "parent_time"):
        posts = _with(posts, column, pc.floor_temporal(posts[column], unit=unit))
    return _with(posts, "resolution_s", pa.array([clock] * posts.num_rows, pa.float64()))


def _middle(posts: pa.Table) -> datetime:
    times = posts["time"].combine_chunks()
    order = pc.array_sort_indices(times)
    middle: datetime = times[order[len(order) // 2].as_py()].as_py()
    return middle


def reshares(labelled: Labelled) -> Labelled:
    """Only the reshares; accounts without any are no longer part of the truth."""
    posts = labelled.posts.filter(pc.equal(labelled.posts["kind"], "reshare"))
    left = set(pc.unique(posts["account"]).to_pylist())
    truth = {account: group for account, group in labelled.truth.items() if account in left}
    return replace(labelled, posts=posts, truth=truth, traces=("reshare",))


def _thailand(data: Path) -> Labelled:
    return reshares(public.thailand(data / "thailand_rta_2020"))


def _thailand_conference(data: Path) -> Labelled:
    crowd = reshares(public.as_exported(data / "conference_tweets"))
    return over(_thailand(data), crowd)


def _thailand_cascades(data: Path) -> Labelled:
    return over(_thailand(data), public.cascades(data / "twitter15_16_cascades", every=5))


def _koch(data: Path) -> Labelled:
    from pyarrow.parquet import read_table

    whole = public.ira(data / "ira_clemson")
    published = read_table(data / "ira_clemson" / "accounts.parquet")
    kinds = dict(zip(published["account_id"].to_pylist(), published["account_type"].to_pylist(), strict=True))
    koch = sorted(account for account in whole.truth if kinds.get(account.split(":", 1)[1]) == "Koch")
    inside = pc.and_(
        pc.is_in(whole.posts["account"], pa.array(koch, pa.string())),
        pc.and_(
            pc.greater_equal(whole.posts["time"], pa.scalar(KOCH[0], schema.TIME)),
            pc.less(whole.posts["time"], pa.scalar(KOCH[1], schema.TIME)),
        ),
    )
    posts = whole.posts.filter(inside)
    truth = dict.fromkeys(pc.unique(posts["account"]).to_pylist(), "Koch Farms")
    return over(
        Labelled(posts, truth),
        replace(public.as_exported(data / "vaccine_tweets_2021"), accounts=schema.empty("accounts")),
    )


def _turkey(data: Path) -> Labelled:
    read = api.read(data / "turkish_astroturf_2022" / "posts.parquet", timezone="UTC").to_arrow()
    start = _middle(read)
    inside = pc.and_(
        pc.greater_equal(read["time"], pa.scalar(start, schema.TIME)),
        pc.less(read["time"], pa.scalar(start + BURST, schema.TIME)),
    )
    posts = read.filter(inside)
    truth = dict.fromkeys(pc.unique(posts["account"]).to_pylist(), "fake trends")
    return over(Labelled(posts, truth), public.as_exported(data / "boxing_match_2017"))


MIXTURES = {
    "thailand over conference": (
        ("thailand_rta_2020", "conference_tweets"),
        _thailand_conference,
        "reshares of the Royal Thai Army over those of four conferences",
    ),
    "thailand over cascades": (
        ("thailand_rta_2020", "twitter15_16_cascades"),
        _thailand_cascades,
        "the same over the reshares of every fifth news story",
    ),
    "koch farms over vaccine": (
        ("ira_clemson", "vaccine_tweets_2021"),
        _koch,
        "two days of the Koch Farms hoax over posts on vaccination, clock of a minute",
    ),
    "fake trends over boxing": (
        ("turkish_astroturf_2022", "boxing_match_2017"),
        _turkey,
        "70 minutes of a network that pushed fake trends, posts without text, over a live event",
    ),
}
