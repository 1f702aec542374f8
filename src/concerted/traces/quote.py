"""Who quoted which post when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.parents import (
    by_account_and_day,
    by_author_told,
    by_post,
    not_oneself,
    parted,
    pointing,
)
from concerted.traces.work import RESHARED, Traced, Work


@dataclass(frozen=True)
class Quote:
    """Accounts that quote the same post.

    What it sees: the first time each account shared a post with words of its own above it. Where the export
    names only the author of the post, the author and the UTC day stand for it, and the report says so.
    Quoting oneself is no event. A quote that the reshare trace was asked to count as well is counted in both.

    Null model: the times of the other accounts that quoted the same post, at the same distance from its
    publication; for posts that hardly anybody else quoted, the accounts' own promptness.

    Innocent explanations: followers who are told at once when somebody posts, a post that many want to
    contradict, a game that asks to quote and answer, staff who comment on their institution.

    Example: eight accounts quote the same reporter within a minute of each of eleven posts, when others who
    quote her take an hour.

    References: Pacheco et al. 2021, ICWSM 15; Nizzoli et al. 2021, "Coordinated behavior on social media in
    2019 UK general election", ICWSM 15.
    """

    name: ClassVar[str] = "quote"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("kind", "parent|parent_account")
    looks_at: ClassVar[tuple[str, ...]] = ("parent",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of posts. Object: platform:post id, or account and UTC day."""
        work = Work(self.name, posts, engine)
        quotes = f"coalesce(kind = 'quote', false) and not {RESHARED}"
        by_author = 0
        for rows in pointing(work, quotes):
            rows = not_oneself(work, rows, "quotes of one's own posts")
            with_id, rest = parted(rows, "parent")
            with_author, rest = parted(rest, "parent_account")
            work.left_out("quotes that name neither a post nor an author", rest["file"])
            work.touch(by_post(with_id))
            work.touch(by_account_and_day(with_author))
            by_author += len(with_author)
        return by_author_told(work, work.finish(), by_author, "quote")
