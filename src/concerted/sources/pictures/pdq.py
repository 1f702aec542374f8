"""PDQ, a perceptual hash of pictures (Davis and Rosen 2019, Facebook): 256 bits, alike for pictures alike.

Davis and Rosen, "PDQ and TMK + PDQF", 2019; the algorithm and its constants are those published with
ThreatExchange. Scaling, compression and light retouching change few bits; a crop, a mirror or a broad caption
change many, and such copies are not recognised.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SIDE, KEPT = 64, 16
LUMA = (0.299, 0.587, 0.114)
LEAST_QUALITY = 50  # as published: below it, a picture has too little in it to be told from others
SMALLEST = 5  # pixels a side


def pdq(pixels: npt.NDArray[np.uint8]) -> tuple[str, int]:
    """The hash of a picture as 64 hexadecimal digits, and its quality from 0 to 100.

    `pixels` has the shape (height, width, 3), each side at least `SMALLEST`.
    """
    small = _shrunk(pixels.astype(np.float64) @ np.array(LUMA))
    waves = _cosines() @ small @ _cosines().T
    bits = waves > np.sort(waves, axis=None)[KEPT * KEPT // 2 - 1]
    return np.packbits(bits.ravel()[::-1]).tobytes().hex(), _quality(small)


def _shrunk(luma: Floats) -> Floats:
    """64 x 64 samples after two box filters along each axis, as wide as half a sample is apart."""
    for _ in range(2):
        luma = _boxed(_boxed(luma.T).T)
    rows, columns = (((np.arange(SIDE) + 0.5) * side / SIDE).astype(int) for side in luma.shape)
    return luma[np.ix_(rows, columns)]


def _boxed(values: Floats) -> Floats:
    """Running means along the first axis."""
    length = len(values)
    window = -(-length // (2 * SIDE))
    ahead = window // 2 + 1
    total = np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)))
    at = np.arange(length)
    low, high = np.maximum(0, at - (window - ahead)), np.minimum(length, at + ahead)
    means: Floats = (total[high] - total[low]) / (high - low)[:, None]
    return means


@cache
def _cosines() -> Floats:
    wave, at = np.arange(1, KEPT + 1)[:, None], np.arange(SIDE)[None]
    rows: Floats = np.sqrt(2 / SIDE) * np.cos(np.pi / (2 * SIDE) * wave * (2 * at + 1))
    return rows


def _quality(small: Floats) -> int:
    steps = sum(float(np.trunc(np.abs(np.diff(small, axis=axis)) * 100 / 255).sum()) for axis in (0, 1))
    return min(100, int(steps / 90))
