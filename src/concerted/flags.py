"""Flags made from configs: an option is written once, in the config that has it."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from concerted import registry
from concerted.engines import Resources
from concerted.errors import SettingError
from concerted.stages import Stage

# given as arguments; given as --text.min-words and --births.least
SKIPPED = ("files", "options", "signal_options")
# stage -> kind of the members that have options of their own, and the field of the stage that holds them
MEMBERS = {"trace": ("traces", "options"), "explain": ("signals", "signal_options")}


class Flags:
    """Flags of some stages, and of the engine where these compute: `parameters` for a signature, `options`
    back from what was given."""

    def __init__(self, stages: Mapping[str, Stage], computing: bool = False) -> None:
        # parameter -> field that holds options of members or "", the member, option, type
        self._homes: dict[str, tuple[str, str, str, Any]] = {}
        self.parameters: list[inspect.Parameter] = []
        for name, stage in stages.items():
            group = Group.create_ordered(f"Options of {name}")
            self._add(stage.Config, group)
            if name in MEMBERS:
                kind, held = MEMBERS[name]
                for member in registry.names(kind):
                    titled = Group.create_ordered(f"Options of the {kind.rstrip('s')} {member}")
                    self._add(registry.find(kind, member), titled, held, member, given=_names(stage.Config))
        if computing:
            self._add(Resources, Group.create_ordered("What may be used to compute"))

    def _add(
        self,
        config: type[Any],
        group: Group,
        held: str = "",
        member: str = "",
        given: frozenset[str] = frozenset(),
    ) -> None:
        """`given` are options that the stage hands to its members, such as its error rate."""
        types = typing.get_type_hints(config)
        blank = config()
        for field in dataclasses.fields(config):
            parameter = f"{member}__{field.name}" if member else field.name
            if field.name in SKIPPED or field.name in given or parameter in self._homes:
                continue
            flag = "--" + (f"{member}." if member else "") + field.name.replace("_", "-")
            self._homes[parameter] = (held, member, field.name, types[field.name])
            text = field.metadata.get("says", "") + _default(getattr(blank, field.name))
            kind = _flag_type(types[field.name])
            self.parameters.append(
                inspect.Parameter(
                    parameter,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=None,
                    annotation=Annotated[kind | None, Parameter(name=flag, help=text, group=group)],
                )
            )

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Options of stages from the flags that were given. Raises SettingError."""
        options: dict[str, Any] = {}
        for parameter, value in given.items():
            if value is None or parameter not in self._homes:
                continue
            held, member, name, kind = self._homes[parameter]
            value = _value(value, kind, name)
            if member:
                options.setdefault(held, {}).setdefault(member, {})[name] = value
            else:
                options[name] = value
        return options


def _names(config: type[Any]) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(config))


def command(
    run: Callable[..., int], name: str, says: str, parameters: list[inspect.Parameter]
) -> Callable[..., int]:
    """A function for cyclopts: `run` is called with the parameters by name, a *args one as a tuple."""

    def called(*args: Any, **given: Any) -> int:
        bound = inspect.Signature(parameters).bind(*args, **given)
        bound.apply_defaults()
        return run(**bound.arguments)

    called.__name__ = called.__qualname__ = name
    called.__doc__ = says
    called.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    return called


def _default(value: Any) -> str:
    if value in ("", (), None, False) or (isinstance(value, dict) and not value):
        return ""
    shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
    return f" [default: {shown}]"


def _plain(kind: Any) -> Any:
    """The type without None."""
    if typing.get_origin(kind) in (typing.Union, UnionType):
        return next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _flag_type(kind: Any) -> Any:
    kind = _plain(kind)
    return kind if kind in (bool, int, float, str) or typing.get_origin(kind) is Literal else str


def _value(value: Any, kind: Any, name: str) -> Any:
    origin = typing.get_origin(_plain(kind))
    if origin in (tuple, list):
        return [part.strip() for part in value.split(",") if part.strip()]
    if origin is dict:
        # a column's name may hold a comma, so only a comma before another key= ends it
        entries = [entry for entry in re.split(r",(?=\s*\w+=)", value) if entry]
        if any("=" not in entry for entry in entries):
            raise SettingError(f"--{name} {value}: write it as KEY=COLUMN,KEY=COLUMN")
        return {key.strip(): column for key, column in (entry.split("=", 1) for entry in entries)}
    return value
