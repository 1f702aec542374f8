"""The co-touches behind found ties, with the chance of each.

They are many more than the ties: each is written as text only when its part is handed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted import machine, schema
from concerted.engines import ROWS
from concerted.nulls.coding import Coded, codes
from concerted.nulls.log import Flags, Log
from concerted.nulls.multiplicity import digits
from concerted.nulls.standing import Tested


def touches(
    tested: list[Tested], names: pa.Array, coded: dict[str, Coded], ties: pa.Table
) -> Iterator[pa.Table]:
    """Rows of table `touches`: those of the pairs of found ties, in order and in parts.

    `names` are those of accounts, sorted, and `coded` the logs of the traces tested.
    """
    machine.give_back()  # tests left holes, and touches are many
    shown = ties.filter(pc.equal(ties["answer"], "found"))
    pairs = np.unique(codes(shown["a"], names)[0] * len(names) + codes(shown["b"], names)[0])
    yield schema.empty("touches")
    for trace in sorted({one.trace for one in tested}):
        cells = [one for one in tested if one.trace == trace]
        tiers = sorted({one.cell.tier for one in cells})
        parts = [
            _part(one, np.isin(one.a * len(names) + one.b, pairs), coded[trace].log, tiers) for one in cells
        ]
        columns = list(zip(*parts, strict=True))
        del parts
        # one column after the other, so that only one is held twice
        *keys, chance, success = (np.concatenate(columns.pop(0)) for _ in range(len(columns)))
        objects = coded[trace].objects
        rank = np.empty(len(objects), np.int32)
        rank[np.asarray(pc.array_sort_indices(objects))] = np.arange(len(objects))
        order = np.lexsort((rank[keys[-1]], *keys[-2::-1]))
        for low in range(0, len(order), ROWS):
            at = order[low : low + ROWS]
            a, b, window, tier, block, object = (key[at] for key in keys)
            yield schema.rows(
                "touches",
                trace=pa.repeat(trace, len(at)),
                tier=pa.array(tiers, pa.string()).take(pa.array(tier)),
                window_s=window,
                a=names.take(pa.array(a)),
                b=names.take(pa.array(b)),
                object=objects.take(pa.array(object)),
                block=block,
                chance=digits(chance[at]),
                success=success[at],
            )


def _part(one: Tested, asked: Flags, log: Log, tiers: list[str]) -> tuple[npt.NDArray[Any], ...]:
    """Of the co-touches of one cell's pairs that are asked for: accounts, window, tier, block, object, chance
    and success."""
    cell = one.cell
    use = asked[cell.rows.pair]
    pair, early = cell.rows.pair[use], cell.rows.early[use]
    window, tier = np.full((2, len(pair)), [[cell.window], [tiers.index(cell.tier)]])
    keys = (one.a[pair], one.b[pair], window, tier, log.time[early] // cell.unit, log.object[early])
    # codes, seconds, days and hours: half as large, and there are many
    return *(key.astype(np.int32) for key in keys), cell.q[use], cell.success[use]
