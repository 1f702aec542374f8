"""What is to be done in a case: its settings, and its files with the options they are read with."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concerted import schema, settings
from concerted.case import Case, file_digest
from concerted.engines import Resources
from concerted.errors import CaseError, InputError, SettingError, UnknownName
from concerted.sources.naming import Names, place, shown
from concerted.stages import Stage

TOML = "concerted.toml"
INPUTS = "inputs.json"
FOLDER = "media_folder"  # the reading option that names a place


@dataclass(frozen=True)
class Input:
    """A file of the case: its name, its hash, where it lies, and the options it is read with."""

    name: str
    sha256: str
    path: Path
    options: Mapping[str, Any]

    @property
    def bare(self) -> str:
        """The name without the folders that tell it apart from others."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class Settings:
    """All settings of a case: one config per stage but the reading one, whose options go with each file.

    `shared` holds options that several stages have, such as the seed: one value for all of them.
    """

    stages: Mapping[str, Stage]
    configs: Mapping[str, Any]
    shared: Mapping[str, Any]
    inputs: tuple[Input, ...] = ()

    @staticmethod
    def route(stages: Mapping[str, Stage], options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Options by the stage that has them. Raises SettingError where none has it."""
        routed: dict[str, dict[str, Any]] = {name: {} for name in stages}
        for option, value in named(options).items():
            owners = [name for name in stages if option in _fields(stages[name]) and option != "files"]
            if not owners:
                known = {field for stage in stages.values() for field in _fields(stage)} - {"files"}
                known |= {field.name for field in dataclasses.fields(Resources)}
                raise SettingError(str(UnknownName("option", option, known)))
            for name in owners:
                routed[name][option] = value
        for name, values in routed.items():
            settings.build(stages[name].Config, values)
        columns = schema.TABLES["posts"].keys() | schema.TABLES["accounts"].keys()
        for key in routed[next(iter(stages))].get("map", {}):
            if key not in columns:
                raise SettingError(f"map: {UnknownName('column of posts or accounts', key, columns)}")
        return routed

    @classmethod
    def of_case(cls, case: Case, stages: Mapping[str, Stage]) -> Settings:
        """The settings of a case, defaults where it has none.

        Raises SettingError naming the line or option of concerted.toml that cannot be used.
        """
        path = case.path / TOML
        values = settings.load(path)
        reader, *rest = stages
        common = _shared(stages)
        known = {*stages, *common}
        for name in values:
            if name not in known:
                raise SettingError(f"{path}: {UnknownName('section', name, known)}")
        shared = {name: values[name] for name in common if name in values}
        configs = {}
        try:
            for name in rest:
                mine = {option: value for option, value in shared.items() if option in _fields(stages[name])}
                configs[name] = settings.build(stages[name].Config, {**mine, **values.get(name, {})})
            inputs = _inputs(case, stages[reader], values.get(reader, []))
        except SettingError as error:
            raise SettingError(f"{path}: {error}") from None
        for name, default in common.items():
            shared.setdefault(name, default)
        return cls(stages, configs, shared, inputs)

    def with_options(self, routed: Mapping[str, Mapping[str, Any]]) -> Settings:
        """The same with these options of the stages after reading changed."""
        configs = {}
        shared = dict(self.shared)
        for name, config in self.configs.items():
            values = settings.plain(config)
            for option, value in routed[name].items():
                nested = isinstance(values[option], dict) and option != "map"
                values[option] = {**values[option], **value} if nested else value
                if option in shared:
                    shared[option] = value
            configs[name] = settings.build(type(config), values)
        return dataclasses.replace(self, configs=configs, shared=shared)

    def without_refused(self, before: Settings, refused: Input, case: Case) -> Settings:
        """The same with files and reading options as before, plus the files read since: a file that was
        refused and never read is no part of the case, so that it stands in nobody's way.
        """
        reader = next(iter(self.stages))
        stamps = [case.stamp(unit) for unit in case.units() if unit.startswith(f"{reader}-")]
        read = {stamp.about["sha256"] for stamp in stamps if stamp is not None}
        old = [entry for entry in before.inputs if entry.sha256 in read or entry.name != refused.name]
        names = {entry.name for entry in before.inputs}
        new = [entry for entry in self.inputs if entry.name not in names and entry.sha256 in read]
        return dataclasses.replace(self, inputs=(*old, *new))

    def save(self, case: Case) -> None:
        """Record the settings in concerted.toml and the files in inputs.json."""
        places = {
            entry.name: {"path": _seen_from(case.path, entry.path), "sha256": entry.sha256}
            for entry in self.inputs
        }
        if case.read(INPUTS) != places:
            case.write(INPUTS, places)
        says = {
            f"{name}.{field.name}": field.metadata.get("says", "")
            for name, stage in self.stages.items()
            for field in dataclasses.fields(stage.Config)
        }
        for name in self.shared:
            says[name] = next(text for key, text in says.items() if key.endswith(f".{name}"))
        values = {**self.shared, next(iter(self.stages)): self._batches() or None, **self._sections()}
        if settings.save(case.path / TOML, values, says):
            case.log.info("settings recorded in %s", TOML)

    def shown(self) -> dict[str, Any]:
        """The settings as findings state them: plain values, no paths."""
        batches = [
            {**batch, FOLDER: Path(batch[FOLDER]).name} if batch.get(FOLDER) else batch
            for batch in self._batches()
        ]
        return {**self.shared, next(iter(self.stages)): batches, **self._sections()}

    @property
    def seed(self) -> int:
        """The seed of all random steps."""
        return int(self.shared.get("seed", 0))

    def _sections(self) -> dict[str, dict[str, Any]]:
        return {
            name: {
                option: value for option, value in settings.plain(config).items() if option not in self.shared
            }
            for name, config in self.configs.items()
        }

    def _batches(self) -> list[dict[str, Any]]:
        batches: list[dict[str, Any]] = []
        for entry in self.inputs:
            if batches and {**batches[-1], "files": []} == {"files": [], **entry.options}:
                batches[-1]["files"].append(entry.name)
            else:
                batches.append({"files": [entry.name], **entry.options})
        return batches


def add_files(
    case: Case,
    plan: Settings,
    reader: Stage,
    paths: Sequence[Path],
    given: Mapping[str, Any],
    say: Callable[[str], None],
) -> Settings:
    """The settings with these files added; options of files the case already has are changed to `given`.

    A file of the case is known by where it lies, or by its content and name should it have moved, and keeps
    what it is called there. Raises CaseError where it has changed since it was added.
    """
    names = Names()
    for entry in plan.inputs:
        names.keep(entry.name, entry.path)
    inputs = {entry.name: entry for entry in plan.inputs}
    places = {place(entry.path): entry.name for entry in plan.inputs}
    contents = {entry.sha256: entry.name for entry in plan.inputs}
    if given.get(FOLDER):
        # the case may be run from elsewhere next time
        given = {**given, FOLDER: str(Path(given[FOLDER]).expanduser().resolve())}
    for path in paths:
        sha256 = file_digest(path)
        known = inputs.get(places.get(place(path), ""))
        if known is not None and known.sha256 != sha256:
            raise CaseError(
                f"{path} differs from the file of the same name in {case.path} "
                f"(SHA-256 {sha256[:12]}..., there {known.sha256[:12]}...): rename it to add it as a "
                "new file, or start a new case with --into NEW_DIR"
            )
        if known is None and sha256 in contents:
            known = inputs[contents[sha256]]
            if known.bare != shown(path.name) or known.path in paths:
                called = names.free(path)
                say(f"{called}: skipped, it has the same content as {known.name}, which the case has")
                continue
        base = _options(reader, {}) if known is None else known.options
        name = names.give(path) if known is None else known.name
        inputs[name] = Input(name, sha256, path, _options(reader, {**base, **given}))
        places[place(path)] = contents[sha256] = name
    if not inputs:
        raise InputError(f"{case.path} has no files yet: concerted read FILES --into {case.path}")
    return dataclasses.replace(plan, inputs=tuple(inputs.values()))


def _options(reader: Stage, values: Mapping[str, Any]) -> dict[str, Any]:
    options = settings.plain(settings.build(reader.Config, dict(values)))
    options.pop("files")
    return options


def _inputs(case: Case, reader: Stage, batches: Any) -> tuple[Input, ...]:
    places = case.read(INPUTS) or {}
    found = []
    for batch in batches if isinstance(batches, list) else [batches]:
        options = dict(batch)
        for name in options.pop("files", []):
            if name not in places:
                raise SettingError(
                    f"the case has no file {name!r}: add it with concerted read {name} --into {case.path}"
                )
            place = places[name]
            found.append(Input(name, place["sha256"], case.path / place["path"], _options(reader, options)))
    return tuple(found)


def _seen_from(case: Path, path: Path) -> str:
    """Where a file lies as seen from the case, so that both can move together."""
    try:
        return Path(os.path.relpath(place(path), case.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return place(path).as_posix()


def _fields(stage: Stage) -> dict[str, Any]:
    blank = stage.Config()
    return {field.name: getattr(blank, field.name) for field in dataclasses.fields(stage.Config)}


def _shared(stages: Mapping[str, Stage]) -> dict[str, Any]:
    """Options that more than one stage has, with their default; the seed always stands among them."""
    counts: dict[str, list[Any]] = {}
    for stage in list(stages.values())[1:]:
        for name, default in _fields(stage).items():
            counts.setdefault(name, []).append(default)
    return {name: defaults[0] for name, defaults in counts.items() if len(defaults) > 1 or name == "seed"}


def named(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with instances of traces as the names and options a settings file can hold."""
    routed = dict(options)
    traces = routed.get("traces")
    if isinstance(traces, list | tuple):
        configured = {trace.name: settings.plain(trace) for trace in traces if not isinstance(trace, str)}
        routed["traces"] = [trace if isinstance(trace, str) else trace.name for trace in traces]
        if configured:
            routed["options"] = {**routed.get("options", {}), **configured}
    return routed
