"""One post of X, TikTok, Instagram, Threads or Gab as their websites get it, as cells by role.

Every function takes the raw record and gives its cells, or the reason why it is no post to be used. Private
fields are gone before.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from concerted.sources import x_post
from concerted.sources.htmltext import hrefs, plain
from concerted.sources.records import at, links_in, tags_in

_PRIVATE = x_post.PRIVATE
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.]*\w|\w)")
_STATUS = re.compile(r"://(?:twitter|x)\.com/([^/]+)/status/")
_ROUNDED = re.compile(r"\d[.,]\d+[eE]\+?\d+")


def x(data: dict[str, Any]) -> dict[str, Any] | str:
    """A post of X: under `legacy` it is as in version 1.1 of the interface."""
    post = _as_version_1(data)
    if post is None:
        return "a post that X withheld or showed as deleted"
    if post["user"].get("protected"):
        return _PRIVATE
    return x_post.cells(post)


def _as_version_1(data: dict[str, Any] | None) -> dict[str, Any] | None:
    data = (data or {}).get("tweet") or data or {}
    legacy = data.get("legacy")
    if not isinstance(legacy, dict):
        return None
    longer = at(data, "note_tweet.note_tweet_results.result") or {}
    inner = at(legacy, "retweeted_status_result.result") or at(data, "retweeted_status_result.result")
    named = {
        **(legacy.get("entities") or {}),
        **{key: value for key, value in (longer.get("entity_set") or {}).items() if value},
    }
    return {
        **legacy,
        "id_str": data.get("rest_id") or legacy.get("id_str"),
        "full_text": longer.get("text") or legacy.get("full_text"),
        "entities": named,
        "extended_entities": legacy.get("extended_entities") or legacy.get("entities"),
        "source": data.get("source"),
        "user": _x_user(data, legacy),
        "retweeted_status": _as_version_1(inner),
        "quoted_status": _as_version_1(at(data, "quoted_status_result.result")),
    }


def _x_user(data: dict[str, Any], legacy: dict[str, Any]) -> dict[str, Any]:
    """The author; where the answer lacks it, the addresses of the post's pictures still name it."""
    user = at(data, "core.user_results.result") or {}
    shown = at(legacy, "extended_entities.media") or ()
    named = (_STATUS.search(str(one.get("expanded_url"))) for one in shown)
    return {
        "screen_name": next((match[1] for match in named if match), None),
        "profile_image_url_https": at(user, "avatar.image_url"),
        "protected": at(user, "privacy.protected"),
        **(user.get("legacy") or {}),
        **{key: value for key, value in (user.get("core") or {}).items() if value},
        "id_str": user.get("rest_id") or legacy.get("user_id_str"),
    }


def tiktok(data: dict[str, Any]) -> dict[str, Any] | str:
    """A video of TikTok. A duet counts as a quote of the video it answers; the sound is a medium that videos
    share."""
    author, stats = data.get("author"), data.get("authorStats") or data.get("authorStatsV2") or {}
    if not isinstance(author, dict):
        author = {"id": data.get("authorId"), "uniqueId": author, "nickname": data.get("nickname")}
    if data.get("privateItem") or data.get("secret") or author.get("privateAccount") or author.get("secret"):
        return _PRIVATE
    marked = data.get("textExtra") or ()
    sound = at(data, "music.id")
    duet = at(data, "duetInfo.duetFromId")
    return {
        "post": data.get("id"),
        "account": author.get("id") or author.get("uniqueId"),
        "time": data.get("createTime"),
        "text": "\n".join(part for part in (data.get("desc"), *_stickers(data)) if part),
        "lang": data.get("textLanguage"),
        "urls": links_in(data.get("desc")),
        "tags": [one.get("hashtagName") for one in marked]
        + [one.get("title") for one in data.get("challenges") or ()],
        "mentions": [one.get("userId") or one.get("userUniqueId") for one in marked],
        "media_items": [{"id": sound, "kind": "audio"}] if sound else [],
        "quote": duet,
        "reshares_total": at(data, "stats.shareCount"),
        "handle": author.get("uniqueId"),
        "name": author.get("nickname"),
        "bio": author.get("signature"),
        "followers": stats.get("followerCount"),
        "following": stats.get("followingCount"),
        "statuses": stats.get("videoCount"),
        "platform_label": author.get("verified"),
        "link": f"https://www.tiktok.com/@{author['uniqueId']}/video/{data.get('id')}"
        if author.get("uniqueId") and data.get("id")
        else None,
    }


def _stickers(data: dict[str, Any]) -> list[str]:
    """Words laid over the picture, which are copied as texts are."""
    return [" ".join(one.get("stickerText") or ()) for one in data.get("stickersOnItem") or ()]


def tiktok_comment(data: dict[str, Any]) -> dict[str, Any] | str:
    """A comment on a video of TikTok: an answer to the video, or to another comment."""
    user, above = data.get("user") or {}, data.get("reply_id")
    if user.get("secret"):
        return _PRIVATE
    video = data.get("aweme_id")
    return {
        "post": data.get("cid"),
        "account": user.get("uid") or user.get("unique_id"),
        "time": data.get("create_time"),
        "text": data.get("text"),
        "lang": data.get("comment_language"),
        "urls": links_in(data.get("text")),
        "tags": tags_in(data.get("text")),
        "mentions": _mentions_in(data.get("text")),
        "reply": video if above in (None, "", "0", 0) else above,
        "thread": video,
        "handle": user.get("unique_id"),
        "name": user.get("nickname"),
    }


def instagram(data: dict[str, Any]) -> dict[str, Any] | str:
    """A post of Instagram, under the code in its address, as other exports have it."""
    user, text = data.get("user") or data.get("owner") or {}, at(data, "caption.text")
    if user.get("is_private"):
        return _PRIVATE
    sound = at(data, "clips_metadata.music_info.music_asset_info.audio_cluster_id") or at(
        data, "clips_metadata.original_sound_info.audio_asset_id"
    )
    code = _code(data)
    return {
        "post": code,
        "account": user.get("pk") or user.get("id") or user.get("username"),
        "time": data.get("taken_at"),
        "text": text,
        "urls": [*links_in(text), data.get("link")],
        "tags": tags_in(text),
        "mentions": _mentions_in(text),
        "media_items": [{"id": sound, "kind": "audio"}] if sound else [],
        "handle": user.get("username"),
        "name": user.get("full_name"),
        "platform_label": user.get("is_verified"),
        "link": f"https://www.instagram.com/p/{code}/" if code else None,
    }


def threads(data: dict[str, Any]) -> dict[str, Any] | str:
    """A post of Threads, under the code in its address."""
    user, text, about = data.get("user") or {}, at(data, "caption.text"), data.get("text_post_app_info") or {}
    if user.get("is_private") or user.get("text_post_app_is_private"):
        return _PRIVATE
    original = at(about, "share_info.reposted_post") or {}
    quoted = at(about, "share_info.quoted_post") or {}
    text = at(original, "caption.text") or text
    preview = at(about, "link_preview_attachment.url")
    code, name = _code(data), user.get("username")
    return {
        "post": code,
        "account": user.get("pk") or user.get("id") or name,
        "time": data.get("taken_at"),
        "text": text,
        "urls": list(dict.fromkeys([*links_in(text), *([_behind(preview)] if preview else [])])),
        "tags": tags_in(text),
        "mentions": _mentions_in(text),
        "reshare": original.get("code"),
        "reshare_account": at(original, "user.pk"),
        "reshare_time": original.get("taken_at"),
        "quote": quoted.get("code"),
        "quote_account": at(quoted, "user.pk"),
        "reply_account": at(about, "reply_to_author.pk") or at(about, "reply_to_author.id"),
        "handle": name,
        "name": user.get("full_name"),
        "platform_label": user.get("is_verified"),
        "link": f"https://www.threads.net/@{name}/post/{code}" if name and code else None,
    }


def gab(data: dict[str, Any]) -> dict[str, Any] | str:
    """A post of Gab, whose site shortens the names of fields."""
    if at(data, "g.is_private"):
        return "private, not read: a post of a closed group"
    author, raw = data.get("author_info") or {}, data.get("c")
    text = plain(raw)
    return {
        "post": data.get("i"),
        "account": author.get("i") or author.get("un"),
        "time": data.get("ca"),
        "text": text,
        "urls": [at(data, "link_info.url"), *(hrefs(raw) or links_in(text))],
        "tags": [at(one, "name") or one for one in data.get("tg") or ()] or tags_in(text),
        "mentions": [at(one, "i") or at(one, "un") or one for one in data.get("m") or ()],
        "media_items": [{"id": one.get("i"), "kind": "image"} for one in data.get("image_info") or ()],
        "reshares_total": data.get("rbc"),
        "handle": author.get("un") or author.get("ac"),
        "name": author.get("dn"),
        "bio": plain(author.get("nt")),
        "link": data.get("ul"),
    }


def _code(data: dict[str, Any]) -> Any:
    # a rounded number beside the code shows that floats touched the record: it must be seen as damaged
    number = data.get("pk")
    rounded = isinstance(number, float) or _ROUNDED.fullmatch(str(number))
    return number if rounded else data.get("code") or number


def _mentions_in(text: str | None) -> list[str]:
    return [name.casefold() for name in _MENTION.findall(text or "")]


def _behind(address: str) -> str:
    """Where a link leads that passes over the platform's own counter."""
    if "://l.threads." not in address and "://l.instagram." not in address:
        return address
    return parse_qs(urlsplit(address).query).get("u", [address])[0]
