"""What near-duplicate text finds in real posts, beside the likeness of all pairs.

    uv run python bench/text/recall.py --data DIR --texts 10000

DIR holds public data sets, one folder each with `posts.parquet`. Of each set, distinct texts in an order made
by hash. All pairs are compared exactly. "Accepted" are those that the rule calls the same text (likeness,
and agreement without hashtags); recall is the share of these that share an object: what is missing was not
compared, or belongs to two leaders. Precision is the share of pairs in one object that the rule accepts.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse

from concerted.traces.near.alike import Weights, likeness
from concerted.traces.near.objects import nearly_the_same
from concerted.traces.near.shingles import shingles
from concerted.traces.near.tags import agree_without_tags
from concerted.traces.skeleton import skeleton

SETS = ("ira_clemson", "up_elections_2017", "youtube_spam")
LEVELS = (0.5, 0.6, 0.7, 0.8)
_LEAST = 0.25  # likeness under which no pair is accepted
_BLOCK = 500  # rows of the matrix of all pairs at once


def texts(path: Path, count: int) -> tuple[list[str], list[str]]:
    """Distinct reduced texts, and one way each was written."""
    read = duckdb.sql(f"select distinct text from '{path}' where text is not null order by md5(text), text")
    found: dict[str, str] = {}
    for (text,) in read.fetchall():
        reduced = skeleton(text)
        if reduced:
            found.setdefault(reduced, text)
        if len(found) == count:
            break
    return list(found), list(found.values())


def all_pairs(reduced: pa.Array, least: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every pair with a Jaccard likeness of at least `least`: first, second, likeness."""
    pieces = shingles(reduced)
    owner = np.repeat(np.arange(len(reduced)), pieces.sizes)
    _, column = np.unique(pieces.hashes, return_inverse=True)
    held = sparse.csr_array((np.ones(len(owner), np.int32), (owner, column)))
    held.data[:] = 1
    sizes = np.asarray(held.sum(axis=1))
    parts = []
    for low in range(0, len(reduced), _BLOCK):
        shared = (held[low : low + _BLOCK] @ held.T).tocoo()
        one, other = shared.row + low, shared.col
        like = shared.data / (sizes[one] + sizes[other] - shared.data)
        keep = (one < other) & (like >= least)
        parts.append((one[keep], other[keep], like[keep]))
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))  # type: ignore[return-value]


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--texts", type=int, default=10_000)
    given = options.parse_args()
    levels = " | ".join(f"J >= {level}: pairs, accepted, recall" for level in LEVELS)
    print(f"| set | texts | {levels} | all: accepted, recall | pairs in one object | precision | least J |")
    print(f"| {' | '.join(['---'] * (len(LEVELS) + 6))} |")
    for name in SETS:
        print(_row(name, *texts(given.data / name / "posts.parquet", given.texts)), flush=True)
    return 0


def _row(name: str, reduced: list[str], written: list[str]) -> str:
    column = pa.array(reduced, pa.large_string())
    count = len(reduced)
    posts = pa.table(
        {
            "account": [str(number) for number in range(count)],
            "time": pa.array([datetime(2024, 3, 1, tzinfo=UTC)] * count),
            "label": written,
        }
    )
    of = nearly_the_same(column, np.arange(count), posts).of
    one, other, like = all_pairs(column, _LEAST)
    accepted = accept(column, posts["label"], one, other)
    together = (of[one] == of[other]) & (of[one] >= 0)
    cells = []
    for level in LEVELS:
        asked = accepted & (like >= level)
        cells.append(f"{(like >= level).sum():,}, {asked.sum():,}, {together[asked].mean():.3f}")
    return (
        f"| {name} | {count:,} | {' | '.join(cells)} | {accepted.sum():,}, {together[accepted].mean():.3f} | "
        f"{together.sum():,} | {accepted[together].mean():.3f} | {like[together].min():.2f} |"
    )


def accept(reduced: pa.Array, written: pa.ChunkedArray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which pairs the rule calls the same text."""
    weights = Weights(reduced)
    accepted = likeness(reduced, one, other, weights).same()
    held = np.flatnonzero(accepted)
    number = np.arange(len(reduced))
    accepted[held] = agree_without_tags(reduced, number, written, one[held], other[held], weights)
    return accepted


if __name__ == "__main__":
    raise SystemExit(main())
