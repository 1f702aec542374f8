"""All tables of a case as one document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa

from concerted import registry, schema
from concerted.engines import Engine, open_engine
from concerted.explaining import people, picture
from concerted.explaining.context import Bounds, Context, note
from concerted.explaining.limits import limits, smallest
from concerted.explaining.lines import lines
from concerted.explaining.passages import passages
from concerted.explaining.rhythm import rhythms
from concerted.explaining.targets import targets
from concerted.explaining.verdicts import judged
from concerted.findings import Findings, Input, Made, Timeline
from concerted.table import Table

EVERY = "every trace"  # how the reasons begin for which no trace could use a post

COURSE = """
with members as (
    select distinct subject, account, trace
    from (select cluster as subject, account, explode(traces) as trace from groups
          union all
          select set as subject, account, trace from sets where answer in ('found', 'unresolved'))
),
acts as (
    select distinct m.subject, e.account, e.time, e.post
    from members m join events e on e.account = m.account and e.trace = m.trace
),
close as (select distinct cluster as subject, account, post from evidence where success)
select a.subject, a.time, c.post is not null as together
from acts a left join close c on c.subject = a.subject and c.account = a.account and c.post = a.post
order by a.subject, a.time, a.account, a.post
"""


def assemble(
    tables: Mapping[str, Table],
    settings: Mapping[str, Any],
    version: str,
    seed: int,
    bounds: Bounds | None = None,
    engine: Engine | None = None,
) -> Findings:
    """The findings of a case from all its tables, complete and with real ids: `privacy.redact` comes next.

    `settings` maps stages to their options as plain values. Same tables, settings, version and seed:
    same document.
    """
    every = {name: tables[name] if name in tables else Table(name, ()) for name in schema.TABLES}
    fdr = settings.get("fdr", 0.05)
    context = Context(every, bounds or Bounds(), seed, fdr, engine or open_engine())
    groups, sets, outside = people.groups(context), people.sets(context), people.outside(context)
    leads = people.leads(context)
    timelines = _timelines(context, [one.id for one in groups] + [one.id for one in sets])
    drawn, hourly = lines(context, groups, timelines), rhythms(context, groups)
    groups = [msgspec.structs.replace(one, lines=drawn[one.id], rhythms=hourly[one.id]) for one in groups]
    found = Findings(
        made=_made(context, settings, version),
        limits=limits(every, context.engine) + context.left_out,
        groups=groups,
        alone=outside["found"],
        sets=sets,
        leads=leads,
        explained=outside["explained"],
        unresolved=outside["unresolved"],
        notes=[note(row) for _, rows in sorted(context.notes("file").items()) for row in rows],
        timelines=timelines,
        pseudonyms={},
        smallest=smallest(every),
        targets=targets(context),
        passages=passages(context, settings),
    )
    handles = context.handles(found.accounts())
    known = {account: row["handle"] for account, row in handles.items() if row["handle"]}
    return judged(found.named(known), every["verdicts"].rows())


def _timelines(context: Context, order: list[str]) -> list[Timeline]:
    import numpy as np

    course = context.engine.query(
        COURSE, {name: context.tables[name] for name in ("groups", "sets", "events", "evidence")}
    )
    subjects = course["subject"].to_numpy()
    times = course["time"].cast(pa.int64()).to_numpy()
    together = course["together"].to_numpy()
    lines = []
    for key in order:
        start, end = np.searchsorted(subjects, [key, key + "\0"])
        acts = times[start:end]
        line = picture.timeline(key, acts, acts[together[start:end]])
        if line:
            lines.append(line)
    return lines


def _ledger(context: Context) -> tuple[dict[str, Counter[str]], dict[str, dict[str, Counter[str]]]]:
    """Per file the reader's reasons, and per file and trace those of `trace`, which begin with its name."""
    traces = {*registry.names("traces"), EVERY}
    unread: dict[str, Counter[str]] = defaultdict(Counter)
    unused: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in context.tables["ledger"].rows():
        file, reason, count = row["file"] or "", row["reason"] or "", row["count"] or 1
        trace, colon, why = reason.partition(": ")
        if colon and trace in traces:
            unused[file][trace][why] += count
        else:
            unread[file][reason] += count
    return unread, unused


def _made(context: Context, settings: Mapping[str, Any], version: str) -> Made:
    unread, unused = _ledger(context)
    inputs = [
        Input(
            file=row["file"] or "",
            sha256=row["sha256"] or "",
            source=row["source"] or "",
            clock=row["clock"] or "",
            records=row["records"] or 0,
            posts=row["posts"] or 0,
            accounts=row["accounts"] or 0,
            left_out=dict(sorted(unread[row["file"] or ""].items())),
            capability=list(row["capability"] or ()),
            no_event={
                trace: dict(sorted(reasons.items()))
                for trace, reasons in sorted(unused[row["file"] or ""].items())
            },
        )
        for row in sorted(context.tables["inputs"].rows(), key=lambda row: row["file"] or "")
    ]
    counts: dict[str, list[str]] = defaultdict(list)
    for row in context.tables["made"].rows():
        if row["says"]:
            counts[row["stage"]].append(row["says"])
    rows = {name: len(context.tables[name]) for name in sorted(schema.TABLES)}
    return Made(version, dict(settings), context.seed, inputs, rows, dict(sorted(counts.items())))
