"""Holds the CooRTweet rule of `peers.py` against edge lists that CooRTweet 2.1.3 made of the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from peers import Shares, co_shares, shares

GERMAN = {
    "url_fb_tw60": ("url_id", 60, "fb"),
    "url_tw30": ("url_id", 30, ""),
    "domain_tw30": ("domain_id", 30, ""),
    "hashtag_tw30": ("hashtag_id", 30, ""),
    "phash_tw30": ("phash_id", 30, ""),
}


def agreement(data: Path) -> list[dict[str, object]]:
    """Per reference file: edges there, edges here, edges and weights in which both agree."""
    rows = []
    folder = data / "coortweet_russian"
    if folder.is_dir():
        posts = pq.read_table(folder / "posts.parquet")
        for window, least in ((60, 2), (10, 2), (60, 5)):
            name = f"coortweet_retweets_tw{window}_mp{least}_edges.parquet"
            acts = shares(posts["account_id"], posts["object_id"], _seconds(posts))
            rows.append(
                _compare(f"russian, {window} s, {least}", folder / "reference" / name, acts, window, least)
            )
    folder = data / "coortweet_german_elections"
    if folder.is_dir():
        posts = pq.read_table(folder / "posts.parquet")
        for kind, (column, window, platform) in GERMAN.items():
            mine = posts.filter(pc.equal(posts["platform"], platform)) if platform else posts
            distinct = mine.group_by([column, "account_id", "post_id", "created_at"]).aggregate([])
            acts = shares(distinct["account_id"], distinct[column].cast(pa.string()), _seconds(distinct))
            path = folder / "reference" / f"coortweet_{kind}_mp2_edges.parquet"
            rows.append(_compare(f"german, {kind}", path, acts, window, 2))
    return rows


def _seconds(posts: pa.Table) -> np.ndarray:
    column = posts["created_at"].combine_chunks().cast(pa.timestamp("s", tz="UTC"), safe=False)
    return np.asarray(column.cast(pa.int64()))


def _compare(name: str, path: Path, acts: Shares, window: int, least: int) -> dict[str, object]:
    told = {
        tuple(sorted((row["account_id"], row["account_id_y"]))): row["weight"]
        for row in pq.read_table(path).to_pylist()
    }
    a, b, weight = co_shares(acts, window, least)
    ours = {
        tuple(sorted((acts.names[x], acts.names[y]))): w
        for x, y, w in zip(a.tolist(), b.tolist(), weight.tolist(), strict=True)
    }
    same = sum(ours.get(edge) == count for edge, count in told.items())
    return {
        "file": name,
        "there": len(told),
        "here": len(ours),
        "edges": len(told.keys() & ours.keys()),
        "weights": same,
    }
