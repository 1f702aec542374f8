"""Exchanges many fixed strings in texts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

PREFIX = 4


class Phrases:
    """Strings to look for in texts, case ignored, wherever they stand; the longest wins.

    The time it takes does not grow with their number: at every place of a text the first letters are
    looked up, and only where some string begins so the lengths that occur are tried.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._all = {_folded(phrase) for phrase in phrases if phrase}
        self._lengths: dict[str, set[int]] = {}
        for phrase in self._all:
            self._lengths.setdefault(phrase[:PREFIX], set()).add(len(phrase))
        self._sizes = sorted({len(prefix) for prefix in self._lengths}, reverse=True)

    def exchange(self, text: str, by: Callable[[str], str]) -> str:
        """The text with `by(found)` in place of every string found."""
        if not self._all:
            return text
        low, parts, last, at = _folded(text), [], 0, 0
        while at < len(low):
            length = self._match(low, at)
            if length:
                parts += [text[last:at], by(text[at : at + length])]
                last = at = at + length
            else:
                at += 1
        return "".join([*parts, text[last:]]) if parts else text

    def _match(self, low: str, at: int) -> int:
        longest = 0
        for size in self._sizes:
            for length in self._lengths.get(low[at : at + size], ()):
                if length > longest and low[at : at + length] in self._all:
                    longest = length
        return longest


def _folded(text: str) -> str:
    """Without case, and as long as before, so that places in both are the same."""
    low = text.casefold()
    if len(low) == len(text):
        return low
    return "".join(one if len(one) == 1 else char for char in text for one in [char.casefold()])
