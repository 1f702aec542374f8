"""Posts that point at another post, with what is known about that other post."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema, words
from concerted.parallel import in_parallel
from concerted.traces.missing import missing_in
from concerted.traces.work import POINTED, Traced, Work

# X ids from 5 November 2010 on hold the millisecond at which they were made
_SNOWFLAKE = r"^[1-9][0-9]{14,18}$"
_SNOWFLAKE_EPOCH_MS = 1288834974657


# what a post points at: the column with its id, and author and time where the export knows them
_PARENT = "parent, parent_account, parent_time"
_THREAD = """thread as parent, case when parent = thread then parent_account end as parent_account,
    case when parent = thread then parent_time end as parent_time"""


def pointing(work: Work, where: str, at_thread: bool = False) -> Iterator[pa.Table]:
    """Posts for which a SQL condition holds, one row each, in parts; with `at_thread`, the parent is the post
    that began the conversation, whose id the conversation has on most platforms.

    Columns: post account time resolution_s file platform parent parent_account thread text, missing values
    being null; origin (time of the parent: as exported, else as its post in the file, else from its X id),
    origin_account, parent_text (its text, where its post is in the file), direct (whether the post answers
    the conversation as a whole).
    """
    parent = _THREAD if at_thread else _PARENT
    targets = _targets(work, f"select {parent} from posts where {where}")
    parts = work.batches(
        f"""
        select rows.*, t.target_time, t.target_account, t.parent_text from (
            select post, account, time, resolution_s, file, platform, thread, text, {parent},
                coalesce(kind = 'reply' and coalesce(nullif(parent, ''), thread) = thread, false) as direct
            from posts where {where}
        ) as rows
        left join targets as t on t.post = rows.parent and t.platform = coalesce(rows.platform, '')
        """,
        targets=targets,
    )
    yield from in_parallel(_with_origin, parts)


def _with_origin(rows: pa.Table) -> pa.Table:
    rows = _set(rows, "platform", pc.fill_null(rows["platform"], "web"))
    for column in ("parent", "thread", "text", "parent_account"):
        rows = _set(
            rows, column, _or_null(rows[column], missing_in(rows[column], column == "parent_account"))
        )
    there = pc.is_valid(rows["parent"])
    rows = rows.append_column("origin", pc.coalesce(rows["parent_time"], rows["target_time"], _from_id(rows)))
    rows = _set(rows, "origin", pc.if_else(there, rows["origin"], pa.scalar(None, schema.TIME)))
    rows = rows.append_column("origin_account", pc.coalesce(rows["parent_account"], rows["target_account"]))
    return rows.drop_columns(["parent_time", "target_time", "target_account"])


def _targets(work: Work, pointers: str) -> pa.Table:
    """What is known of the posts that the column `parent` of these rows points at, where they are in the
    file."""
    return work.query(
        f"""
        select coalesce(platform, '') as platform, post, min(time) as target_time,
            min(account) as target_account, min(text) as parent_text
        from (
            select platform, post, time, account, text from posts
            union all select platform, post, time, account, text from pointed
        ) as every where post in (select parent from ({pointers}) as pointers where parent is not null)
        group by 1, 2
        """,
        pointed=work.earlier(POINTED),
    )


def not_oneself(work: Work, rows: pa.Table, what: str) -> pa.Table:
    """The rows whose account is not the parent's; the others are counted as `what`."""
    own = pc.fill_null(pc.equal(rows["account"], rows["origin_account"]), False)
    if not pc.any(own, min_count=0).as_py():
        return rows
    work.left_out(what, rows.filter(own)["file"])
    return rows.filter(pc.invert(own))


def by_post(rows: pa.Table) -> pa.Table:
    """Object: platform:parent. Label: the parent's text, else the reshare's copy of it, else its id."""
    named = pc.binary_join_element_wise(rows["platform"], rows["parent"], ":")
    return _objects(rows, named, pc.coalesce(rows["parent_text"], rows["text"]), "post ", named)


def by_thread(rows: pa.Table, texts: pa.ChunkedArray | None = None) -> pa.Table:
    """Object: platform:thread:id. Label: its text where `texts` has one, else its id."""
    named = pc.binary_join_element_wise(rows["platform"], "thread", rows["thread"], ":")
    shown = pa.nulls(len(rows), pa.string()) if texts is None else texts
    return _objects(rows, named, shown, "conversation ", rows["thread"])


def by_account_and_day(rows: pa.Table) -> pa.Table:
    """Object: parent account and UTC day of the act, for exports that name only the author."""
    day = rows["time"].cast(pa.timestamp("us")).cast(pa.date32()).cast(pa.string())
    named = pc.binary_join_element_wise(rows["parent_account"], day, " ")
    coded = rows["parent_account"].combine_chunks().dictionary_encode()
    marked = pa.array([words.who(one) for one in coded.dictionary.to_pylist()], pa.string()).take(
        coded.indices
    )
    said = pc.binary_join_element_wise(marked, " on ", day, " UTC", "")
    rows = _set(rows, "origin", pa.nulls(len(rows), schema.TIME))
    return _objects(rows, named, pa.nulls(len(rows), pa.string()), "posts of ", said)


def by_author_told(work: Work, traced: Traced, count: int, noun: str) -> Traced:
    """The same, saying how many acts are known only by whom they point at."""
    if not count:
        return traced

    def says(total: int) -> str:
        who = words.count(total, noun, "replies" if noun == "reply" else "")
        return f"only the author is named by {who}: all posts of one author on one UTC day count as one"

    return work.also(traced, f"{noun} by author and day", count, says)


def parted(rows: pa.Table, column: str) -> tuple[pa.Table, pa.Table]:
    """The rows in which a column is filled, and the others."""
    if not rows[column].null_count:
        return rows, rows.schema.empty_table()  # a slice without rows would hold them all
    filled = pc.is_valid(rows[column])
    return rows.filter(filled), rows.filter(pc.invert(filled))


def touches(rows: pa.Table) -> pa.Table:
    """The columns that `Work.finish` takes."""
    return rows.select(
        ["account", "time", "resolution_s", "post", "file", "object", "label", "origin", "origin_account"]
    )


def _objects(
    rows: pa.Table, objects: pa.ChunkedArray, texts: pa.ChunkedArray, noun: str, ids: pa.ChunkedArray
) -> pa.Table:
    label = pc.coalesce(texts, pc.binary_join_element_wise(pa.scalar(noun), ids, ""))
    return touches(rows.append_column("object", objects).append_column("label", label))


def _or_null(values: pa.ChunkedArray, absent: pa.Array) -> pa.ChunkedArray:
    if not len(absent):
        return values
    return pc.if_else(pc.is_in(values, value_set=absent), pa.scalar(None, pa.string()), values)


def _from_id(rows: pa.Table) -> pa.Array:
    of_x = pc.equal(rows["platform"], "x")
    if not pc.any(of_x, min_count=0).as_py():
        return pa.nulls(len(rows), schema.TIME)
    of_x = pc.and_(of_x, pc.match_substring_regex(rows["parent"], _SNOWFLAKE))
    ids = pc.if_else(pc.fill_null(of_x, False), rows["parent"], pa.scalar(None, pa.string())).cast(pa.int64())
    milliseconds = pc.add(pc.shift_right(ids, 22), _SNOWFLAKE_EPOCH_MS)
    return pc.multiply(milliseconds, 1000).cast(schema.TIME)


def _set(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
