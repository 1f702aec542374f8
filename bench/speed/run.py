"""Seconds, memory and growth: the floor, `pair` and `detect` on made logs of growing size, in one run.

    uv run python bench/speed/run.py --logs DIR                      100 thousand to 5 million shares
    uv run python bench/speed/run.py --logs DIR --sizes 100000000 --only floor pair
    uv run python bench/speed/run.py --logs DIR --qut PYTHON         the coordination toolkit beside it
    uv run python bench/speed/run.py --page                          the page again, from what is kept

A log is made where DIR has none of that size. Every figure is of a whole process: seconds by the clock and of
the processor, and the most memory it held. The floor reads who, what and when from Parquet and sorts by what
and when; all else is told as so many times the floor of the same size in the same run. What a run measures is
kept in `measured.json`, by size and task; docs/performance.md and its picture are made from that.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE / "measured.json"
# what begins with a CSV, and the trace of it: "" for all that the posts allow
WHOLE = {
    "csv": "reshare",
    "calls": "reshare",
    "detect": "reshare",
    "links": "link",
    "links_calls": "link",
    "links_detect": "link",
    "all_detect": "",
}
TASKS = ("floor", "pair", *WHOLE, "spark")
SIZES = (100_000, 1_000_000, 5_000_000)
CSV_UP_TO = 20_000_000  # a log of more rows is written as Parquet only

# installed packages come compiled: whoever switches that off for tests must not measure compiling
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

Figures = dict[str, float]


def measured(command: Sequence[str | Path]) -> Figures:
    """Runs a command; its seconds by the clock and of the processor, and its peak memory in MB."""
    with tempfile.TemporaryFile() as said:
        begun = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdout=said, stderr=said, env=ENVIRONMENT)
        _, status, used = os.wait4(child.pid, 0)
        clock = time.monotonic() - begun
        if status:
            said.seek(0)
            sys.exit(f"{' '.join(map(str, command))} failed:\n{said.read().decode(errors='replace')[-2000:]}")
    return {"clock": clock, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}


def added(*parts: Figures) -> Figures:
    """Several processes one after the other."""
    return {
        "clock": sum(part["clock"] for part in parts),
        "cpu": sum(part["cpu"] for part in parts),
        "mb": max(part["mb"] for part in parts),
    }


def best(command: Sequence[str | Path], times: int) -> Figures:
    """The run of several that took the least time: what other programs did beside it only adds."""
    return min((measured(command) for _ in range(times)), key=lambda one: one["clock"])


def whole(csv: Path, case: Path, trace: str, task: str) -> Figures:
    """All that concerted does with a file, or what it does up to the pairs: in a case, or by functions."""
    run = [sys.executable, "-m", "concerted"]
    if task.endswith("calls"):
        return measured([sys.executable, HERE / "tasks.py", "calls", csv, trace])
    if task.endswith("detect"):
        named = ["--traces", trace] if trace else []
        return measured([*run, "detect", csv, "--into", case, *named, "--quiet"])
    return added(
        measured([*run, "read", csv, "--into", case, "--quiet"]),
        measured([*run, "trace", case, "--traces", trace, "--quiet"]),
        measured([*run, "pair", case, "--quiet"]),
    )


def one_size(events: int, logs: Path, only: Sequence[str], qut: str, times: int) -> dict[str, Figures]:
    """All tasks on the log of this size."""
    log, tasks = logs / str(events), [sys.executable, HERE / "tasks.py"]
    csv = events <= CSV_UP_TO and (not WHOLE.keys().isdisjoint(only) or bool(qut))
    if not (log / "events.parquet").exists() or (csv and not (log / "events.csv").exists()):
        # a process of its own: what begins a process counts towards the most memory it held
        make = [sys.executable, HERE / "shares.py", "--events", str(events), "--out", log]
        measured(make if csv else [*make, "--no-csv"])
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="speed-", dir=logs) as folder:
        out = Path(folder)
        if "floor" in only:
            found["floor"] = best([*tasks, "floor", log / "events.parquet"], times)
        if "pair" in only or "spark" in only:
            measured([*tasks, "prepare", log / "events.parquet", out])
        if "pair" in only:
            found["pair"] = best([*tasks, "pairs", out, "duckdb"], times)
        if "spark" in only:
            found["spark"] = best([*tasks, "pairs", out, "spark"], 1)
        for task, trace in WHOLE.items():
            if task in only:
                found[task] = whole(log / "events.csv", out / "case", trace, task)
                shutil.rmtree(out / "case", ignore_errors=True)
        if qut:
            program, base = Path(qut).with_name("compute_networks"), out / "qut.db"
            found["qut"] = added(
                measured([program, base, "preprocess", log / "events.csv"]),
                measured([program, base, "compute", "co_retweet", "--time_window", "60"]),
            )
    return found


def exponent(by_size: dict[int, float]) -> float:
    """The slope of the logarithms by least squares: 1 is as fast as the size grows."""
    x, y = ([math.log(value) for value in values] for values in (by_size.keys(), by_size.values()))
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    across = sum((one - middle_x) ** 2 for one in x)
    return sum((one - middle_x) * (other - middle_y) for one, other in zip(x, y, strict=True)) / across


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logs", type=Path, help="folder of the logs")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", nargs="+", choices=TASKS, default=TASKS[:-1])
    parser.add_argument("--qut", default="", help="a Python in whose environment that toolkit is installed")
    parser.add_argument(
        "--times", type=int, default=3, help="runs of floor and pair, the fastest of which counts"
    )
    parser.add_argument("--page", action="store_true", help="only write the page again")
    chosen = parser.parse_args()
    kept: dict[str, dict[str, Figures]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if not chosen.page:
        if chosen.logs is None:
            parser.error("--logs names the folder of the logs")
        for events in chosen.sizes:
            found = one_size(events, chosen.logs, chosen.only, chosen.qut, chosen.times)
            for task, figures in found.items():
                print(f"{events:>11,} {task:12} {figures['clock']:8.1f} s {figures['cpu']:8.1f} s of CPU "
                      f"{figures['mb']:7,.0f} MB", flush=True)  # fmt: skip
            kept.setdefault(str(events), {}).update(found)
            kept = dict(sorted(kept.items(), key=lambda one: int(one[0])))
            KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    import speedpage

    speedpage.write(kept, exponent)


if __name__ == "__main__":
    main()
