"""What 4CAT's tables say only between the lines, as columns of their own."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import cells, ids
from concerted.sources.frame import Frame, text_array
from concerted.sources.htmltext import plain


def x_text(frame: Frame) -> Frame:
    """The text of the original: 4CAT writes retweets as `RT @user: text`, in full."""
    reshared = cells.flags(frame.column("is_retweet"))
    text = frame.column("body")
    bare = pc.replace_substring_regex(text, r"(?s)^RT @\w+: ", "")
    return frame.with_columns({"body (of retweets the original's)": cells.mixed(reshared, bare, text)})


def telegram(frame: Frame) -> Frame:
    """Post ids are `chat-number`; forwards keep the source and its time, which together tell the post."""
    chat = ids.clean(frame.column("thread_id"))
    own = pc.replace_substring_regex(ids.clean(frame.column("id")), r"^(.*)-(\d+)$", r"\1/\2")
    answered = ids.clean(frame.column("reply_to"), parent=True)
    parent = pc.binary_join_element_wise(chat, answered, "/")
    source = ids.clean(frame.column("author_forwarded_from_id"), parent=True)
    moment = ids.clean(frame.column("unix_timestamp_forwarded_from"), parent=True)
    named = cells.text(frame.column("author_forwarded_from_name"))
    return frame.with_columns(
        {
            "thread_id/number in id": own,
            "thread_id/reply_to": parent,
            "author_forwarded_from_id@unix_timestamp_forwarded_from": pc.binary_join_element_wise(
                source, moment, "@"
            ),
            "author_forwarded_from_name is there": _yes(pc.or_(source.is_valid(), named.is_valid())),
        }
    )


def stickers(frame: Frame) -> Frame:
    """The text with the words laid over the picture."""
    own, laid = (cells.text(frame.column(name)) for name in ("body", "stickers"))
    both = pc.binary_join_element_wise(own, laid, "\n", null_handling="skip")
    return frame.with_columns({"body with stickers": both})


def comments(frame: Frame) -> Frame:
    """The post that a comment is about."""
    return frame.with_columns({"post_id (commented)": ids.clean(frame.column("post_id"), parent=True)})


def html(frame: Frame) -> Frame:
    """Text without markup."""
    return frame.with_columns(
        {"body without HTML": text_array(plain(text) for text in frame.column("body").to_pylist())}
    )


def authors(frame: Frame) -> Frame:
    """The accounts in the addresses of answered and quoted posts."""
    made = {}
    for name in ("replied_to_post", "quoted_post"):
        found = pc.extract_regex(cells.text(frame.column(name)), r"^at://(?P<did>did:[^/]+)")
        made[f"{name} (did)"] = pc.struct_field(found, "did")
    return frame.with_columns(made)


def pictures(frame: Frame) -> Frame:
    """Addresses without what is signed anew at every visit."""
    media = pc.coalesce(cells.text(frame.column("media_urls")), cells.text(frame.column("image_urls")))
    return frame.with_columns(
        {"media_urls without query": pc.replace_substring_regex(media, r"\?[^,\s]*", "")}
    )


def _yes(values: pa.Array) -> pa.Array:
    return pc.if_else(values, pa.scalar("yes"), pa.scalar(None, pa.string()))
