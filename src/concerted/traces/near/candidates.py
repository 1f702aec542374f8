"""Pairs of texts that may be alike: MinHash signatures cut into bands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from concerted.traces.near.shingles import Hashes, Shingles, distinct, mixed

# distinct texts up to which a setting is used -> bands, rows: chance pairs grow with the square of texts
SETTINGS = ((300_000, 32, 4), (5_000_000, 25, 5), (2**62, 20, 6))
_SEED = 20
_AT_ONCE = 1 << 16  # pieces hashed at once: fits the cache
_GATHERED = 1 << 24  # pairs gathered before doubles are removed

Keys = npt.NDArray[np.uint32]


def setting(texts: int) -> tuple[int, int]:
    """Bands and rows for a number of distinct texts."""
    return next((bands, rows) for most, bands, rows in SETTINGS if texts <= most)


def caught(likeness: float, bands: int, rows: int) -> float:
    """Probability that two texts of this Jaccard likeness, 0 to 1, share a band."""
    return float(1 - (1 - likeness**rows) ** bands)


def band_keys(pieces: Shingles, bands: int, rows: int) -> Keys:
    """One key per band and text: equal where all `rows` smallest hashes are. Shape (bands, texts).

    Hash functions are multiplications by odd numbers modulo 2**32 (Dietzfelbinger et al. 1997) of pieces
    that were spread before. Two keys are equal by accident once in 2**32; the exact check follows.
    """
    factors = np.random.default_rng(_SEED).integers(0, 2**31, (bands, rows), dtype=np.uint32) * 2 + 1
    values = (pieces.hashes >> np.uint64(32)).astype(np.uint32)
    keys = np.empty((bands, len(pieces.start) - 1), np.uint32)
    for low, high in blocks(pieces.start, _AT_ONCE):
        begin = pieces.start[low]
        some, at = values[begin : pieces.start[high]], pieces.start[low:high] - begin
        product = np.empty_like(some)
        for band in range(bands):
            whole = np.zeros(high - low, np.uint64)
            for factor in factors[band]:
                np.multiply(some, factor, out=product)
                whole = mixed(whole + np.minimum.reduceat(product, at))
            keys[band, low:high] = whole >> np.uint64(32)
    return keys


def pairs(keys: Iterable[Keys]) -> Hashes:
    """Pairs (smaller rank << 32 | larger rank) of texts that share a band, each once, sorted.

    Within a bucket every text is paired with the one of smallest rank only, which is linear in its size.
    `keys` gives the keys of one band at a time, of all texts by rank.
    """
    found: list[Hashes] = []
    gathered = 0
    for band in keys:
        packed = np.sort(band.astype(np.uint64) << np.uint64(32) | np.arange(len(band), dtype=np.uint64))
        fresh = np.ones(len(packed), np.bool_)
        fresh[1:] = packed[1:] >> np.uint64(32) != packed[:-1] >> np.uint64(32)
        rank = packed & np.uint64(2**32 - 1)
        first = rank[np.maximum.accumulate(np.where(fresh, np.arange(len(packed)), 0))]
        found.append((first << np.uint64(32) | rank)[~fresh])
        gathered += len(found[-1])
        if gathered > _GATHERED:
            found, gathered = [distinct(np.concatenate(found))], 0
    return distinct(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def blocks(start: npt.NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Ranges of neighbours [low, high) that hold at most `most` pieces together, or one that holds more."""
    low, last = 0, len(start) - 1
    while low < last:
        high = int(np.searchsorted(start, start[low] + most, side="right")) - 1
        high = min(last, max(low + 1, high))
        yield low, high
        low = high
