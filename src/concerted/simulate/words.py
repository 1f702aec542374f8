"""Invented sentences in several languages, put together from `words.toml`."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import numpy as np

_ALL: dict[str, dict[str, list[str]]] = tomllib.loads(
    files("concerted.simulate").joinpath("words.toml").read_text(encoding="utf-8")
)
LANGUAGES = tuple(_ALL)
TAGS = ("Lanterns", "Rowing", "Puppets", "Kites", "NightMarket", "Trams", "Bees", "Ferries", "Choir", "Soup")

_FIRST = ("amber", "quiet", "mossy", "tiny", "brisk", "copper", "velvet", "sunny", "salty", "nimble")
_SECOND = ("finch", "kettle", "otter", "pebble", "lantern", "thistle", "teapot", "heron", "button", "plum")


def sentences(rng: np.random.Generator, lang: str, count: int) -> list[str]:
    """`count` sentences of one language, all different.

    Where the language has too few, a series of two letters is added to each.
    """
    slots = [_ALL[lang][slot] for slot in ("who", "does", "where", "when")]
    total = int(np.prod([len(slot) for slot in slots]))
    series = count * 2 > total
    picked = rng.choice(total * 676 if series else total, count, replace=False)
    made = []
    for index in picked.tolist():
        rest, words = index, []
        for slot in slots:
            rest, at = divmod(rest, len(slot))
            words.append(slot[at])
        if series:
            words.append(chr(65 + rest // 26) + chr(65 + rest % 26))
        made.append(" ".join(words))
    return made


def comment(rng: np.random.Generator, lang: str) -> str:
    """What one account writes in its own words; English where the language is not among LANGUAGES."""
    lang = lang if lang in _ALL else LANGUAGES[0]
    openers = _ALL[lang]["openers"]
    return f"{openers[rng.integers(len(openers))]} {sentences(rng, lang, 1)[0]}"


def statement(rng: np.random.Generator, lang: str) -> str:
    """Two sentences said by somebody whose invented name nobody else in the simulation comes upon."""
    said = ". ".join(sentences(rng, lang, 2))
    return f"{_name(rng, lang)} {_name(rng, lang)}: {said}"


def edited(rng: np.random.Generator, lang: str, text: str) -> str:
    """The same text as somebody might change it: words put in front, the last one cut, or a tag behind."""
    how = rng.integers(3)
    if how == 0:
        openers = _ALL[lang]["openers"]
        return f"{openers[rng.integers(len(openers))]} {text}"
    if how == 1:
        return text.rpartition(" ")[0]
    return f"{text} #{TAGS[rng.integers(len(TAGS))]}"


def _name(rng: np.random.Generator, lang: str) -> str:
    parts = _ALL[lang]["names"]
    return "".join(parts[at] for at in rng.integers(len(parts), size=4).tolist()).capitalize()


def handle(number: int) -> str:
    """An invented handle, different for every number."""
    return f"{_FIRST[number % 10]}_{_SECOND[number // 10 % 10]}_{number:04d}"
