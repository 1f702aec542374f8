"""Accounts that many members began to address at once, with the posts that did it."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from concerted.explaining.context import Context, Row, note
from concerted.findings import Act, Addressing, Target
from concerted.signals._addressed import ADDRESSED

SENT = f"""
with addressed as ({ADDRESSED}),
members as (
    select account, min(cluster) as name, 0 as rank from groups group by account
    union all
    select account, min(set) as name, 1 as rank from sets where answer in ('found', 'unresolved')
    group by account
),
single as (select account, arg_min(name, rank) as name from members group by account),
texts as (select account, post, min(object) as object from events where trace = 'text' group by account, post)
select a.target, m.name, p.account, p.time, p.post, p.text, p.link, p.file, p.row,
       coalesce(p.kind, 'original') as kind, x.object
from addressed a
join wanted w on w.target = a.target
join single m on m.account = a.account
join posts p on p.account = a.account and p.file = a.file and p.row = a.row
left join texts x on x.account = p.account and x.post = p.post
order by a.target, p.time, p.account, p.post
"""


def targets(context: Context) -> list[Target]:
    """One per account that a signal tells of, those with most members first."""
    notes = context.notes("target")
    if not notes:
        return []
    wanted = pa.table({"target": pa.array(sorted(notes), pa.string())})
    sent = context.by("target", SENT, wanted=wanted)
    made = [_target(context, account, sent.get(account, []), rows) for account, rows in notes.items()]
    return sorted(made, key=lambda target: (-target.accounts, target.account))


def _target(context: Context, account: str, rows: list[Row], notes: list[Row]) -> Target:
    authors: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["object"]:
            authors[row["object"]].add(row["account"])
    shared = [key for key, some in authors.items() if len(some) > 1]
    copied = {key: place for place, key in enumerate(shared, 1)}
    begun: set[str] = set()
    acts = []
    for row in rows:
        acts.append(
            Addressing(
                act=Act(
                    account=row["account"],
                    time=row["time"],
                    post=row["post"] or "",
                    text=row["text"],
                    link=row["link"],
                    file=row["file"] or "",
                    row=row["row"],
                ),
                group=row["name"],
                kind=row["kind"],
                first=row["account"] not in begun,
                copy=copied.get(row["object"], 0),
            )
        )
        begun.add(row["account"])
    listed = acts[: context.bounds.acts_group]
    return Target(
        account=account,
        accounts=len(begun),
        posts=len(acts),
        notes=[note(row) for row in notes],
        acts=listed,
        omitted=len(acts) - len(listed),
    )
