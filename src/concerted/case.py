"""A case: the folder in which the tables, settings and findings of one investigation lie.

    case.json         that this is a case, and of which format
    concerted.toml    all settings                   inputs.json    name, place and hash of every input
    tables/<table>/<unit>.parquet                    stamps/<unit>.json    that a unit of work is whole
    findings.json  report.html  manifest.json        logs/          one log per run, times in UTC
    exports/         files dropped on the local page

A unit of work is a stage, or one input file of the reading stage (read-000001, read-000002 ...).
Whatever is written is written beside under a name that begins with `.new-` and renamed when whole; the
stamp comes last. So a table is what stamped units say it is, and a run that was killed goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from concerted import schema
from concerted.errors import CaseError
from concerted.lock import hold
from concerted.parallel import in_parallel
from concerted.parquet import Writer
from concerted.table import Table

FORMAT = 1


class Part(msgspec.Struct, frozen=True):
    """The rows of one table that one unit of work made."""

    table: str
    rows: int
    bytes: int
    sha256: str


class Stamp(msgspec.Struct, frozen=True):
    """That a unit of work is whole. `about` holds what it depends on, `key` the hash of that."""

    key: str
    about: dict[str, Any]
    parts: list[Part]


def digest(value: Any) -> str:
    """SHA-256 of a plain value, the same whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Case:
    """A case folder; `create` makes it where there is none.

    Raises CaseError where the folder holds something else, or a case of another format.
    """

    def __init__(self, path: str | Path, create: bool = False) -> None:
        self.path = Path(path)
        self.log = logging.Logger("concerted")
        self._held: dict[str, Stamp] | None = None  # stamps of whole units while nobody else can change them
        mark = self.path / "case.json"
        if self.path.exists() and not self.path.is_dir():
            raise CaseError(f"{self.path} is a file, a case is a folder: name another place")
        if not mark.exists():
            inside = sorted(entry.name for entry in self.path.iterdir()) if self.path.exists() else []
            foreign = [name for name in inside if name != ".new-case.json"]
            if foreign:
                raise CaseError(
                    f"{self.path} is not a case and is not empty (it holds {foreign[0]!r}): "
                    "name a folder that is empty or not there yet"
                )
            if not create:
                raise CaseError(f"{self.path} is not a case: make one with concerted detect FILES --into DIR")
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except PermissionError:
                raise
            except OSError as error:
                raise CaseError(
                    f"{self.path} cannot be made ({error.strerror}): name another place for the case"
                ) from None
            self.write("case.json", {"case": "concerted", "format": FORMAT})
        self._check_format(mark)

    def _check_format(self, mark: Path) -> None:
        try:
            found = json.loads(mark.read_text("utf-8"))["format"]
        except (ValueError, KeyError, TypeError):
            found = None
        if type(found) is not int:
            raise CaseError(f"{mark} is damaged: read the exports again into a new folder")
        if found > FORMAT:
            raise CaseError(
                f"{self.path} is a case of format {found}, this version knows up to {FORMAT}: "
                "pip install --upgrade concerted"
            )
        if found < FORMAT:
            raise CaseError(
                f"{self.path} is a case of format {found}, which this version no longer reads: "
                "run concerted detect FILES --into NEW_DIR"
            )

    @contextmanager
    def writing(self, doing: str) -> Iterator[None]:
        """Hold the case for one writer, keep a log, and remove what a killed run left half-written.

        Raises CaseError where another process writes.
        """
        with hold(self.path, doing):
            self._remove_leftovers()
            handler = self._open_log(time.gmtime())
            self._held = {unit: self._stamped(unit) for unit in self.units()}
            try:
                yield
            finally:
                self._held = None
                self.log.removeHandler(handler)
                handler.close()

    def _open_log(self, now: time.struct_time) -> logging.Handler:
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        handler = logging.FileHandler(
            folder / f"{time.strftime('%Y%m%dT%H%M%SZ', now)}-{os.getpid()}.log", encoding="utf-8"
        )
        line = logging.Formatter("%(asctime)s UTC %(levelname)s %(message)s")
        line.converter = time.gmtime
        handler.setFormatter(line)
        self.log.addHandler(handler)
        return handler

    @property
    def logfile(self) -> Path | None:
        """The log of this run, while it writes."""
        files = [
            handler.baseFilename for handler in self.log.handlers if isinstance(handler, logging.FileHandler)
        ]
        return Path(files[0]) if files else None

    def _remove_leftovers(self) -> None:
        for left in sorted(self.path.glob(".new-*")) + sorted((self.path / "stamps").glob(".new-*")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        whole = {(part.table, unit) for unit in self.units() for part in self._stamped(unit).parts}
        for path in sorted(self.path.glob("tables/*/*.parquet")):
            if (path.parent.name, path.stem) not in whole:
                path.unlink()

    def write(self, name: str, value: Any) -> None:
        """Write a value as JSON, or bytes as they are, under this name, all or nothing."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_name(f".new-{path.name}")
        encoded = msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1)
        fresh.write_bytes(value if isinstance(value, bytes) else encoded)
        fresh.replace(path)

    def read(self, name: str) -> Any:
        """The value written under this name, or None. Raises CaseError where it is damaged."""
        path = self.path / name
        try:
            return json.loads(path.read_bytes()) if path.exists() else None
        except ValueError:
            raise CaseError(f"{path} is damaged: delete it and run again") from None

    def units(self) -> list[str]:
        """Units of work that are whole, in the order of their names."""
        if self._held is not None:
            return sorted(self._held)
        names = sorted(path.stem for path in self.path.glob("stamps/*.json") if not path.name.startswith("."))
        return [name for name in names if self.stamp(name) is not None]

    def _stamped(self, unit: str) -> Stamp:
        if self._held is not None:
            return self._held[unit]
        return msgspec.json.decode((self.path / "stamps" / f"{unit}.json").read_bytes(), type=Stamp)

    def stamp(self, unit: str) -> Stamp | None:
        """The stamp of a unit of work; None where it never ended or its files are not what it wrote."""
        if self._held is not None:
            return self._held.get(unit)
        try:
            stamp = self._stamped(unit)
            sizes = [self.part(part.table, unit).stat().st_size for part in stamp.parts]
        except (OSError, msgspec.DecodeError):
            return None
        return stamp if sizes == [part.bytes for part in stamp.parts] else None

    def part(self, table: str, unit: str) -> Path:
        """Where the rows lie that a unit of work adds to a table."""
        return self.path / "tables" / table / f"{unit}.parquet"

    def parts(self, table: str, stages: Collection[str] | None = None) -> list[tuple[str, Part]]:
        """Unit and part of all rows of a table, or of those these stages or units made, in order of units."""
        return [
            (unit, part)
            for unit in self.units()
            if stages is None or unit in stages or unit.partition("-")[0] in stages
            for part in self._stamped(unit).parts
            if part.table == table
        ]

    def table(self, name: str, stages: Collection[str] | None = None) -> Table:
        """A table over all its parts, or over those these stages or units made."""
        return Table(name, tuple(self.part(name, unit) for unit, _ in self.parts(name, stages)))

    def drop(self, unit: str) -> None:
        """Forget a unit of work: first that it was whole, then its rows."""
        (self.path / "stamps" / f"{unit}.json").unlink(missing_ok=True)
        if self._held is not None:
            self._held.pop(unit, None)
        for path in sorted(self.path.glob(f"tables/*/{unit}.parquet")):
            path.unlink()

    def commit(
        self, unit: str, about: Mapping[str, Any], chunks: Iterable[tuple[str, pa.Table]]
    ) -> list[Part]:
        """Write the tables a unit of work yields; they count when all are whole."""
        fresh = self.path / f".new-{unit}"
        shutil.rmtree(
            fresh, ignore_errors=True
        )  # of a file that was refused while this process holds the case
        fresh.mkdir()
        writers: dict[str, Writer] = {}
        try:
            for table, chunk in chunks:
                rows = schema.check(table, chunk)
                if table not in writers:
                    writers[table] = Writer(fresh / f"{table}.parquet", rows.schema)
                writers[table].add(rows)
        finally:
            # the last rows of several tables are written side by side
            list(in_parallel(Writer.close, writers.values()))
        self.drop(unit)
        parts = []
        for table, writer in sorted(writers.items()):
            path = self.part(table, unit)
            parts.append(Part(table, writer.rows, writer.path.stat().st_size, file_digest(writer.path)))
            path.parent.mkdir(parents=True, exist_ok=True)
            writer.path.replace(path)
        fresh.rmdir()
        self.seal(unit, about, parts)
        return parts

    def seal(self, unit: str, about: Mapping[str, Any], parts: list[Part]) -> None:
        """State that a unit of work is whole."""
        stamp = Stamp(digest(about), dict(about), parts)
        self.write(f"stamps/{unit}.json", stamp)
        if self._held is not None:
            self._held[unit] = stamp

    def keep_findings(self, data: bytes) -> str | None:
        """Write findings.json; earlier ones that differ are kept, and the name they got is returned."""
        path, kept = self.path / "findings.json", None
        if path.exists() and path.read_bytes() != data:
            kept = f"findings-{file_digest(path)[:12]}.json"
            path.replace(self.path / kept)
        self.write("findings.json", data)
        return kept

    def write_manifest(self, made_by: str) -> None:
        """List every result in the case with its size and SHA-256."""
        files = {
            f"tables/{part.table}/{unit}.parquet": {
                "bytes": part.bytes,
                "rows": part.rows,
                "sha256": part.sha256,
            }
            for unit in self.units()
            for part in self._stamped(unit).parts
        }
        for path in [*self.path.glob("findings*.json"), *self.path.glob("report.html")]:
            files[path.name] = {"bytes": path.stat().st_size, "sha256": file_digest(path)}
        self.write("manifest.json", {"concerted": made_by, "files": files})
