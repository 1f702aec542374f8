"""The form of a handle: what kind of characters follow each other, never which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from string import ascii_lowercase, ascii_uppercase, digits

RUN = re.compile(r"[A-Z][a-z]+|[A-Z]+|[a-z]+|[0-9]+|[^A-Za-z0-9]+")
HEX = re.compile(r"[uU]?(?=.*[0-9])(?=.*[a-fA-F])[0-9a-fA-F]{12,}")
BARE = str.maketrans(
    ascii_lowercase + ascii_uppercase + digits,
    "a" * len(ascii_lowercase) + "A" * len(ascii_uppercase) + "0" * len(digits),
)
LONGEST = 40  # no platform allows handles this long; archives put hashes there
SAME = 0.9  # handles of one length from which on they are taken for hashes
SHORTEST = 12  # and how long they must be for that
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def hashed(handles: Iterable[str | None]) -> Callable[[str], bool]:
    """Tells which of these handles are hashes and say nothing: hexadecimal, overlong, or nine in ten of one
    length."""
    lengths = Counter(len(handle) for handle in handles if handle)
    size, count = lengths.most_common(1)[0] if lengths else (0, 0)
    alike = size >= SHORTEST and count > SAME * lengths.total() and count > 1
    return lambda handle: alike or len(handle) >= LONGEST or bool(HEX.fullmatch(handle))


def bared(handle: str) -> str:
    """A handle of the same shape, in which every letter from a to z and every digit is like any other."""
    return handle.translate(BARE)


def shape(handle: str) -> str:
    """Runs of characters by kind, lengths kept for digits only: "Word", "a", "A", "9{8}", "_".

    Word is a capital letter with small ones after it; letters outside a-z count as "x".
    """
    parts = []
    for run in RUN.findall(handle):
        if run[0].isascii() and run[0].isdigit():
            parts.append(f"9{{{len(run)}}}")
        elif run[0].isascii() and run[0].isalpha():
            parts.append(
                "Word" if run[0].isupper() and run[-1].islower() else "A" if run[0].isupper() else "a"
            )
        else:
            parts.append("".join("x" if char.isalnum() else char for char in run))
    return " ".join(parts)


def outline(form: str) -> str:
    """A shape with all letters as one kind: "L 9{8}", which is what a template with random names leaves."""
    parts: list[str] = []
    for part in form.split(" "):
        kind = "L" if part in ("Word", "A", "a") else part
        if not (kind == "L" and parts and parts[-1] == "L"):
            parts.append(kind)
    return " ".join(parts)


def spoken(form: str) -> str:
    """A shape in words: "two capitalised words, then 8 digits"."""
    said: list[tuple[str, int]] = []
    for part in form.split(" "):
        kind = "9" if part.startswith("9{") else part
        if kind in ("Word",) and said and said[-1][0] == kind:
            said[-1] = (kind, said[-1][1] + 1)
        else:
            said.append((kind, int(part[2:-1]) if kind == "9" else 1))
    return ", then ".join(_part(kind, count) for kind, count in said)


def _part(kind: str, count: int) -> str:
    if kind == "9":
        return "one digit" if count == 1 else f"{number(count)} digits"
    if kind == "Word":
        return "a capitalised word" if count == 1 else f"{number(count)} capitalised words"
    if kind in ("a", "A"):
        return "small letters" if kind == "a" else "capital letters"
    if kind == "L":
        return "letters"
    if kind == "_":
        return "an underscore"
    return "letters of another script" if set(kind) == {"x"} else "other signs"


def number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
