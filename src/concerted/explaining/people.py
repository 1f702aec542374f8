"""Groups, sets, accounts outside groups and leads as parts of the document."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa

from concerted import words
from concerted.explaining import acts, edits, layers, picture, sentences
from concerted.explaining.context import Context, Row, bare, listed, natural, note, tie
from concerted.findings import SET_FIGURES, Alone, Evidence, Group, Lead, Set

SHOWN_SETS = """
select * from sets where answer in ('found', 'unresolved') order by set, share desc nulls last, account
"""

INSIDE = """
select g.cluster, t.* from ties t
join groups g on g.account = t.a join groups h on h.account = t.b and h.cluster = g.cluster
where t.answer = 'found' order by g.cluster, t.q, t.p, t.a, t.b, t.trace, t.tier, t.window_s
"""

OUTSIDE = """
select s.* from standings s
where s.answer in ('found', 'explained', 'unresolved')
  and not exists (select 1 from groups g where g.account = s.account)
order by s.answer, coalesce(s.p_before, s.p), s.p, s.account
"""

ENDS = """
with near as (select * from ties where least(p, coalesce(p_before, p)) <= 0.05)
select o.account as whose, t.* from near t join outside o on o.account = t.a
union all
select o.account as whose, t.* from near t join outside o on o.account = t.b
order by whose, p, p_before, a, b, trace, tier, window_s
"""

WHEN = """
select e.cluster, t.trace, t.tier, t.window_s, count(distinct e.object) as objects,
       count(distinct cast(e.time as date)) as days
from evidence e join cells t on t.cluster = e.cluster and t.a = e.a and t.b = e.b and t.trace = e.trace
where case when t.window_s = 0 then e.gap_s < 2 else e.gap_s <= t.window_s end
group by all
"""

SPANS = """
select cluster, count(distinct trace || ' ' || object) as objects, count(distinct cast(time as date)) as days,
       min(time) as first, max(time) as last
from evidence where success and cluster <> '' group by cluster
"""

CELL = ("cluster", "trace", "tier", "a", "b", "window_s")


def groups(context: Context) -> list[Group]:
    """Groups, the largest first."""
    members = context.by("cluster", "select * from groups order by cluster, ties desc, account")
    order = sorted(members, key=lambda key: (-len(members[key]), natural(key)))
    cells = context.by("cluster", INSIDE)
    standing = {
        row["account"]: row
        for row in context.ask("select s.* from standings s join groups g on g.account = s.account")
    }
    spans = {row["cluster"]: row for row in context.ask(SPANS)}
    when, again, edited = _when(context, cells), layers.shared(context, cells), edits.sentences(context)
    notes = context.notes("cluster")
    shown = {key: listed(cells.get(key, []), context.bounds.ties) for key in order}
    proof = acts.evidence(context, [(key, [(row["a"], row["b"]) for row in shown[key]]) for key in order])
    made = []
    for place, key in enumerate(order, 1):
        rows, inside, span = members[key], cells.get(key, []), spans.get(key)
        all_ties = len({(row["a"], row["b"], row["trace"], row["tier"]) for row in inside})
        if len(shown[key]) < all_ties:
            context.left_out.append(
                f"Group {place}: {len(shown[key]):,} of its {all_ties:,} ties are listed, those with the "
                "smallest q; the case holds them all."
            )
        speaks_for, speaks_against = sentences.whole(rows, context.fdr)
        made.append(
            Group(
                id=key,
                accounts=context.members(rows, standing),
                p=rows[0]["p"],
                q=rows[0]["q"],
                q_reason=rows[0]["q_reason"],
                traces=sorted({trace for row in rows for trace in row["traces"] or ()}),
                first=span["first"] if span else None,
                last=span["last"] if span else None,
                why=sentences.group(inside, when[key], len(rows))
                + edited.get(key, [])
                + layers.sentences(inside, again.get(key))
                + speaks_for
                + _leaning(notes, key, "for"),
                against=_leaning(notes, key, "against")
                + sentences.occasion(span)
                + sentences.leader(inside)
                + speaks_against,
                ties=[tie(row) for row in shown[key]],
                evidence=_of(proof, key, shown[key]),
                notes=[note(row) for row in notes.get(key, [])],
                layout=picture.layout(
                    [row["account"] for row in rows], [(row["a"], row["b"]) for row in inside], context.seed
                ),
            )
        )
    return made


def sets(context: Context) -> list[Set]:
    """Sets that are found, then those unresolved, smallest q first."""
    members = context.by("set", SHOWN_SETS)
    order = sorted(members, key=lambda key: (members[key][0]["answer"], members[key][0]["q"], natural(key)))
    notes = context.notes("set")
    pairs = acts.pairs_of_sets(context) if order else {}
    proof = acts.evidence(context, [(key, pairs.get(key, [])) for key in order])
    edited = edits.sentences(context) if order else {}
    made = []
    for key in order:
        rows = members[key]
        one: dict[str, Any] = rows[0]
        made.append(
            Set(
                **{name: one[name] for name in SET_FIGURES},
                id=key,
                basis=one["basis"] or "",
                accounts=context.members(rows, {}),
                why=sentences.set_(one, len(rows)) + edited.get(key, []) + _leaning(notes, key, "for"),
                against=_leaning(notes, key, "against") + sentences.set_against(one),
                evidence=[proof[key, a, b] for a, b in pairs.get(key, []) if (key, a, b) in proof],
                notes=[note(row) for row in notes.get(key, [])],
            )
        )
    return made


def outside(context: Context) -> dict[str, list[Alone]]:
    """Accounts outside groups by answer: found, explained, unresolved; smallest p first."""
    rows = context.by("answer", OUTSIDE)
    kept = {answer: some[: context.bounds.accounts] for answer, some in rows.items()}
    accounts = pa.array(sorted(row["account"] for some in kept.values() for row in some), pa.string())
    ends = context.by("whose", ENDS, outside=pa.table({"account": accounts}))
    shown = {account: listed(cells, context.bounds.account_ties) for account, cells in ends.items()}
    proof = acts.evidence(context, [("", [(row["a"], row["b"]) for some in shown.values() for row in some])])
    notes = context.notes("account")
    made: dict[str, list[Alone]] = {"found": [], "explained": [], "unresolved": []}
    for answer, some in kept.items():
        if len(some) < len(rows[answer]):
            context.left_out.append(
                f"{len(some):,} of {words.count(len(rows[answer]), 'account')} that are {answer} and in no "
                "group are listed, those with the smallest p; the case holds them all."
            )
        made[answer] = [
            Alone(
                account=row["account"],
                account_id=bare(row["account"]),
                p=row["p"],
                q=row["q"],
                trace=row["trace"] or "",
                because=row["because"],
                ties=[tie(cell) for cell in shown.get(row["account"], [])],
                evidence=_of(proof, "", shown.get(row["account"], [])),
                against=_leaning(notes, row["account"], "against"),
            )
            for row in some
        ]
    return made


def leads(context: Context) -> list[Lead]:
    """Leads, the most alike first."""
    members = context.by("lead", "select * from leads order by lead, account")
    order = sorted(members, key=lambda key: (-(members[key][0]["score"] or 0.0), natural(key)))
    if len(order) > context.bounds.leads:
        context.left_out.append(
            f"{context.bounds.leads} of {len(order):,} leads are listed; the case holds them all."
        )
    made = []
    for key in order[: context.bounds.leads]:
        traces = sorted({trace for row in members[key] for trace in row["traces"] or ()})
        accounts = [row["account"] for row in members[key]]
        says = sentences.lead(len(accounts), traces)
        made.append(Lead(accounts, traces, members[key][0]["score"] or 0.0, says))
    return made


def _of(proof: dict[acts.Pair, Evidence], cluster: str, cells: list[Row]) -> list[Evidence]:
    pairs = dict.fromkeys((cluster, row["a"], row["b"]) for row in cells)
    return [proof[key] for key in pairs if key in proof]


def _when(context: Context, cells: dict[str, list[Row]]) -> dict[str, dict[tuple[str, str, int], Row]]:
    shape = pa.schema([(name, pa.int64() if name == "window_s" else pa.string()) for name in CELL])
    rows = [{name: row[name] for name in CELL} for some in cells.values() for row in some]
    found: dict[str, dict[tuple[str, str, int], Row]] = defaultdict(dict)
    for row in context.ask(WHEN, cells=pa.Table.from_pylist(rows, schema=shape)):
        found[row["cluster"]][row["trace"], row["tier"], row["window_s"]] = row
    return found


def _leaning(notes: dict[str, list[Row]], key: str, leans: str) -> list[str]:
    """What signals say one way about one subject."""
    return [row["says"] for row in notes.get(key, []) if row["leans"] == leans]
