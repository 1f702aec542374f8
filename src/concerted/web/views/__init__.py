"""Pages as plain values: `view(findings, query, ...) -> dict`, which a template shows and `.json` repeats.

A view raises Missing where what is asked for is not in the findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from concerted.exports.html import titles
from concerted.findings import Act, Findings


class Missing(LookupError):
    """There is no such group, tie or account in the findings."""


def post(act: Act) -> dict[str, Any]:
    """A post as pages show it: who, when, what, and where it stands."""
    return {name: getattr(act, name) for name in ("account", "time", "text", "link", "file", "row")}


def blocks(found: Findings, ids: Iterable[str]) -> list[dict[str, str]]:
    """Groups and sets of these ids, each once, with what they are called and whether a page calls them
    groups or sets."""
    names, sets = titles(found), {one.id for one in found.sets}
    return [
        {"id": key, "title": names.get(key, key), "of": "sets" if key in sets else "groups"}
        for key in dict.fromkeys(ids)
    ]
