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


def posts(gb: float, seed: int = 1) -> Iterator[bytes]:
    """JSON lines of simulated posts, about `gb` gigabytes (1e9 bytes) of them, in batches."""
    chance = random.Random(seed)
    words = [f"word{number}" for number in range(5_000)]
    begun, made, told = 1_700_000_000, 0, 0
    while made < gb * 1e9:
        lines = []
        for number in range(told + 1, told + 1 + _BATCH):
            stamp = time.gmtime(begun + number // 20)
            day = f"{stamp.tm_year}-{stamp.tm_mon:02d}-{stamp.tm_mday:02d}"
            post = {
                "post_id": str(1_700_000_000_000_000_000 + number * 4_099 + chance.randrange(4_000)),
                "account_id": f"a{chance.randrange(200_000):06d}",
                "created_at": f"{day}T{stamp.tm_hour:02d}:{stamp.tm_min:02d}:{stamp.tm_sec:02d}Z",
                "text": " ".join(chance.choices(words, k=24)),
                "hashtags": chance.choices(words, k=2),
                "urls": [f"https://example.org/{chance.randrange(1_000_000)}"] if number % 4 == 0 else [],
                "lang": "en",
                "source": "web",
                "user": {"name": "n", "description": "d" * 80, "location": "never read"},
                "metrics": {"likes": chance.randrange(1_000), "views": chance.randrange(100_000)},
                "raw": "".join(chance.choices("abcdefgh", k=160)),
            }
            lines.append(json.dumps(post))
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
