"""Geometry of the two figures of a group: its network and its course in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from concerted import words
from concerted.findings import Group, Timeline

WIDTH, HEIGHT, EDGE = 640.0, 400.0, 34.0
CHART_WIDTH, CHART_HEIGHT, FOOT = 640.0, 150.0, 22.0
NAMED = 40
LINES = 1_000  # more lines make a picture nobody can read
LETTER, LINE = 7.0, 12.0  # width of a letter and height of a line of names, generously


class Line(NamedTuple):
    """A tie in the picture."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float


class Dot(NamedTuple):
    """A member in the picture; `name` is empty where names would cover each other."""

    x: float
    y: float
    r: float
    account: str
    name: str
    says: str


class Network(NamedTuple):
    """The picture of a group; `strongest` names the pairs that acted together most often."""

    lines: list[Line]
    dots: list[Dot]
    desc: str
    strongest: str

    @property
    def paths(self) -> dict[float, str]:
        """All lines of a width as one path, by width: a tenth of the bytes of single lines."""
        paths: dict[float, str] = {}
        for line in self.lines:
            there = f"M{line.x1:.0f} {line.y1:.0f}L{line.x2:.0f} {line.y2:.0f}"
            paths[line.width] = paths.get(line.width, "") + there
        return dict(sorted(paths.items()))


class Bar(NamedTuple):
    """One step of a timeline: all acts, and those together, as heights."""

    x: float
    width: float
    all: float
    together: float
    says: str


class Chart(NamedTuple):
    """A timeline."""

    bars: list[Bar]
    ticks: list[tuple[float, str, str]]
    top: int
    desc: str

    @property
    def paths(self) -> dict[str, str]:
        """All bars as one path: of all acts, and of those together."""
        floor = CHART_HEIGHT - FOOT
        paths = {"all": "", "near": ""}
        for bar in self.bars:
            for name, height in (("all", bar.all), ("near", bar.together)):
                if height:
                    paths[name] += f"M{bar.x} {floor:.0f}v{-height}h{bar.width}V{floor:.0f}z"
        return paths


def network(group: Group) -> Network:
    """Members at their stored positions, a line for each tied pair, the strongest if there are too many."""
    place = {
        point.account: (EDGE + point.x * (WIDTH - 2 * EDGE), EDGE + point.y * (HEIGHT - 2 * EDGE))
        for point in group.layout
    }
    strength = _strength(group)
    drawn = [
        (pair, together)
        for pair, together in sorted(strength.items(), key=lambda one: (-one[1], one[0]))
        if pair[0] in place and pair[1] in place
    ][:LINES]
    most = max(strength.values(), default=1) or 1
    lines = []
    for (a, b), together in drawn:
        (x1, y1), (x2, y2) = place[a], place[b]
        width = round(2 * (0.8 + 3.2 * together / most)) / 2
        lines.append(Line(_round(x1), _round(y1), _round(x2), _round(y2), width))
    degree = {member.account: member.ties for member in group.accounts}
    busiest = max(degree.values(), default=1) or 1
    few = len(place) <= NAMED
    sizes = {account: _round((6 if few else 3) + 5 * degree.get(account, 0) / busiest) for account in place}
    named = _apart(place, sizes, degree) if few else set()
    dots = [
        Dot(
            _round(place[account][0]),
            _round(place[account][1]),
            sizes[account],
            account,
            account if account in named else "",
            f"{account}: {words.count(degree.get(account, 0), 'tie')}",
        )
        for account in sorted(place)
    ]
    pairs = words.count(len(drawn), "pair")
    if len(drawn) < len(strength):
        pairs = f"the {len(drawn):,} of {words.count(len(strength), 'pair')} that acted together most often"
    desc = (
        f"{len(dots)} accounts as dots, {pairs} as lines; thicker lines acted together "
        "more often, larger dots have more ties. Nearness has no meaning beyond being tied."
    )
    first = [f"{a} and {b} on {words.count(together, 'occasion')}" for (a, b), together in drawn[:5]]
    return Network(lines, dots, desc, f"Most often together: {'; '.join(first) or 'no pair stands out'}.")


def _strength(group: Group) -> dict[tuple[str, str], int]:
    """Tied pairs and how often they acted together, in the trace in which they did most."""
    strength: dict[tuple[str, str], int] = {}
    for tie in group.ties:
        strength[tie.a, tie.b] = max(tie.together, strength.get((tie.a, tie.b), 0))
    known = {frozenset(pair) for pair in strength}
    for line in group.lines:
        pair = (group.accounts[line.a].account, group.accounts[line.b].account)
        if frozenset(pair) not in known:
            strength[pair] = line.together
    return strength


def _apart(
    place: dict[str, tuple[float, float]], sizes: dict[str, float], degree: dict[str, int]
) -> set[str]:
    """The accounts whose names can stand above their dots without covering another name, busiest first."""
    kept: dict[str, tuple[float, float, float, float]] = {}
    for account in sorted(place, key=lambda one: (-degree.get(one, 0), one)):
        x, y = place[account]
        half, foot = len(account) * LETTER / 2, y - sizes[account] - 4
        box = (x - half, foot - LINE, x + half, foot)
        if all(
            box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
            for other in kept.values()
        ):
            kept[account] = box
    return set(kept)


def chart(
    line: Timeline,
    whole: str = "acts of the members",
    part: str = "part of acting together",
    one: str = "act",
) -> Chart:
    """Bars for all acts, those of the members, and inside them those that were part of acting together; or
    for what else the words say."""
    top = max(line.counts, default=1) or 1
    size = len(line.counts)
    stamp = "%Y-%m-%d" if line.step_s >= 86400 else "%Y-%m-%d %H:%M"
    stamp = "%Y-%m-%d %H:%M:%S" if line.step_s < 60 else stamp
    near = [min(pair) for pair in zip(line.together, line.counts, strict=True)]
    width, room = CHART_WIDTH / size, CHART_HEIGHT - FOOT
    said = [
        f"{_at(line, index).strftime(stamp)} UTC: {words.count(count, one)}, {near[index]} {part.split()[-1]}"
        for index, count in enumerate(line.counts)
    ]
    bars = [
        Bar(
            _round(index * width),
            _round(max(width - 1, width * 0.7)),
            _round(room * count / top),
            _round(room * near[index] / top),
            said[index],
        )
        for index, count in enumerate(line.counts)
        if count
    ]
    ends = sorted({0, size // 2, size - 1})
    anchors = {0: "start", size - 1: "end"} if size > 1 else {0: "start"}
    ticks = [
        (_round((index + 0.5) * width), anchors.get(index, "middle"), _at(line, index).strftime(stamp))
        for index in ends
        if size > 3 or index == 0
    ]
    busiest = sorted(range(size), key=lambda index: (-line.counts[index], index))[:3]
    desc = (
        f"{sum(line.counts)} {whole} from {_at(line, 0).strftime(stamp)} to "
        f"{_at(line, size - 1).strftime(stamp)} UTC, {sum(near)} of them {part}. "
        f"Busiest: {'; '.join(said[index] for index in sorted(busiest) if line.counts[index])}."
    )
    return Chart(bars, ticks, top, desc)


def passing(line: Timeline) -> Chart:
    """The timeline of one thing: accounts that came to it, and the members among them."""
    return chart(line, "accounts that came to it", "members", "account")


def _at(line: Timeline, index: int) -> datetime:
    return line.start + timedelta(seconds=index * line.step_s)


def _round(value: float) -> float:
    return round(value, 1)
