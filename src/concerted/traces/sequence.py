"""Who posted which hashtags in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted.engines import Engine
from concerted.settings import option
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.seeds import SeedTags
from concerted.traces.work import Traced, Work


@dataclass(frozen=True)
class Sequence(SeedTags):
    """Accounts that post the same hashtags in the same order.

    What it sees: the first time each account posted a list of hashtags in one post, whatever else the post
    says. Order counts, a tag written twice counts once, and spellings of a tag are evened out. Tags that the
    collection was searched by are taken out before, because everybody carries them. Reshares are left out,
    because the reshare trace counts them.

    Null model: the times of the other accounts that posted the same tags in the same order, at the same
    distance from its first appearance; for lists that hardly anybody else posted, the accounts' own
    promptness.

    Innocent explanations: a share button or a feed that adds the same tags, a tag list handed round by
    a fan club, a shop or a campaign that says so openly, a newsroom's house style, one owner of several
    accounts, a text that was copied together with its tags.

    Example: nine accounts end different sentences with the same five tags in the same order, within a minute
    of each other, on eleven days.

    References: Pacheco et al. 2021, "Uncovering coordinated networks on social media", ICWSM 15 (hashtag
    sequences); Luceri et al. 2024, "Unmasking the web of deceit", WWW.
    """

    min_tags: Annotated[int, Meta(ge=2)] = option(3, "different tags a post must list")

    name: ClassVar[str] = "sequence"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("tags|text",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of lists of tags. Object: the folded tags with #, in order, parted by spaces."""
        work = Work(self.name, posts, engine)
        rows = self.tags(work)
        lists, first = _lists(rows)
        posts_with_tags = rows.take(first)
        enough = pc.greater_equal(pc.list_value_length(lists), self.min_tags)
        work.left_out("posts with too few hashtags", posts_with_tags.filter(pc.invert(enough))["file"])
        kept = posts_with_tags.filter(enough).drop_columns(["object", "label"])
        marked = pc.binary_join(lists.filter(enough), " ")
        return work.finish([kept.append_column("object", marked).append_column("label", marked)])


def _lists(rows: pa.Table) -> tuple[pa.ListArray, pa.Array]:
    """Per post its different tags with # in order, and the number of the row with its first."""
    tags = rows["object"].combine_chunks().dictionary_encode()
    if isinstance(tags, pa.ChunkedArray):
        tags = tags.combine_chunks()
    at = rows["at"].to_numpy()
    code = np.asarray(tags.indices, dtype=np.int64)
    _, new = np.unique(at * (len(tags.dictionary) + 1) + code, return_index=True)
    new = np.sort(new)
    begins = np.flatnonzero(np.diff(at[new], prepend=-1))
    marked = pc.binary_join_element_wise("#", tags.dictionary.take(pa.array(code[new])), "")
    offsets = pa.array(np.append(begins, len(new)), pa.int32())
    return pa.ListArray.from_arrays(offsets, marked), pa.array(new[begins])
