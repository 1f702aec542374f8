"""How many lines a second a watch takes, and how long after an act it tells of the group that did it.

    uv run python bench/speed/watch.py [--events 200000] [--days 14] [--daily 5000]

Three runs over a made stream of reshares: `--events` lines of one day down a pipe, as fast as they are taken;
then a file of `--daily` lines for each of `--days` days put into a folder; then half of these files at once,
with the watch killed again and again. From day 3 on eight accounts of the latter reshare two posts a day
within 30 s of each other. The crowd is simple, made for timing only. Ends with 1 where a kill or a rebuild
changes what is found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

START = datetime(2024, 3, 1, tzinfo=UTC)
DAY_S = 86_400
GROUP, TIMES, WITHIN_S, FIRST = 8, 2, 30.0, 3
KILLED_S = (4, 8, 16, 32)


def lines(day: int, events: int, seed: int = 1) -> list[str]:
    """Reshares of one UTC day, in order of time: a crowd, and from day FIRST on a group."""
    dice = np.random.default_rng([seed, day])
    posts = max(TIMES, events // 12)
    born = np.sort(dice.uniform(0, DAY_S * 0.75, posts))
    popular = dice.pareto(1.2, posts) + 1
    post = dice.choice(posts, events, p=popular / popular.sum())
    at = np.minimum(born[post] + dice.exponential(3600, events), DAY_S - 1)
    who = (dice.pareto(1.1, events) * 20).astype(np.int64) % max(events // 4, 100) + GROUP
    if day >= FIRST:
        chosen = np.repeat(np.argsort(-popular)[:TIMES], GROUP)
        later = np.repeat(dice.uniform(600, 7200, TIMES), GROUP) + dice.uniform(0, WITHIN_S, TIMES * GROUP)
        post, at = np.concatenate((post, chosen)), np.concatenate((at, born[chosen] + later))
        who = np.concatenate((who, np.tile(np.arange(GROUP), TIMES)))
    order = np.argsort(at, kind="stable")
    begun = START + timedelta(days=day)
    return [
        json.dumps(
            {
                "post_id": f"s{day}-{number}",
                "created_at": (begun + timedelta(seconds=float(at[row]))).isoformat(timespec="seconds"),
                "account_id": f"u{who[row]}",
                "retweet_of_post_id": f"p{day}-{post[row]}",
                "retweet_of_account_id": f"w{post[row] % 500}",
                "text": f"RT the story {post[row]} of day {day}",
            }
        )
        + "\n"
        for number, row in enumerate(order.tolist())
    ]


def watch(*arguments: str) -> subprocess.Popen[str]:
    """A watch whose memory can be asked for afterwards."""
    code = (
        "import resource, sys; from concerted.cli import main; done = main(sys.argv[1:]); "
        "used = resource.getrusage(resource.RUSAGE_SELF); "
        "print(used.ru_maxrss / 1e6, used.ru_utime + used.ru_stime, file=sys.stderr); sys.exit(done)"
    )
    command = [sys.executable, "-c", code, "watch", *arguments, "--json", "--quiet"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Peak memory in GB and processor seconds of a watch that ends."""
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(said)
    memory, spent = said.split()[-2:]
    return float(memory), float(spent)


def stream(folder: Path, events: int) -> None:
    """Lines down a pipe: how fast they are taken, and how fast read."""
    sent = "".join(lines(0, events))
    process = watch("-", "--into", str(folder / "case"), "--traces", "reshare", "--lines", "50000")
    assert process.stdin is not None
    begun = time.monotonic()
    process.stdin.write(sent)
    process.stdin.close()
    process.stdin = None
    taken = time.monotonic() - begun
    memory, spent = ended(process)
    log = next((folder / "case" / "logs").iterdir()).read_text()
    read = [
        (float(seconds), int(posts))
        for seconds, posts in re.findall(r"read-\d+: done in ([\d.]+) s: .*?(\d+) posts", log)
    ]
    posts, seconds = sum(posts for _, posts in read), sum(seconds for seconds, _ in read)
    print(f"stream: {events:,} lines ({len(sent) / 1e6:.0f} MB) taken from the pipe in {taken:.1f} s")
    print(f"  read into the case: {posts:,} posts in {seconds:.1f} s, {posts / seconds:,.0f} a second")
    print(f"  with the look at the end: {spent:.0f} s of processor time, at most {memory:.2f} GB")


def alert(folder: Path, days: int, daily: int) -> None:
    """A file a day: on which day the group is told of, and how long a file takes to be told."""
    box = folder / "box"
    box.mkdir()
    process = watch(str(box), "--into", str(folder / "daily"), "--traces", "reshare", "--every", "0.2")
    assert process.stdout is not None
    told, took = None, 0.0
    for day in range(days):
        (box / "next.part").write_text("".join(lines(day, daily)))
        begun = time.monotonic()
        (box / "next.part").rename(box / f"day-{day:03d}.ndjson")
        look = json.loads(process.stdout.readline())
        took = time.monotonic() - begun
        new = sum(one["new"] for one in look["alerts"])
        print(
            f"  day {day}, look at {look['fdr']:.2g}: {new} new accounts, {took:.1f} s after the file was put"
        )
        if new and told is None:
            told = day
    process.kill()
    process.communicate()
    after = "not at all" if told is None else f"on day {told}, after {TIMES * (told - FIRST + 1)} joint acts"
    print(f"alert: a group that acts from day {FIRST} on, {TIMES} times a day, is told of {after}")


def killed(folder: Path, days: int, daily: int) -> None:
    """The findings of a watch that is killed, of one that is not, of a rebuild and of one run over all."""
    box = folder / "all"
    box.mkdir()
    files = [str(box / f"day-{day:03d}.ndjson") for day in range(days)]
    for day, path in enumerate(files):
        Path(path).write_text("".join(lines(day, daily)))
    torn, deaths = folder / "torn", 0
    for seconds in KILLED_S:
        process = watch(str(box), "--into", str(torn), "--traces", "reshare", "--once")
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            deaths += 1
    found = {}
    for name in ("torn", "whole"):
        process = watch(str(box), "--into", str(folder / name), "--traces", "reshare", "--once")
        ended(process)
        found[name] = digest(folder / name)
    detect = [sys.executable, "-m", "concerted", "detect", "--quiet"]
    subprocess.run([*detect, "--into", str(torn), "--rebuild"], check=True, stdout=subprocess.DEVNULL)
    found["rebuilt"] = digest(torn)
    once = [*detect, *files, "--into", str(folder / "once"), "--traces", "reshare"]
    subprocess.run(once, check=True, stdout=subprocess.DEVNULL)
    found["once"] = digest(folder / "once")
    print(f"kills: {deaths} of {len(KILLED_S)} starts ended by kill -9 within {KILLED_S} s")
    for name, one in found.items():
        print(f"  {name:8} {one}")
    if len(set(found.values())) > 1:
        raise SystemExit("the findings differ")


def digest(case: Path) -> str:
    """The hash of what a case found."""
    return hashlib.sha256((case / "findings.json").read_bytes()).hexdigest()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--events", type=int, default=200_000)
    asked.add_argument("--days", type=int, default=14)
    asked.add_argument("--daily", type=int, default=5_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stream(Path(folder), given.events)
        alert(Path(folder), given.days, given.daily)
        killed(Path(folder), given.days // 2, given.daily)


if __name__ == "__main__":
    main()
