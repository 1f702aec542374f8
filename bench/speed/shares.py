"""A made log of public shares with groups in it, as large as asked for: what speed is measured on.

    uv run python bench/speed/shares.py --events 1000000 --out DIR

Writes `events.parquet` and, unless --no-csv, `events.csv` with the eight columns that the coordination
network toolkit reads. There are a tenth as many objects as events, shared by a Zipf law that is flat at its
head (Mandelbrot), so that the largest object grows with the square root of the log. Accounts have log-normal
activity; times after the first share follow a power law (Lomax), on a clock that is slower at night. Two in a
hundred events are those of groups of 5 to 50 accounts that share 20 to 200 objects within seconds to minutes
of each other. The same seed gives the same rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

DAYS, DAY, START = 30, 86_400, 1_750_000_000
ZIPF, LARGEST = 1.1, 3700  # the largest object of a log of a million events
RESHARES = 0.55  # share of objects that are posts; the others are links
PLANTED = 0.02
CHUNK = 1_000_000


def popularity(objects: int, shares: int) -> np.ndarray:
    """The chance of each object, the flat head as long as it takes for the largest to be as large as said."""
    rank, want = np.arange(objects), LARGEST * (shares / 1e6) ** 0.5 / shares
    low, high = 1.0, 10.0 * objects
    for _ in range(60):
        head = (low * high) ** 0.5
        weight = (1 + rank / head) ** -ZIPF
        low, high = (low, head) if 1 / weight.sum() < want else (head, high)
    return weight / weight.sum()


def evenings(moment: np.ndarray) -> np.ndarray:
    """Seconds of a clock on which nights are thinner, from seconds of one on which all hours are alike."""
    even = np.arange(0, DAYS * DAY + 60, 60)
    slow = even - 0.6 * DAY / (2 * np.pi) * (np.cos(2 * np.pi * (even / DAY - 0.375)) - np.cos(-0.75 * np.pi))
    return np.interp(moment, slow * (DAYS * DAY / slow[-1]), even)


def planted(rng: np.random.Generator, events: int, accounts: int, objects: int) -> Iterator[np.ndarray]:
    """Account, object and moment of the acts of groups: arrays of shape (3, acts)."""
    left, fresh = PLANTED * events, objects
    while left > 0:
        members = rng.choice(accounts, rng.integers(5, 51), replace=False)
        count, within = int(rng.integers(20, 201)), np.exp(rng.uniform(np.log(3), np.log(180)))
        own = rng.random(count) < 0.7
        what = np.where(own, fresh + np.arange(count), rng.integers(0, objects, count))
        fresh += count
        begun = rng.uniform(0, 0.97 * DAYS * DAY, count)[:, None]
        moment = begun + rng.exponential(within, (count, len(members)))
        there = rng.random(moment.shape) < 0.8
        grid = (np.broadcast_to(members, moment.shape), np.broadcast_to(what[:, None], moment.shape), moment)
        yield np.stack([column[there] for column in grid])
        left -= there.sum()


def shares(events: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Account, object and second of each share, in order of time."""
    rng = np.random.default_rng(seed)
    accounts, objects = max(events // 10, 200), max(events // 10, 50)
    groups = np.concatenate(list(planted(rng, events, accounts, objects)), axis=1)
    crowd = events - groups.shape[1]
    sizes = rng.permutation(rng.multinomial(crowd, popularity(objects, crowd)))
    what = np.repeat(np.arange(objects), sizes)
    activity = rng.lognormal(0, 1.5, accounts)
    who = rng.permutation(np.repeat(np.arange(accounts), rng.multinomial(crowd, activity / activity.sum())))
    born, scale = rng.uniform(0, 0.98 * DAYS * DAY, objects), rng.lognormal(np.log(1800), 0.8, objects)
    scale, room = scale[what], (DAYS * DAY - born)[what]
    before = 1 - (1 + room / scale) ** -0.8
    moment = born[what] + scale * ((1 - rng.random(crowd) * before) ** -1.25 - 1)
    who = np.concatenate((who, groups[0].astype(np.int64)))
    what = np.concatenate((what, groups[1].astype(np.int64)))
    second = evenings(np.concatenate((moment, groups[2]))).astype(np.int64)
    order = np.argsort(second, kind="stable")
    return who[order], what[order], second[order]


def named(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def tables(events: int, seed: int) -> Iterator[pa.Table]:
    """The log in chunks."""
    who, what, second = shares(events, seed)
    rng = np.random.default_rng([seed, 1])
    reshared = rng.random(int(what.max()) + 1) < RESHARES
    words = np.array([f"w{number}" for number in range(5000)])
    sentences = [" ".join(words[row]) for row in rng.zipf(1.3, (20_000, 12)) % 5000]
    for low in range(0, events, CHUNK):
        part = slice(low, low + CHUNK)
        account, object_, number = who[part], what[part], np.arange(low, low + len(who[part]))
        is_reshare = pa.array(reshared[object_])
        text = pa.array(sentences).take(pa.array(object_ % len(sentences)))
        of_site = pa.array(object_ % 997).cast(pa.string())
        address = pc.binary_join_element_wise("https://site", of_site, ".example/a/", named("", object_), "")
        nothing = pa.scalar(None, pa.string())
        yield pa.table(
            {
                "message_id": named("m", number),
                "user_id": named("u", account),
                "username": named("user_", account),
                "repost_id": pc.if_else(is_reshare, named("r", object_), nothing),
                "reply_id": pa.nulls(len(number), pa.string()),
                "message": pc.if_else(
                    is_reshare, text, pc.binary_join_element_wise(text, named("", number), " ")
                ),
                "timestamp": pa.array(START + second[part]),
                "urls": pc.if_else(is_reshare, nothing, address),
            }
        )


def write(folder: Path, events: int, seed: int = 1, csv: bool = True) -> None:
    """The log as files in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet = lines = None
    for table in tables(events, seed):
        parquet = parquet or pq.ParquetWriter(folder / "events.parquet", table.schema, compression="zstd")
        parquet.write_table(table)
        if csv:
            quoted = pacsv.WriteOptions(quoting_style="needed")
            lines = lines or pacsv.CSVWriter(folder / "events.csv", table.schema, write_options=quoted)
            lines.write_table(table)
    for writer in (parquet, lines):
        if writer is not None:
            writer.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-csv", action="store_true")
    chosen = parser.parse_args()
    write(chosen.out, chosen.events, chosen.seed, not chosen.no_csv)
