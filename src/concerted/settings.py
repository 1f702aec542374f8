"""Options: declared once as fields of frozen dataclasses, checked in one way wherever they come from."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import tomlkit
import tomlkit.items

from concerted.errors import SettingError

# what msgspec says of a value -> what people say
WORDS = (
    (r"`(?:float|int)` < ([\d.]+)", r"a number under \1"),
    (r"`(?:float|int)` <= ([\d.]+)", r"a number of at most \1"),
    (r"`(?:float|int)` > ([\d.]+)", r"a number over \1"),
    (r"`(?:float|int)` >= ([\d.]+)", r"a number of at least \1"),
    (r"`int`", "a whole number"),
    (r"`float`", "a number"),
    (r"`bool`", "true or false"),
    (r"`str`", "text"),
    (r"`(?:array|tuple|list)`", "a list"),
    (r"`object`", "a table of options"),
)

C = TypeVar("C")


def option(default: Any, says: str) -> Any:
    """A field of a config: its default and one line for help, docs and the report.

    Ranges go into the annotation: `fdr: Annotated[float, Meta(gt=0, lt=1)] = option(0.05, "...")`.
    """
    return dataclasses.field(default=default, metadata={"says": says})


def build(config: type[C], options: dict[str, Any]) -> C:
    """A checked config from plain values.

    Raises SettingError naming the option, what was given and what is allowed.
    """
    names = [field.name for field in dataclasses.fields(config)]  # type: ignore[arg-type]
    for name in options:
        if name not in names:
            import difflib

            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names) or 'none'}"
            raise SettingError(f"{config.__name__.lower()} has no option {name!r}: {hint}")
    try:
        checked = msgspec.convert(options, config, strict=False)
    except msgspec.ValidationError as error:
        raise SettingError(_refused(config, options, str(error))) from None
    # msgspec leaves defaults off the instance, where nothing that looks at its values would see them
    return config(**{name: getattr(checked, name) for name in options})


def _refused(config: type[Any], options: dict[str, Any], error: str) -> str:
    """What msgspec refused, in the words of people: option, what it must be, what was given."""
    said, _, place = error.partition(" - at `$.")
    name = place.rstrip("`").partition("[")[0].partition(".")[0]
    for machine, people in WORDS:
        said = re.sub(machine, people, said)
    if name not in options:
        return f"{config.__name__.lower()}: {error}"
    return (
        f"{config.__name__.lower()}: {name} = {options[name]!r} cannot be used: {said[:1].lower()}{said[1:]}"
    )


def plain(config: Any) -> dict[str, Any]:
    """A config as plain values, in the order of its fields, fit for TOML and JSON."""
    values = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    # by way of JSON, so that a tuple is the list it is in a file
    return dict(msgspec.json.decode(msgspec.json.encode(values)))


def load(path: Path) -> dict[str, Any]:
    """The values of a settings file; empty where there is none.

    Raises SettingError naming file, line and column where it is no TOML.
    """
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{path}: {error}: mend this line, or delete the file to go back to defaults"
        ) from None


def save(path: Path, values: Mapping[str, Any], says: Mapping[str, str]) -> bool:
    """Bring a settings file to these values, keeping a person's comments; True where it changed.

    A value that is a mapping becomes a section, a list of mappings an array of sections; None is not
    written. `says` maps "option" or "section.option" to the comment a new option gets.
    """
    before = path.read_text("utf-8") if path.exists() else ""
    document = tomlkit.parse(before)
    if not before:
        document.add(
            tomlkit.comment("All settings of this case. Change them here or with flags; what depends")
        )
        document.add(tomlkit.comment("on a changed one is computed again when the case is run."))
    _merge(document, values, says, "")
    after = tomlkit.dumps(document)
    if after == before:
        return False
    fresh = path.with_name(f".new-{path.name}")
    fresh.write_text(after, "utf-8", newline="\n")
    fresh.replace(path)
    return True


def _merge(section: Any, values: Mapping[str, Any], says: Mapping[str, str], within: str) -> None:
    for name in [name for name in section if values.get(name) is None]:
        del section[name]
    for name, value in values.items():
        if value is None:
            continue
        if isinstance(value, Mapping) and not within:
            if name not in section:
                section[name] = tomlkit.table()
            _merge(section[name], value, says, f"{name}.")
        elif isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
            if not isinstance(section.get(name), tomlkit.items.AoT):
                section.add(tomlkit.nl())
                section[name] = tomlkit.aot()
            while len(section[name]) < len(value):
                section[name].append(tomlkit.table())
            while len(section[name]) > len(value):
                del section[name][-1]
            for have, entry in zip(section[name], value, strict=True):
                _merge(have, entry, says, f"{name}.")
        elif name not in section or _unwrapped(section[name]) != value:
            known = name in section
            item = _item(value)
            if not known and within + name in says:
                item.comment(says[within + name])
            section[name] = item


def _item(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return tomlkit.item(value)
    table = tomlkit.inline_table()
    table.update({name: _item(entry) for name, entry in value.items() if entry is not None})
    return table


def _unwrapped(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item
