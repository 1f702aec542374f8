"""What the parts of the document share: the tables, the engine, the bounds, the notes by subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from concerted import schema
from concerted.engines import Engine
from concerted.findings import Member, Note, Tie
from concerted.table import Table

Row = dict[str, Any]

HANDLES = """
select account, max(account_id) as account_id,
       max_by(handle, (coalesce(seen, timestamp '1970-01-01'), handle))
           filter (where handle is not null) as handle
from accounts where account in (select account from named) group by account order by account
"""

MEMBERS = "select account from groups union select account from sets where answer in ('found', 'unresolved')"


@dataclass(frozen=True)
class Bounds:
    """How much of the case the document lists; what is left out is counted in it, the case holds it."""

    ties: int = 300
    acts: int = 50
    acts_group: int = 1000
    acts_all: int = 20_000
    accounts: int = 200
    account_ties: int = 10
    leads: int = 50
    lines: int = 20_000
    rhythms: int = 60


@dataclass(frozen=True)
class Context:
    """Tables by name (absent ones are empty) and what is asked of them. `left_out` collects limits."""

    tables: Mapping[str, Table]
    bounds: Bounds
    seed: int
    fdr: float
    engine: Engine
    left_out: list[str] = field(default_factory=list)
    known: dict[str, Row] = field(default_factory=dict)

    def ask(self, sql: str, **more: pa.Table) -> list[Row]:
        """The answer of a query over all tables and those given."""
        every = {**self.tables, **{name: Table(name, data) for name, data in more.items()}}
        # only tables that are named: opening all of them takes longer than most queries
        rows: list[Row] = self.engine.query(
            sql, {name: table for name, table in every.items() if name in sql}
        ).to_pylist()
        return rows

    def by(self, key: str, sql: str, **more: pa.Table) -> dict[str, list[Row]]:
        """The same, by the value of one column, both in the order of the query."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.ask(sql, **more):
            found[row[key]].append(row)
        return dict(found)

    def notes(self, kind: str) -> dict[str, list[Row]]:
        """Notes about one kind of subject, by subject, those against first."""
        table = schema.check("notes", self.tables["notes"].to_arrow())
        found: dict[str, list[Row]] = defaultdict(list)
        rows = [row for row in table.to_pylist() if row["subject_kind"] == kind]
        for row in sorted(rows, key=lambda r: (r["subject"], r["leans"], r["signal"], r["says"])):
            found[row["subject"]].append(row)
        return dict(found)

    def handles(self, accounts: Iterable[str]) -> dict[str, Row]:
        """account_id and the latest handle of accounts, where the profile is known."""
        named = pa.table({"account": pa.array(sorted(set(accounts)), pa.string())})
        return {row["account"]: row for row in self.ask(HANDLES, named=named)}

    def members(self, rows: list[Row], standing: Mapping[str, Row]) -> list[Member]:
        """Members of a group or set, in the order of its rows."""
        if not self.known:
            # asked once for all: a query per group takes longer than all else
            accounts = [row["account"] for row in self.ask(MEMBERS)]
            self.known.update({account: {} for account in accounts} | self.handles(accounts))
        known = self.known
        return [
            Member(
                account=row["account"],
                account_id=known.get(row["account"], {}).get("account_id") or bare(row["account"]),
                handle=known.get(row["account"], {}).get("handle"),
                p=standing.get(row["account"], {}).get("p"),
                q=standing.get(row["account"], {}).get("q"),
                ties=row.get("ties") or 0,
                stability=row.get("stability"),
                share=row.get("share"),
                member_p=row.get("member_p"),
            )
            for row in rows
        ]


def bare(account: str) -> str:
    """The export's own id in `platform:id`."""
    return account.partition(":")[2] or account


def natural(key: str) -> tuple[str, int, str]:
    """Orders numbered ids as people do: G2 before G10."""
    name = key.rstrip("0123456789")
    return name, int(key[len(name) :] or 0), key


def tie(row: Row) -> Tie:
    """A row of ties as part of the document."""
    return Tie(
        a=row["a"],
        b=row["b"],
        trace=row["trace"],
        tier=row["tier"],
        window_s=row["window_s"],
        both=row["both"] or 0,
        together=row["together"] or 0,
        expected=row["expected"] or 0.0,
        p=row["p"],
        leader=row["leader"],
        q=1.0 if row["q"] is None else row["q"],
    )


def note(row: Row) -> Note:
    """A row of notes as part of the document."""
    return Note(**{name: row[name] for name in Note.__struct_fields__})


def listed(cells: list[Row], limit: int) -> list[Row]:
    """The ties to list: per pair, trace and tier the cell with the smallest p, smallest q first."""
    best: dict[tuple[str, str, str, str], Row] = {}
    for row in cells:
        key = (row["a"], row["b"], row["trace"], row["tier"])
        if key not in best or (row["p"], row["window_s"]) < (best[key]["p"], best[key]["window_s"]):
            best[key] = row
    order = sorted(best.items(), key=lambda item: (item[1]["q"] or 0.0, item[1]["p"], item[0]))
    return [row for _, row in order[:limit]]
