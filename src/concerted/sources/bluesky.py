"""Bluesky: the Jetstream of events, and posts and feeds as its application view gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from concerted.sources.atproto import acts, did_of, moment_of, post_cells
from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, read

LISTS = ("feed", "posts", "thread")
_ROLES = {
    "post": "uri",
    "account": "did",
    "time": "createdAt, else the server's time",
    "text": "record.text",
    "reshare": "subject.uri",
    "reshare_account": "subject.uri (did)",
    "reshare_time": "createdAt of the subject",
    "reply": "reply.parent.uri",
    "reply_account": "reply.parent.uri (did)",
    "quote": "embed.record.uri",
    "quote_account": "embed.record.uri (did)",
    "thread": "reply.root.uri",
    "urls": "facets, embed.external, text",
    "tags": "facets, tags, text",
    "mentions": "facets (did)",
    "media_items": "embed.images, embed.video",
    "lang": "langs",
    "link": "uri as bsky.app link",
    "collected": "time_us, indexedAt",
    "deleted": "delete events",
    "reshares_total": "repostCount",
    "handle": "author.handle",
    "name": "author.displayName",
    "bio": "author.description",
    "opened": "author.createdAt",
    "followers": "author.followersCount",
    "following": "author.followsCount",
    "statuses": "author.postsCount",
    "avatar": "author.avatar",
    "platform_label": "author.labels",
}
_REASONS = {
    "app.bsky.feed.like": "a like, not a post",
    "app.bsky.graph.follow": "who follows whom is never read",
}


class Bluesky:
    """Posts and reposts with the CIDs of their images, which are hashes of the content.

    `createdAt` is the client's word. Where it is more than ten minutes from the server's clock (`time_us`,
    `indexedAt`, else the time in the record's key), the server's is taken and the file's notes say so.
    """

    name = "bluesky"
    says = "Bluesky: Jetstream lines; AppView feeds, searches, threads and posts"
    covers = tuple(_ROLES)
    clock = "`createdAt`, in milliseconds, unless the server's clock belies it"

    def recognise(self, opened: Opened) -> float:
        """By `did` with `kind` of Jetstream, or posts whose `uri` begins with at://."""
        return 0.95 if any(_mine(record) for record in opened.peek) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        known = _Events()
        yield from read(
            opened,
            options,
            self.name,
            known.expand,
            recipe=Recipe({}, platform="bluesky", zone="UTC", notes=(_CLOCK,)),
            roles=_ROLES,
            lists=LISTS,
        )


_CLOCK = (
    "createdAt is written by the poster's program; where it is over ten minutes from the server's time, the "
    "server's time stands"
)


def _mine(record: dict[str, Any]) -> bool:
    if str(record.get("did", "")).startswith("did:") and "kind" in record and "time_us" in record:
        return True
    views = [record, *(record.get("posts") or ()), *(record.get("feed") or ()), record.get("thread")]
    return any(
        str(at(view, path) or "").startswith("at://") and isinstance(at(view, holder), dict)
        for view in views
        for path, holder in (("uri", "author"), ("post.uri", "post.author"))
    )


class _Events:
    """What events of a Jetstream say about others: handles of accounts, deletions of posts."""

    def __init__(self) -> None:
        self._handles: dict[str, str] = {}
        self._deleted: dict[str, str] = {}

    def expand(self, item: Item) -> Iterator[Cells | Spoiled]:
        record = item.record
        if "did" in record and "time_us" in record:
            yield self._event(item)
        elif item.path == "thread":
            yield from self._thread(item, record)
        elif isinstance(record.get("post"), dict):
            yield _view(item, record["post"], record.get("reason"))
        else:
            yield _view(item, record, None)

    def _event(self, item: Item) -> Cells | Spoiled:
        record = item.record
        did, commit = str(record["did"]), record.get("commit")
        if not isinstance(commit, dict):
            handle = at(record, "identity.handle")
            if handle:
                self._handles[did] = str(handle)
            return Spoiled(item.row, f"an event about the {record.get('kind')}, not a post")
        kind, uri = commit.get("collection"), f"at://{did}/{commit.get('collection')}/{commit.get('rkey')}"
        if kind not in ("app.bsky.feed.post", "app.bsky.feed.repost"):
            return Spoiled(item.row, _REASONS.get(str(kind), f"a record of {kind}, not a post"))
        if commit.get("operation") == "delete":
            self._deleted[uri] = moment_of(record["time_us"]).isoformat()
            return Spoiled(item.row, "a deletion; the post, if it is in the file, says when")
        if commit.get("operation") != "create":
            return Spoiled(item.row, "a change of an earlier post, not a post")
        cells = acts(did, uri, commit.get("record") or {}, server_us=record["time_us"])
        return {**cells, "handle": self._handles.get(did), "deleted": self._deleted.get(uri)}

    def _thread(self, item: Item, node: dict[str, Any]) -> Iterator[Cells | Spoiled]:
        waiting = [node]
        while waiting:
            here = waiting.pop(0)
            if isinstance(here.get("post"), dict):
                yield _view(item, here["post"], None)
            else:
                yield Spoiled(item.row, "a post that is blocked or gone")
            waiting = [*(one for one in here.get("replies") or () if isinstance(one, dict)), *waiting]


def _view(item: Item, view: dict[str, Any], reason: dict[str, Any] | None) -> Cells | Spoiled:
    author, record, uri = view.get("author"), view.get("record"), view.get("uri")
    if not isinstance(author, dict) or not isinstance(record, dict) or not uri:
        return Spoiled(item.row, "neither a post nor a repost")
    cells = post_cells(str(author.get("did")), str(uri), record, indexed=view.get("indexedAt"))
    cells["reshares_total"] = view.get("repostCount")
    by = reason.get("by") if reason else None
    if isinstance(by, dict) and reason:
        made = reason.get("uri") or f"at://{by.get('did')}/app.bsky.feed.repost/of/{uri}"
        return {
            **{role: cells.get(role) for role in ("text", "lang", "urls", "tags", "reshares_total")},
            "post": made,
            "account": by.get("did"),
            "time": reason.get("indexedAt"),
            "collected": reason.get("indexedAt"),
            "reshare": uri,
            "reshare_account": did_of(str(uri)),
            "reshare_time": cells["time"],
            **_profile(by),
        }
    return {**cells, **_profile(author)}


def _profile(author: dict[str, Any]) -> Cells:
    labels = [at(label, "val") for label in author.get("labels") or ()]
    return {
        "handle": author.get("handle"),
        "name": author.get("displayName"),
        "bio": author.get("description"),
        "opened": author.get("createdAt"),
        "followers": author.get("followersCount"),
        "following": author.get("followsCount"),
        "statuses": author.get("postsCount"),
        "avatar": author.get("avatar"),
        "platform_label": "automated" if "bot" in labels else None,
    }
