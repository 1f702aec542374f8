"""Touches of texts: for the text trace, and for reshares where only the words tell what was reshared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import words
from concerted.traces.missing import missing
from concerted.traces.near.candidates import caught
from concerted.traces.near.objects import Nearly, nearly_the_same
from concerted.traces.near.texts import unified
from concerted.traces.skeleton import repair, skeleton
from concerted.traces.work import Form, Traced, Work

# Escapes other than HTML entities, which are everywhere
_ESCAPES = r"<[uU]\+|(?:<[0-9a-fA-F]{2}>){2}|\\u[0-9a-fA-F]{4}"

# the bytes of one letter in UTF-8, each as the letter that it is in cp1252: é is Ã©, … is â€¦, क is à¤•
_LATER = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_MISREAD = f"[ÂÃÐÑØÙ]{_LATER}|[à-ï]{_LATER}{_LATER}"
_MISREAD_SHARE = 0.2  # of a file's texts with other letters than English ones, so that no odd word decides

# Why 14: the accounts of eight public collections without known operations were halved, and of the texts
# that one account of a half wrote, somebody in the other half wrote nearly the same in 32 % below 3 bits,
# 18 % from 3 to 6, 12 % from 6 to 14, 5 % from 14 to 20, 3 % from 20 to 40 and 1.3 % above
# (bench/text/halves.py).
LEAST_BITS = 14.0


class Touched(NamedTuple):
    """Rows of (post, account, time, resolution_s, file, label, object), and about each object its bits and
    wordings, as {object: (bits, wordings)} in two columns of a table."""

    rows: pa.Table
    about: pa.Table


def touches(
    work: Work, posts: Iterable[pa.Table], long_enough: Callable[[str], bool], least_bits: float
) -> Touched:
    """Posts whose text somebody else posted, too, nearly the same; everything else is counted in the ledger.

    `posts` come in parts with post, account, time, resolution_s, file and label, the text as exported.
    """

    def form(value: str) -> Form:
        found = skeleton(value)
        if not found:
            return Form(None, "posts with nothing but links, mentions, emoji or punctuation")
        if not long_enough(found):
            return Form(None, "texts too short to be told from what people write alike by chance")
        return Form(found)

    parts, skeletons, repaired = [], [], 0
    odd: Counter[str | None] = Counter()
    foreign: Counter[str | None] = Counter()
    for part in posts:
        part = work.named(part.filter(pc.is_valid(part["time"])))
        repaired += _repaired(part["label"])
        beyond = part.filter(pc.invert(pc.fill_null(pc.string_is_ascii(part["label"]), True)))
        foreign.update(_per_file(beyond))
        odd.update(_per_file(beyond.filter(pc.match_substring_regex(beyond["label"], _MISREAD))))
        found, reasons = work.per_value(part["label"], form)
        work.left_out(
            "posts without a text", part.filter(pc.and_(pc.is_null(found), pc.is_null(reasons)))["file"]
        )
        part = work.keep(part.append_column("object", found), reasons)
        parts.append(part.drop_columns(["object"]))
        # offsets of 64 bits, as texts together may exceed 2 GB
        skeletons.append(part["object"].cast(pa.large_string()).dictionary_encode())
    if repaired:
        work.say(
            "repaired texts",
            repaired,
            f"escapes such as <U+0915> were turned back into characters in {repaired:,} texts",
        )
    _warn_of_misread(work, odd, foreign)
    rows = pa.concat_tables(parts)
    chunks = [chunk for column in skeletons for chunk in column.chunks]
    texts, code = unified(pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.large_string())))
    del skeletons, chunks  # as much memory as the texts themselves
    near = nearly_the_same(texts, code, rows)
    _tell(work, near)
    alone, common = near.of < 0, np.zeros(len(rows), np.bool_)
    common[~alone] = near.bits[near.of[~alone]] < least_bits
    work.left_out("posts whose text nobody else posted", rows.filter(pa.array(alone))["file"])
    usual = rows.filter(pa.array(common))
    work.left_out(
        "posts whose text is so common that people write it alike by chance", usual["file"], usual["label"]
    )
    kept = ~alone & ~common
    objects = near.keys.take(pa.array(near.of[kept]))
    about = pa.table({"object": near.keys, "bits": near.bits, "wordings": near.wordings})
    return Touched(rows.filter(pa.array(kept)).append_column("object", objects), about)


def described(traced: Traced, about: pa.Table) -> Traced:
    """The same with bits and wordings of the objects that are texts."""
    at = pc.index_in(traced.objects["object"], about["object"].combine_chunks())
    objects = traced.objects
    for name in ("bits", "wordings"):
        place = objects.column_names.index(name)
        objects = objects.set_column(place, objects.schema.field(name), about[name].take(at))
    return traced._replace(objects=objects)


def _repaired(labels: pa.ChunkedArray) -> int:
    marked = labels.filter(pc.fill_null(pc.match_substring_regex(labels, _ESCAPES), False))
    return sum(not missing(text) and repair(text) != text for text in marked.to_pylist())


def _per_file(rows: pa.Table) -> dict[str | None, int]:
    return {row["values"]: row["counts"] for row in pc.value_counts(rows["file"]).to_pylist()}


def _warn_of_misread(work: Work, odd: Counter[str | None], foreign: Counter[str | None]) -> None:
    for file in sorted(odd, key=str):
        if odd[file] > _MISREAD_SHARE * foreign[file]:
            work.say(
                "misread texts",
                odd[file],
                f"{file}: {odd[file]:,} of {words.count(foreign[file], 'text')} with letters beyond English "
                "ones look like UTF-8 read as another encoding (Ã© for é); they are compared as they stand: "
                "ask for the file as it was before",
                limit=True,
            )


def _tell(work: Work, near: Nearly) -> None:
    several = int((near.wordings > 1).sum())
    if several:
        work.say(
            "texts in several wordings",
            several,
            f"{words.count(several, 'text')} came in several wordings, edited copies of one another",
        )
    share = caught(0.6, near.bands, near.rows)
    says = (
        f"of two texts that share 60 % of their pieces, {share:.0%} are found to be alike; more would cost "
        "more time than a file of this size allows"
    )
    work.say(
        "chance to compare two texts that share 60 %", share, says if share < 0.95 else None, share < 0.95
    )
