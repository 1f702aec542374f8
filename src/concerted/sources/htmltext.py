"""Posts written in HTML as plain text and links."""

from __future__ import annotations

import html
import re

_BREAK = re.compile(r"<br\s*/?>|</p>\s*<p[^>]*>|</div>\s*<div[^>]*>", re.IGNORECASE)
_MARK = re.compile(r"<[^<>]*>")
_ANCHOR = re.compile(r"<a\b([^>]*)>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_NOT_SHARED = re.compile(r"""\bclass\s*=\s*["'][^"']*\b(mention|hashtag)\b""", re.IGNORECASE)


def plain(content: str | None) -> str | None:
    """HTML as a person reads it; paragraphs and breaks become line ends."""
    if not content:
        return content
    return html.unescape(_MARK.sub("", _BREAK.sub("\n", content))).strip()


def hrefs(content: str | None) -> list[str]:
    """Addresses that the HTML links to, those of named accounts and hashtags left out."""
    found = []
    for attributes in _ANCHOR.findall(content or ""):
        match = _HREF.search(attributes)
        if match and not _NOT_SHARED.search(attributes):
            link = html.unescape(match[1] or match[2] or "")
            if link.startswith(("http://", "https://")):
                found.append(link)
    return found
