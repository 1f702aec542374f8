"""Names of files and columns as tables and messages show them."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN, _LONG = 40, 60


def listed(names: Sequence[str]) -> str:
    """Names on one line, some of them where there are many: a file without a header has odd ones."""
    short = [" ".join(name.split())[:_LONG] for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(short) + more


def shown(name: str) -> str:
    """A name as tables can hold it: bytes that are no text become question marks."""
    return name.encode("utf-8", "replace").decode()
