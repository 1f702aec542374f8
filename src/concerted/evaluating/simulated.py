"""Simulated cases: innocent crowds that are hard, and groups planted in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from concerted.evaluating.case import Case, Labelled
from concerted.simulate import Plan, Simulation, crowd, plant

CROWDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "full": {"fandoms": 3, "influencers": 1, "meetings": 1, "automated": 8},
}
MIXTURE = (Plan(name="4 script", size=4, acts=25),)


def simulated(seeds: range) -> Iterator[Case]:
    """Every kind of crowd alone and every set of plants, once for each seed."""
    for seed in seeds:
        for name, options in CROWDS.items():
            yield Case(f"{name} {seed}", "simulated", name, partial(_crowd, seed, options, ()), name)
        yield Case(f"planted {seed}", "simulated", "planted", partial(_crowd, seed, {}, MIXTURE), "planted")


def labelled(made: Simulation) -> Labelled:
    """A simulation as a case; sources invented for a planted group are unlabelled."""
    rows = made.truth.to_pylist()
    return Labelled(
        made.posts,
        {row["account"]: row["group"] for row in rows if row["group"] is not None},
        made.accounts,
        frozenset(row["account"] for row in rows if row["kind"] == "source"),
        ("reshare", "link", "text"),
    )


def _crowd(seed: int, options: Mapping[str, Any], plans: tuple[Plan, ...]) -> Labelled:
    made = crowd(seed, **options)
    for plan in plans:
        made = plant(made, plan)
    return labelled(made)
