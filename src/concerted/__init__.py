"""Finds accounts that acted together more than chance explains, and shows why."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from concerted import errors as errors
    from concerted import traces as traces
    from concerted.api import explain as explain
    from concerted.api import group as group
    from concerted.api import pair as pair
    from concerted.api import read as read
    from concerted.api import trace as trace
    from concerted.api import weigh as weigh
    from concerted.detect import detect as detect
    from concerted.findings import Findings as Findings
    from concerted.look import inspect as inspect

_HOMES = {
    "detect": "concerted.detect:detect",
    "read": "concerted.api:read",
    "trace": "concerted.api:trace",
    "pair": "concerted.api:pair",
    "weigh": "concerted.api:weigh",
    "group": "concerted.api:group",
    "explain": "concerted.api:explain",
    "inspect": "concerted.look:inspect",
    "Findings": "concerted.findings:Findings",
    "traces": "concerted.traces:",
    "errors": "concerted.errors:",
}

__all__ = [
    "Findings",
    "__version__",
    "detect",
    "errors",
    "explain",
    "group",
    "inspect",
    "pair",
    "read",
    "trace",
    "traces",
    "weigh",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'concerted' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    home = importlib.import_module(module)
    value = getattr(home, attribute) if attribute else home
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


class _Package(ModuleType):
    """`concerted.detect` is the function; the import system would bind the module of that name over it."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(
            name, value.detect if name == "detect" and isinstance(value, ModuleType) else value
        )


sys.modules[__name__].__class__ = _Package
