"""What the files say of each account: its latest profile, and who is to be compared with whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.signals._exact import Flags, Ints
from concerted.table import Table

TEXTS = ("handle", "name", "bio", "avatar")
COUNTS = ("followers", "following", "posts")
AT_ONCE = 1 << 16  # texts that are Python's at once

LATEST = """
select account, min(platform) as platform, min(opened) as opened, max(seen) as seen{columns}
from accounts where account is not null group by account order by account
"""
# which columns say anything: most files leave most of them empty, and those are not asked for
FILLED = "count(*) filter (where {full}) > 0 as {name}"
# the latest value that is not empty; equal times are told apart by the value: any order of rows serves
VALUE = ", max_by({name}, (coalesce(seen, timestamp '1970-01-01'), {name})) filter (where {full}) as {name}"


@dataclass(frozen=True)
class Profiles:
    """One row per account, sorted by account, without columns that are empty; `opened` in microseconds since
    1970, `dated` if known."""

    table: pa.Table
    opened: Ints
    dated: Flags
    platform: Ints

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def names(self) -> pa.Array:
        """The accounts."""
        return self.table["account"].combine_chunks()

    def texts(self, column: str) -> Iterator[str | None]:
        """A column as texts, empty ones as None. Accounts may be millions: few texts at once are Python's."""
        if column not in self.table.column_names:
            yield from repeat(None, len(self))
            return
        for batch in self.table.select([column]).to_batches(AT_ONCE):
            for value in batch[column].to_pylist():
                yield value.strip() or None if value else None

    def counts(self, column: str) -> tuple[Ints, Flags]:
        """A column of counts, 0 where unknown, and where it is known."""
        if column not in self.table.column_names:
            return np.zeros(len(self), np.int64), np.zeros(len(self), bool)
        known = np.asarray(pc.is_valid(self.table[column]))
        return np.asarray(pc.fill_null(self.table[column], 0), np.int64), known

    def years(self) -> Ints:
        """Year in which each account was opened, -1 where unknown."""
        years = self.opened.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
        return np.where(self.dated, years, -1)


def profiles(tables: Mapping[str, Table], engine: Engine) -> Profiles:
    """The latest profile of every account the files have one of."""
    full = {name: f"{name} is not null and {name} <> ''" for name in TEXTS}
    full |= {name: f"{name} is not null" for name in COUNTS}
    accounts = {"accounts": tables["accounts"]}
    asked = ", ".join(FILLED.format(name=name, full=which) for name, which in full.items())
    (filled,) = engine.query(f"select {asked} from accounts", accounts).to_pylist()
    wanted = [VALUE.format(name=name, full=which) for name, which in full.items() if filled[name]]
    table = engine.query(LATEST.format(columns="".join(wanted)), accounts).combine_chunks()
    opened = table["opened"].cast(pa.int64())
    names = pc.dictionary_encode(pc.fill_null(table["platform"], "")).combine_chunks()
    return Profiles(
        table,
        np.asarray(pc.fill_null(opened, 0), np.int64),
        np.asarray(pc.is_valid(opened), bool),
        np.asarray(names.indices if isinstance(names, pa.DictionaryArray) else [], np.int64),
    )


def by_opening_date(tables: Mapping[str, Table]) -> tuple[set[str], set[str]]:
    """Sets that opening dates named, and sets that were found by them, too: what they were chosen by cannot
    be tested on them once more."""
    if "sets" not in tables:
        return set(), set()
    named, found = (
        {row["set"] for row in tables["sets"].sql(f"select distinct set from this where {which}").rows()}
        for which in ("kind = 'cohort'", "older and answer = 'found'")
    )
    return named, found
