"""Groups followed from window to window: which continues which, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from concerted.nulls import candidates, windows
from concerted.nulls.log import Floats, Ints
from concerted.nulls.windows import Touched, Weekly

ALIKE = 0.3  # weighted Jaccard from which a group continues another (Greene, Doyle & Cunningham 2010)
INSIDE, CORE = 0.6, 3  # or: so large a part of one, and so many accounts, are in the other
HALF = 0.5  # part of each that must be in what two groups merge into
CHANGED = 0.25  # growth or loss that is told
DORMANT = 8  # windows after which an absent group has ended


@dataclass(frozen=True)
class Part:
    """A group in one window: accounts as codes, sorted, and the weight of each, its ties over the most."""

    members: Ints
    weight: Floats
    ties: int


@dataclass
class Step:
    """What happened to one lineage in one window.

    `other` is the lineage it merged with or split from, -1 without one; `support` the share of resamples
    of objects in which that is seen.
    """

    lineage: int
    window: int
    event: str
    part: Part
    before: Ints
    other: int = -1
    support: float | None = None


@dataclass
class _Front:
    lineage: int
    part: Part
    window: int
    absent: bool = False
    gone: bool = False


@dataclass
class _Turn:
    """Two sets of accounts that were apart in one window and together in another.

    The window in which it first shows holds a few days of what is new and decides by a hair. So what is joint
    is looked for in the window that holds nothing else: the last that overlaps it, before or after.
    """

    step: Step
    one: Ints
    two: Ints
    apart: int
    together: int


@dataclass
class Lineages:
    """All steps so far.

    `reach` windows after a window lies the last that overlaps it; `last` is the last of all.
    """

    reach: int
    last: int
    steps: list[Step] = field(default_factory=list)
    turns: list[_Turn] = field(default_factory=list)
    fronts: list[_Front] = field(default_factory=list)


def follow(weekly: Weekly, touched: Touched, accounts: int, seed: int, times: int) -> list[Step]:
    """The lineages of all groups through the windows; merges and splits with their support.

    `times` resamples of objects are made where there is a merge or split, none otherwise.
    """
    # a window this much further on shares no day with this one but its last step
    reach = int((weekly.starts < weekly.starts[0] + weekly.length).sum()) - 1 if len(weekly.starts) else 0
    made = Lineages(reach=reach, last=len(weekly.starts) - 1)
    for window, pairs in enumerate(weekly.together):
        _advance(made, _parts(touched, pairs, accounts, seed), window)
    _support(made, weekly, touched, accounts, seed, times)
    return sorted(made.steps, key=lambda one: (one.window, one.lineage, one.other))


def _parts(touched: Touched, pairs: Ints, accounts: int, seed: int) -> list[Part]:
    label = windows.parts(touched, pairs, accounts, seed)
    a, b = touched.a[pairs], touched.b[pairs]
    inside = (label[a] == label[b]) & (label[a] >= 0)
    ties = np.bincount(np.concatenate((a[inside], b[inside])), minlength=accounts)
    found = []
    for members in candidates.members(np.where(ties > 0, label, -1)):
        if len(members) > 1:
            mine = ties[members]
            found.append(Part(members, mine / mine.max(), int(mine.sum()) // 2))
    return sorted(found, key=lambda one: (-len(one.members), int(one.members[0])))


def _advance(made: Lineages, parts: list[Part], window: int) -> None:
    """Match the groups of a window to the lineages known, and note what happened to each."""
    live = [one for one in made.fronts if not one.gone]
    near = {
        (place, number): score
        for place, front in enumerate(live)
        for number, part in enumerate(parts)
        if (score := _alike(front.part, part))
    }
    taken: dict[int, int] = {}  # part -> front that it continues
    used: set[int] = set()
    for place, number in sorted(near, key=lambda key: (-near[key], live[key[0]].lineage, key[1])):
        if place not in used and number not in taken:
            taken[number] = place
            used.add(place)
    # what merges is read off the fronts as they were before this window
    was = {place: (front.part, front.window) for place, front in enumerate(live)}
    steps = []
    for number, part in enumerate(parts):
        if number in taken:
            steps += _continued(made, live, taken[number], part, number, window, near, used, was)
        else:
            steps.append(_begun(made, live, parts, number, window, near, taken, was))
    made.steps += steps
    for front in live:
        if front.window == window or front.gone:
            continue
        if not front.absent:
            made.steps.append(Step(front.lineage, window, "dormant", _none(), front.part.members))
            front.absent = True
        elif window - front.window > DORMANT:
            made.steps.append(Step(front.lineage, window, "end", _none(), front.part.members))
            front.gone = True


def _continued(
    made: Lineages,
    live: list[_Front],
    place: int,
    part: Part,
    number: int,
    window: int,
    near: dict[tuple[int, int], float],
    used: set[int],
    was: dict[int, tuple[Part, int]],
) -> list[Step]:
    front = live[place]
    old, seen = was[place]
    change = len(part.members) / len(old.members) - 1
    event = "grow" if change >= CHANGED else "shrink" if change <= -CHANGED else "continue"
    steps = []
    for other, absorbed in enumerate(live):
        if other in used or (other, number) not in near or absorbed.gone:
            continue
        theirs, when = was[other]
        if min(_share(old, part), _share(theirs, part)) >= HALF:
            step = Step(front.lineage, window, "merge", part, old.members, absorbed.lineage)
            made.turns.append(
                _Turn(step, old.members, theirs.members, min(seen, when), min(window + made.reach, made.last))
            )
            steps.append(step)
            absorbed.gone = True
    if not steps:
        steps.append(Step(front.lineage, window, "return" if front.absent else event, part, old.members))
    front.part, front.window, front.absent = part, window, False
    return steps


def _begun(
    made: Lineages,
    live: list[_Front],
    parts: list[Part],
    number: int,
    window: int,
    near: dict[tuple[int, int], float],
    taken: dict[int, int],
    was: dict[int, tuple[Part, int]],
) -> Step:
    part = parts[number]
    lineage = len(made.fronts)
    step = Step(lineage, window, "birth", part, part.members)
    continuing = {place: number for number, place in taken.items()}
    from_ = [
        place
        for place in continuing
        if (place, number) in near and _share(part, was[place][0]) >= HALF and was[place][1] < window
    ]
    if from_:
        place = max(from_, key=lambda one: (near[one, number], -one))
        old, seen = was[place]
        step.event, step.other, step.before = "split", live[place].lineage, old.members
        mine = np.intersect1d(part.members, old.members)
        rest = np.intersect1d(parts[continuing[place]].members, old.members)
        made.turns.append(_Turn(step, mine, rest, window, max(0, seen - made.reach)))
    made.fronts.append(_Front(lineage, part, window))
    return step


def _alike(one: Part, two: Part) -> float:
    """How alike two groups are by their core members, 0 where neither continues the other."""
    both, x, y = np.intersect1d(one.members, two.members, assume_unique=True, return_indices=True)
    least = np.minimum(one.weight[x], two.weight[y]).sum()
    jaccard = float(least / (one.weight.sum() + two.weight.sum() - least))
    inside = max(_share(one, two), _share(two, one))
    return max(jaccard, 1e-9) if jaccard >= ALIKE or (inside >= INSIDE and len(both) >= CORE) else 0.0


def _share(one: Part, two: Part) -> float:
    """The part of one, by weight, that is in two."""
    return float(one.weight[np.isin(one.members, two.members)].sum() / one.weight.sum())


def _none() -> Part:
    return Part(np.zeros(0, np.int64), np.zeros(0), 0)


def _support(made: Lineages, weekly: Weekly, touched: Touched, accounts: int, seed: int, times: int) -> None:
    """In what share of resamples of objects each merge and split is seen: apart there, together here."""
    needed = sorted({at for turn in made.turns for at in (turn.apart, turn.together)})
    if not needed or not times:
        return
    rng = np.random.default_rng([seed, 5])
    seen = np.zeros(len(made.turns))
    for _ in range(times):
        drawn = np.zeros(touched.objects, bool)
        drawn[rng.integers(0, touched.objects, touched.objects)] = True
        label = {}
        for at in needed:
            p = windows.paired(touched, int(weekly.starts[at]), weekly.length, drawn)
            label[at] = windows.parts(touched, np.flatnonzero(p <= weekly.bar), accounts, seed)
        for number, turn in enumerate(made.turns):
            apart = [_most(label[turn.apart][who]) for who in (turn.one, turn.two)]
            joint = [_most(label[turn.together][who]) for who in (turn.one, turn.two)]
            parted = min(apart) >= 0 and apart[0] != apart[1]
            seen[number] += parted and joint[0] >= 0 and joint[0] == joint[1]
    for turn, count in zip(made.turns, seen.tolist(), strict=True):
        turn.step.support = round(count / times, 4)


def _most(label: Ints) -> int:
    """The group that holds more than half of these accounts, -1 where none does."""
    held = label[label >= 0]
    if 2 * len(held) <= len(label):
        return -1
    group = np.bincount(held)
    return int(group.argmax()) if 2 * group.max() > len(label) else -1
