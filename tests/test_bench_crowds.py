"""Crowds of the benchmark, where its generator is at hand: nobody honest is found, and plants are."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from conftest import ROOT
from timed import START, answers, events, weighed

from concerted.table import Table

BENCH = Path(os.environ.get("CONCERTED_BENCH", "") or ROOT.parent / "shared" / "bench" / "crowds.py")
SEEDS = (1, 2)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not BENCH.is_file(), reason=f"no generator at {BENCH}: set CONCERTED_BENCH to the path of crowds.py"
    ),
]


def made(folder: Path, seed: int, *flags: str) -> tuple[dict[str, Table], dict[str, str]]:
    """The crowd's events, and the group of each account (empty: honest)."""
    subprocess.run(
        [sys.executable, str(BENCH), "--crowd", "full", "--seed", str(seed), "--out", str(folder), *flags],
        check=True,
        capture_output=True,
    )
    with (folder / "posts.csv").open(newline="") as file:
        touched = [
            (
                f"x:{row['account_id']}",
                row["reshare_of"],
                datetime.fromisoformat(row["created_at"]).timestamp(),
            )
            for row in csv.DictReader(file)
        ]
    with (folder / "truth.csv").open(newline="") as file:
        truth = {f"x:{row['account_id']}": row["group"] for row in csv.DictReader(file)}
    moved = [(account, object_, at - START) for account, object_, at in touched]
    return weighed(events(moved, trace="reshare")), truth


@pytest.mark.parametrize("seed", SEEDS)
def test_no_honest_account_is_found(seed: int, tmp_path: Path) -> None:
    result, truth = made(tmp_path, seed)
    assert not any(truth.values())
    assert len(result["standings"]) > 1500
    assert not answers(result, "found")


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_accounts_are_found_and_hardly_anybody_else(seed: int, tmp_path: Path) -> None:
    result, truth = made(tmp_path, seed, "--mixture")
    planted = {account for account, group in truth.items() if group}
    found = answers(result, "found")
    assert len(planted) == 153
    assert len(found & planted) >= 0.6 * len(planted)
    assert len(found - planted) <= 0.05 * len(found)
