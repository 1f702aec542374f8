"""Simulated cases: innocent crowds that are hard, and groups planted in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from concerted.evaluating.case import Case, Labelled
from concerted.simulate import Plan, Simulation, crowd, plant

# crowds that act together no more than chance explains: options of `crowd`, and the share that is kept
ORGANIC: dict[str, tuple[dict[str, Any], float]] = {
    "plain": ({}, 1.0),
    "full": ({"fandoms": 3, "influencers": 1, "meetings": 1, "automated": 8, "events": 2}, 1.0),
    "half sampled": ({"fandoms": 3, "events": 2}, 0.5),
    "tenth sampled": ({"acts": 120.0, "fandoms": 3, "events": 2}, 0.1),
    "communities": ({"topics": 5}, 1.0),
    "fandoms": ({"fandoms": 6}, 1.0),
    "live events": ({"events": 6}, 1.0),
    "influencers, four minutes": ({"influencers": 4}, 1.0),
    "influencers, one minute": ({"influencers": 4, "reaction_s": 60.0}, 1.0),
    "ten audiences": ({"influencers": 10, "reaction_s": 60.0, "fandoms": 3, "events": 2}, 1.0),
    "weekly meetings": ({"meetings": 2}, 1.0),
    "newsletters": ({"digests": 2}, 1.0),
    "declared feeds": ({"automated": 12}, 1.0),
    "feeds at the minute": ({"scheduled": 12}, 1.0),
    "clock of a minute": ({"clock_s": 60, "fandoms": 3}, 1.0),
}
PLAIN = {"links": 0.0, "replies": 0.0, "accounts": 500, "acts": 30.0}
LARGE = {"links": 0.0, "replies": 0.0, "accounts": 800, "acts": 30.0}
SIZES = (3, 5, 10, 30)
DELAYS = ("script", "loose", "slow")
PLANTS: dict[str, tuple[Plan, ...]] = {
    "shared content": (
        Plan(name="4 script", size=4, acts=25),
        Plan(name="8 script", size=8, acts=20, camouflage=0.6),
        Plan(name="15 loose", size=15, acts=15, delay="loose"),
        Plan(name="30 script", size=30, acts=12, camouflage=0.7),
        Plan(name="50 loose", size=50, acts=10, delay="loose"),
    ),
    "own content": (
        Plan(name="4 script own", size=4, acts=15, objects="own"),
        Plan(name="12 loose own", size=12, acts=12, objects="own", delay="loose"),
        Plan(name="30 script own", size=30, acts=12, objects="own", camouflage=0.7),
    ),
    "by hand": (
        Plan(name="12 one operator", size=12, acts=20, delay="operator"),
        Plan(name="20 in sessions", size=20, acts=30, delay="sessions"),
        Plan(name="20 slow, four weeks", size=20, acts=40, delay="slow"),
        Plan(name="8 with a leader", size=8, acts=20, leader=True),
        Plan(name="10 on one day", size=10, acts=20, days=1, objects="own", delay="loose"),
    ),
    "bought accounts": (
        Plan(name="20 bought, in sessions", size=20, acts=24, delay="sessions", age_days=3, opened_days=5),
        Plan(name="12 bought, one day", size=12, acts=12, delay="loose", days=1, age_days=3, opened_days=5),
    ),
    "power by size and delay": tuple(
        Plan(name=f"{size} {delay}", size=size, acts=15, delay=delay)  # type: ignore[arg-type]
        for size in SIZES
        for delay in DELAYS
    ),
    "power by objects and participation": tuple(
        Plan(name=f"{acts} objects, {share:.0%}", size=8, acts=acts, participation=share, delay="loose")
        for acts in (6, 12, 24, 48)
        for share in (0.3, 0.6, 0.9)
    ),
    "among audiences and declared feeds": (
        Plan(name="4 script", size=4, acts=25),
        Plan(name="15 loose", size=15, acts=15, delay="loose"),
        Plan(name="8 with a leader", size=8, acts=20, leader=True),
        Plan(name="12 loose own", size=12, acts=12, objects="own", delay="loose"),
    ),
    "several traces": (
        Plan(name="8 two traces", size=8, acts=20, traces=("reshare", "link"), delay="loose"),
        Plan(name="6 copied text", size=6, acts=15, traces=("text",), objects="own", delay="loose"),
    ),
}
# options of the crowd that a family is planted in, where they are not LARGE
AROUND: dict[str, dict[str, Any]] = {
    "several traces": {"accounts": 500},
    "among audiences and declared feeds": {**LARGE, "influencers": 4, "reaction_s": 60.0, "automated": 12},
}


def simulated(seeds: range) -> Iterator[Case]:
    """Every kind of crowd alone and every set of plants, once for each seed."""
    for name in ORGANIC:
        for seed in seeds:
            yield organic(name, seed)
    for name in PLANTS:
        for seed in seeds:
            yield planted(name, seed)


def organic(name: str, seed: int) -> Case:
    """A crowd of one of the kinds in ORGANIC, nobody planted."""
    options, share = ORGANIC[name]
    return Case(
        f"{name} #{seed}", "organic", name, partial(_load, seed, {**PLAIN, **options}, share, ()), "simulated"
    )


def planted(name: str, seed: int) -> Case:
    """The groups of PLANTS[name] in a plain crowd, or in the one of AROUND."""
    options = AROUND.get(name, LARGE)
    load = partial(_load, seed, options, 1.0, PLANTS[name])
    return Case(f"{name} #{seed}", "simulated", name, load, "simulated")


def labelled(made: Simulation, traces: tuple[str, ...] = ("reshare",)) -> Labelled:
    """A simulation as a case; sources invented for a planted group are unlabelled."""
    rows = made.truth.to_pylist()
    return Labelled(
        made.posts,
        {row["account"]: row["group"] for row in rows if row["group"] is not None},
        made.accounts,
        frozenset(row["account"] for row in rows if row["kind"] == "source"),
        traces,
    )


def _load(seed: int, options: Mapping[str, Any], share: float, plans: tuple[Plan, ...]) -> Labelled:
    made = crowd(seed, **options)
    for plan in plans:
        made = plant(made, plan)
    several = any(set(plan.traces) - {"reshare"} for plan in plans)
    return labelled(
        made.sampled(share) if share < 1 else made, ("link", "reshare", "text") if several else ("reshare",)
    )
