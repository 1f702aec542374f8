"""Sets chosen by what they share, or by what they share within hours: operations run by hand show here.

How close within a horizon two acts lie is not looked at, so that all of it can test what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from concerted.nulls import candidates, coactions, density
from concerted.nulls.daily import ranked
from concerted.nulls.log import Flags, Floats, Ints, Log, Whole, blocks
from concerted.parallel import in_parallel

RESOLUTIONS = (0.5, 1.0, 2.0)
COARSE = 0.25
CROWD = (2, 200)  # sharers of an object that says something about who belongs together
LEAST_OBJECTS = 3
LEAST_MEMBERS = 3
LARGEST = 0.2  # share of the eligible accounts that a set may hold
WIDEST = 0.5  # the same where only older things count
EXTRA = (3600, 86_400)
EDGES = 2_000_000  # pairs that communities are sought among
BLOCK = 5_000_000  # terms of the product in one piece, of which a few are held at once
PIECES = 8  # in which the product is made at least


@dataclass(frozen=True)
class Network:
    """Who shares what with whom, times ignored: pairs (a < b), how many objects both touched, and the cosine
    of their idf-weighted objects; of each account how many objects count, and their squared weight."""

    a: Ints
    b: Ints
    common: Ints
    cosine: Floats
    eligible: Flags
    held: Ints
    weight: Floats


def networks(log: Log, accounts: int, objects: Sequence[int], most: int = EDGES) -> list[Network]:
    """Cosine of the accounts' idf-weighted objects of 2 to 200 sharers: a network for each number of
    `objects` that an account needs.

    Where more than `most` pairs share an object, only pairs are kept that share two of them, or three, and
    so on, until there are no more than that.
    """
    from scipy.sparse import csr_matrix

    sharers = np.diff(log.start)
    narrow = (sharers >= CROWD[0]) & (sharers <= CROWD[1])
    use = narrow[log.object]
    held: Ints = np.bincount(log.account[use], minlength=accounts).astype(np.int64)
    use &= (held >= min(objects))[log.account]
    weight = np.log((accounts + 1) / np.maximum(sharers, 1))[log.object[use]]
    squared: Floats = np.bincount(log.account[use], weight**2, accounts).astype(np.float64)
    (name, who), (_, what) = ranked(log.account[use]), ranked(log.object[use])
    shape = (len(name), int(what.max(initial=-1)) + 1)
    weighted = csr_matrix((weight / np.sqrt(squared[name])[who], (who, what)), shape)
    counted = csr_matrix((np.ones(len(who), np.float32), (who, what)), shape)
    kept = [_Kept(held[name] >= least, most) for least in objects]
    work = np.bincount(who, (sharers[log.object[use]]).astype(float), len(name)).astype(np.int64)

    def product(block: tuple[int, int]) -> tuple[Ints, Ints, Floats, Floats]:
        low, high = block
        alike = weighted[low:high] @ weighted[low:].T
        common = (counted[low:high] @ counted[low:].T).data
        a = np.repeat(np.arange(low, high), np.diff(alike.indptr))
        later = np.flatnonzero(alike.indices > a - low)
        return a[later], alike.indices[later].astype(np.int64) + low, alike.data[later], common[later]

    # rows of the product in blocks: the whole of it may not fit, and of each pair one half is enough
    pieces = blocks(work, min(BLOCK, int(work.sum()) // PIECES + 1))
    for a, b, cosine, common in in_parallel(product, pieces):
        for one in kept:
            one.add(a, b, cosine, common)
    return [one.network(name, held, squared, least) for one, least in zip(kept, objects, strict=True)]


def near(log: Log, horizon: float, accounts: int) -> Network:
    """Who touches the same objects of 2 to 200 sharers at most `horizon` seconds apart, at least twice: the
    cosine of what the two touch, of which only what they touch so near each other counts.

    Moments too crowded to be compared within the horizon take no part.
    """
    sharers = np.diff(log.start)
    log = log.keep(((sharers >= CROWD[0]) & (sharers <= CROWD[1]))[log.object])
    held: Ints = np.bincount(log.account, minlength=accounts).astype(np.int64)
    part = density.taking_part(log, horizon, density.limit(log, horizon))
    found = coactions.count(log, horizon, accounts, part)
    kept = _Kept(held >= LEAST_OBJECTS, EDGES)
    together = found.together.astype(np.float64)
    kept.add(found.a, found.b, together / np.sqrt(held[found.a] * held[found.b]), together)
    return kept.network(np.arange(accounts), held, held.astype(np.float64), LEAST_OBJECTS)


class _Kept:
    """The pairs of some accounts, at most `most`: those that share most objects."""

    def __init__(self, able: Flags, most: int) -> None:
        self._able, self._most, self._least = able, most, 1
        self._parts: list[tuple[Ints, Ints, Floats, Ints]] = []

    def add(self, a: Ints, b: Ints, cosine: Floats, common: Floats) -> None:
        """Take more pairs, a < b."""
        # what earlier blocks had to leave out, later ones leave out too
        keep = np.flatnonzero(common >= self._least)
        keep = keep[self._able[a[keep]] & self._able[b[keep]]]
        self._parts.append((a[keep], b[keep], cosine[keep], common[keep].astype(np.int64)))
        if sum(len(part[0]) for part in self._parts) <= self._most:
            return
        count = np.bincount(np.concatenate([part[3] for part in self._parts]))
        at_least = np.cumsum(count[::-1])[::-1]
        few = at_least <= self._most
        self._least = int(np.argmax(few)) if few.any() else len(at_least)
        self._parts = [
            (a[keep], b[keep], cosine[keep], common[keep])
            for a, b, cosine, common in self._parts
            for keep in [common >= self._least]
        ]

    def network(self, name: Ints, held: Ints, squared: Floats, objects: int) -> Network:
        """All pairs in order; `name` gives the accounts, the others what each of all accounts holds."""
        none = np.zeros(0, np.int64)
        empty = (none, none, np.zeros(0), none)
        a, b, cosine, common = (np.concatenate(column) for column in zip(empty, *self._parts, strict=True))
        order = np.lexsort((b, a))
        able = held >= objects
        return Network(
            name[a[order]],
            name[b[order]],
            common[order],
            cosine[order],
            able,
            held,
            np.where(able, squared, 0.0),
        )


@dataclass(frozen=True)
class Community:
    """Accounts that share alike (codes, sorted), and their home, a community that holds them all.

    `homes` numbers the community of each account at each resolution, -1 for none: (resolutions, accounts).
    """

    members: Ints
    home: int
    homes: Whole


def communities(net: Network, largest: float, accounts: int, seed: int) -> list[Community]:
    """Leiden communities of a network at three resolutions, each set of members once, ordered by size and
    members; at most the share `largest` of its eligible accounts each."""
    seek = partial(_leiden, net, accounts, seed=seed)
    coarse, *fine = in_parallel(seek, (COARSE, *RESOLUTIONS))
    return _found(coarse, fine, largest * net.eligible.sum())


def _found(coarse: Ints, labels: list[Ints], limit: float) -> list[Community]:
    """Each set of members once. Its home is the community that holds all of it at the coarsest resolution at
    which that is no larger than a set may be: more accounts are the crowd, and nobody's home."""
    levels = np.stack([coarse, *labels])
    homes = np.where(levels < 0, -1, levels + np.arange(len(levels))[:, None] * len(coarse))
    homes = homes.astype(np.int32)  # they are kept, and accounts may be many
    size = np.bincount(homes[homes >= 0], minlength=homes.size)
    found: dict[bytes, Community] = {}
    for label in labels:
        for part in candidates.members(label):
            if LEAST_MEMBERS <= len(part) <= limit:
                one = next(one for one in homes[:, part] if (one == one[0]).all() and size[one[0]] <= limit)
                # whose order is that of the numbers
                found.setdefault(part.astype(">i8").tobytes(), Community(part, int(one[0]), homes))
    return [found[key] for key in sorted(found, key=lambda key: (-len(key), key))]


def _leiden(net: Network, accounts: int, resolution: float, *, seed: int) -> Ints:
    return candidates.leiden(
        accounts, net.a, net.b, net.cosine, resolution=resolution, seed=seed, modularity=True
    )
