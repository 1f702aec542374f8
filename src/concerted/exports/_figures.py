"""Geometry of the two figures of a group: its network and its course in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from concerted import words
from concerted.findings import Group, Timeline

WIDTH, HEIGHT, EDGE = 640.0, 400.0, 34.0
CHART_WIDTH, CHART_HEIGHT, FOOT = 640.0, 150.0, 22.0
NAMED = 40
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
    """The picture of a group."""

    lines: list[Line]
    dots: list[Dot]
    desc: str


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


def network(group: Group) -> Network:
    """Members at their stored positions, a line for each listed pair."""
    place = {
        point.account: (EDGE + point.x * (WIDTH - 2 * EDGE), EDGE + point.y * (HEIGHT - 2 * EDGE))
        for point in group.layout
    }
    strength: dict[tuple[str, str], int] = {}
    for tie in group.ties:
        strength[tie.a, tie.b] = max(tie.together, strength.get((tie.a, tie.b), 0))
    most = max(strength.values(), default=1) or 1
    lines = [
        Line(
            _round(place[a][0]),
            _round(place[a][1]),
            _round(place[b][0]),
            _round(place[b][1]),
            _round(0.8 + 3.2 * together / most),
        )
        for (a, b), together in sorted(strength.items())
        if a in place and b in place
    ]
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
    drawn = len(lines)
    desc = (
        f"{len(dots)} accounts as dots, {words.count(drawn, 'pair')} as lines; thicker lines acted together "
        "more often, larger dots have more ties. Nearness has no meaning beyond being tied."
    )
    return Network(lines, dots, desc)


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


def chart(line: Timeline) -> Chart:
    """Bars for all acts of the members, and inside them those that were part of acting together."""
    top = max(line.counts, default=1) or 1
    size = len(line.counts)
    width = CHART_WIDTH / size
    room = CHART_HEIGHT - FOOT
    stamp = "%Y-%m-%d" if line.step_s >= 86400 else "%Y-%m-%d %H:%M"
    stamp = "%Y-%m-%d %H:%M:%S" if line.step_s < 60 else stamp
    bars = [
        Bar(
            _round(index * width),
            _round(max(width - 1, width * 0.7)),
            _round(room * count / top),
            _round(room * min(near, count) / top),
            f"{_at(line, index).strftime(stamp)} UTC: {words.count(count, 'act')}, {near} together",
        )
        for index, (count, near) in enumerate(zip(line.counts, line.together, strict=True))
        if count
    ]
    ends = sorted({0, size // 2, size - 1})
    anchors = {0: "start", size - 1: "end"} if size > 1 else {0: "start"}
    ticks = [
        (_round((index + 0.5) * width), anchors.get(index, "middle"), _at(line, index).strftime(stamp))
        for index in ends
        if size > 3 or index == 0
    ]
    desc = (
        f"{sum(line.counts)} acts of the members, {sum(line.together)} of them part of acting together, from "
        f"{_at(line, 0).strftime(stamp)} UTC; the busiest step has {top}."
    )
    return Chart(bars, ticks, top, desc)


def _at(line: Timeline, index: int) -> datetime:
    return line.start + timedelta(seconds=index * line.step_s)


def _round(value: float) -> float:
    return round(value, 1)
