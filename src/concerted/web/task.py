"""One run of detect at a time, in a thread, and how far it is."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from concerted.errors import CaseError, ConcertedError, EngineError
from concerted.web.desk import Desk

LINES = 200


class Stopped(ConcertedError):
    """A person asked the run to stop."""


class Task:
    """The run of a desk. `state()` may be asked at any time; `state` is idle, running, done, failed or
    stopped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._now: dict[str, Any] = {"state": "idle", "what": "", "done": 0, "total": None, "error": ""}
        self._lines: list[str] = []

    def state(self) -> dict[str, Any]:
        """What is done, how much of how much (`total` is null where nobody knows), and messages."""
        with self._lock:
            return {**self._now, "lines": list(self._lines)}

    def start(self, files: Sequence[Path], options: Mapping[str, Any]) -> None:
        """Begin a run. Raises CaseError where one goes on."""
        with self._lock:
            if self._now["state"] == "running":
                raise CaseError("a run goes on already: wait for it to end, or stop it")
            self._now = {"state": "running", "what": "", "done": 0, "total": None, "error": ""}
            self._lines = []
            self._stop.clear()
        # a server that is stopped must not wait for hours; what was finished is kept
        threading.Thread(target=self._run, args=(files, options), name="detect", daemon=True).start()

    def stop(self) -> None:
        """Ask the run to end at its next step; what was finished is kept."""
        self._stop.set()

    def _run(self, files: Sequence[Path], options: Mapping[str, Any]) -> None:
        try:
            self._desk.detect(files, options, self._progress, self._say)
            self._ended("done", "")
        except Stopped:
            self._ended("stopped", "Stopped. What was finished is kept; the next run goes on from there.")
        except EngineError as error:
            self._ended("failed", f"The engine failed: {str(error).splitlines()[0]}")
        except ConcertedError as error:
            self._ended("failed", str(error))
        except Exception as error:
            # a thread has nobody else to tell; the log of the case holds the rest
            self._ended(
                "failed", f"This should not have happened ({type(error).__name__}). See logs/ in the case."
            )

    def _progress(self, what: str, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise Stopped("stopped by hand")
        with self._lock:
            self._now.update(what=what, done=done, total=total)

    def _say(self, line: str) -> None:
        with self._lock:
            self._lines = [*self._lines, line][-LINES:]

    def _ended(self, state: str, error: str) -> None:
        with self._lock:
            self._now.update(state=state, error=error)
