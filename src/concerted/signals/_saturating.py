"""Chances of taking part in one thing, from how much each account does otherwise."""

from __future__ import annotations

import numpy as np

from concerted.signals._exact import Floats, Ints

HALF = 0.5  # added to what an account did otherwise, so that nobody is ruled out
STEPS = 80  # halvings of the interval that holds the rate


def saturating(otherwise: Floats, taking: int) -> Floats:
    """Chance of each account to be among `taking` accounts, if only its activity decides.

    `otherwise` counts what each did apart from the thing asked about. An account takes part at most once,
    so its chance is 1 - exp(-rate (otherwise + 1/2)), with one rate for all that makes the chances add up
    to `taking`. Without the ceiling busy accounts are expected more than once, and groups of busy accounts
    get p that are too large, groups of others p that are too small.
    """
    # most accounts do as little as many others: chances are added up once for each weight there is
    few, often = np.unique(otherwise, return_counts=True)
    return chance(otherwise, rate(few, often, taking))


def rate(otherwise: Floats, often: Ints, taking: int) -> float:
    """The rate for accounts that did `otherwise`, each as `often` as told: infinite where all take part."""
    weight = np.asarray(otherwise, np.float64) + HALF
    if taking >= often[weight > 0].sum():
        return np.inf

    def short(one: float) -> bool:
        return bool((often * (1 - np.exp(-one * weight))).sum() < taking)

    low, high = 0.0, 1.0
    while short(high):
        high *= 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if short(middle):
            low = middle
        else:
            high = middle
    return high


def chance(otherwise: Floats, rate: float) -> Floats:
    """Chance at this rate of each account that did `otherwise`; none for -1/2. Same shape."""
    weight = np.asarray(otherwise, np.float64) + HALF
    some = np.zeros(len(weight))
    able = weight > 0
    some[able] = 1 - np.exp(-rate * weight[able])
    return some
