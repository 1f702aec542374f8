"""Are the p of pairs uniform where nobody acts together? Observed over expected, per tier and window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from unittest.mock import patch

import numpy as np

from concerted import api
from concerted.evaluating import Case
from concerted.nulls import cells as tested
from concerted.nulls import coactions
from concerted.nulls.causes import Rung
from concerted.nulls.rows import Episodes, Rows, fold
from concerted.nulls.tails import poisson_binomial
from concerted.stages.pair import ladder, logs
from concerted.table import Table

LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)


def calibration(case: Case, seed: int = 1) -> list[dict[str, object]]:
    """All pairs that share two objects within the horizon, whether close in time or not.

    p is randomised, p = P(X > x) + U P(X = x), so that a right null gives exactly its level in the mean; the
    product's own p is P(X >= x), which is never smaller. Innocent causes, which only raise p, are not in it.
    """
    known = case.load()
    tables = api.trace(
        Table("posts", known.posts, {"accounts": Table("accounts", known.accounts)}), known.traces
    )
    names, coded = logs({**tables.beside, "events": tables})
    rng = np.random.default_rng(seed)
    rows = []
    for trace, one in coded.items():
        rungs = ladder(trace, one.log)
        if not rungs:
            continue
        widest = max(horizon for _, horizon in rungs)
        pairs = coactions.count(one.log, widest, len(names))
        for tier, window, episodes in _first_tests(one.log, pairs.a, pairs.b, rungs, len(names), seed):
            p = _randomised(episodes, len(pairs.a), rng)
            row: dict[str, object] = {"tier": tier, "window": window, "pairs": len(p)}
            row |= {f"{level:g}": int((p <= level).sum()) for level in LEVELS}
            rows.append(row)
    return rows


def _first_tests(
    log: object, a: np.ndarray, b: np.ndarray, rungs: list[tuple[int, int]], accounts: int, seed: int
) -> Iterator[tuple[str, int, Episodes]]:
    """The episodes of each cell as they are tested before innocent causes are looked for."""
    seen: dict[int, list[Episodes]] = defaultdict(list)
    plain = Rung.test

    def recording(rung: Rung, q: np.ndarray, pairs: int) -> object:
        seen[rung.window].append(fold(rung.log, rung.rows, q, rung.success, rung.unit))
        return plain(rung, q, pairs)

    def everything(rows: Rows, success: np.ndarray, pairs: int) -> np.ndarray:
        return np.ones(len(success), bool)

    # windows are tested side by side, the tiers of one in the order of its cells
    with (
        patch.object(Rung, "test", recording),
        patch.object(tested, "_often", everything),
        patch.object(tested, "Causes", _NoCauses),
    ):
        every = list(tested.cells(log, a, b, rungs, accounts, seed, None))
    for cell in every:
        yield cell.tier, cell.window, seen[cell.window].pop(0)


class _NoCauses:
    """Nothing raises p."""

    def __init__(self, rung: Rung, q: np.ndarray, *rest: object) -> None:
        self.q = q

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *given: None


def _randomised(episodes: Episodes, pairs: int, rng: np.random.Generator) -> np.ndarray:
    hits = np.bincount(episodes.pair, episodes.hit, pairs).astype(np.int64)
    upper = poisson_binomial(episodes.chance, episodes.pair, hits)
    beyond = poisson_binomial(episodes.chance, episodes.pair, hits + 1)
    tested = np.bincount(episodes.pair, minlength=pairs) > 0
    return (beyond + rng.random(pairs) * (upper - beyond))[tested]
