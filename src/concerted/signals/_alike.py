"""What accounts can have alike: codes per account for handle forms, profile texts, names and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from concerted.signals._exact import Ints
from concerted.signals._profiles import Profiles
from concerted.signals._shapes import hashed, outline, shape, spoken
from concerted.traces.skeleton import skeleton

PLAIN = re.compile(r"default|/none$|sticky/|blank|avatar_placeholder", re.IGNORECASE)
SHORT = 20  # characters under which a profile text is too common a word to be anybody's template


@dataclass(frozen=True)
class Alike:
    """One thing that can be alike: `code` per account (-1 where there is none), and how to say a code.

    `what` goes into "... of 23 accounts {what}"; it never holds the text, name or address itself.
    """

    kind: str
    code: Ints
    what: Callable[[int], str]


def alike(known: Profiles) -> list[Alike]:
    """What the profiles allow to be compared of handle, name, bio and avatar."""
    handles = known.texts("handle")
    plain = [
        None if one is None or is_hash else one for one, is_hash in zip(handles, hashed(handles), strict=True)
    ]
    shapes = [shape(one) if one else None for one in plain]
    outlines = {one: outline(one) for one in set(shapes) if one is not None}
    made = [
        _forms(shapes),
        _forms([outlines[one] if one is not None else None for one in shapes]),
        Alike("name", _coded([_name(one) for one in known.texts("name")])[0], _said("the same display name")),
        Alike("bio", _coded([_bio(one) for one in known.texts("bio")])[0], _said("the same profile text")),
        Alike(
            "avatar",
            _coded([None if one is None or PLAIN.search(one) else one for one in known.texts("avatar")])[0],
            _said("the same profile picture"),
        ),
    ]
    return [one for one in made if (one.code >= 0).any()]


def _forms(forms: list[str | None]) -> Alike:
    codes, names = _coded(forms)
    return Alike("handle", codes, lambda code: f"have a handle of one form ({spoken(names[code])})")


def _said(what: str) -> Callable[[int], str]:
    return lambda code: f"have {what}"


def _name(name: str | None) -> str | None:
    return skeleton(name) or None if name else None


def _bio(bio: str | None) -> str | None:
    bare = skeleton(bio) if bio else ""
    return bare if len(bare) >= SHORT else None


def _coded(values: list[str | None]) -> tuple[Ints, list[str]]:
    names = sorted({value for value in values if value})
    number = {name: place for place, name in enumerate(names)}
    return np.array([number[value] if value else -1 for value in values], np.int64), names
