"""Who is in a crowd, and when each of them looks at the platform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

DAY = 86400.0
ZONES = np.array([-8, -5, -3, 0, 1, 3, 8])


@dataclass(frozen=True)
class People:
    """One entry per account. Times are seconds since the start; `zone` is hours from UTC.

    `activity` and `promptness` are relative (1 is usual), `interest` is accounts by topics, rows summing to
    1. `sessions` holds all session starts as account * `stride` + time, sorted.
    """

    activity: Numbers
    promptness: Numbers
    interest: Numbers
    zone: Numbers
    born: Numbers
    gone: Numbers
    language: Indices
    sessions: Numbers
    stride: float

    def settle(self, rng: np.random.Generator, who: Indices, when: Numbers) -> Numbers:
        """Moves times of interest to moments at which the account is there to act.

        A session lasts about a quarter of an hour; whoever is away acts soon after the next one begins.
        """
        length = rng.exponential(900.0, len(who))
        at = np.searchsorted(self.sessions, who * self.stride + when, side="right")
        before = self.sessions[np.maximum(at - 1, 0)] - who * self.stride
        present = (before >= 0) & (before <= when) & (when - before < length)
        after = self.sessions[np.minimum(at, len(self.sessions) - 1)] - who * self.stride
        reachable = (after >= when) & (after < self.stride)
        return np.where(present | ~reachable, when, after + rng.exponential(180.0, len(who)))


def daytimes(rng: np.random.Generator, day: Numbers, zone: Numbers) -> Numbers:
    """Moments on the given days (fractions are dropped), by local clock: morning, noon, mostly evening."""
    part = rng.choice(3, len(day), p=(0.25, 0.25, 0.5))
    hour = rng.normal(np.array([8.5, 13.0, 20.5])[part], np.array([1.5, 1.5, 2.2])[part])
    moment = (np.floor(day) * 24 + hour - zone) * 3600
    return np.where(moment < 0, moment + DAY, moment)


def people(
    rng: np.random.Generator, count: int, days: int, topics: int, languages: int, short_lives: float
) -> People:
    """Draws a population. Topics have a home zone and language, which their followers mostly share."""
    interest = rng.dirichlet(np.full(topics, 0.08), count)
    favourite = interest.argmax(axis=1)
    home_zone = rng.choice(ZONES, topics)
    home_language = rng.choice(languages, topics, p=_spread(languages))
    at_home = rng.random(count) < 0.6
    zone = np.where(at_home, home_zone[favourite], rng.choice(ZONES, count)).astype(float)
    language = np.where(at_home, home_language[favourite], rng.choice(languages, count, p=_spread(languages)))
    activity = rng.lognormal(0.0, 1.1, count)

    short = (rng.random(count) < short_lives) & (days > 4)
    length = np.where(short, rng.uniform(3, max(days, 4), count), float(days))
    born = rng.uniform(0, 1, count) * np.maximum(days - length, 0)
    gone = born + length

    visits = np.maximum(3, rng.poisson(5.0 * length * np.clip(activity**0.3, 0.4, 2.5)))
    who = np.repeat(np.arange(count), visits)
    starts = daytimes(rng, rng.uniform(born[who], gone[who]), zone[who])
    stride = (days + 8) * DAY
    return People(
        activity=activity,
        promptness=rng.lognormal(0.0, 0.9, count),
        interest=interest,
        zone=zone,
        born=born * DAY,
        gone=gone * DAY,
        language=language.astype(np.int64),
        sessions=np.sort(who * stride + np.minimum(starts, stride - 1)),
        stride=stride,
    )


def _spread(languages: int) -> Numbers:
    """The first language is that of half the people, the others share the rest."""
    if languages == 1:
        return np.ones(1)
    return np.array([0.5, *[0.5 / (languages - 1)] * (languages - 1)])
