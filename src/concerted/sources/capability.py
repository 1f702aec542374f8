"""Which traces a file allows, and for what share of its posts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import Flags
from concerted.sources.letters import any_of

TRACES = (
    *("reshare", "link", "domain", "text", "hashtag", "sequence", "reply", "quote", "thread", "mention"),
    *("media", "synchrony", "deletion"),
)


class Capability:
    """Counts, post by post, what each trace can use."""

    def __init__(self) -> None:
        self.posts = 0
        self._nobodys = 0
        self._usable: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def add(self, posts: pa.Table) -> None:
        """Counts rows of table `posts`."""
        self.posts += posts.num_rows
        kind = posts["kind"].combine_chunks()
        reshared, reply, quote = (_true(pc.equal(kind, one)) for one in ("reshare", "reply", "quote"))
        parent = _true(posts["parent"].is_valid())
        text = _true(posts["text"].is_valid())
        somebody = _true(posts["account"].is_valid())
        link = _filled(posts["urls"]) | _in_text(posts, "urls", r"https?://", "://")
        self._nobodys += int((~somebody).sum())
        self._add(
            somebody,
            reshare=reshared & (parent | text | _true(posts["parent_account"].is_valid())),
            link=link & ~reshared,
            domain=link & ~reshared,
            text=text & ~reshared,
            hashtag=(_filled(posts["tags"]) | _in_text(posts, "tags", r"[#＃]\w", "#", "＃")) & ~reshared,
            sequence=(_filled(posts["tags"], FEW) | _in_text(posts, "tags", r"(?:[#＃]\w.*){3}", "#", "＃"))
            & ~reshared,
            reply=reply & parent,
            quote=quote & (parent | _true(posts["parent_account"].is_valid())),
            thread=_true(posts["thread"].is_valid()) & ~reshared,
            mention=(_filled(posts["mentions"]) | _in_text(posts, "mentions", r"[@＠]\w", "@", "＠"))
            & ~reshared,
            media=_told(posts["media"]) & ~reshared,
            synchrony=~_true(pc.greater(posts["resolution_s"], FINE_S)),
            deletion=_true(posts["deleted"].is_valid()),
        )
        for name in ("urls", "tags", "mentions", "media", "text", "thread"):
            self._seen[name] += len(posts) - posts[name].null_count
        self._seen.update(
            reshared=int(reshared.sum()),
            acting=int((reshared & somebody).sum()),
            reply=int(reply.sum()),
            quote=int(quote.sum()),
            parent=int((reshared & parent).sum()),
        )

    def _add(self, somebody: Flags, **masks: Flags) -> None:
        for name, mask in masks.items():
            self._usable[name] += int((mask & somebody).sum())

    def lines(self) -> list[str]:
        """One line per trace: the share of posts it can use, or why it cannot."""
        if not self.posts:
            return ["no posts: no trace is possible"]
        lines = []
        for trace in TRACES:
            usable = self._usable[trace]
            if trace == "deletion" and not usable:
                continue  # hardly any export tells, and nobody misses it there
            how = f"{_percent(usable, self.posts)} of posts" if usable else f"no ({self._why(trace)})"
            rest = self._rest(trace) if usable else []
            how += f" ({', '.join(rest)})" if rest else ""
            if trace == "reshare" and usable and self._seen["parent"] < usable:
                share = _percent(self._seen["parent"], self._seen["reshared"])
                how += f", {share} of them with the id of the post, the others by copied text or author"
            lines.append(f"{trace}: {how}")
        return lines

    def _rest(self, trace: str) -> list[str]:
        """Why other posts cannot be used, in shares of all; those that are no such act need no reason."""
        usable = self._usable[trace]
        if trace in _ACTS:
            acts, why = _ACTS[trace]
            unable = {why: self._seen[acts] - usable}
        else:
            unable = {"name no author": self._nobodys}
            if trace not in ("synchrony", "deletion"):
                unable["are reshares"] = self._seen["acting"]
            unable[_LACK[trace]] = self.posts - usable - sum(unable.values())
        return [f"{_percent(count, self.posts)} {why}" for why, count in unable.items() if count > 0]

    def _why(self, trace: str) -> str:
        if self._nobodys == self.posts:
            return "no post names its author"
        column = {
            "link": "urls",
            "domain": "urls",
            "hashtag": "tags",
            "sequence": "tags",
            "thread": "thread",
            "mention": "mentions",
            "media": "media",
        }
        if trace == "reshare":
            return (
                "reshares carry neither id nor text" if self._seen["reshared"] else "no reshares in the file"
            )
        if trace == "reply":
            return "replies carry no id of the post" if self._seen["reply"] else "no replies in the file"
        if trace == "quote":
            return "quotes name neither post nor author" if self._seen["quote"] else "no quotes in the file"
        if trace == "synchrony":
            return f"the clock is coarser than {FINE_S:g} s"
        if trace == "text":
            return "only reshares have text" if self._seen["text"] else "no text in the file"
        name = column[trace]
        if trace == "sequence" and self._usable["hashtag"]:
            return f"no post has {FEW} hashtags"
        if self._seen[name]:
            return f"no post of its own has {_WHAT[name]}"
        if name in ("media", "thread"):
            return f"no column of {_WHAT[name]}"
        # texts are searched where no column names them
        return f"no column of {_WHAT[name]}, and {'none in texts' if self._seen['text'] else 'no text'}"


FINE_S = 2.0  # steps of a clock that tells seconds apart
FEW = 3  # hashtags that make a list of them
_WHAT = {
    "urls": "links",
    "tags": "hashtags",
    "mentions": "mentions",
    "media": "media ids or hashes",
    "thread": "conversations",
}
_ACTS = {
    "reshare": ("reshared", "are reshares with neither id nor text"),
    "reply": ("reply", "are replies without the id of the post"),
    "quote": ("quote", "are quotes that name neither post nor author"),
}
_LACK = {
    "link": "have no link",
    "domain": "have no link",
    "text": "have no text",
    "hashtag": "have no hashtag",
    "sequence": f"have fewer than {FEW} hashtags",
    "thread": "name no conversation",
    "mention": "mention nobody",
    "media": "have no media id or hash",
    "synchrony": f"have a clock coarser than {FINE_S:g} s",
    "deletion": "are not known to be gone",
}


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0.0
    if part == whole:
        return "all"
    if share > 99:
        return "over 99 %"
    if share < 0.1:
        return "under 0.1 %" if part else "none"
    return f"{share:.1f} %" if share < 10 else f"{share:.0f} %"


def _true(mask: pa.Array) -> Flags:
    if isinstance(mask, pa.ChunkedArray):
        mask = mask.combine_chunks()
    return np.asarray(mask.fill_null(False)).astype(bool)


def _filled(lists: pa.ChunkedArray, least: int = 1) -> Flags:
    return _true(pc.greater_equal(pc.list_value_length(lists), least))


def _told(media: pa.ChunkedArray) -> Flags:
    """Posts with an image or video that is known by more than the name of a file."""
    lists = media.combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], lists.type)
    named = pc.equal(pc.struct_field(pc.list_flatten(lists), "hash_kind"), "file")
    told = np.zeros(len(lists), bool)
    told[np.asarray(pc.list_parent_indices(lists))[~_true(named)]] = True
    return told


def _in_text(posts: pa.Table, column: str, pattern: str, *marks: str) -> Flags:
    """Posts whose text has it, which needs one of these marks, where the file has no column for it."""
    missing = _true(posts[column].is_null())
    texts = posts["text"].combine_chunks()
    if not missing.any() or not any_of(texts, *marks):
        return np.zeros(len(missing), bool)
    return missing & _true(pc.match_substring_regex(texts, pattern))
