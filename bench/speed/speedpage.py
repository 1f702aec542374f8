"""The part of docs/performance.md on speed, and its picture, from what was measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS.parent / "bench" / "quality"))
BEGIN, END = "<!-- measured by bench/speed/run.py -->", "<!-- end of what was measured -->"
NAMES = {
    "floor": "read and sort (the floor)",
    "pair": "pair, all windows",
    "spark": "pair on Spark",
    "csv": "CSV to pairs",
    "calls": "CSV to pairs, in memory",
    "detect": "detect",
    "links": "CSV to pairs, links",
    "links_calls": "CSV to pairs, links, in memory",
    "links_detect": "detect, links",
    "all_detect": "detect, all traces",
    "qut": "coordination toolkit",
}
# shares, seconds and what it counted, as docs/performance.md tells
COORTWEET = ((100_000, 55.0, "reposts"), (100_000, 114.0, "links"), (1_000_000, 2_021.0, "links"))
LIKE = {"reposts": ("csv", "calls", "detect"), "links": ("links", "links_calls", "links_detect")}

Measured = dict[str, dict[str, dict[str, float]]]


def write(measured: Measured, exponent: Callable[[dict[int, float]], float]) -> None:
    """Table, growth and picture."""
    lines = [
        "| shares | task | seconds | of the processor | MB | times the floor | by processor |",
        "| --- " * 7 + "|",
    ]
    for size, tasks in measured.items():
        for task in (task for task in NAMES if task in tasks):
            told, floor = tasks[task], tasks["floor"]
            ratios = " | ".join(f"{told[unit] / floor[unit]:.1f}" for unit in ("clock", "cpu"))
            seconds = f"{told['clock']:.1f} | {told['cpu']:.1f} | {told['mb']:,.0f}"
            lines.append(f"| {int(size):,} | {NAMES[task]} | {seconds} | {ratios} |")
    lines += ["", *_peers(measured)]
    lines += ["", "Growth exponents (1: twice the shares take twice as much):", ""]
    for task, says in NAMES.items():
        seen = {int(size): tasks[task] for size, tasks in measured.items() if task in tasks}
        if len(seen) > 1:
            told = [exponent({size: one[unit] for size, one in seen.items()}) for unit in ("cpu", "mb")]
            lines.append(f"- {says}: {told[0]:.2f} of time, {told[1]:.2f} of memory")
    page = DOCS / "performance.md"
    text = page.read_text()
    head, _, rest = text.partition(BEGIN)
    page.write_text(head + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + rest.partition(END)[2])
    _picture(measured)


def _peers(measured: Measured) -> list[str]:
    """How many times as long other tools take, by the clock."""
    lines = [
        "| other tool | of | shares | seconds | CSV to pairs here | times | in memory | times | detect here "
        "| times |",
        "| --- " * 10 + "|",
    ]
    rows = [("CooRTweet, as stated", *one) for one in COORTWEET]
    for size, tasks in measured.items():
        if "qut" in tasks:
            rows.append(("coordination network toolkit", int(size), tasks["qut"]["clock"], "reposts"))
    for tool, size, seconds, what in rows:
        cells = [tool, what, f"{size:,}", f"{seconds:,.0f}"]
        for task in LIKE[what]:
            own = measured.get(str(size), {}).get(task)
            cells += [f"{own['clock']:.1f}", f"{seconds / own['clock']:.1f}"] if own else ["", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _picture(measured: Measured) -> None:
    from plots import chart

    series = {
        says: [(int(size), tasks[task]["cpu"]) for size, tasks in measured.items() if task in tasks]
        for task, says in NAMES.items()
    }
    seconds = [y for points in series.values() for _, y in points]
    ticks = [10.0**power for power in range(-1, 5) if min(seconds) / 10 < 10.0**power < max(seconds) * 10]
    sizes = [10.0**power for power in range(5, 9) if 10.0**power <= max(map(int, measured)) * 10]
    drawn = chart(
        "Seconds of the processor by number of shares",
        "shares",
        "seconds",
        {name: points for name, points in series.items() if points},
        log=True,
        x_ticks=sizes,
        y_ticks=ticks,
    )
    (DOCS / "images" / "speed.svg").write_text(drawn)
