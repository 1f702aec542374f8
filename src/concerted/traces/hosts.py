"""What the lists in `data/` know about a host."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple


class Host(NamedTuple):
    """One host: the name it is compared under, and how its addresses are read.

    `tracking` holds names of query parameters to drop, `tracking_starts` their beginnings; `redirects`
    pairs of (path, parameters) whose page only sends the reader on, a path ending in * being a beginning.
    """

    name: str
    unresolved: bool
    tracking: frozenset[str]
    tracking_starts: tuple[str, ...]
    redirects: tuple[tuple[str, tuple[str, ...]], ...]


@cache
def _lists(name: str) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((files("concerted.traces") / "data" / f"{name}.toml").read_text("utf-8"))


@cache
def _aliases() -> dict[str, str]:
    return {name: alias["host"] for alias in _lists("hosts")["alias"] for name in alias["names"]}


@cache
def _shorteners() -> frozenset[str]:
    return frozenset(host for group in _lists("hosts")["shortener"] for host in group["hosts"])


@cache
def carriers() -> dict[str, str]:
    """Domains that say nothing about the source of a page, with the reason."""
    return {
        domain: group["reason"] for group in _lists("hosts")["carrier"] for domain in group["domains"]
    } | dict.fromkeys(_shorteners(), "shorteners: the site behind them is not known")


def _is(host: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        rest = host.removeprefix(pattern[:-1])
        return rest != host and "." not in rest
    return host == pattern or host.endswith(f".{pattern}")


@lru_cache(maxsize=100_000)
def known(host: str) -> Host:
    """What is known about a lower-case host; hosts on no list get the general rules."""
    first, _, rest = host.partition(".")
    if "." in rest and (
        first in ("m", "mobile", "amp") or (first.startswith("www") and not first[3:].strip("0123456789"))
    ):
        host = rest
    if host.endswith(".m.wikipedia.org"):
        host = host.replace(".m.wikipedia", ".wikipedia")
    wrapped = host
    host = _aliases().get(host, host)
    names = [
        name
        for rule in _lists("tracking")["parameter"]
        if "hosts" not in rule or any(_is(host, pattern) for pattern in rule["hosts"])
        for name in rule["names"]
    ]
    return Host(
        name=host,
        unresolved=host in _shorteners(),
        tracking=frozenset(name for name in names if not name.endswith("*")),
        tracking_starts=tuple(sorted(name[:-1] for name in names if name.endswith("*"))),
        redirects=tuple(
            (rule["path"], tuple(rule["parameters"]))
            for rule in _lists("hosts")["redirect"]
            if any(_is(host, pattern) or _is(wrapped, pattern) for pattern in rule["hosts"])
        ),
    )
