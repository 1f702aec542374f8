"""How long after its signal each member of a group acts."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from concerted.simulate.people import DAY, Numbers

SHIFTS = np.array([9.0, 13.0, 16.0]) * 3600  # when a shift begins, in seconds of the day


def delays(rng: np.random.Generator, kind: str, members: int, signal: datetime) -> Numbers:
    """Seconds after the signal, one for each member.

    script U(0, 60), loose Exp(300), slow Exp(3600). operator: one person has all the accounts and takes 20
    to 90 seconds for each, in an order of its own each time. sessions: people at work find the task when
    their shift begins, at 9, 13 or 16 o'clock UTC give or take a quarter of an hour, and come to it after
    ten minutes on average.
    """
    drawn = {
        "script": rng.uniform(0, 60, members),
        "loose": rng.exponential(300, members),
        "slow": rng.exponential(3600, members),
    }
    if kind == "operator":
        order = rng.permutation(members)
        taken = np.empty(members)
        taken[order] = np.cumsum(rng.uniform(20, 90, members))
        return taken
    if kind == "sessions":
        clock = signal.hour * 3600 + signal.minute * 60 + signal.second
        wait = np.min((SHIFTS - clock) % DAY)
        late = np.abs(rng.normal(0, 900, members)) + rng.exponential(600, members)
        return wait + late
    return drawn[kind]
