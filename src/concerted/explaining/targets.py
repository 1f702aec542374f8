"""Accounts that many members began to address at once, with the posts that did it."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from concerted import words
from concerted.explaining.context import Context, Row, note
from concerted.findings import Act, Addressing, Target
from concerted.signals._addressed import ADDRESSED
from concerted.signals._converging import MEANT
from concerted.signals.pileon import PileOn

SENT = f"""
with addressed as ({ADDRESSED}),
members as (
    select account, cluster as name, 0 as rank from groups
    union all
    select account, set as name, 1 as rank from sets where answer = 'found'
),
sender as (
    select w.target, m.account, min_by(m.name, (m.rank, m.name)) as name
    from wanted w join members m on m.name = w.name group by w.target, m.account
),
texts as (select account, post, min(object) as object from events where trace = 'text' group by account, post)
select a.target, s.name, p.account, p.time, p.post, p.text, p.link, p.file, p.row,
       coalesce(p.kind, 'original') as kind, x.object
from addressed a
join sender s on s.target = a.target and s.account = a.account
join posts p on p.account = a.account and p.file = a.file and p.row = a.row
left join texts x on x.account = p.account and x.post = p.post
where {MEANT}
order by a.target, p.time, p.account, p.post
"""


def targets(context: Context) -> list[Target]:
    """One per account that a group or found set is told to have addressed, those with most members first.

    Listed are the posts of these groups alone, and of sets where no group did so: members of a set were not
    found one by one, and some of them wrote to the target for reasons of their own. Who else wrote to it has
    nothing to do with it, and members of unresolved sets are not held against anybody.
    """
    notes = context.notes("target")
    told: list[tuple[str, str]] = []
    for kind in ("cluster", "set"):
        known = {account for account, _ in told}
        told += [
            (account, name)
            for name, rows in context.notes(kind).items()
            for account in notes.keys() - known
            if any(row["signal"] == PileOn.name and words.who(account) in row["says"] for row in rows)
        ]
    if not told:
        return []
    columns = zip(("target", "name"), zip(*sorted(told), strict=True), strict=True)
    wanted = pa.table({column: pa.array(values, pa.string()) for column, values in columns})
    sent = context.by("target", SENT, wanted=wanted)
    made = [_target(context, account, rows, notes[account]) for account, rows in sent.items()]
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
