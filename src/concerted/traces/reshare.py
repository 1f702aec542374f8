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
from concerted.traces.near.objects import key
from concerted.traces.near.touches import LEAST_BITS, described
from concerted.traces.near.touches import touches as by_words
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
from concerted.traces.text import LEAST_LETTERS, Text
from concerted.traces.work import RESHARED, UNNAMED, Form, Traced, Work


@dataclass(frozen=True)
class Reshare:
    """Accounts that reshare the same post.

    What it sees: the first time each account reshared a post (retweet, repost, forward, share). Where the
    export does not name the post, the copied text stands for it; where there is none either, the author and
    the UTC day do, and the report says so. In a file whose reshares name neither post nor author, everybody
    who posts nearly the same words touches the same object, as in the text trace, since a copy cannot be
    told from a reshare there.
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
    looks_at: ClassVar[tuple[str, ...]] = ("parent",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of posts. Object: platform:post id; "text:" and a hash; or account and UTC day."""
        work = Work(self.name, posts, engine)
        if not self.quotes:
            work.left_out_where("quotes, which add a text of their own", "kind = 'quote'")
        quoted = " or coalesce(kind = 'quote' and parent is not null, false)" if self.quotes else ""
        without_id = []
        for rows in pointing(work, RESHARED + quoted):
            with_id, rest = parted(not_oneself(work, rows, "reshares of one's own posts"), "parent")
            work.touch(by_post(with_id))
            without_id.append(rest)
        authored, nameless = parted(pa.concat_tables(without_id), "parent_account")
        copied, rest = parted(self._copied(work, authored), "object")
        with_author = rest.drop_columns(["object", "label"])
        wordy, bare = parted(nameless, "text")
        work.left_out("reshares that name neither the post nor its author, nor copy its text", bare["file"])
        marked_posts = wordy["post"].combine_chunks()
        words_only = [_with_label(wordy)]
        # files whose reshares name nothing are among those of these rows
        unnamed = len(nameless) > 0
        # each as much memory as the texts themselves
        del rows, with_id, rest, without_id, authored, nameless, wordy, bare
        if unnamed:
            unmarked, _ = parted(pa.concat_tables(pointing(work, f"not {RESHARED} and {UNNAMED}")), "text")
            words_only.append(_with_label(unmarked))
            del unmarked
        compared = sum(map(len, words_only))
        texts = by_words(work, words_only, Text(min_chars=self.min_chars).long_enough, LEAST_BITS)
        traced = work.finish([touches(copied), texts.rows, by_account_and_day(with_author)])
        traced = described(traced, texts.about)
        marked = pc.sum(pc.is_in(texts.rows["post"], marked_posts), min_count=0).as_py()
        by_text, copies = len(copied) + marked, len(texts.rows) - marked
        if by_text:
            traced = work.also(
                traced,
                "reshare by copied text",
                by_text,
                lambda total: (
                    f"the post is not named by {words.count(total, 'reshare')}: the copied text stands for it"
                ),
            )
        if copies:
            said = words.count(copies, "post")
            says = (
                f"copies and reshares cannot be told apart: {said} not marked as reshares count here, "
                "not as text"
            )
            traced = work.also(traced, "copies among reshares", copies, says)
        if compared:
            # what nearly the same words are is known from all of them only
            traced = traced._replace(uses=None)
        return by_author_told(work, traced, len(with_author), "reshare")

    def _copied(self, work: Work, rows: pa.Table) -> pa.Table:
        """The rows with the copied text's object, or null, in `object`; the same words by two authors are
        two posts."""
        long_enough = Text(min_chars=self.min_chars).long_enough

        def form(value: str) -> Form:
            found = skeleton(value)
            return Form(found if found and long_enough(found) else None)

        skeletons, _ = work.per_value(rows["text"], form)
        whole = pc.binary_join_element_wise(skeletons, rows["parent_account"].combine_chunks(), "\n")
        objects, _ = work.per_value(pa.chunked_array([whole]), lambda one: Form(key(one)))
        return rows.append_column("object", objects).append_column("label", rows["text"])


def _with_label(rows: pa.Table) -> pa.Table:
    return rows.rename_columns({"text": "label"}).select(
        ["post", "account", "time", "resolution_s", "file", "label"]
    )
