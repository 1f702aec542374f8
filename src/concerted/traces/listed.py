"""Values that posts list, such as links and tags, one row each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.traces.missing import missing
from concerted.traces.work import RESHARED, Work, unfold


def listed(
    work: Work,
    column: str,
    noun: str,
    from_text: Callable[[str], list[str]],
    wanted: Callable[[str], bool] | None = None,
) -> pa.Table:
    """One row per value of a list column of posts that are no reshares, the value in `label`, the number of
    its post in `at`; values of one post follow each other in its order.

    In files that never fill the column, `from_text` finds the values in the text. Missing values and those
    not `wanted` are left out; posts that have no other are counted as "posts without a {noun}".
    """
    work.left_out_where("reshares, which the reshare trace counts", RESHARED)
    posts = work.query(
        f"""
        select p.post, p.account, p.time, p.resolution_s, p.file, p.platform, p.link,
            p.{column} as listed, case when f.filled = 0 then p.text end as text
        from (select * from posts where not {RESHARED}) p
        join (select coalesce(file, '') as file, count({column}) as filled from posts group by 1) f
            on f.file = coalesce(p.file, '')
        """
    )
    posts = posts.append_column("at", pa.array(np.arange(len(posts))))
    exported = unfold(posts.drop_columns(["text"]), "listed")
    found = _found(posts.drop_columns(["listed"]), from_text)
    for row in pc.value_counts(found["file"]).to_pylist():
        file = row["values"]
        says = f"{file}: the export lists no {noun}s; they were read from the text"
        work.say(f"{noun}s from text of {file}", row["counts"], says)
    values = pa.concat_tables([exported, found])
    coded = values["label"].combine_chunks().dictionary_encode()
    use = [not missing(value) and (wanted is None or wanted(value)) for value in coded.dictionary.to_pylist()]
    there = pa.array(use, pa.bool_())
    values = values.filter(pc.fill_null(there.take(coded.indices), False))
    empty = np.ones(len(posts), bool)
    empty[values["at"].to_numpy()] = False
    work.left_out(f"posts without a {noun}", posts["file"].filter(pa.array(empty)))
    return values


def _found(posts: pa.Table, from_text: Callable[[str], list[str]]) -> pa.Table:
    posts = posts.filter(pc.is_valid(posts["text"]))
    coded = posts["text"].combine_chunks().dictionary_encode()
    per_text = pa.array([from_text(text) for text in coded.dictionary.to_pylist()], pa.list_(pa.string()))
    return unfold(
        posts.drop_columns(["text"]).append_column("listed", per_text.take(coded.indices)), "listed"
    )
