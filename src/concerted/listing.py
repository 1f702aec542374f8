"""What the members of a kind say about themselves, as `concerted list` shows it."""

from __future__ import annotations

import dataclasses
from inspect import cleandoc
from typing import Any

from concerted import registry

GIVEN = ("fdr", "seed")  # of the run, not of a member


def members(kind: str) -> dict[str, str]:
    """By name: one line, the whole text after it, of traces and signals the options last."""
    told = {}
    for name, member in registry.everything(kind).items():
        # sources say in one line what they read; their docstrings say how
        parts = (getattr(member, "says", ""), cleandoc(member.__doc__ or ""), _options(name, member))
        told[name] = "\n\n".join(part for part in parts if part)
    return told


def _options(name: str, member: Any) -> str:
    """One line per option: its flag, its default and what it means."""
    if not dataclasses.is_dataclass(member) or not isinstance(member, type):
        return ""
    blank = member()
    lines = [
        f"  --{name}.{field.name.replace('_', '-')} ({_default(getattr(blank, field.name))}): "
        f"{field.metadata.get('says', '')}"
        for field in dataclasses.fields(member)
        if field.name not in GIVEN
    ]
    return "\n".join(["Options:", *lines]) if lines else ""


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
