"""Whether DuckDB and Spark give the same findings, byte by byte. Ends with 1 where they do not.

    uv run python bench/speed/engines.py --data DIR                  the Thai archive and the German pages
    uv run python bench/speed/engines.py --logs DIR --sizes 5000000  made shares, made where there are none

Prints for each set and engine the SHA-256 of `findings.json`, seconds by the clock and of the processor, and
the most memory that a process held.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

import shares
from run import measured

ENGINES = ("duckdb", "spark")
SETS = ("thailand_rta_2020", "coortweet_german_elections")


def found(engine: str, source: Path, *options: str) -> str:
    """The hash of what one engine finds."""
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        case = Path(folder) / "case"
        detect = [sys.executable, "-m", "concerted", "detect", source, "--into", case, "--quiet"]
        took = measured([*detect, "--engine", engine, *options])
        digest = hashlib.sha256((case / "findings.json").read_bytes()).hexdigest()
    print(f"  {engine:7} {digest} {took['clock']:7.1f} s {took['cpu']:7.1f} s of CPU {took['mb']:6,.0f} MB",
          flush=True)  # fmt: skip
    return digest


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--logs", type=Path, help="folder of the made logs")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000_000])
    parser.add_argument("--memory", default="4GB", help="what either engine may use")
    chosen = parser.parse_args()
    if not (chosen.data or chosen.logs):
        parser.error("--data or --logs says on what")
    memory = ("--memory", chosen.memory)
    asked = [(chosen.data / name / "posts.parquet", memory) for name in SETS if chosen.data]
    for events in chosen.sizes if chosen.logs else ():
        log = chosen.logs / str(events)
        if not (log / "events.csv").exists():
            shares.write(log, events)
        asked.append((log / "events.csv", (*memory, "--traces", "reshare")))
    same = True
    for source, options in asked:
        print(source.parent.name, flush=True)
        same &= len({found(engine, source, *options) for engine in ENGINES}) == 1
    sys.exit(0 if same else "the findings differ")


if __name__ == "__main__":
    main()
