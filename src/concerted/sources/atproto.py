"""Records of the AT protocol, which Bluesky runs on, as cells."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from concerted.sources.records import Cells, at, links_in, media, tags_in

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TID = re.compile(r"[234567abcdefghij][234567a-z]{12}$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUSTED = timedelta(minutes=10)
_SECOND = timedelta(seconds=1)


def tid_us(key: str) -> int | None:
    """Microseconds UTC in a record key that is a timestamp identifier; None where it is none.

    Thirteen characters of base 32: a zero, 53 bits of microseconds since 1970, 10 bits of the clock's id
    (atproto.com/specs/tid).
    """
    if not _TID.match(key):
        return None
    value = 0
    for letter in key:
        value = value * 32 + _DIGITS.index(letter)
    return value >> 10


def did_of(uri: str) -> str | None:
    """The account in an address at://did/collection/key."""
    return uri.removeprefix("at://").partition("/")[0] or None if uri.startswith("at://") else None


def acts(did: str, uri: str, record: dict[str, Any], server_us: int | None) -> Cells:
    """Cells of a post or a repost. `server_us`: microseconds UTC when the server saw it."""
    if "/app.bsky.feed.repost/" not in uri:
        return post_cells(did, uri, record, server_us=server_us)
    subject = str(at(record, "subject.uri") or "")
    return {
        "post": uri,
        "account": did,
        **_times(uri, record, server_us, None),
        "reshare": subject or None,
        "reshare_account": did_of(subject),
    }


def post_cells(
    did: str, uri: str, record: dict[str, Any], server_us: int | None = None, indexed: str | None = None
) -> Cells:
    """Cells of a post. `indexed` is the server's time where it is written out."""
    text = record.get("text")
    features = [
        feature
        for facet in record.get("facets") or ()
        for feature in facet.get("features") or ()
        if isinstance(feature, dict)
    ]
    embed = record.get("embed") or {}
    inner: dict[str, Any] = embed["media"] if isinstance(embed.get("media"), dict) else embed
    quoted = str(at(embed, "record.record.uri") or at(embed, "record.uri") or "")
    quoted = quoted if "/app.bsky.feed.post/" in quoted else ""
    parent = str(at(record, "reply.parent.uri") or "")
    key = uri.rpartition("/")[2]
    return {
        "post": uri,
        "account": did,
        **_times(uri, record, server_us, indexed),
        "text": text,
        "reply": parent or None,
        "reply_account": did_of(parent),
        "quote": quoted or None,
        "quote_account": did_of(quoted),
        "thread": at(record, "reply.root.uri"),
        "urls": [*_values(features, "uri"), at(inner, "external.uri"), *links_in(text)],
        "tags": [*_values(features, "tag"), *(record.get("tags") or ()), *tags_in(text)],
        "mentions": _values(features, "did"),
        "media_items": _media(inner),
        "lang": next(iter(record.get("langs") or ()), None),
        "link": f"https://bsky.app/profile/{did}/post/{key}",
    }


def _values(features: list[dict[str, Any]], key: str) -> list[str]:
    return [str(feature[key]) for feature in features if feature.get(key)]


def _media(embed: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for kind, blobs in (
        ("image", [image.get("image") for image in embed.get("images") or embed.get("items") or ()]),
        ("video", [embed.get("video")]),
    ):
        for blob in blobs:
            # one archive writes the reference as plain text
            cid = at(blob, "ref.$link") or at(blob, "ref_str")
            found.append((None, kind, cid, "cid"))
    return media(*found)


def _times(uri: str, record: dict[str, Any], server_us: int | None, indexed: str | None) -> Cells:
    key_us = tid_us(uri.rpartition("/")[2])
    server = _moment(indexed) or (None if server_us is None else moment_of(server_us))
    judge = server or (None if key_us is None else moment_of(key_us))
    created = _moment(record.get("createdAt"))
    trusted = created is not None and (judge is None or abs(created - judge) <= _TRUSTED)
    time = created if trusted else judge or created
    if trusted and created and not created.microsecond and key_us is not None:
        # a program that writes whole seconds still makes the key to the microsecond
        keyed = moment_of(key_us)
        time = keyed if abs(keyed - created) <= _SECOND else created
    return {
        "time": time.isoformat() if time else record.get("createdAt"),
        "collected": server.isoformat() if server else None,
    }


def moment_of(micros: int) -> datetime:
    """A time from microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=int(micros))


def _moment(text: Any) -> datetime | None:
    """A written time; without a zone it is UTC, which the protocol asks for."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
