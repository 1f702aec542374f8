"""What accounts can have alike: codes per account for handle forms, profile texts, names and pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from concerted.signals._exact import Ints
from concerted.signals._profiles import Profiles
from concerted.signals._shapes import bared, hashed, outline, shape, spoken
from concerted.traces.likeness import HASH, leaders
from concerted.traces.near.texts import led
from concerted.traces.skeleton import skeleton

PLAIN = re.compile(r"default|/none$|sticky/|blank|avatar_placeholder", re.IGNORECASE)
FLAT = re.compile(r"(.)\1{15,}")  # the hash of an empty picture
SHORT = 20  # characters under which a profile text is too common a word to be anybody's template

Coded = tuple[Ints, list[str]]  # a code for each value, -1 for none, and what the codes stand for, sorted


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
    hashes = hashed(known.texts("handle"))
    # what the letters and digits are makes no shape: few are left to look at
    bare = _coded(None if one is None or hashes(one) else bared(one) for one in known.texts("handle"))
    shapes = _forms(bare, shape)
    names, avatars = (_name(one) for one in known.texts("name")), _avatars(list(known.texts("avatar")))
    made = [
        _handles(shapes),
        _handles(_forms(shapes, outline)),
        Alike("name", _coded(names)[0], _said("the same display name")),
        Alike("bio", _bios(list(known.texts("bio"))), _said("the same profile text or one edited from it")),
        Alike("avatar", avatars, _said("the same profile picture")),
    ]
    return [one for one in made if (one.code >= 0).any()]


def _forms(coded: Coded, form: Callable[[str], str]) -> Coded:
    """Codes of the forms that the named values have."""
    code, names = coded
    of, forms = _coded(map(form, names))
    return np.append(of, -1)[code], forms


def _handles(coded: Coded) -> Alike:
    code, forms = coded
    return Alike("handle", code, lambda one: f"have a handle of one form ({spoken(forms[one])})")


def _said(what: str) -> Callable[[int], str]:
    return lambda code: f"have {what}"


def _name(name: str | None) -> str | None:
    return skeleton(name) or None if name else None


def _bios(bios: list[str | None]) -> Ints:
    """Profile texts by the one that leads all that are nearly the same, as in the text trace."""
    bare = [skeleton(one) if one else "" for one in bios]
    there = np.array([place for place, one in enumerate(bare) if len(one) >= SHORT], np.int64)
    codes = np.full(len(bios), -1, np.int64)
    if len(there):
        short, names = _coded([bare[place] for place in there.tolist()])
        rows = pa.table(
            {
                "account": pa.array([str(place) for place in there.tolist()]),
                "time": pa.nulls(len(there), pa.timestamp("us")),
                "label": pa.array([bios[place] for place in there.tolist()], pa.large_string()),
            }
        )
        found = led(pa.array(names, pa.large_string()), short, rows)
        codes[there] = found.leader[found.of]
    return codes


def _avatars(avatars: list[str | None]) -> Ints:
    """Pictures by address or hash; perceptual hashes that differ in few bits show the same picture."""
    plain = [None if one is None or PLAIN.search(one) or FLAT.fullmatch(one) else one for one in avatars]
    hashes = [one.lower() if one and HASH.fullmatch(one.lower()) else None for one in plain]
    often = Counter(one for one in hashes if one)
    near = leaders(sorted(often, key=lambda one: (-often[one], one)))
    return _coded([near[h] if h else one for one, h in zip(plain, hashes, strict=True)])[0]


def _coded(values: Iterable[str | None]) -> Coded:
    number: dict[str, int] = {}
    found = np.fromiter((number.setdefault(one, len(number)) if one else -1 for one in values), np.int64)
    names = sorted(number)
    place = np.full(len(names) + 1, -1)
    place[[number[name] for name in names]] = np.arange(len(names))
    return place[found], names
