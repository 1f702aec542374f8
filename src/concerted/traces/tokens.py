"""Links, hashtags and mentions inside texts, and one spelling for each tag and name."""

from __future__ import annotations

import html
import re
import unicodedata

import regex

_LINK = re.compile(r"https?://[^\s<>\"'`｡。，、）】」』\u200b]+", re.IGNORECASE)
_TAIL = ".,;:!?…'\"”’*_~|"
# \w leaves out the vowel signs of Indic and Thai script, so tags are spelled by Unicode class
_TAG_BODY = r"[\p{L}\p{M}\p{N}_\u200c\u200d]+"
_TAG = regex.compile(rf"(?<![\p{{L}}\p{{N}}_&/])[#＃]({_TAG_BODY})")
_NAME_BODY = r"[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?"
_NAME = regex.compile(rf"(?<![\p{{L}}\p{{N}}_+/-])[@＠]({_NAME_BODY}(?:@{_NAME_BODY})?)")
_LETTER = regex.compile(r"\p{L}")
_SPOKEN = regex.compile(r"[\p{L}\p{N}]")
_HASHED = re.compile(r"[A-Za-z0-9+/_-]{43}=")


def links_in(text: str) -> list[str]:
    """Addresses in a text, without the punctuation of the sentence around them."""
    if "://" not in text:
        return []
    found = []
    for match in _LINK.finditer(text):
        link = match[0]
        # an address cut off by the export keeps its ellipsis, by which it is known as such
        if not link.endswith("…"):
            link = link.rstrip(_TAIL)
            while link.endswith((")", "]", "}")) and link.count(link[-1]) > link.count(
                {")": "(", "]": "[", "}": "{"}[link[-1]]
            ):
                link = link[:-1].rstrip(_TAIL)
        found.append(link)
    return found


def tags_in(text: str) -> list[str]:
    """Hashtags in a text, without #, as written. `#1` is a number and no tag."""
    if "#" not in text and "＃" not in text:
        return []
    found = _TAG.finditer(_LINK.sub(" ", html.unescape(text)))
    return [match[1] for match in found if _LETTER.search(match[1])]


def names_in(text: str) -> list[str]:
    """Names mentioned in a text, without @, as written."""
    if "@" not in text and "＠" not in text:
        return []
    return [match[1] for match in _NAME.finditer(_LINK.sub(" ", text))]


def tag(value: str) -> str:
    """One spelling for `#A`, `#a`, `＃A` and `#a,`; "" where neither letter nor digit is in it."""
    folded = unicodedata.normalize("NFKC", value.strip()).casefold().lstrip("#")
    body = regex.match(_TAG_BODY, folded)
    if not body or not _SPOKEN.search(body[0]):
        return ""
    return unicodedata.normalize("NFC", regex.sub(r"\p{Cf}", "", body[0]))


def name(value: str) -> str:
    """One spelling for `@Bob`, `bob` and `Bob,`: handles have no case on any platform that mentions them.

    Hashed account ids, where case tells two apart, stay as they are.
    """
    value = unicodedata.normalize("NFKC", value.strip()).lstrip("@")
    return value if _HASHED.fullmatch(value) else value.rstrip(".,;:!?…").casefold()
