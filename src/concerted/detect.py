"""The verbs in order: from files to findings, in a case or in passing."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from concerted import settings
from concerted.engines import resources_of
from concerted.errors import CaseError, InputError
from concerted.findings import Findings
from concerted.keeper import Keeper, opened
from concerted.plan import Settings
from concerted.stages import ORDER, Progress, Stage, silent, unheard


def load_stages(names: Iterable[str] = ORDER) -> dict[str, Stage]:
    """The stages of these names, in the order given."""
    return {name: importlib.import_module(f"concerted.stages.{name}") for name in names}


def detect(
    *files: str | Path,
    into: str | Path | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = unheard,
    rebuild: bool = False,
    **options: Any,
) -> Findings:
    """Read exports and find accounts that acted together more than chance explains.

    `files` are paths, folders or patterns. `into` is a case folder, made where there is none; files are
    added to those it has, and only what is not up to date is computed. Without it nothing is kept but the
    findings returned. `options` are options of any stage, such as `fdr=0.01`, `traces=["link"]`,
    `timezone="UTC"`; those not given are as the case has them. What may be used to compute goes among them
    (`engine="spark"`, `memory="4GB"`, `cluster=`): it changes no finding and is not kept. With
    `rebuild` all files of the case are read again and everything is computed again, as in one run over all.

    Raises InputError and its kinds, SettingError, UnknownName, CaseError, EngineError, MissingExtra.
    """
    if into is not None:
        return _found(proceed(into, files, options, ORDER[-1], progress, say, rebuild=rebuild))
    if not files:
        raise InputError("no files are given: name at least one export to read")
    with tempfile.TemporaryDirectory(prefix="concerted-") as folder:
        return _found(proceed(Path(folder) / "case", files, options, ORDER[-1], progress, say))


def proceed(
    folder: str | Path,
    files: tuple[str | Path, ...],
    options: Mapping[str, Any],
    until: str,
    progress: Progress = silent,
    say: Callable[[str], None] = unheard,
    stages: Mapping[str, Stage] | None = None,
    rebuild: bool = False,
) -> Findings | None:
    """Bring a case up to date up to and with the stage `until`; the findings, if that is the last.

    `files` are added to the case, which is made if there are any. `stages` are those of this package
    unless others are given. With `rebuild`, nothing computed before is used. Raises what `detect` raises.
    """
    stages = load_stages() if stages is None else stages
    resources, options = resources_of(options)
    given = Settings.route(stages, options)
    reader = next(iter(stages))
    paths = _expand(stages[reader], files, given[reader], say)
    if not paths and not (Path(folder) / "case.json").exists():
        raise CaseError(f"{folder} is not a case: make one with concerted detect FILES --into {folder}")
    with opened(folder, bool(paths), f"up to {until}", resources) as (case, engine):
        return Keeper(case, stages, given, engine, progress, say).run(until, paths, rebuild)


def _expand(
    reader: Stage, files: tuple[str | Path, ...], given: Mapping[str, Any], say: Callable[[str], None]
) -> list[Path]:
    """Paths of all files, folders and patterns. Raises InputError where one is not there."""
    if not files:
        return []
    module: Any = reader
    config = settings.build(reader.Config, dict(given))
    paths: list[Path] = module.expand([str(file) for file in files], config, say)
    return paths


def _found(findings: Findings | None) -> Findings:
    assert findings is not None
    return findings
