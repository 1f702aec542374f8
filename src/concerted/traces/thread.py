"""Who joined which conversation when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.parents import by_thread, not_oneself, parted, pointing
from concerted.traces.work import RESHARED, Traced, Work


@dataclass(frozen=True)
class Thread:
    """Accounts that act in the same conversation.

    What it sees: the first post of each account in a conversation, whomever it answers there. The post that
    began it and everything its author adds are no events. Conversations in which everybody answers the first
    post alone are left out, because the reply trace counts them.

    Null model: the times of the other accounts in the same conversation, at the same distance from its
    beginning; for conversations that hardly anybody else joined, the accounts' own promptness.

    Innocent explanations: people who talk with each other, a question to everybody, a quarrel that draws
    its audience, regulars of a forum who are all told of new topics, a group chat that counts as one
    conversation.

    Example: nine accounts join forty conversations within a minute of each other, each answering somebody
    else in it.

    References: Weber and Neumann 2021, "Amplifying influence through coordinated behaviour in social
    networks", Social Network Analysis and Mining 11; Kumar, Cheng, Leskovec and Subrahmanian 2017, "An army
    of me: sockpuppets in online discussion communities", WWW.
    """

    name: ClassVar[str] = "thread"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("thread",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of conversations. Object: platform:thread:id."""
        work = Work(self.name, posts, engine)
        work.left_out_where("reshares, which the reshare trace counts", RESHARED)
        every = pa.concat_tables(pointing(work, f"not {RESHARED}", at_thread=True))
        rows, rest = parted(every, "thread")
        work.left_out("posts without a conversation", rest["file"])
        began = pc.equal(rows["post"], rows["parent"])
        work.left_out("posts that begin a conversation", rows.filter(began)["file"])
        rows = rows.filter(pc.invert(began))
        rows = rows.append_column("object", by_thread(rows)["object"])
        several = pc.unique(rows.filter(pc.invert(rows["direct"]))["object"])
        told = pc.invert(pc.is_in(rows["object"], several))
        work.left_out("answers to first posts alone, which the reply trace counts", rows.filter(told)["file"])
        rows = _beginner(rows.filter(pc.invert(told)))
        rows = not_oneself(work, rows, "posts in conversations of one's own")
        return work.finish([by_thread(rows.drop_columns(["object"]), rows["parent_text"])])


def _beginner(rows: pa.Table) -> pa.Table:
    """Who began a conversation is known to those of its posts that answer the first one; told to all."""
    owners = rows.group_by("object", use_threads=False).aggregate(
        [("origin_account", "min"), ("origin", "min")]
    )
    where = pc.index_in(rows["object"], owners["object"].combine_chunks())
    for name in ("origin_account", "origin"):
        told = owners[f"{name}_min"].take(where)
        rows = rows.set_column(rows.column_names.index(name), name, told)
    return rows
