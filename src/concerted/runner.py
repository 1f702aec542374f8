"""Brings a case up to date: computes what is not, in order, and skips what is."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concerted import __version__, machine, registry, schema
from concerted import settings as options
from concerted.case import Case, Stamp, digest, file_digest
from concerted.engines import Engine
from concerted.errors import CaseError, ConcertedError
from concerted.explaining.lasting import lasting, renamed
from concerted.findings import VERSION as DOCUMENT
from concerted.findings import Findings
from concerted.plan import Input, Settings
from concerted.stages import Chunks, Progress, Stage, silent, unheard
from concerted.table import Table

NAMES = "names"  # the table of the names that groups keep, to which rows are only added
# one tells how a case came about, one what can be added to it; findings are what input and settings make them
ASIDE = (NAMES, "uses")
FINDINGS = "findings"  # the unit of work that follows the last stage


@dataclass
class Seen:
    """What reading has seen so far in this process: the ids of all posts up to and with a unit of work."""

    known: Any = None
    until: str = ""


def write_report(findings: Findings, path: Path) -> None:
    """The report of these findings, without what its readers may not see."""
    from concerted import privacy

    registry.find("exports", "html")().write(privacy.redact(findings, handles=False), path)


class Runner:
    """Runs stages over a case. `say` is told in one line each what is computed and why, and which of the
    files `asked` for are skipped."""

    def __init__(
        self,
        case: Case,
        stages: Mapping[str, Stage],
        settings: Settings,
        engine: Engine,
        progress: Progress = silent,
        say: Callable[[str], None] = unheard,
        asked: Collection[Path] = (),
        seen: Seen | None = None,
    ) -> None:
        self._case = case
        self._stages = stages
        self._settings = settings
        self._engine = engine
        self._progress = progress
        self._hear = say
        self._asked = asked
        self._seen = Seen() if seen is None else seen
        self.reading: Input | None = None  # the file being read, for whoever has to say which was refused

    def run(self, until: str) -> Findings | None:
        """Bring the case up to date up to this stage; the findings, if it is the last."""
        names = list(self._stages)
        last = names.index(until)
        self._read(names[0])
        for position in range(1, last + 1):
            self._compute(names[position], names[:position])
        findings = None
        if until == names[-1]:
            self._name()
            findings = self._conclude(names[-1])
        self._case.write_manifest(__version__)
        self._case.log.info("done")
        return findings

    def _say(self, line: str) -> None:
        self._case.log.info(line)
        self._hear(line)

    def _watch(self, stage: str) -> Progress:
        return lambda what, done, total: self._progress(f"{stage}: {what}", done, total)

    def _read(self, stage: str) -> None:
        before = ""
        units = []
        for number, entry in enumerate(self._settings.inputs, 1):
            unit = f"{stage}-{number:06d}"
            units.append(unit)
            # what a file adds depends on the posts known before it, so each stamp holds the one before
            about = {
                "code": self._stages[stage].VERSION,
                "config": dict(entry.options),
                "file": entry.name,
                "sha256": entry.sha256,
                "before": before,
            }
            have = self._case.stamp(unit)
            about |= self._beside(stage, entry, have)
            before = digest(about)
            if have is not None and have.key == before:
                hear = self._say if entry.path in self._asked else self._case.log.info
                hear(f"{stage}: {entry.name} is read already, skipped")
                continue
            self._say(f"{stage}: {entry.name}{_reason(have, about)}")
            self.reading = entry
            self._read_file(stage, unit, entry, about)
            self.reading = None
        for unit in self._case.units():
            if unit.startswith(f"{stage}-") and unit not in units:
                self._case.drop(unit)

    def _beside(self, stage: str, entry: Input, have: Stamp | None) -> dict[str, str]:
        """What is read besides a file, as part of its stamp; what is gone since counts as unchanged."""
        folder = entry.options.get("media_folder")
        if not folder:
            return {}
        module: Any = self._stages[stage]
        told = module.beside(folder)
        if told is None and have is not None:
            told = have.about.get("beside")
        return {"beside": told or ""}

    def _read_file(self, stage: str, unit: str, entry: Input, about: Mapping[str, Any]) -> None:
        if not entry.path.exists():
            raise CaseError(
                f"{entry.name} must be read again and is not at {entry.path} any more: put it back there, "
                f"or add it from where it is with concerted read FILE --into {self._case.path}"
            )
        module: Any = self._stages[stage]
        config = options.build(module.Config, {**entry.options, "files": [str(entry.path)]})
        seen = self._seen
        if seen.known is None or seen.until >= unit:
            earlier = [done for done in self._case.units() if done.startswith(f"{stage}-") and done < unit]
            posts, accounts = (self._case.table(name, earlier) for name in ("posts", "accounts"))
            seen.known = module.Known(
                posts.sql("select platform, post, account from this").to_arrow(),
                accounts.sql("select platform, account from this").to_arrow(),
            )
        # a file that is refused half read has left its posts there
        known, seen.known = seen.known, None
        with ThreadPoolExecutor(1, "digest") as thread:
            digest = thread.submit(file_digest, entry.path)
            self._commit(unit, about, self._rows(module, entry, config, known, digest))
        seen.known, seen.until = known, unit

    def _rows(self, module: Any, entry: Input, config: Any, known: Any, digest: Future[str]) -> Chunks:
        """What is read of a file. Raises CaseError where it is another one now, as `digest` will tell."""
        progress = self._watch("read")
        try:
            for table, chunk in module.read_file(
                entry.path, config, known, progress, digest=entry.sha256, name=entry.name
            ):
                yield table, chunk
                if table == "inputs":
                    yield "made", module.made(chunk)
        except ConcertedError:
            self._check_same(entry, digest)
            raise
        self._check_same(entry, digest)

    def _check_same(self, entry: Input, digest: Future[str]) -> None:
        if digest.result() != entry.sha256:
            raise CaseError(
                f"{entry.path} has changed since it was added to {self._case.path}: put the file back as it "
                "was, or start a new case with --into NEW_DIR"
            )

    def _compute(self, stage: str, earlier: Sequence[str]) -> None:
        module, config = self._stages[stage], self._settings.configs[stage]
        about = {
            "code": module.VERSION,
            "concerted": __version__,
            "config": options.plain(config),
            "inputs": {table: self._contents(table, earlier) for table in module.READS},
        }
        have = self._case.stamp(stage)
        if have is not None and have.key == digest(about):
            self._case.log.info("%s: up to date, skipped", stage)
            return
        self._say(f"{stage}{_reason(have, about)}")
        tables = {table: self._case.table(table, earlier) for table in module.READS}
        tables |= self._grown(stage, have, about, earlier)
        self._commit(stage, about, module.run(tables, config, self._watch(stage), self._engine))

    def _grown(
        self, stage: str, have: Stamp | None, about: Mapping[str, Any], earlier: Sequence[str]
    ) -> dict[str, Table]:
        """Where rows were added to one table and nothing else has changed: those rows, and what was made."""
        module: Any = self._stages[stage]
        table = getattr(module, "GROWS", "")
        if have is None or not table:
            return {}
        before = have.about["inputs"].get(table, [])
        if digest({**about, "inputs": {**about["inputs"], table: before}}) != have.key:
            return {}
        if before != about["inputs"][table][: len(before)]:
            return {}
        units = [unit for unit, _ in self._case.parts(table, earlier)][len(before) :]
        made = {f"earlier {name}": self._case.table(name, [stage]) for name in module.WRITES}
        return {f"new {table}": self._case.table(table, units), **made}

    def _commit(self, unit: str, about: Mapping[str, Any], chunks: Any) -> None:
        begun = time.monotonic()
        parts = self._case.commit(unit, about, chunks)
        machine.give_back()
        rows = ", ".join(f"{part.rows} {part.table}" for part in parts if part.rows) or "no rows"
        self._case.log.info("%s: done in %.1f s: %s", unit, time.monotonic() - begun, rows)

    def _contents(self, table: str, stages: Sequence[str] | None = None) -> list[str]:
        return [part.sha256 for _, part in self._case.parts(table, stages)]

    def _name(self) -> None:
        """Keep the names of groups, or add to them where groups have changed; what was written stays."""
        before = self._case.table(NAMES).rows()
        rows = renamed(before, self._case.table("groups").rows())
        if rows:
            number = 1 + max((row["round"] for row in before), default=0)
            columns = {name: [row[name] for row in rows] for name in schema.TABLES[NAMES]}
            about = {"round": number, "groups": self._contents("groups")}
            self._case.commit(f"{NAMES}-{number:06d}", about, [(NAMES, schema.rows(NAMES, **columns))])

    def _conclude(self, stage: str) -> Findings:
        path, report = self._case.path / "findings.json", self._case.path / "report.html"
        tables = {table: self._case.table(table) for table in schema.TABLES if table not in ASIDE}
        about = {
            "document": DOCUMENT,
            "concerted": __version__,
            "settings": self._settings.shown(),
            "tables": {table: self._contents(table) for table in tables},
        }
        have = self._case.stamp(FINDINGS)
        if have is not None and have.key == digest(about) and report.exists() and path.exists():
            self._case.log.info("findings: up to date, skipped")
            return Findings.from_json(path)
        module: Any = self._stages[stage]
        findings: Findings = module.assemble(
            tables, self._settings.shown(), __version__, self._settings.seed, engine=self._engine
        )
        fresh = self._case.path / ".new-report.html"
        write_report(lasting(findings, self._case.table(NAMES).rows()), fresh)
        kept = self._case.keep_findings(findings.to_json())
        fresh.replace(report)
        self._case.seal(FINDINGS, about, [])
        self._say("findings written" + (f"; the earlier ones are kept as {kept}" if kept else ""))
        return findings


def _reason(have: Stamp | None, about: Mapping[str, Any]) -> str:
    """Why a unit of work is computed again."""
    if have is None:
        return ""
    was, now = have.about.get("config", {}), about["config"]
    known = [name for name in now if name in was]
    changed = [f"{name} {was[name]!r} -> {now[name]!r}" for name in known if was[name] != now[name]]
    if changed:
        return f": again, because of {', '.join(changed)}"
    # an option that the program did not have then is no change of the user's
    if set(was) != set(now) or any(
        have.about.get(name) != about[name] for name in ("code", "concerted") if name in about
    ):
        return ": again, because the program has changed"
    return ": again, because its input has changed"
