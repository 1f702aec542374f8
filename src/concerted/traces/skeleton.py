"""What stays of a text when everything that does not make it the same text is taken away."""

from __future__ import annotations

import html
import re
import unicodedata

_BYTE = r"<(?:[0-9a-fA-F]{2}|[uU]\+00[0-9a-fA-F]{2})>"
_HALF_EMOJI = re.compile(rf"<(?:[eE][dD]|[uU]\+00[eE][dD])>{_BYTE}{_BYTE}")
_CODE_POINT = re.compile(r"<[uU]\+([0-9a-fA-F]{4,8})>")
_BYTES = re.compile(r"(?:<[0-9a-fA-F]{2}>){2,}")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_SURROGATE = re.compile("[\ud800-\udfff]")

_RESHARED = re.compile(r"\s*(?:RT|MT)\s+[@＠][\w.-]+\s*:?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+|\b(?:t\.co|bit\.ly|youtu\.be)/\S+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_MENTION = re.compile(r"[@＠][\w.-]+")
_ZEROS = re.compile("00+")
# not \w+, which leaves out the vowel signs of Indic and Thai script
_TAG = re.compile(r"[#＃][^\s#＃]+")

# accents and vowel points that writers add or leave out; vowel signs of Indic and Thai script are letters
_OPTIONAL_MARKS = ((0x0300, 0x036F), (0x064B, 0x065F), (0x0670, 0x0670), (0x0591, 0x05C7))


def _becomes(code: int) -> str:
    char = chr(code)
    if char in "#\u0640" or 0xFE00 <= code <= 0xFE0F:
        return ""
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    # enclosing marks (Me) only make key-cap emoji, so they go with the emoji
    if category in ("Cf", "Cc", "Cs", "Co", "Cn", "Me"):
        return ""
    if category == "Mn" and any(low <= code <= high for low, high in _OPTIONAL_MARKS):
        return ""
    if category[0] in "LM":
        return char
    return "0" if category[0] == "N" else " "


class _Table(dict[int, str]):
    """Fills itself, because only a few hundred of a million characters occur in a file."""

    def __missing__(self, code: int) -> str:
        self[code] = _becomes(code)
        return self[code]


_TABLE = _Table()


def repair(text: str) -> str:
    """The text with escapes that exporters leave in it turned back into characters.

    HTML entities (twice), R's `<U+0915>`, raw bytes `<e0><a4>`, `\\u0915`; halves of emoji become spaces.
    UTF-8 that was read as cp1252 stays as it is: a repair would be a guess.
    """
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _HALF_EMOJI.sub(" ", text)
        text = _CODE_POINT.sub(_from_code_point, text)
        text = _BYTES.sub(_from_bytes, text)
    if "\\u" in text:
        text = _ESCAPED.sub(_from_escapes, text)
    return text if text.isascii() else _SURROGATE.sub(" ", text)


def skeleton(text: str) -> str:
    """The part of a text by which it is compared; empty where only links, mentions or emoji were in it.

    Escapes repaired; a leading "RT @name:" off; links, e-mail addresses and mentions out; `#` dropped as a
    character; compatibility forms and case folded; accents, invisible characters, punctuation and emoji
    out; any number is `0`. Same text in, same skeleton out, on every machine with the same Unicode tables.
    """
    text = repair(text)
    reshared = _RESHARED.match(text)
    if reshared:
        text = text[reshared.end() :]
    # no address is without one of these, and to look for them takes a tenth of the time
    if "/" in text or "w." in text or "W." in text:
        text = _ADDRESS.sub(" ", text)
    if "@" in text or "＠" in text:
        text = _MENTION.sub(" ", _MAIL.sub(" ", text))
    if text.isascii():
        text = text.lower().translate(_TABLE)
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", folded).translate(_TABLE))
    if "00" in text:
        text = _ZEROS.sub("0", text)
    return " ".join(text.split())


def untagged(text: str) -> str | None:
    """The skeleton of the text without its hashtags; None where it has none."""
    text = _ADDRESS.sub(" ", repair(text))
    bare, tags = _TAG.subn(" ", text)
    return skeleton(bare) if tags else None


def _from_code_point(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else " "


def _from_bytes(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("<", "").replace(">", "")).decode("utf-8", "ignore")


def _from_escapes(match: re.Match[str]) -> str:
    units = bytes.fromhex(match[0].replace("\\u", ""))
    return units.decode("utf-16-be", "surrogatepass")
