"""From tested rows to notes: q over everything that signals test in one run, and which way notes lean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted.engines import Engine
from concerted.nulls.multiplicity import benjamini_hochberg, digits
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.table import Table

Row = dict[str, Any]


@dataclass(frozen=True)
class Tested:
    """A signal that tests: `asked` gives its rows, of which `judged` makes notes with those of all others."""

    name: ClassVar[str]
    fdr: Annotated[float, Meta(gt=0, lt=1)] = option(
        0.05, "false discovery rate over everything that all signals test in one run, 0 to 1"
    )

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """Rows of notes, tested ones with p but not yet with q; see `judged`."""
        raise NotImplementedError

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """The notes there are if no other signal is asked."""
        return judged(self.asked(subjects, tables, engine), {self.name: self.fdr})


def judged(rows: list[Row], fdr: Mapping[str, float]) -> pa.Table:
    """Notes from rows that may hold `p`, and say in `beyond` whether the interval leaves out what is usual.

    q by Benjamini and Hochberg over all subjects and signals: the questions that a signal asks of one subject
    share the weight of one test among them (Genovese, Roeder and Wasserman 2006), so that one with many does
    not make the others dear. A row `paid` has p for a family of its own. Rows with a q of their own are left
    as they are.

    A row leans `for` where q is at most `fdr` of its signal and `beyond` holds, else `none`; one without p
    leans as it says. `passed` and `failed` are what follows `says` then. Rows marked `quiet` are counted as
    tests and told only where they pass. `beside` are rows that are told with it, once each subject.
    """
    rows = [dict(row) for row in rows]
    tested = [row for row in rows if row.get("p") is not None and row.get("q") is None]
    p = np.array([row["p"] for row in tested], np.float64)
    asked = Counter(_question(row) for row in tested)
    shared = np.array([1 if row.get("paid") else asked[_question(row)] for row in tested], np.float64)
    family = (1 / shared).sum() / max(len(tested), 1)
    weighed = np.maximum(p, benjamini_hochberg(p * shared * family))
    for row, own, q in zip(tested, digits(p), digits(weighed), strict=True):
        row.update(p=float(own), q=float(q))
        row["leans"] = "for" if q <= fdr[row["signal"]] and row.get("beyond") else "none"
    told: list[Row] = []
    beside: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        passed = row.get("leans") == "for"
        if row.get("quiet") and not passed:
            continue
        says = row["says"] + (row.get("passed", "") if passed else row.get("failed", ""))
        told.append({"leans": "none", **row, "says": says})
        for one in row.get("beside", ()):
            beside.setdefault(_question(one), one)
    return common.table([*told, *beside.values()])


def _question(row: Row) -> tuple[str, str, str]:
    return row["subject_kind"], row["subject"], row["signal"]
