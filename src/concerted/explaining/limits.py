"""What a file could not show, and notes about the file itself."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from concerted import registry, schema, words
from concerted.engines import Engine
from concerted.table import Table

SMALLEST = "smallest group"

SPAN = """
select p.file, count(*) as posts, count(distinct p.account) as accounts,
       min(p.time) as first, max(p.time) as last
from posts p group by p.file order by p.file
"""

RESHARES = """
select file, count(*) as reshares, count(*) filter (where parent is null) as nameless
from posts where kind = 'reshare' group by file order by file
"""

# a table that does not say its platform and one that does: the same accounts under two names
STRANGERS = """
with acting as (select distinct account from posts),
shown as (
    select distinct account, account_id as id, platform from accounts
    where account_id is not null and account not in (select account from acting)
)
select s.platform as shown, split_part(a.account, ':', 1) as acting, count(*) as accounts
from shown s join acting a on s.id = regexp_replace(a.account, '^[^:]*:', '') and a.account <> s.account
where s.platform = 'web' or a.account like 'web:%'
group by 1, 2 having count(*) > 1 order by 1, 2
"""


def limits(tables: Mapping[str, Table], engine: Engine) -> list[str]:
    """Sentences people must read: the smallest group first, then what stages could not do, then the files."""
    made = tables["made"].rows()
    said = [row["says"] for row in made if row["what"] == SMALLEST and row["says"]]
    said += [row["says"] for row in made if row["limit"] and row["says"]]
    for row in sorted(tables["inputs"].rows(), key=lambda row: row["file"] or ""):
        file = row["file"]
        barred = [line for line in row["capability"] or () if impossible(line)]
        if row["accounts"] and not row["posts"]:
            said.append(
                f"{file}: profiles without posts: they show when accounts were opened and what their "
                "profiles have alike, not what accounts did."
            )
        elif barred:
            said.append(f"{file}: these traces are not possible: {'; '.join(barred)}.")
        if row["left_out"]:
            said.append(
                f"{file}: {row['left_out']:,} of {words.count(row['records'], 'record')} could not be used; "
                "the reasons are listed with the file."
            )
        if (row["resolution_s"] or 0) > 2:
            said.append(
                f"{file}: the clock has steps of {words.span(row['resolution_s'])}: nothing finer was tested."
            )
    for row in engine.query(RESHARES, {"posts": tables["posts"]}).to_pylist():
        if row["nameless"]:
            said.append(
                f"{row['file']}: {row['nameless']:,} of {words.count(row['reshares'], 'reshare')} do not "
                "name the post they repeat, so reshares and copies of a text cannot be told apart there."
            )
    given = {name: tables[name] for name in ("posts", "accounts")}
    for row in engine.query(STRANGERS, given).to_pylist():
        said.append(
            f"{row['accounts']:,} accounts of {row['shown']} with a profile and no post have the "
            f"ids of accounts of {row['acting']} with posts. They are taken for others: if they are the "
            "same, read the files again with their --platform."
        )
    files = {row["file"] for row in tables["inputs"].rows()} | set(registry.names("traces"))
    return list(dict.fromkeys(_whole(one, files) for one in said))


def _whole(said: str, names: set[str]) -> str:
    """With a capital letter, unless it begins with the name of a file or trace, and a full stop."""
    if said.partition(":")[0] not in names:
        said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?")) else f"{said}."


def smallest(tables: Mapping[str, Table]) -> str | None:
    """The sentence that says what size of group would have been found, where weigh wrote one."""
    return next(
        (row["says"] for row in tables["made"].rows() if row["what"] == SMALLEST and row["says"]), None
    )


def impossible(capability: str) -> bool:
    """Whether a line of `inputs.capability` says that a trace is not possible, as "media: no (why)"."""
    trace, _, rest = capability.partition(":")
    return trace != "note" and rest.strip().startswith("no ")


def file_notes(tables: Mapping[str, Table], engine: Engine) -> pa.Table:
    """One note per file: how many posts of how many accounts it holds, and from when to when."""
    said = [
        (
            row["file"],
            row["posts"],
            f"{words.count(row['posts'], 'post')} of {words.count(row['accounts'], 'account')} "
            f"from {words.utc(row['first'])} to {words.utc(row['last'])}",
        )
        for row in engine.query(SPAN, {"posts": tables["posts"]}).to_pylist()
    ]
    said += [
        (row["file"], row["accounts"], f"{words.count(row['accounts'], 'profile')} without posts")
        for row in sorted(tables["inputs"].rows(), key=lambda row: row["file"] or "")
        if row["accounts"] and not row["posts"]
    ]
    return schema.rows(
        "notes",
        subject_kind=["file"] * len(said),
        subject=[file for file, _, _ in said],
        signal=["span"] * len(said),
        value=[float(count) for _, count, _ in said],
        leans=["none"] * len(said),
        says=[f"{file}: {what}." for file, _, what in said],
    )
