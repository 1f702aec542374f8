"""Line charts as SVG: no library, the same bytes each time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 400, 64, 40, 190, 52
COLOURS = ("#b3261e", "#1f5fa8", "#2e7d4f", "#8a5a00", "#6b3fa0", "#555555", "#0f7c86")
Points = Sequence[tuple[float, float]]


def chart(
    title: str,
    x_says: str,
    y_says: str,
    series: Mapping[str, Points],
    *,
    log: bool = False,
    x_ticks: Sequence[float] = (),
    y_ticks: Sequence[float] = (0, 0.25, 0.5, 0.75, 1),
    diagonal: bool = False,
) -> str:
    """One chart with a legend. `log`: both axes are logarithmic and points at zero are left out."""
    place = math.log10 if log else float
    xs, ys = [place(tick) for tick in x_ticks], [place(tick) for tick in y_ticks]
    low_x, high_x, low_y, high_y = min(xs), max(xs), min(ys), max(ys)

    def at(x: float, y: float) -> tuple[float, float]:
        across = (place(x) - low_x) / (high_x - low_x)
        up = min(1.05, max(-0.05, (place(y) - low_y) / (high_y - low_y)))
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>',
    ]
    for tick in y_ticks:
        _, y = at(x_ticks[0], tick)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in x_ticks:
        x, _ = at(tick, y_ticks[0])
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick:g}</text>')
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_says)}</text>')
    parts.append(
        f'<text transform="translate(14 {HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_says)}</text>"
    )
    if diagonal:
        (x, y), (to_x, to_y) = at(x_ticks[0], x_ticks[0]), at(x_ticks[-1], x_ticks[-1])
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="#999999" stroke-dasharray="4 4"/>'
        )
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        shown = [at(x, y) for x, y in points if not log or (x > 0 and y > 0)]
        line = "L".join(f"{x:.1f} {y:.1f}" for x, y in shown)
        width = 2.5 if number == 0 else 1.5
        if shown:
            parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>' for x, y in shown]
        y = TOP + 14 + 18 * number
        parts.append(f'<path d="M{WIDTH - RIGHT + 12} {y - 4}h16" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 34}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
