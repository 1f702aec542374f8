"""Which values mean that there is none."""

from __future__ import annotations

_WORDS = frozenset(
    {"", "nan", "none", "null", "absent", "<na>", "nat", "undefined", "[deleted]", "[removed]", "[]"}
)


def missing(value: str | None) -> bool:
    """Whether an exported value stands for no value at all: "", "[]", nan, None, NULL, NA, absent,
    [deleted], [removed] and their spellings. Two posts without a link have no link in common.
    """
    if value is None:
        return True
    value = value.strip().strip("\u200b\ufeff")
    return value == "NA" or value.casefold() in _WORDS
