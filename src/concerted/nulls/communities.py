"""Sets chosen by what they share and tested on when they do: operations run by hand show here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls import candidates
from concerted.nulls.daily import DAYS, t_test
from concerted.nulls.ladder import ANCHORED, Cells, Geometry, geometry
from concerted.nulls.log import DAY, NO_ORIGIN, SECOND, Flags, Floats, Ints, Log, blocks, expand
from concerted.nulls.setcauses import Set

RESOLUTIONS = (0.5, 1.0, 2.0)
COARSE = 0.25
CROWD = (2, 200)  # sharers of an object that says something about who belongs together
LEAST_OBJECTS = 3
LEAST_MEMBERS = 3
LARGEST = 0.2  # share of the eligible accounts that a set may hold
CHECK = 0.05  # sets whose p is at most this are asked for innocent causes
MARGIN = 2.0  # organic communities reach 1.5 to 2 times their members' promptness
OWN = 10.0
EXTRA = (3600, 86_400)
EDGES = 2_000_000  # pairs that communities are sought among
BLOCK = 20_000_000  # terms of the product held at once
ROWS = 5_000_000  # co-touches of one set at one rung; larger sets are not tested there


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


def network(log: Log, accounts: int, objects: int = LEAST_OBJECTS, most: int = EDGES) -> Network:
    """Cosine of the accounts' idf-weighted objects of 2 to 200 sharers; accounts with at least `objects`.

    Where more than `most` pairs share an object, only pairs are kept that share two of them, or three, and
    so on, until there are no more than that.
    """
    from scipy.sparse import csr_matrix

    sharers = np.diff(log.start)
    narrow = (sharers >= CROWD[0]) & (sharers <= CROWD[1])
    use = narrow[log.object]
    held: Ints = np.bincount(log.account[use], minlength=accounts).astype(np.int64)
    eligible = held >= objects
    use &= eligible[log.account]
    who, what = log.account[use], log.object[use]
    weight = np.log((accounts + 1) / np.maximum(sharers, 1))[what]
    squared: Floats = np.bincount(who, weight**2, accounts).astype(np.float64)
    norm = np.sqrt(squared)
    weighted = csr_matrix((weight / norm[who], (who, what)), (accounts, len(log.origin)))
    counted = csr_matrix((np.ones(len(who), np.float32), (who, what)), weighted.shape)
    parts: list[tuple[Ints, Ints, Floats, Ints]] = []
    least = 1
    # rows of the product in blocks: the whole of it may not fit
    work = np.bincount(who, (sharers[what]).astype(float), accounts).astype(np.int64)
    for low, high in blocks(work, BLOCK):
        alike = (weighted[low:high] @ weighted.T).tocoo()
        shared = (counted[low:high] @ counted.T).tocoo()
        a, b = alike.row.astype(np.int64) + low, alike.col.astype(np.int64)
        # what earlier blocks had to leave out, later ones leave out too
        keep = (a < b) & (shared.data >= least)
        parts.append((a[keep], b[keep], alike.data[keep], shared.data[keep].astype(np.int64)))
        parts, least = _at_most(parts, most, least)
    a, b, cosine, common = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((b, a))
    return Network(a[order], b[order], common[order], cosine[order], eligible, held, squared)


def _at_most(
    parts: list[tuple[Ints, Ints, Floats, Ints]], most: int, least: int
) -> tuple[list[tuple[Ints, Ints, Floats, Ints]], int]:
    """The pairs that share at least so many objects that no more than `most` are left, and how many."""
    total = sum(len(part[0]) for part in parts)
    if total <= most:
        return parts, least
    common = np.concatenate([part[3] for part in parts])
    at_least = np.cumsum(np.bincount(common)[::-1])[::-1]
    least = int(np.argmax(at_least <= most)) if (at_least <= most).any() else len(at_least)
    kept = [tuple(column[part[3] >= least] for column in part) for part in parts]
    return kept, least  # type: ignore[return-value]


@dataclass(frozen=True)
class Community:
    """Accounts that share alike (codes, sorted), and the label of each account at the coarse resolution."""

    members: Ints
    coarse: Ints


def communities(net: Network, accounts: int, seed: int) -> list[Community]:
    """Leiden communities at three resolutions, each set of members once, ordered by size and members."""
    if not len(net.a):
        return []
    coarse = _leiden(net, accounts, COARSE, seed)
    limit = LARGEST * net.eligible.sum()
    found: dict[tuple[int, ...], Community] = {}
    for resolution in RESOLUTIONS:
        label = _leiden(net, accounts, resolution, seed)
        order = np.argsort(label, kind="stable")
        order = order[label[order] >= 0]
        for part in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
            if LEAST_MEMBERS <= len(part) <= limit:
                found.setdefault(tuple(sorted(part.tolist())), Community(np.sort(part), coarse))
    return [found[key] for key in sorted(found, key=lambda key: (-len(key), key))]


def _leiden(net: Network, accounts: int, resolution: float, seed: int) -> Ints:
    return candidates.leiden(
        accounts, net.a, net.b, net.cosine, resolution=resolution, seed=seed, modularity=True
    )


@dataclass(frozen=True)
class Tested:
    """One set at one rung: `p_before` is before innocent causes. Of each member: its part in the successes,
    and the p of its own part (1 on fewer than 6 days)."""

    window: int
    days: int
    p: float
    p_before: float
    ratio: float
    low: float
    high: float
    share: Floats
    member_p: Floats
    because: str


@dataclass(frozen=True)
class Pooled:
    """All co-touches of a set's members at one rung: events, chance and success of each."""

    early: Ints
    late: Ints
    q: Floats
    success: Flags


def pooled(
    log: Log, community: Community, window: int, horizon: int, prior: Geometry, cost: int = ROWS
) -> Pooled | None:
    """Rows of all pairs of the set within the horizon. None where there are more than `cost`.

    q is twice what geometry gives for the latency bins, and, where outsiders to the coarse community are at
    least half of an object's sharers, at least their own rate in the cell.
    """
    inside = np.zeros(len(community.coarse), bool)
    inside[community.members] = True
    anchored = log.origin[log.object] != NO_ORIGIN
    first = np.arange(len(log.object)) == log.start[log.object]
    mine = log.keep(inside[log.account] & (anchored | ~first))
    index = np.flatnonzero(inside[log.account] & (anchored | ~first))
    reach = mine.reach(horizon)
    each = reach - np.arange(len(reach)) - 1
    if not each.sum() or each.sum() > cost:
        return None
    early, late = expand(np.arange(len(reach)) + 1, reach)
    early, late = index[early], index[late]
    bins = np.searchsorted(ANCHORED, log.latency, side="right") - 1
    k, l = bins[early], bins[late]
    q = np.minimum(1.0, MARGIN * prior.ratio[k, l])
    home = community.coarse[community.members[0]]
    outside = community.coarse[log.account] != home
    share = np.bincount(log.object, outside, len(log.origin)) / np.maximum(np.diff(log.start), 1)
    object = log.object[early]
    mixed = share[object] >= 0.5
    if mixed.any():
        cells = Cells(log.keep(outside), ANCHORED, window, horizon)
        key, back = np.unique(
            (object[mixed] * cells.bins + k[mixed]) * cells.bins + l[mixed], return_inverse=True
        )
        within, near = cells.count(key // cells.bins**2, key // cells.bins % cells.bins, key % cells.bins)
        rate = (within[back] + OWN * prior.ratio[k[mixed], l[mixed]]) / (near[back] + OWN)
        q[mixed] = np.maximum(q[mixed], np.minimum(1.0, rate))
    return Pooled(early, late, q, log.time[late] - log.time[early] <= window * SECOND)


def judge(log: Log, community: Community, window: int, horizon: int, seed: int) -> Tested | None:
    """The set's successes against its members' own promptness, day by day; None under 6 days of rows.

    p is that of a one-sided t test of successes minus expectation over UTC days; the interval of the ratio
    is a bootstrap over days. `log` need hold no more than the objects that two members touched.
    """
    if not len(log.time):
        return None
    prior = geometry(ANCHORED, log.clock, window, horizon)
    rows = pooled(log, community, window, horizon, prior)
    if rows is None:
        return None
    day, whole = log.time[rows.early] // DAY, np.zeros(len(rows.early), np.int64)
    (before,), (days,) = t_test(whole, day, rows.success, rows.q, 1)
    if days < DAYS:
        return None
    p, because = before, ""
    if before <= CHECK:
        asked = Set(log, rows.early, rows.late, rows.success, rows.q, MARGIN, seed)
        p, because = asked.raised(float(before), window, horizon)
    ratio, low, high = _ratio(day, rows, seed)
    place = np.full(len(community.coarse), -1)
    place[community.members] = np.arange(len(community.members))
    both = place[np.concatenate((log.account[rows.early], log.account[rows.late]))]
    twice = np.tile(rows.success, 2)
    counts = np.bincount(both, twice, len(community.members))
    member_p, _ = t_test(both, np.tile(day, 2), twice, np.tile(rows.q, 2), len(community.members))
    share = counts / max(1, rows.success.sum())
    return Tested(window, int(days), float(p), float(before), ratio, low, high, share, member_p, because)


def _ratio(day: Ints, rows: Pooled, seed: int, times: int = 500) -> tuple[float, float, float]:
    """Observed over expected by promptness alone (without the margin), and its 95 % day-block interval."""
    _, index = np.unique(day, return_inverse=True)
    seen = np.bincount(index, rows.success)
    expected = np.bincount(index, rows.q) / MARGIN
    rng = np.random.default_rng(seed)
    pick = rng.integers(0, len(seen), (times, len(seen)))
    ratios = seen[pick].sum(1) / np.maximum(expected[pick].sum(1), 1e-12)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(seen.sum() / max(expected.sum(), 1e-12)), float(low), float(high)
