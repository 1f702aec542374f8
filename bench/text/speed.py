"""Seconds and memory of the text trace on made posts, beside reading and normalising them alone.

    uv run python bench/text/speed.py --posts 1000000

Posts of about 64 characters are written to a Parquet file first: words as frequent as in language (Zipf), two
in a hundred posts copied from 200 templates with another name in each. Then two processes, one after the
other: reading the file and normalising every text, and the whole trace (read, normalise, compare, cluster,
surprise, events). Seconds are of the clock and of the processor: the second do not count other programs.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from concerted import schema
from concerted.engines import open_engine
from concerted.table import Table
from concerted.traces.skeleton import skeleton
from concerted.traces.text import Text

_VOCABULARY, _TEMPLATES, _COPIED = 50_000, 200, 0.02
_CHUNK = 200_000
_START = 1_700_000_000_000_000  # microseconds since 1970


def write(path: Path, count: int, seed: int = 1) -> None:
    """A posts table of `count` rows; ten posts to an account, one post a second."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("eeeeaaaaiiooutnsrlhdcmpgbvfkw"))
    words = ["".join(rng.choice(letters, size=size)) for size in rng.integers(2, 11, _VOCABULARY)]
    ranks = 1 / np.arange(1, _VOCABULARY + 1)
    ranks = np.cumsum(ranks / ranks.sum())
    templates = [_words(rng, ranks, words, 12) for _ in range(_TEMPLATES)]
    with pq.ParquetWriter(path, schema.arrow("posts")) as writer:
        for low in range(0, count, _CHUNK):
            size = min(_CHUNK, count - low)
            number = np.arange(low, low + size)
            texts = []
            lengths, copied = rng.integers(6, 15, size), rng.random(size) < _COPIED
            for length, copy in zip(lengths, copied, strict=True):
                text = _words(rng, ranks, words, int(length))
                if copy:
                    text = list(templates[rng.integers(_TEMPLATES)])
                    text[3] = words[rng.integers(_VOCABULARY)]
                texts.append(" ".join(text))
            writer.write_table(
                schema.rows(
                    "posts",
                    post=pa.array(number).cast(pa.string()),
                    account=pa.array([f"x:{one}" for one in rng.integers(max(1, count // 10), size=size)]),
                    time=pa.array(_START + number * 1_000_000).cast(schema.TIME),
                    resolution_s=np.ones(size),
                    text=texts,
                    kind=["original"] * size,
                    platform=["x"] * size,
                    file=["made.csv"] * size,
                    row=number,
                )
            )


def _words(rng: np.random.Generator, ranks: np.ndarray, words: list[str], count: int) -> list[str]:
    return [words[at] for at in np.searchsorted(ranks, rng.random(count))]


def normalise(path: Path) -> str:
    """Reads all posts and normalises their texts, nothing else."""
    kept = 0
    batches = open_engine().batches("select post, account, time, text from posts", {"posts": _posts(path)})
    for batch in batches:
        kept += sum(bool(skeleton(text)) for text in batch.column("text").to_pylist())
    return f"{kept:,} texts"


def trace(path: Path) -> str:
    """The whole trace."""
    traced = Text().events(_posts(path), open_engine())
    return f"{len(traced.objects):,} objects, {len(traced.events):,} events"


def _posts(path: Path) -> Table:
    return Table("posts", (path,))


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--step", choices=("write", "normalise", "trace"), help="one step on --file only")
    options.add_argument("--file", type=Path)
    given = options.parse_args()
    if given.step == "write":
        write(given.file, given.posts)
    elif given.step:
        begun = time.perf_counter()
        found = {"normalise": normalise, "trace": trace}[given.step](given.file)
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
        print(f"{time.perf_counter() - begun:.1f} {cpu:.1f} {peak:.2f} {found}")
    else:
        _whole(given.posts)
    return 0


def _whole(posts: int) -> None:
    with tempfile.TemporaryDirectory(prefix="concerted-bench-") as folder:
        path = Path(folder) / "posts.parquet"
        _step("write", path, posts)
        print(f"{posts:,} posts\n| step | seconds | processor seconds | peak GiB | result |")
        print("| --- | --- | --- | --- | --- |")
        seconds = []
        for step in ("normalise", "trace"):
            wall, cpu, peak, result = _step(step, path, posts).split(maxsplit=3)
            seconds.append(float(cpu))
            print(f"| {step} | {wall} | {cpu} | {peak} | {result.strip()} |", flush=True)
        ratio = seconds[1] / seconds[0]
        print(f"the trace takes {ratio:.1f} times the processor time of reading and normalising")


def _step(step: str, path: Path, posts: int) -> str:
    command = [sys.executable, __file__, "--step", step, "--file", str(path), "--posts", str(posts)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    raise SystemExit(main())
