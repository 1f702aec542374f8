"""Chances of taking part in one thing, from how much each account does otherwise."""

from __future__ import annotations

import numpy as np

from concerted.signals._exact import Floats

HALF = 0.5  # added to what an account did otherwise, so that nobody is ruled out
STEPS = 80  # halvings of the interval that holds the rate
SURE = 1e-9  # share of a sum under which the order of its terms may decide a comparison


def saturating(otherwise: Floats, taking: int) -> Floats:
    """Chance of each account to be among `taking` accounts, if only its activity decides.

    `otherwise` counts what each did apart from the thing asked about. An account takes part at most once,
    so its chance is 1 - exp(-rate (otherwise + 1/2)), with one rate for all that makes the chances add up
    to `taking`. Without the ceiling busy accounts are expected more than once, and groups of busy accounts
    get p that are too large, groups of others p that are too small.
    """
    weight = np.asarray(otherwise, np.float64) + HALF
    if taking >= (weight > 0).sum():
        return np.asarray(weight > 0, np.float64)
    # most accounts do as little as many others: chances are added up once for each weight there is
    few, often = np.unique(weight, return_counts=True)

    def short(rate: float) -> bool:
        about = float((often * (1 - np.exp(-rate * few))).sum())
        if abs(about - taking) > SURE * taking:
            return about < taking
        return bool((1 - np.exp(-rate * weight)).sum() < taking)

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
    return np.asarray(1 - np.exp(-high * weight), np.float64)
