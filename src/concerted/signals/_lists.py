"""The kept lists in `data/`: wordings that are known, each with its kind, language, source and date."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import regex

from concerted.traces.skeleton import repair


class Entry(NamedTuple):
    """One wording.

    `pattern` is a regular expression, case ignored, looked for in the text with its spaces evened out.
    `source` says where it is known from, `date` when that was last looked at. `example` is a text, made
    up, that it must find; `unlike` are texts that it must not.
    """

    pattern: str
    kind: str
    language: str
    source: str
    date: str
    example: str
    unlike: tuple[str, ...] = ()


@cache
def entries(name: str) -> tuple[Entry, ...]:
    """All entries of a list, in the order of the file."""
    text = (files("concerted.signals") / "data" / f"{name}.toml").read_text("utf-8")
    listed: list[dict[str, Any]] = tomllib.loads(text)["entry"]
    return tuple(Entry(**{**one, "unlike": tuple(one.get("unlike", ()))}) for one in listed)


@cache
def _compiled(name: str) -> tuple[tuple[str, Any], ...]:
    return tuple((one.kind, regex.compile(one.pattern, regex.IGNORECASE)) for one in entries(name))


def plain(text: str) -> str:
    """The text as patterns see it: escapes of exporters repaired, every run of spaces one space."""
    return " ".join(repair(text).split())


def without(name: str, text: str, mark: str) -> str:
    """The text with everything that a list finds in it exchanged for a mark."""
    evened = plain(text)
    for _, pattern in _compiled(name):
        evened = pattern.sub(mark, evened)
    return evened


@lru_cache(maxsize=10_000)
def kind_of(name: str, text: str) -> str | None:
    """The kind of the first entry of a list that is found in a text, if any."""
    evened = plain(text)
    return next((kind for kind, pattern in _compiled(name) if pattern.search(evened)), None)
