"""How strangers' text and numbers become HTML that does nothing but show them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from markupsafe import Markup, escape

# controls, and characters that turn the direction of what follows
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
UNSAYABLE = re.compile("[\x00\ud800-\udfff]")


def shown(text: object) -> Markup:
    """Text, escaped; controls and bidi controls as their code points."""
    plain = UNSAYABLE.sub("", "" if text is None else str(text))
    parts, last = [], 0
    for found in HIDDEN.finditer(plain):
        name = unicodedata.name(found[0], "control character")
        parts += [
            escape(plain[last : found.start()]),
            Markup('<span class="ctl" title="{}">U+{:04X}</span>').format(name.lower(), ord(found[0])),
        ]
        last = found.end()
    return Markup("").join([*parts, escape(plain[last:])])


def post(text: object) -> Markup:
    """A stranger's text in its own direction, isolated from what stands beside it."""
    return Markup('<bdi dir="auto">{}</bdi>').format(shown(text))


def safe(address: object) -> bool:
    """Whether an address is one of the web: http or https with a host and nothing odd in it."""
    plain = str(address or "")
    if re.search(r"[\s\x00-\x1f\x7f\"<>\\…\[\]]", plain) or HIDDEN.search(plain) or UNSAYABLE.search(plain):
        return False
    try:
        parts = urlsplit(plain)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def linked(address: object, label: str = "") -> Markup:
    """A link where the address is one of the web, else its text; a reader's browser says not where from."""
    words = shown(label or address)
    if not safe(address):
        return Markup("<bdi>{}</bdi>").format(words)
    named = Markup(' class="named"') if label else Markup("")
    return Markup('<a{} href="{}" rel="noopener noreferrer nofollow"><bdi>{}</bdi></a>').format(
        named, address, words
    )
