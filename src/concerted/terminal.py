"""What a person sees while concerted runs: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

EVERY_S = 10.0  # between plain progress lines


class Terminal:
    """Bars on a terminal, plain lines elsewhere, silence if `quiet`."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._what = ""
        self._told = time.monotonic()

    def __enter__(self) -> Terminal:
        if not self._quiet and self._console.is_terminal:
            self._bars = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}", markup=False),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def say(self, line: str) -> None:
        """A message."""
        if not self._quiet:
            self._console.print(isolated(line), soft_wrap=True)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """How far a stage is; called as often as the stage likes."""
        if self._quiet:
            return
        if self._bars is None:
            if time.monotonic() - self._told >= EVERY_S:
                self._told = time.monotonic()
                self.say(f"{what}: {done:,}" + (f" of {total:,}" if total else ""))
            return
        if what != self._what or self._task is None:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._what, self._task = what, self._bars.add_task(isolated(what), total=total, rate="")
        speed = self._bars.tasks[-1].speed
        self._bars.update(
            self._task, completed=done, total=total, rate=f"{speed:,.0f}/s" if speed is not None else ""
        )

    @staticmethod
    def result(text: str) -> None:
        """A result for a person."""
        sys.stdout.write(isolated(text) + "\n")

    @staticmethod
    def json(value: Any) -> None:
        """A result for a program."""
        sys.stdout.write(json.dumps(value, indent=1) + "\n")

    @staticmethod
    def line(value: Any) -> None:
        """One of many results for a program, on a line of its own."""
        sys.stdout.write(json.dumps(value) + "\n")


def isolated(text: str) -> str:
    """Text fit for a terminal: control characters shown instead of obeyed, and each line that holds
    right-to-left letters isolated so that it cannot reorder what stands around it."""
    shown = "".join(
        char
        if char == "\n" or (unicodedata.category(char) not in ("Cc", "Cs") and not _is_bidi_control(char))
        else f"\\u{ord(char):04x}"
        for char in text
    )
    return "\n".join(
        f"\u2068{line}\u2069"
        if any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in line)
        else line
        for line in shown.split("\n")
    )


def _is_bidi_control(char: str) -> bool:
    return char in "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
