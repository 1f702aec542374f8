"""The benchmark: `uv run python bench/quality/run.py --small`, or `--data DIR` for the full run.

`--small` runs a fixed part that needs no data, compares it with frozen.json and says what flipped; the exit
code is 1 where something did. `--freeze` writes what it measured there instead.

The full run writes full.json after every case and, at its end, docs/calibration.md with its plots. `--only`
measures the named steps or cases again and keeps the rest, `--resume` measures what is missing; `--page`
measures nothing and writes the page.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ablation import ablation, ablation_of_sets
from page import write
from pvalues import calibration
from reference import agreement
from steps import against_peers, days_until_found

from concerted.evaluating import Case, figures, outcome
from concerted.evaluating.mixing import mixed
from concerted.evaluating.public import public
from concerted.evaluating.simulated import ORGANIC, PLANTS, organic, planted

HERE = Path(__file__).resolve().parent
FROZEN, FULL = HERE / "frozen.json", HERE / "full.json"
SMALL = [
    *(
        organic(name, 1)
        for name in ("plain", "full", "half sampled", "influencers, one minute", "clock of a minute")
    ),
    *(planted(name, 1) for name in ("shared content", "own content", "by hand")),
]
SEEDS = range(1, 3)
BIG = (
    "boxing_match_2017",
    "fake trends over boxing",
    "thailand over cascades",
    "higgs_2012",
    "ira_clemson",
    "twitter15_16_cascades",
)
CALIBRATED = ("plain", "full", "communities", "weekly meetings")
ABLATED = (
    "shared content",
    "own content",
    "by hand",
    "among audiences and declared feeds",
    "ten audiences",
    "weekly meetings",
    "feeds at the minute",
)
ABLATED_SETS = (
    *ABLATED,
    "bought accounts",
    "full",
    "fandoms",
    "live events",
    "newsletters",
    "influencers, one minute",
)


def main() -> int:
    """Reads the command line and runs what it asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--freeze", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", default="", help="names of cases or steps, parted by semicolons")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    if given.small:
        return small(given.freeze)
    if not given.page:
        full(given.data, {name.strip() for name in given.only.split(";") if name.strip()}, given.resume)
    write(json.loads(FULL.read_text("utf-8")))
    return 0


def measured(case: Case) -> dict[str, Any]:
    """Figures of one case."""
    return figures(case, outcome(case.load()))


def small(freeze: bool) -> int:
    """Runs the fixed part; compares or freezes."""
    now = {case.name: measured(case) for case in SMALL}
    if freeze or not FROZEN.exists():
        FROZEN.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"frozen: {len(now)} cases in {FROZEN.name}")
        return 0
    flips = compare(json.loads(FROZEN.read_text("utf-8")), now)
    for line in flips:
        print(line)
    print(f"{len(now)} cases, {len(flips)} flipped")
    return 1 if flips else 0


def compare(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is found in one and not in the other: groups by half of their accounts, innocent ones at all."""
    flips = []
    for name in sorted(before.keys() | now.keys()):
        if name not in before or name not in now:
            flips.append(f"{name}: {'new' if name in now else 'gone'}; freeze it with --freeze")
            continue
        old, new = before[name], now[name]
        for what in ("honest", "honest in sets"):
            if old[what] != new[what]:
                flips.append(f"{name}: {what} accounts {old[what]} -> {new[what]}")
        for group in sorted(old["groups"].keys() | new["groups"].keys()):
            was, is_ = (one["groups"].get(group, {}) for one in (old, new))
            for what in ("found", "found or in sets"):
                if _half(was, what) != _half(is_, what):
                    flips.append(f"{name}: {group}: {what} {was.get(what, 0)} -> {is_.get(what, 0)}")
    return flips


def _half(row: dict[str, int], what: str) -> bool:
    return 2 * row.get(what, 0) >= row.get("accounts", 1)


def full(data: Path | None, only: set[str], resume: bool) -> None:
    """Measures everything, or what is named or missing, and keeps full.json current."""
    keep = FULL.exists() and (only or resume)
    kept: dict[str, Any] = json.loads(FULL.read_text("utf-8")) if keep else {}
    for part in ("cases", "peers", "days", "calibration"):
        kept.setdefault(part, {})

    def step(name: str, work: Callable[[], None]) -> None:
        if (only and name not in only) or (resume and _has(kept, name)):
            return
        begun = time.monotonic()
        work()
        FULL.write_text(json.dumps(kept, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)

    def one(case: Case) -> None:
        seen = outcome(case.load())
        kept["cases"][case.name] = figures(case, seen) | {"says": case.says}
        if case.kind in ("simulated", "mixed"):
            kept["peers"][case.name] = against_peers(seen)

    real = [*mixed(data), *public(data)] if data is not None else []
    big = [case for case in real if case.name in BIG]
    todo = [case for case in real if case.name not in BIG]
    todo += [planted(name, seed) for seed in SEEDS for name in PLANTS]
    todo += [organic(name, seed) for seed in SEEDS for name in ORGANIC]

    def days(case: Case) -> None:
        kept["days"][case.name] = days_until_found(case)

    def table(name: str, rows: list[dict[str, Any]]) -> None:
        kept[name] = rows

    for case in todo:
        step(case.name, lambda case=case: one(case))
    if data is not None:
        step("reference", lambda: table("reference", agreement(data)))
    for name in CALIBRATED:
        step(
            f"calibration {name}",
            lambda name=name: kept["calibration"].update({name: calibration(organic(name, 1))}),
        )
    step("ablation", lambda: table("ablation", ablation([ablated(name) for name in ABLATED])))
    named = [ablated(name) for name in ABLATED_SETS]
    named += [case for case in real if case.name in ("thailand over conference", "conference_tweets")]
    step("ablation of sets", lambda: table("ablation of sets", ablation_of_sets(named)))
    timed = [planted(name, 1) for name in ("shared content", "by hand")]
    timed += [case for case in real if case.name == "thailand over conference"]
    for case in timed:
        step(f"days {case.name}", lambda case=case: days(case))
    for case in big:
        step(case.name, lambda case=case: one(case))


def _has(kept: dict[str, Any], name: str) -> bool:
    part, _, rest = name.partition(" ")
    return name in kept["cases"] or name in kept or (part in ("days", "calibration") and rest in kept[part])


def ablated(name: str) -> Case:
    """A case of the ablation by the name of its family."""
    return planted(name, 1) if name in PLANTS else organic(name, 1)


if __name__ == "__main__":
    sys.exit(main())
