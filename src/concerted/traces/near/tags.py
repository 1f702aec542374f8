"""The tag rule: posts that share a long hashtag and little else are not copies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.traces.near.alike import WITHOUT_TAGS, Flags, Weights, likeness
from concerted.traces.near.shingles import Ints, distinct
from concerted.traces.skeleton import untagged


def agree_without_tags(
    texts: pa.Array, code: Ints, labels: pa.ChunkedArray, one: Ints, other: Ints, weights: Weights
) -> Flags:
    """Whether texts[one[i]] and texts[other[i]] still agree when hashtags are taken out; true of pairs that
    have none. `labels` are posts as written, `code` says which text each is.
    """
    used = distinct(np.concatenate((one, other)))
    tagged, rest = _without_tags(len(texts), used, code, labels)
    bare = texts.take(pa.array(used)).to_pylist()
    for place, words in zip(tagged, rest, strict=True):
        bare[place] = words
    one, other = np.searchsorted(used, one), np.searchsorted(used, other)
    has = np.zeros(len(used), np.bool_)
    has[tagged] = True
    empty = np.array([not words for words in bare], np.bool_)
    agree = ~(has[one] | has[other])
    asked = np.flatnonzero(~agree & ~empty[one] & ~empty[other])
    if len(asked):
        found = likeness(pa.array(bare, texts.type), one[asked], other[asked], weights)
        agree[asked] = found.plain >= WITHOUT_TAGS
    return agree


def _without_tags(texts: int, used: Ints, code: Ints, labels: pa.ChunkedArray) -> tuple[list[int], list[str]]:
    """Places in `used` of texts with hashtags, and what stays of them without: of the ways a text was
    written, the one that keeps least counts."""
    place = np.full(texts, -1, np.int64)
    place[used] = np.arange(len(used))
    rows = np.flatnonzero(place[code] >= 0)
    written = pa.table({"place": place[code[rows]], "label": labels.take(pa.array(rows))})
    written = written.filter(pc.match_substring_regex(written["label"], "[#＃]"))
    kept: dict[int, str] = {}
    for row in written.group_by(["place", "label"]).aggregate([]).to_pylist():
        rest = untagged(row["label"])
        best = kept.get(row["place"])
        if rest is not None and (best is None or (len(rest), rest) < (len(best), best)):
            kept[row["place"]] = rest
    return list(kept), list(kept.values())
