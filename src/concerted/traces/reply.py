"""Who answered which post when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from concerted import words
from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.parents import (
    by_account_and_day,
    by_author_told,
    by_post,
    by_thread,
    not_oneself,
    parted,
    pointing,
)
from concerted.traces.work import RESHARED, Traced, Work


@dataclass(frozen=True)
class Reply:
    """Accounts that answer the same post.

    What it sees: the first time each account answered a post. Where the export names only the conversation,
    that is the object; where it names only the author, the author and the UTC day are, and the report says
    so. Answering oneself is no event.

    Null model: the times of the other accounts that answered the same post, at the same distance from its
    publication; for posts that hardly anybody else answered, the accounts' own promptness.

    Innocent explanations: followers who are told at once when somebody posts, a question to everybody, a
    quarrel in which the same people answer each other, a customer service desk.

    Example: nine accounts answer the same reporter within two minutes of each of her posts on eight days,
    when her other readers take an hour.

    References: Weber and Neumann 2021, "Amplifying influence through coordinated behaviour in social
    networks", Social Network Analysis and Mining 11; Pote et al. 2025, "Coordinated reply attacks in
    influence operations", ICWSM 19.
    """

    name: ClassVar[str] = "reply"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("kind", "parent|thread|parent_account")
    looks_at: ClassVar[tuple[str, ...]] = ("parent",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of posts. Object: platform:post id, platform:thread:id, or account and UTC day."""
        work = Work(self.name, posts, engine)
        answers = f"coalesce(kind = 'reply', false) and not {RESHARED}"
        by_conversation = by_author = 0
        for rows in pointing(work, answers):
            rows = not_oneself(work, rows, "answers to oneself")
            with_id, rest = parted(rows, "parent")
            in_thread, rest = parted(rest, "thread")
            with_author, rest = parted(rest, "parent_account")
            work.left_out("replies that name neither a post, a conversation nor an author", rest["file"])
            for touches in (by_post(with_id), by_thread(in_thread), by_account_and_day(with_author)):
                work.touch(touches)
            by_conversation += len(in_thread)
            by_author += len(with_author)
        traced = work.finish()
        if by_conversation:
            traced = work.also(
                traced,
                "reply by conversation",
                by_conversation,
                lambda total: (
                    f"only the conversation is named by {words.count(total, 'reply', 'replies')}: "
                    "all posts in it count as one"
                ),
            )
        return by_author_told(work, traced, by_author, "reply")
