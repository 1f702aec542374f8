"""How much memory and time reading takes, whatever the size of the file.

    uv run python bench/read/memory.py --gb 20

Streams posts from a seeded generator into a zstd-packed file of JSON lines, reads it with `concerted read`
in a process of its own, and prints megabytes of JSON per second and the peak memory of that process. Exits
with 1 where the peak is above 2 GiB or a record was lost.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMIT_MB = 2048
_BATCH = 10_000
_ABOUT = "d" * 80


def posts(gb: float, seed: int = 1) -> Iterator[bytes]:
    """JSON lines of simulated posts, about `gb` gigabytes (1e9 bytes) of them, in batches.

    Id, account, time and figures are drawn for every post; texts and padding are put together from pools of
    ready pieces, so that writing them takes a small part of the time that reading them does.
    """
    chance = random.Random(seed)
    words = [f"word{number}" for number in range(5_000)]
    halves = [" ".join(chance.choices(words, k=12)) for _ in range(20_000)]
    tags = [json.dumps(chance.choices(words, k=2)) for _ in range(5_000)]
    padding = ["".join(chance.choices("abcdefgh", k=160)) for _ in range(20_000)]
    begun, made, told = 1_700_000_000, 0, 0
    pick = chance.random
    while made < gb * 1e9:
        lines = []
        for number in range(told + 1, told + 1 + _BATCH):
            at, odd = divmod(begun * 20 + number, 20)
            if odd == 0 or not lines:
                stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
            url = f'"https://example.org/{int(pick() * 1e6)}"' if number % 4 == 0 else ""
            lines.append(
                f'{{"post_id": "{1_700_000_000_000_000_000 + number * 4_099 + int(pick() * 4_000)}", '
                f'"account_id": "a{int(pick() * 2e5):06d}", "created_at": "{stamp}", '
                f'"text": "{halves[int(pick() * 2e4)]} {halves[int(pick() * 2e4)]}", '
                f'"hashtags": {tags[int(pick() * 5e3)]}, "urls": [{url}], "lang": "en", "source": "web", '
                f'"user": {{"name": "n", "description": "{_ABOUT}", "location": "never read"}}, '
                f'"metrics": {{"likes": {int(pick() * 1e3)}, "views": {int(pick() * 1e5)}}}, '
                f'"raw": "{padding[int(pick() * 2e4)]}"}}'
            )
        block = ("\n".join(lines) + "\n").encode()
        made += len(block)
        told += _BATCH
        yield block


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--gb", type=float, default=2.0, help="gigabytes of JSON to simulate")
    options.add_argument("--folder", type=Path, help="where to put file and case; else a temporary one")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="concerted-bench-", dir=given.folder) as folder:
        path, case = Path(folder) / "posts.ndjson.zst", Path(folder) / "case"
        size = rows = 0
        with zstd.ZstdFile(path, "wb", level=3) as file:
            for block in posts(given.gb):
                file.write(block)
                size += len(block)
                rows += _BATCH
        print(f"{rows:,} posts, {size / 1e6:,.0f} MB of JSON, {path.stat().st_size / 1e6:,.0f} MB packed")
        begun = time.monotonic()
        command = [sys.executable, "-m", "concerted", "read", path, "--into", case, "--quiet", "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        seconds = time.monotonic() - begun
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = used.ru_maxrss / 1024
        read = json.loads(done.stdout)["rows"]["posts"]
        cpu = used.ru_utime + used.ru_stime
        print(
            f"read {read:,} posts in {seconds:,.0f} s, {cpu:,.0f} s of CPU: {size / 1e6 / seconds:.1f} MB/s, "
            f"{rows / seconds:,.0f} rows/s, {rows / cpu:,.0f} rows per CPU second; peak {peak:,.0f} MB"
        )
        return int(peak > LIMIT_MB or read != rows)


if __name__ == "__main__":
    sys.exit(main())
