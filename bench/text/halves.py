"""How often somebody else writes the same, by how surprising a text is: what `--text.min-bits` rests on.

    uv run python bench/text/halves.py --data DIR

DIR holds public data sets, one folder each with `posts.parquet`; those without known operations are used.
Their accounts are cut in half at random. Of the texts (clusters of nearly the same) that one account of the
first half wrote, the share that somebody in the second half wrote, too, by bits of surprise and by letters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from concerted.traces.near.surprise import surprise
from concerted.traces.near.texts import led
from concerted.traces.skeleton import skeleton
from concerted.traces.text import letters

SETS = {
    "boxing_match_2017": "true",
    "us_election_x_2024": "not is_retweet",
    "conference_tweets": "not is_retweet",
    "vaccine_tweets_2021": "true",
    "youtube_spam": "not is_spam",
    "bluesky_search_2025": "true",
    "random_users_2015": "true",
    "us_congress_2016": "not is_retweet",
}
BITS = (0, 3, 6, 10, 14, 20, 28, 40)
LETTERS = (6, 12, 20, 40)
_SPLITS = 10


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True)
    given = options.parse_args()
    by_bits, by_letters = np.zeros((2, len(BITS) + 1)), np.zeros((2, len(LETTERS) + 1))
    for name, which in SETS.items():
        bits, length, ones, others = _halved(given.data / name / "posts.parquet", which)
        for total, edges, values in ((by_bits, BITS, bits), (by_letters, LETTERS, length)):
            band = np.searchsorted(edges, values, side="right")
            total[0] += np.bincount(band, ones, len(edges) + 1)
            total[1] += np.bincount(band, others, len(edges) + 1)
    for what, edges, total in (("bits", BITS, by_bits), ("letters", LETTERS, by_letters)):
        print(f"| {what} | texts of one account in a half | written in the other half, too |")
        print("| --- | --- | --- |")
        for at, low in enumerate((None, *edges)):
            band = f"under {edges[0]}" if low is None else f"{low} and more, to the next"
            print(f"| {band} | {total[0, at]:,.0f} | {total[1, at] / max(total[0, at], 1):.3f} |")
    return 0


def _halved(path: Path, which: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Per cluster: bits, letters, how often one account of a half wrote it, and how often the other too,
    means over the splits."""
    posts = duckdb.sql(
        f"select account_id as account, created_at as time, text as label from '{path}' "
        f"where text is not null and account_id is not null and coalesce({which}, true) "
        "and text not like 'RT @%'"
    ).to_arrow_table()
    reduced = [skeleton(text) for text in posts["label"].to_pylist()]
    filled = pa.array([bool(text) for text in reduced])
    coded = pa.array([text for text in reduced if text], pa.large_string()).dictionary_encode()
    found = led(coded.dictionary, np.asarray(coded.indices, dtype=np.int64), posts.filter(filled))
    leads = np.flatnonzero(found.leader == np.arange(len(found.texts)))
    bits = surprise(found.texts, found.uses, found.leader, leads)
    length = np.array([letters(text) for text in found.texts.take(pa.array(leads)).to_pylist()])
    width = int(found.account.max()) + 1
    both = np.unique(found.leader[found.of] * width + found.account)
    cluster, account = np.searchsorted(leads, both // width), both % width
    ones, others = np.zeros(len(leads)), np.zeros(len(leads))
    for split in range(_SPLITS):
        half = np.random.default_rng(split).random(width) < 0.5
        inside = np.bincount(cluster[half[account]], minlength=len(leads))
        outside = np.bincount(cluster[~half[account]], minlength=len(leads))
        for mine, theirs in ((inside, outside), (outside, inside)):
            ones += (mine == 1) / (2 * _SPLITS)
            others += ((mine == 1) & (theirs > 0)) / (2 * _SPLITS)
    return bits, length, ones, others


if __name__ == "__main__":
    raise SystemExit(main())
