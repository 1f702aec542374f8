"""Column names as messages show them."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN, _LONG = 40, 60


def listed(names: Sequence[str]) -> str:
    """Names on one line, some of them where there are many: a file without a header has odd ones."""
    short = [" ".join(name.split())[:_LONG] for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(short) + more
