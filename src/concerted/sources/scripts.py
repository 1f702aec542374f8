"""Which scripts the texts of a file are written in."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pyarrow as pa

_SCRIPTS = (
    *(
        "Latin",
        "Cyrillic",
        "Arabic",
        "Hebrew",
        "Greek",
        "Devanagari",
        "Bengali",
        "Gurmukhi",
        "Gujarati",
        "Tamil",
    ),
    *("Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Myanmar", "Khmer", "Georgian", "Armenian"),
    *("Ethiopic", "Tibetan", "Han", "Hiragana", "Katakana", "Hangul"),
)
# Texts looked at per file, and of each chunk: enough for shares, little enough to cost nothing.
_TEXTS, _EACH = 5_000, 500


class Scripts:
    """Counts letters by script in some texts of every chunk, without links and names of accounts."""

    def __init__(self) -> None:
        self._letters: Counter[str] = Counter()
        self._seen = 0

    def add(self, texts: pa.Array) -> None:
        """Takes up texts."""
        if self._seen >= _TEXTS:
            return
        some = texts.drop_null().slice(0, _EACH).to_pylist()
        self._seen += len(some)
        letters = _noise().sub(" ", "\n".join(text[:1_000] for text in some))
        for name, pattern in _patterns().items():
            self._letters[name] += sum(map(len, pattern.findall(letters)))

    def shares(self) -> dict[str, float]:
        """Scripts with at least 1 % of the letters, the largest share (0 to 1) first."""
        total = sum(self._letters.values())
        ordered = sorted(self._letters.items(), key=lambda item: (-item[1], item[0]))
        return {name: round(count / total, 3) for name, count in ordered if total and count >= 0.01 * total}


@cache
def _patterns() -> dict[str, Any]:
    import regex

    return {name: regex.compile(rf"\p{{Script={name}}}+") for name in _SCRIPTS}


@cache
def _noise() -> Any:
    import regex

    return regex.compile(r"https?://\S+|[@＠]\w+|<U\+[0-9A-Fa-f]{4,8}>")
