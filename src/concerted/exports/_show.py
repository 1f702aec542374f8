"""How strangers' text and numbers become HTML that does nothing but show them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import regex
from markupsafe import Markup, escape

# controls, characters without width, and characters that turn the direction of what follows
HIDDEN = re.compile(
    # a flag of a part of a country is spelt in letters that are hidden everywhere else
    "\U0001f3f4[\U000e0061-\U000e007a]+\U000e007f|"
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]|"
    # these two join or part letters of many scripts and pictures, but have no work between Latin ones
    "(?<=[A-Za-z0-9])[\u200c\u200d](?=[A-Za-z0-9])"
)
# scripts whose letters look like Latin ones; a word that mixes them was written to be misread
ALIKE = regex.compile(
    r"(?P<latin>\p{Script=Latin}+)|(?P<other>[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}"
    r"\p{Script=Cherokee}\p{Script=Coptic}]+)"
)
LETTERS = re.compile(r"[^\W\d_]+")
UNSAYABLE = re.compile("[\x00\ud800-\udfff]")


def shown(text: object) -> Markup:
    """Text, escaped; controls and characters without width as their code points, and letters of another
    script marked and named in words that mix scripts which look alike."""
    plain = UNSAYABLE.sub("", "" if text is None else str(text))
    parts, last = [], 0
    for found in HIDDEN.finditer(plain):
        if len(found[0]) > 1:
            continue
        name = unicodedata.name(found[0], "control character")
        parts += [
            _letters(plain[last : found.start()]),
            Markup('<span class="ctl" title="{}">U+{:04X}</span>').format(name.lower(), ord(found[0])),
        ]
        last = found.end()
    return Markup("").join([*parts, _letters(plain[last:])])


def _letters(text: str) -> Markup:
    """Text without controls, escaped, with the odd letters of mixed words marked."""
    if text.isascii():
        return escape(text)
    parts, last = [], 0
    for word in LETTERS.finditer(text):
        runs = [] if word[0].isascii() else list(ALIKE.finditer(word[0]))
        count = {kind: sum(len(run[0]) for run in runs if run[kind]) for kind in ("latin", "other")}
        if not all(count.values()):
            continue
        odd = "latin" if count["latin"] < count["other"] else "other"
        for run in runs:
            if run[odd]:
                start = word.start() + run.start()
                names = ", ".join(unicodedata.name(char, "letter").lower() for char in run[0])
                mark = Markup('<span class="odd" title="{}">{}</span>').format(names, run[0])
                parts += [escape(text[last:start]), mark]
                last = start + len(run[0])
        kinds = sorted({_script(char) for run in runs if run[odd] for char in run[0]})
        parts += [escape(text[last : word.end()]), _remark(f"{' and '.join(kinds)} among other letters")]
        last = word.end()
    return Markup("").join([*parts, escape(text[last:])])


def _script(letter: str) -> str:
    return unicodedata.name(letter, "other letter").split()[0].capitalize()


def _remark(says: str) -> Markup:
    """Our own words inside a stranger's text, set apart from it."""
    return Markup(' <span class="ctl">{}</span>').format(says)


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


def _host(address: object) -> Markup:
    """How a host that is written in code for other letters reads."""
    found = re.search(r"(?:^|[/.@])(xn--[a-z0-9.-]+)", str(address or "").lower())
    if not found:
        return Markup("")
    try:
        return _remark(f"reads {found[1].encode('ascii').decode('idna')}")
    except UnicodeError:
        return _remark("a host in code for other letters")


def linked(address: object, label: str = "") -> Markup:
    """A link where the address is one of the web, else its text; a reader's browser says not where from."""
    words = shown(label or address) + _host(address)
    if not safe(address):
        return Markup("<bdi>{}</bdi>").format(words)
    named = Markup(' class="named"') if label else Markup("")
    return Markup('<a{} href="{}" rel="noopener noreferrer nofollow"><bdi>{}</bdi></a>').format(
        named, address, words
    )
