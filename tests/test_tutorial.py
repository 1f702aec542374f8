"""The tutorial is followed step by step, and shows what it says it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command, and the lines that the tutorial shows after it."""
    command = ""
    for language, block in re.findall(r"(?ms)^```(sh|text)\n(.*?)^```", TUTORIAL):
        if language == "text":
            yield command, block.splitlines()
            command = ""
            continue
        for line in block.splitlines():
            if command:
                yield command, []
            command = line
    yield command, []


@pytest.mark.slow
def test_every_step_works_and_prints_what_is_shown(tmp_path: Path) -> None:
    for command, shown in steps():
        program, *words = shlex.split(command)
        assert program == "concerted", command
        if "posts.csv" in words and not (tmp_path / "posts.csv").exists():
            # the reader's own file: some days of the demo's will do
            export = (tmp_path / "demo/export/seed-1/posts.csv").read_text("utf-8").splitlines(True)
            (tmp_path / "posts.csv").write_text("".join(export[:4000]), "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "concerted", *words], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        printed = done.stdout.splitlines()
        for line in shown:
            begin = line.removesuffix("...").rstrip()
            assert any(one.startswith(begin) for one in printed), f"{command} does not print {line!r}"
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", TUTORIAL):
        assert (ROOT / "docs" / picture).stat().st_size < 200_000, picture


def test_what_the_tutorial_says_of_the_crowd_is_what_is_planted() -> None:
    from concerted.simulate.demo import PLANS

    numbers = {"boosters": "eight", "copyists": "twelve", "linkers": "six", "newsroom": "five"}
    sizes = {"eight": 8, "twelve": 12, "six": 6, "five": 5}
    assert {plan.name: plan.size for plan in PLANS} == {name: sizes[word] for name, word in numbers.items()}
    for word in numbers.values():
        assert re.search(rf"(?m)^- {word} accounts ", TUTORIAL), word
