"""How things that members pushed went through the files, as timelines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from concerted.explaining import picture
from concerted.explaining.context import Context, Row, note
from concerted.findings import Act, Passage, Seen
from concerted.settings import build
from concerted.signals._passing import OUTSIDE, Listed, Passing, outside, passing, resolved
from concerted.signals.provenance import Provenance

MEMBERS = """
select cluster as name, account from groups
union all
select set as name, account from sets where answer = 'found'
order by name, account
"""
ABOUT = """
select o.trace, o.object, o.label from objects o join wanted w on w.trace = o.trace and w.object = o.object
"""
ACTS = """
select account, post, min(text) as text, min(link) as link, min(file) as file,
       min(row) as row
from posts where post in (select post from wanted) group by account, post
"""


def passages(context: Context, settings: Mapping[str, Any]) -> list[Passage]:
    """One per thing that a signal tells of, those that most members posted first."""
    told = {tuple(key.split(" ", 1)): rows for key, rows in context.notes("object").items() if " " in key}
    if not told:
        return []
    keys = sorted(told)
    wanted = pa.table(
        {
            name: pa.array([key[place] for key in keys], pa.string())
            for place, name in enumerate(("trace", "object"))
        }
    )
    groups = context.by("name", MEMBERS)
    everybody = sorted({row["account"] for rows in groups.values() for row in rows})
    listed = _listed(context, settings)
    ways = passing(wanted, everybody, listed, context.tables, context.engine)
    labels = {(row["trace"], row["object"]): row["label"] for row in context.ask(ABOUT, wanted=wanted)}
    acts = _acts(context, ways)
    made = [
        _passage(way, labels.get((way.trace, way.object)), told[way.trace, way.object], groups, acts)
        for way in ways
    ]
    return sorted(made, key=lambda one: (-one.members, -one.accounts, one.trace, one.object))


def _listed(context: Context, settings: Mapping[str, Any]) -> Listed:
    options = settings.get("explain", {}).get("signal_options", {}).get("provenance", {})
    given = build(Provenance, dict(options))
    found = resolved(given.accounts, given.sites, context.tables, context.engine)
    if outside(found, context.tables, context.engine) < OUTSIDE:
        return Listed(frozenset(), frozenset())
    return found


def _acts(context: Context, ways: list[Passing]) -> dict[tuple[str, str], Row]:
    posts = sorted({post for way in ways for post in way.posts.to_pylist() if post is not None})
    wanted = pa.table({"post": pa.array(posts, pa.string())})
    return {(row["account"], row["post"]): row for row in context.ask(ACTS, wanted=wanted)}


def _passage(
    way: Passing,
    label: str | None,
    notes: list[Row],
    groups: Mapping[str, list[Row]],
    acts: Mapping[tuple[str, str], Row],
) -> Passage:
    who = set(way.accounts.to_pylist())
    inside = [name for name, rows in groups.items() if sum(row["account"] in who for row in rows) > 1]
    micros = np.asarray(way.time * 1e6, np.int64)
    course = picture.timeline(f"{way.trace} {way.object}", micros, micros[way.members])
    assert course is not None, "an object has at least one touch"
    size = np.zeros(len(course.counts), np.int64)
    steps = ((way.time[way.listed] - course.start.timestamp()) // course.step_s).astype(np.int64)
    np.add.at(size, steps, 1)
    firsts = {"anybody": way.first(np.ones(len(way.accounts), bool))}
    firsts |= {"members": way.first(way.members), "the list": way.first(way.listed)}
    return Passage(
        trace=way.trace,
        object=way.object,
        label=label,
        groups=inside,
        accounts=len(way.accounts),
        members=int(way.members.sum()),
        notes=[note(row) for row in notes],
        seen=[_seen(way, by, place, acts) for by, place in firsts.items() if place is not None],
        course=course,
        listed=size.tolist(),
    )


def _seen(way: Passing, by: str, place: int, acts: Mapping[tuple[str, str], Row]) -> Seen:
    from datetime import UTC, datetime

    account, post = way.accounts[place].as_py(), way.posts[place].as_py() or ""
    row = acts.get((account, post), {})
    return Seen(
        by=by,
        act=Act(
            account=account,
            time=datetime.fromtimestamp(float(way.time[place]), UTC),
            post=post,
            text=row.get("text"),
            link=row.get("link"),
            file=row.get("file") or "",
            row=row.get("row"),
        ),
        resolution_s=float(way.until[place] - way.time[place]),
    )
