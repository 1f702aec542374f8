"""From tested rows to notes: q over all tests of a signal, and which way each leans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from concerted.nulls.multiplicity import benjamini_hochberg, digits
from concerted.signals import _notes as common


def judged(rows: list[dict[str, Any]], fdr: float) -> pa.Table:
    """Notes from rows that may hold `p`, and say in `beyond` whether the interval leaves out what is usual.

    q by Benjamini and Hochberg over all rows with p. A row leans `for` where q is at most `fdr` and `beyond`
    holds, else `none`; one without p leans as it says. `passed` and `failed` are what follows `says` then.
    Rows marked `quiet` are counted as tests and told only where they pass.
    """
    tested = [row for row in rows if row.get("p") is not None]
    p = np.array([row["p"] for row in tested], np.float64)
    for row, own, q in zip(tested, digits(p), digits(benjamini_hochberg(p)), strict=True):
        row.update(p=float(own), q=float(q))
        row["leans"] = "for" if q <= fdr and row.get("beyond") else "none"
    told = []
    for row in rows:
        passed = row.get("leans") == "for"
        if row.get("quiet") and not passed:
            continue
        says = row["says"] + (row.get("passed", "") if passed else row.get("failed", ""))
        kept = {name: value for name, value in row.items() if name not in PRIVATE}
        told.append({"leans": "none", **kept, "says": says})
    return common.table(told)


PRIVATE = ("beyond", "quiet", "passed", "failed")
