"""How long the page takes in a browser: `uv run python bench/web/speed.py`.

A case of 100 groups, and a group of 2,000 accounts with 10,000 ties, both made up. Needs Chromium. Without a
graphics card WebGL is drawn by the processor (SwiftShader), which is the slow end.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from concerted import privacy
from concerted.explaining.picture import layout
from concerted.findings import (
    Act,
    CoAct,
    Evidence,
    Findings,
    Group,
    Input,
    Line,
    Made,
    Member,
    Rhythm,
    Tie,
    Timeline,
)
from concerted.web.serve import prepare

START = datetime(2025, 3, 3, tzinfo=UTC)
STEPS = 112
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
# times of frames while the picture is moved all the time, in milliseconds
PAN = """async seconds => {
  const {eye} = document.querySelector('[data-network]').network;
  const times = []; let last = performance.now(); const end = last + 1000 * seconds;
  for (let i = 0; last < end; i++) {
    eye.set({x: .5 + .1 * Math.sin(i / 9), y: .5 + .1 * Math.cos(i / 9), zoom: 1.25});
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last); last = now;
  }
  return times.slice(1);
}"""


def made_up(groups: int, members: int, ties: int, seed: int = 1) -> Findings:
    """Findings of so many groups, each of so many members and tied pairs."""
    dice = random.Random(seed)
    made = Made(
        "bench", {"fdr": 0.05}, seed, [Input("x.csv", "0" * 64, "table", "UTC", 9, 9, 0, {}, [])], {}, {}
    )
    some = [_group(f"G{place}", members, ties, dice) for place in range(1, groups + 1)]
    lines = [
        Timeline(one.id, START, 21600, [dice.randrange(30) for _ in range(STEPS)], [3] * STEPS)
        for one in some
    ]
    return Findings(made, [], some, [], [], [], [], [], [], lines, {})


def _group(key: str, members: int, ties: int, dice: random.Random) -> Group:
    names = [f"x:{key}-{place}" for place in range(members)]
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < min(ties, members * (members - 1) // 2):
        # most ties stay near, as in groups that grew around common objects
        a = dice.randrange(members)
        b = (
            a + int(dice.gauss(0, members / 40)) + (dice.random() < 0.05) * dice.randrange(members)
        ) % members
        if a != b:
            pairs.add((min(a, b), max(a, b)))
    order = sorted(pairs)
    listed = order[:300]

    def act(who: int, place: int) -> Act:
        time = START + timedelta(hours=6 * place, seconds=dice.randrange(600))
        return Act(names[who], time, f"{place}", f"made-up text {place} about a fair", None, "x.csv", place)

    return Group(
        id=key,
        accounts=[Member(name, name[2:], None, 1e-6, 1e-4, 2 * ties // members, 1.0) for name in names],
        p=1e-5,
        q=1e-4,
        q_reason=None,
        traces=["link"],
        first=START,
        last=START + timedelta(days=27),
        why=[f"{members} accounts shared the same 41 links within 60 s of each other on 12 days."],
        against=["Made up for a benchmark."],
        ties=[Tie(names[a], names[b], "link", "anchored", 60, 20, 14, 0.5, 1e-8, 1e-6) for a, b in listed],
        evidence=[
            Evidence(
                names[a],
                names[b],
                [CoAct("link", "https://a.example/1", None, 4.0, act(a, i), act(b, i)) for i in range(3)],
            )
            for a, b in listed
        ],
        notes=[],
        layout=layout(names, [(names[a], names[b]) for a, b in order], 1),
        lines=[Line(a, b, dice.randrange(3, 20), ["link"], f"{dice.getrandbits(STEPS):x}") for a, b in order],
        rhythms=[Rhythm(name, [dice.randrange(9) for _ in range(24)]) for name in names[:60]],
    )


class Desk:
    """A case that is only a document."""

    name = "bench"

    def __init__(self, findings: Findings) -> None:
        self._findings = privacy.redact(findings.named({}))

    def findings(self) -> Findings:
        return self._findings

    def judge(self, group: str, verdict: str, remark: str) -> None:
        raise NotImplementedError

    def inbox(self) -> Path:
        raise NotImplementedError

    def detect(self, files: Sequence[Path], options: Mapping[str, Any], progress: Any, say: Any) -> None:
        raise NotImplementedError


def main(argv: Sequence[str] | None = None) -> int:
    """Measures both, prints one JSON document. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args(argv)
    from playwright.sync_api import sync_playwright

    figures: dict[str, Any] = {}
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=given.browser, args=FLAGS)
        figures["100 groups"] = measure(
            window, Desk(made_up(100, 20, 120)), "/", "table.groups tbody tr", given.runs, pan=False
        )
        figures["2,000 accounts, 10,000 ties"] = measure(
            window,
            Desk(made_up(1, 2000, 10_000)),
            "/groups/G1",
            ".network.drawn canvas",
            given.runs,
            pan=True,
        )
        window.close()
    print(json.dumps(figures, indent=1))
    return 0


def measure(window: Any, desk: Desk, path: str, meaningful: str, runs: int, pan: bool) -> dict[str, Any]:
    """Seconds from asking for a page until what matters on it is there, and milliseconds per frame."""
    server, listener, link = prepare(desk, 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    base, _, _ = link.partition("/?")
    times, frames, size = [], [], 0
    try:
        for _ in range(runs):
            context = window.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.goto(link)
            page.wait_for_url(f"{base}/")
            begun = time.perf_counter()
            answer = page.goto(base + path, wait_until="commit")
            page.locator(meaningful).first.wait_for()
            times.append(time.perf_counter() - begun)
            size = len(answer.body())
            if pan:
                page.wait_for_timeout(500)
                frames += page.evaluate(PAN, 3)
            context.close()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
    found: dict[str, Any] = {"seconds": [round(one, 2) for one in times], "bytes": size}
    if frames:
        ordered = sorted(frames)
        found["frame_ms"] = {
            "median": round(statistics.median(ordered), 1),
            "95 %": round(ordered[int(0.95 * len(ordered))], 1),
            "frames": len(ordered),
        }
    return found


if __name__ == "__main__":
    sys.exit(main())
