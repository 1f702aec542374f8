"""A run that is killed goes on where it was: the same findings, and nothing finished is done again."""

from __future__ import annotations

import csv
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

KILLED = Path(__file__).parent / "toys" / "killed.py"
UNITS = ("read-000001", "read-000002", "trace", "pair", "weigh", "group", "explain", "findings")


def run(kind: str, unit: str, when: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(KILLED), kind, unit, when, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )


def done(case: Path) -> Counter[str]:
    """How often each unit of work was computed to its end, over all runs of a case."""
    lines = "".join(path.read_text("utf-8") for path in case.glob("logs/*.log")).splitlines()
    return Counter(line.split(" INFO ")[1].split(":")[0] for line in lines if ": done in " in line)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "one.txt").write_text("a o1 1\nb o1 3\nc o2 9\n")
    (tmp_path / "two.txt").write_text("d o1 1\nb o1 3\ne o3 4\nf o3 5\n")
    return [str(tmp_path / "one.txt"), str(tmp_path / "two.txt")]


@pytest.fixture
def undisturbed(files: list[str], tmp_path: Path) -> bytes:
    case = tmp_path / "undisturbed"
    assert run("toys", "-", "-", "detect", *files, "--into", str(case)).returncode == 0
    return (case / "findings.json").read_bytes()


@pytest.mark.parametrize("when", ["chunk", "renamed", "sealed"])
def test_killed_once_in_every_unit(when: str, files: list[str], undisturbed: bytes, tmp_path: Path) -> None:
    case = tmp_path / "case"
    for unit in UNITS[:-1] if when == "chunk" else UNITS:
        ended = run("toys", unit, when, "detect", *files, "--into", str(case))
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    ended = run("toys", "-", "-", "detect", *files, "--into", str(case))
    assert ended.returncode == 0, ended.stderr
    assert (case / "findings.json").read_bytes() == undisturbed
    assert not list(case.glob(".new-*"))
    # a unit killed after its stamp never came to say that it was done, and is not computed again either
    assert done(case) == ({} if when == "sealed" else Counter(UNITS[:-1]))
    assert not list(case.glob("findings-*.json"))


def test_real_stages_killed_once_in_every_unit(tmp_path: Path) -> None:
    files = [export(tmp_path / "one.csv", 1), export(tmp_path / "two.csv", 2)]
    whole, case = tmp_path / "whole", tmp_path / "case"
    ended = run("real", "-", "-", "detect", *files, "--into", str(whole))
    assert ended.returncode == 0, ended.stderr
    for unit in UNITS[:-1]:
        ended = run("real", unit, "chunk", "detect", *files, "--into", str(case))
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    ended = run("real", "-", "-", "detect", *files, "--into", str(case))
    assert ended.returncode == 0, ended.stderr
    assert (case / "findings.json").read_bytes() == (whole / "findings.json").read_bytes()
    assert (case / "report.html").read_bytes() == (whole / "report.html").read_bytes()
    assert done(case) == Counter(UNITS[:-1])


def export(path: Path, seed: int) -> str:
    """A small export: forty accounts reshare by chance, five of them within seconds of each other."""
    dice = random.Random(seed)
    start = datetime(2020, 3, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            ["post_id", "created_at", "account_id", "text", "retweet_of_post_id", "retweet_of_account_id"]
        )
        for number in range(60):
            at = start + timedelta(minutes=number * 200 + dice.randrange(60))
            sharers = dice.sample(range(40), 12)
            rows = [(account, at + timedelta(seconds=int(dice.expovariate(1 / 3600)))) for account in sharers]
            later = at + timedelta(seconds=dice.randrange(7200))
            rows += [(100 + account, later + timedelta(seconds=dice.randrange(30))) for account in range(5)]
            for account, time in rows:
                post = f"p{seed}-{number}-{account}"
                table.writerow(
                    [
                        post,
                        time.isoformat(),
                        f"u{account}",
                        f"story {seed} {number}",
                        f"o{seed}-{number}",
                        "u900",
                    ]
                )
    return str(path)
