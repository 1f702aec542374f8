"""A case that is held open: takes files, and is brought up to date as often as asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from concerted import __version__
from concerted.case import Case, file_digest
from concerted.engines import Engine, Resources, open_engine
from concerted.errors import CaseError, ConcertedError
from concerted.findings import Findings
from concerted.plan import INPUTS, Settings, add_files
from concerted.runner import Runner, Seen
from concerted.sources.naming import place
from concerted.stages import Progress, Stage, silent, unheard

KEPT = ("names", "verdicts")  # what the history of a case made, or a person: no run makes it again


class Keeper:
    """Runs stages over a case that this process holds. `options` are options of any stage.

    What was read once is known from then on, so that many small files cost as little as one large one.
    """

    def __init__(
        self,
        case: Case,
        stages: Mapping[str, Stage],
        options: Mapping[str, Mapping[str, Any]],
        engine: Engine,
        progress: Progress = silent,
        say: Callable[[str], None] = unheard,
    ) -> None:
        self.case = case
        self._stages = stages
        self._given = options
        self._engine = engine
        self._progress = progress
        self._say = say
        self._seen = Seen()

    def inputs(self) -> dict[str, str]:
        """SHA-256 of the files of the case, by name."""
        return {name: entry["sha256"] for name, entry in (self.case.read(INPUTS) or {}).items()}

    @property
    def fdr(self) -> float:
        """The false discovery rate that the case is weighed at."""
        return float(self._settings().configs["weigh"].fdr)

    def _settings(self) -> Settings:
        return Settings.of_case(self.case, self._stages).with_options(self._given)

    def run(self, until: str, paths: Sequence[Path] = (), rebuild: bool = False) -> Findings | None:
        """Add files and bring the case up to date up to this stage; the findings, if it is the last.

        With `rebuild`, all files are read again in the order of their names and nothing computed before is
        used. A file that is refused is no part of the case afterwards. Raises what `detect` raises.
        """
        reader = next(iter(self._stages))
        before = self._settings()
        settings = add_files(self.case, before, self._stages[reader], paths, self._given[reader], self._say)
        if rebuild:
            settings = self._in_one_go(settings)
        settings.save(self.case)
        if rebuild:
            self._forget()
        runner = Runner(
            self.case, self._stages, settings, self._engine, self._progress, self._say, set(paths), self._seen
        )
        try:
            return runner.run(until)
        except ConcertedError:
            if runner.reading is not None:
                settings.without_refused(before, runner.reading, self.case).save(self.case)
            raise

    def _in_one_go(self, settings: Settings) -> Settings:
        """The files as one run over all of them would take them. Raises CaseError where one is gone."""
        for entry in settings.inputs:
            if not entry.path.exists() or file_digest(entry.path) != entry.sha256:
                raise CaseError(
                    f"{entry.name} is not at {entry.path} as it was added, and --rebuild reads everything "
                    "again: put it back there, or go on without --rebuild"
                )
        in_order = sorted(settings.inputs, key=lambda one: (one.bare, str(place(one.path))))
        return dataclasses.replace(settings, inputs=tuple(in_order))

    def _forget(self) -> None:
        for unit in self.case.units():
            if unit.partition("-")[0] not in KEPT:
                self.case.drop(unit)


@contextmanager
def opened(
    folder: str | Path, create: bool, doing: str, resources: Resources
) -> Iterator[tuple[Case, Engine]]:
    """A case held for writing, whose log tells how it ended, and an engine. Raises CaseError, and what
    `open_engine` raises."""
    with closing(open_engine(resources)) as engine:
        case = Case(folder, create=create)
        with case.writing(doing):
            case.log.info("concerted %s, %s", __version__, doing)
            case.log.info("computed with %s", resources)
            try:
                yield case, engine
            except BaseException as error:
                expected = isinstance(error, ConcertedError | KeyboardInterrupt)
                case.log.error("ended by %s: %s", type(error).__name__, error, exc_info=not expected)
                error.__dict__.setdefault("logfile", case.logfile)
                raise
