"""Who reshared which post when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.parents import (
    by_account_and_day,
    by_author_told,
    by_post,
    not_oneself,
    parted,
    pointing,
    touches,
)
from concerted.traces.skeleton import skeleton
from concerted.traces.text import LEAST_LETTERS, Text, key
from concerted.traces.work import RESHARED, UNNAMED, Form, Traced, Work


@dataclass(frozen=True)
class Reshare:
    """Accounts that reshare the same post.

    What it sees: the first time each account reshared a post (retweet, repost, forward, share). Where the
    export does not name the post, the copied text stands for it; where there is none either, the author and
    the UTC day do, and the report says so. In a file whose reshares name neither post nor author, everybody
    who posts the same words touches the same object, since a copy cannot be told from a reshare there.
    Resharing oneself is no event, and neither is the original.

    Null model: the times of the other accounts that reshared the same post, at the same distance from its
    publication; for posts that hardly anybody else reshared, the accounts' own promptness.

    Innocent explanations: followers who are told at once when somebody posts, a live event, an account that
    openly reshares every post with a tag, staff who reshare their institution.

    Example: twelve accounts reshare 41 posts within 60 s of each other; 0.3 times would be expected.

    References: Pacheco et al. 2021, ICWSM 15; Luceri et al. 2024, "Unmasking the web of deceit", WWW;
    Graham et al. 2020, M/C Journal 23(3).
    """

    min_chars: Annotated[int, Meta(ge=0)] = option(
        LEAST_LETTERS,
        "letters a copied text must keep to stand for a post without id; Han, kana, Hangul count three",
    )
    quotes: bool = option(False, "count quoting a post as resharing it")

    name: ClassVar[str] = "reshare"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("kind|text",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of posts. Object: platform:post id; "text:" and a hash; or account and UTC day."""
        work = Work(self.name, posts, engine)
        if not self.quotes:
            work.left_out_where("quotes, which add a text of their own", "kind = 'quote'")
        quoted = " or coalesce(kind = 'quote' and parent is not null, false)" if self.quotes else ""
        rows = not_oneself(work, pointing(work, RESHARED + quoted), "reshares of one's own posts")
        with_id, rest = parted(rows, "parent")
        copied, rest = parted(self._copied(work, rest), "object")
        unmarked, _ = parted(self._copied(work, pointing(work, f"not {RESHARED} and {UNNAMED}")), "object")
        with_author, rest = parted(rest.drop_columns(["object", "label"]), "parent_account")
        textual, bare = parted(rest, "text")
        work.left_out(
            "reshares that name no post and copy too short a text", textual["file"], textual["text"]
        )
        work.left_out("reshares that name neither the post nor its author, nor copy its text", bare["file"])
        traced = work.finish(
            [by_post(with_id), touches(copied), touches(unmarked), by_account_and_day(with_author)]
        )
        if len(copied):
            said = words.count(len(copied), "reshare")
            says = f"the post is not named by {said}: the copied text stands for it"
            traced = work.also(traced, "reshare by copied text", len(copied), says)
        if len(unmarked):
            said = words.count(len(unmarked), "post")
            says = (
                f"copies and reshares cannot be told apart: {said} not marked as reshares count here, "
                "not as text"
            )
            traced = work.also(traced, "copies among reshares", len(unmarked), says)
        return by_author_told(work, traced, len(with_author), "reshare")

    def _copied(self, work: Work, rows: pa.Table) -> pa.Table:
        """The rows with the copied text's object, or null, in `object`; the same words by two authors are
        two posts, where authors are known."""
        long_enough = Text(min_chars=self.min_chars).long_enough

        def form(value: str) -> Form:
            found = skeleton(value)
            return Form(found if found and long_enough(found) else None)

        skeletons, _ = work.per_value(rows["text"], form)
        author = pc.fill_null(rows["parent_account"], "")
        whole = pc.binary_join_element_wise(skeletons, author, "\n")
        objects, _ = work.per_value(pa.chunked_array([whole]), lambda one: Form(key(one.removesuffix("\n"))))
        return rows.append_column("object", objects).append_column("label", rows["text"])
