"""Options: declared once as fields of frozen dataclasses, checked in one way wherever they come from."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

from concerted.errors import SettingError

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
        return msgspec.convert(options, config, strict=False)
    except msgspec.ValidationError as error:
        raise SettingError(f"{config.__name__.lower()}: {error}") from None


def plain(config: Any) -> dict[str, Any]:
    """A config as plain values, in the order of its fields, fit for TOML and JSON."""
    return msgspec.to_builtins(config)
