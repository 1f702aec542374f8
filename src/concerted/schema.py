"""Every table: its columns, their types, one line of meaning each.

All times are UTC with microseconds, all ids are text, and names work unquoted in SQL.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa

from concerted.errors import InputError


class Column(NamedTuple):
    """One column: `type` is an Arrow type, `says` one line of meaning."""

    type: pa.DataType
    says: str


TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
TEXTS = pa.list_(pa.string())
MEDIA = pa.list_(pa.struct([("id", TEXT), ("kind", TEXT), ("hash", TEXT), ("hash_kind", TEXT)]))
COUNT = pa.int64()
SHARE = pa.float64()
FLAG = pa.bool_()

KINDS = ("original", "reshare", "reply", "quote")
ANSWERS = ("found", "explained", "unresolved", "none")
VERDICTS = ("stands", "explained", "unsure", "none")

TABLES: dict[str, dict[str, Column]] = {
    "posts": {
        "post": Column(TEXT, "the export's post id, or file#row where it has none"),
        "account": Column(TEXT, "platform:account_id, unique across platforms"),
        "time": Column(TIME, "when it was posted"),
        "resolution_s": Column(SHARE, "smallest step of the clock behind time, in seconds"),
        "text": Column(TEXT, "the text as exported; of a reshare the original's text"),
        "kind": Column(TEXT, "original, reshare, reply or quote"),
        "parent": Column(TEXT, "id of the post that is reshared, answered or quoted"),
        "parent_account": Column(TEXT, "platform:account_id of its author"),
        "parent_time": Column(TIME, "when the parent was posted, where known"),
        "thread": Column(TEXT, "id of the conversation"),
        "urls": Column(TEXTS, "links in the post, expanded as far as the export does"),
        "tags": Column(TEXTS, "hashtags as exported, without #"),
        "mentions": Column(TEXTS, "accounts named in the post, as exported"),
        "media": Column(MEDIA, "images and videos with content ids or hashes the export carries"),
        "client": Column(TEXT, "the program that posted, as the export names it"),
        "lang": Column(TEXT, "language, as the export names it"),
        "platform": Column(TEXT, "x, facebook, telegram ...; web where the export does not say"),
        "link": Column(TEXT, "address of the post"),
        "deleted": Column(TIME, "when it was deleted, where known"),
        "collected": Column(TIME, "when the export saw it"),
        "query": Column(TEXT, "the search that brought it into the export"),
        "reshares_total": Column(COUNT, "how often the platform says it was reshared"),
        "file": Column(TEXT, "name of the input file"),
        "row": Column(COUNT, "line of that file where the record begins, the first being 1"),
    },
    "accounts": {
        "account": Column(TEXT, "platform:account_id"),
        "account_id": Column(TEXT, "the export's own id"),
        "platform": Column(TEXT, "as in posts"),
        "handle": Column(TEXT, "@name, without @"),
        "name": Column(TEXT, "display name"),
        "bio": Column(TEXT, "profile text"),
        "opened": Column(TIME, "when the account was opened"),
        "followers": Column(COUNT, "followers when seen"),
        "following": Column(COUNT, "accounts followed when seen"),
        "posts": Column(COUNT, "posts when seen"),
        "avatar": Column(TEXT, "address or hash of the profile picture"),
        "status": Column(TEXT, "active, suspended, deleted ... as exported"),
        "status_time": Column(TIME, "when the status was seen"),
        "platform_label": Column(TEXT, "the platform's own label, such as automated"),
        "seen": Column(TIME, "time of this observation"),
    },
    "inputs": {
        "file": Column(TEXT, "name of the input file"),
        "sha256": Column(TEXT, "hash of its bytes"),
        "source": Column(TEXT, "the source that read it"),
        "clock": Column(TEXT, "where times and their zone come from, as words"),
        "resolution_s": Column(SHARE, "coarsest clock step of its posts, in seconds"),
        "records": Column(COUNT, "records read: posts + accounts + left out"),
        "posts": Column(COUNT, "records that became posts"),
        "accounts": Column(COUNT, "records that became accounts and no post"),
        "left_out": Column(COUNT, "records left out, their reasons in ledger"),
        "columns": Column(TEXTS, "which input column became which, as account=user"),
        "capability": Column(TEXTS, "per trace whether it is possible and for what share of posts"),
    },
    "ledger": {
        "file": Column(TEXT, "name of the input file"),
        "row": Column(COUNT, "line of the record left out; empty where counted together"),
        "count": Column(COUNT, "records left out"),
        "reason": Column(TEXT, "why"),
        "example": Column(TEXT, "the beginning of the record"),
    },
    "events": {
        "trace": Column(TEXT, "which trace made it"),
        "account": Column(TEXT, "who acted"),
        "object": Column(TEXT, "on what"),
        "time": Column(TIME, "first time the account touched the object"),
        "resolution_s": Column(SHARE, "clock step, in seconds"),
        "post": Column(TEXT, "the post that did it"),
    },
    "objects": {
        "trace": Column(TEXT, "which trace"),
        "object": Column(TEXT, "its key"),
        "origin": Column(TIME, "when it came into being, where known"),
        "origin_account": Column(TEXT, "who made it, where known"),
        "bits": Column(SHARE, "how improbable its content is by chance, in bits, where known"),
        "label": Column(TEXT, "how to show it to a person"),
        "crowd": Column(COUNT, "accounts that touched it"),
        "wordings": Column(COUNT, "in how many wordings it came, edited copies of one another; for texts"),
    },
    "uses": {
        "trace": Column(TEXT, "which trace, of those whose events later posts can be added to"),
        "object": Column(TEXT, "its key"),
        "label": Column(TEXT, "one way in which it was written"),
        "uses": Column(COUNT, "touches that wrote it so, repeated ones included"),
        "origin": Column(TIME, "earliest time at which they say it came into being"),
        "origin_account": Column(TEXT, "smallest of the accounts that they say made it"),
        "resolution_s": Column(SHARE, "coarsest clock step among them, in seconds"),
    },
    "pairs": {
        "trace": Column(TEXT, "which trace"),
        "a": Column(TEXT, "account, the smaller of the two"),
        "b": Column(TEXT, "account, the larger of the two"),
        "window_s": Column(COUNT, "the rung's window W, in seconds"),
        "together": Column(COUNT, "distinct objects both touched within the window"),
    },
    "ties": {
        "trace": Column(TEXT, "which trace"),
        "tier": Column(TEXT, "anchored, exclusive, same-second or jitter"),
        "a": Column(TEXT, "account, the smaller of the two"),
        "b": Column(TEXT, "account, the larger of the two"),
        "window_s": Column(COUNT, "the rung's window W, in seconds; 0 for the same second"),
        "both": Column(COUNT, "episodes in which both touched one object within the horizon"),
        "together": Column(COUNT, "episodes in which they did so within the window"),
        "expected": Column(SHARE, "how many of them chance explains"),
        "p": Column(SHARE, "p of this cell after innocent causes"),
        "p_before": Column(SHARE, "p of this cell before them"),
        "p_odd": Column(SHARE, "p on the first half of the days"),
        "p_even": Column(SHARE, "p on the second half of the days"),
        "q": Column(SHARE, "adjusted p of the pair over all its cells"),
        "answer": Column(TEXT, "found, explained, unresolved or none"),
        "because": Column(TEXT, "the innocent cause that raised p"),
        "leader": Column(TEXT, "account that goes first, where one does"),
    },
    "touches": {
        "trace": Column(TEXT, "which trace"),
        "tier": Column(TEXT, "anchored, exclusive, same-second or jitter"),
        "window_s": Column(COUNT, "the rung's window, in seconds"),
        "a": Column(TEXT, "one end of a found tie"),
        "b": Column(TEXT, "the other end"),
        "object": Column(TEXT, "what both touched within the horizon"),
        "block": Column(COUNT, "UTC day (same-second, jitter: hour) in which they did, counted from 1970"),
        "chance": Column(SHARE, "probability that they come within the window by chance"),
        "success": Column(FLAG, "whether they came within it"),
    },
    "standings": {
        "account": Column(TEXT, "one row per account tested"),
        "p": Column(SHARE, "p over all its cells, all of them paid for"),
        "p_before": Column(SHARE, "the same before innocent causes"),
        "q": Column(SHARE, "false discovery rate at which it would be found"),
        "answer": Column(TEXT, "found, explained, unresolved or none"),
        "because": Column(TEXT, "the innocent cause"),
        "trace": Column(TEXT, "trace of its smallest p"),
        "window_s": Column(COUNT, "window of its smallest p, in seconds"),
        "tier": Column(TEXT, "tier of its smallest p"),
        "k": Column(COUNT, "cells paid for"),
        "family": Column(COUNT, "partners tested against, in that cell"),
    },
    "groups": {
        "cluster": Column(TEXT, "id of the group"),
        "account": Column(TEXT, "member, a found account"),
        "ties": Column(COUNT, "ties the member has inside the group"),
        "traces": Column(TEXTS, "traces that hold the group together"),
        "p": Column(SHARE, "p of the group by cross-fitting, where it has one"),
        "q": Column(SHARE, "the same adjusted over all candidates"),
        "q_reason": Column(TEXT, "why there is no q"),
        "stability": Column(SHARE, "share of resamples in which the member stays in the group"),
    },
    "lineage": {
        "lineage": Column(TEXT, "one course through time of a group, or of a part of it: G1.2 is its second"),
        "cluster": Column(TEXT, "the group of the whole files to which most of its members belong"),
        "start": Column(TIME, "where the window begins"),
        "finish": Column(TIME, "where it ends; the next one begins before that"),
        "event": Column(TEXT, "birth, continue, grow, shrink, merge, split, dormant, return or end"),
        "accounts": Column(TEXTS, "who acted together in this window"),
        "joined": Column(TEXTS, "who did not in the last window in which the group was seen"),
        "quit": Column(TEXTS, "who did then and not in this one"),
        "pairs": Column(COUNT, "pairs that acted together in this window more than chance explains"),
        "other": Column(TEXT, "the lineage it merged with or split from"),
        "support": Column(SHARE, "share of resamples of objects in which that merge or split is seen"),
    },
    "names": {
        "name": Column(TEXT, "a name that is given once in a case and never again"),
        "cluster": Column(TEXT, "id of the group at that time; empty where the name is no group's any more"),
        "accounts": Column(TEXTS, "its members at that time"),
        "event": Column(TEXT, "new, kept, merged, split or lost"),
        "other": Column(TEXT, "the name it merged into or split from"),
        "round": Column(COUNT, "how often groups had changed in the case by then"),
    },
    "sets": {
        "set": Column(TEXT, "id of the set"),
        "kind": Column(TEXT, "cohort or community"),
        "trace": Column(TEXT, "which trace it was tested on"),
        "basis": Column(TEXT, "what named it: shared objects, or opening date"),
        "named": Column(COUNT, "accounts that were named; members are those whose own acts exceed chance"),
        "older": Column(FLAG, "whether it was tested on what was made before the day before, thing by thing"),
        "account": Column(TEXT, "member"),
        "window_s": Column(COUNT, "the rung's window, in seconds"),
        "days": Column(COUNT, "days with data"),
        "p": Column(SHARE, "p of all accounts that were named, as a whole"),
        "q": Column(SHARE, "adjusted over all sets, rungs and resolutions"),
        "ratio": Column(SHARE, "observed over expected by its members' own promptness"),
        "low": Column(SHARE, "lower end of the 95 % interval of ratio"),
        "high": Column(SHARE, "upper end of the 95 % interval of ratio"),
        "answer": Column(TEXT, "found, unresolved or none"),
        "because": Column(TEXT, "the innocent cause"),
        "share": Column(SHARE, "share of the set's co-actions this member takes part in"),
        "member_p": Column(SHARE, "p of this member's own part in it; 1 where its days are too few to say"),
    },
    "leads": {
        "lead": Column(TEXT, "id of the lead"),
        "account": Column(TEXT, "member"),
        "traces": Column(TEXTS, "traces in which its sharing looks alike"),
        "score": Column(SHARE, "how alike; no error rate belongs to it"),
    },
    "ranks": {
        "account": Column(TEXT, "one row per account that has a partner"),
        "rank": Column(TEXT, "found, set or lead: what put it here"),
        "score": Column(SHARE, "orders all accounts, larger first; no error rate belongs to it"),
    },
    "evidence": {
        "cluster": Column(TEXT, "group or set; empty for accounts alone"),
        "a": Column(TEXT, "one end of the tie"),
        "b": Column(TEXT, "the other end"),
        "trace": Column(TEXT, "which trace"),
        "object": Column(TEXT, "what both touched"),
        "account": Column(TEXT, "who acted, a or b"),
        "time": Column(TIME, "when"),
        "gap_s": Column(SHARE, "seconds between the two, in absolute terms"),
        "success": Column(FLAG, "whether the gap is within the tie's window"),
        "post": Column(TEXT, "the post"),
        "text": Column(TEXT, "its text"),
        "link": Column(TEXT, "its address"),
        "label": Column(TEXT, "the object as shown to a person"),
        "file": Column(TEXT, "input file"),
        "row": Column(COUNT, "line in it"),
    },
    "notes": {
        "subject_kind": Column(TEXT, "file, cluster, set, account, object or target"),
        "subject": Column(TEXT, "which one"),
        "signal": Column(TEXT, "what was measured"),
        "value": Column(SHARE, "the value"),
        "low": Column(SHARE, "lower end of its interval"),
        "high": Column(SHARE, "upper end of its interval"),
        "p": Column(SHARE, "p, where a null model applies"),
        "q": Column(SHARE, "adjusted p"),
        "reference": Column(TEXT, "the crowd it was compared with"),
        "leans": Column(TEXT, "for, against or none"),
        "says": Column(TEXT, "one sentence"),
    },
    "verdicts": {
        "subject": Column(TEXT, "the group, by the name it had then"),
        "accounts": Column(TEXTS, "its members then: a verdict follows them, not the name"),
        "verdict": Column(TEXT, "stands, explained, unsure, or none where it was withdrawn"),
        "remark": Column(TEXT, "the reviewer's own words"),
        "time": Column(TIME, "when it was given"),
    },
    "made": {
        "stage": Column(TEXT, "which stage counted it"),
        "trace": Column(TEXT, "which trace, where it is about one"),
        "what": Column(TEXT, "what was counted"),
        "value": Column(SHARE, "how much"),
        "says": Column(TEXT, "the same as a sentence"),
        "limit": Column(FLAG, "whether people must be told: it goes to limits"),
    },
}


def arrow(table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([(name, column.type) for name, column in TABLES[table].items()])


def rows(table: str, **columns: object) -> pa.Table:
    """A table made of columns (arrays or lists of equal length); columns not given are null."""
    length = len(next(iter(columns.values())))  # type: ignore[arg-type]
    unknown = columns.keys() - TABLES[table].keys()
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    arrays = [
        _typed(columns[name], column.type) if name in columns else pa.nulls(length, column.type)
        for name, column in TABLES[table].items()
    ]
    return pa.table(arrays, schema=arrow(table))


def _typed(values: Any, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if not isinstance(values, (pa.Array, pa.ChunkedArray)):
        return pa.array(values, kind)
    return values if values.type == kind else values.cast(kind)


def empty(table: str) -> pa.Table:
    """The table with no rows."""
    return arrow(table).empty_table()


def check(table: str, data: pa.Table) -> pa.Table:
    """The data, if its columns and types are those of the table.

    Raises InputError that names the first column that differs.
    """
    want = arrow(table)
    for field in want:
        index = data.schema.get_field_index(field.name)
        if index < 0:
            raise InputError(f"table {table} lacks the column {field.name!r} ({field.type})")
        if data.schema.field(index).type != field.type:
            got = data.schema.field(index).type
            raise InputError(f"table {table}: column {field.name!r} is {got}, it must be {field.type}")
    return data.select(want.names)
