"""Cells that hold several values: Arrow lists, JSON, Python and R literals, or separated text."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted.schema import TEXTS
from concerted.sources.ids import MISSING

_MISSING = frozenset(MISSING)
_NOTHING = pa.array(MISSING, pa.string())
# Values with only blanks between them, and no mark that could part, wrap or quote one or be taken off it.
_WORDS = r"^[0-9A-Za-z_][!-')-+\-./0-9:<-{}~]*(?: +[0-9A-Za-z_][!-')-+\-./0-9:<-{}~]*)*$"
_BETWEEN_LINKS = re.compile(r"\s+|[,;|](?=[a-zA-Z][a-zA-Z+.-]*://)")
_BETWEEN_WORDS = re.compile(r"[\s,;|]+")
# Which part of an object is its value, best first.
_PARTS = {
    "urls": ("unwound_url", "expanded_url", "url", "uri", "href"),
    "tags": ("text", "tag", "name", "hashtag"),
    "mentions": ("id_str", "id", "did", "screen_name", "username", "acct", "name"),
    "media": ("id_str", "media_key", "id", "media_url_https", "url"),
}


def read_lists(values: pa.Array, what: str) -> pa.Array:
    """Cells as lists of text. `what` is urls, tags, mentions or media. A missing cell is an empty list: the
    export has the column, so the post has none."""
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        return _native(values, what)
    if not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    values = values.fill_null("")
    coded = values.dictionary_encode()
    return _each(coded.dictionary, what).take(coded.indices)


def _each(texts: pa.Array, what: str) -> pa.Array:
    """Distinct cells as lists of text: plain words all at once, others one by one."""
    plain = np.asarray(pc.match_substring_regex(texts, _WORDS)).astype(bool)
    words = pc.ascii_split_whitespace(texts.filter(pa.array(plain)))
    sound = _distinct(words)
    plain[plain] = sound
    parsed = pa.array([_parse(text, what) for text in texts.filter(pa.array(~plain)).to_pylist()], TEXTS)
    place = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)])
    return pa.concat_arrays([words.filter(pa.array(sound)).cast(TEXTS), parsed]).take(
        pa.array(np.argsort(place, kind="stable"))
    )


def _distinct(words: pa.Array) -> npt.NDArray[np.bool_]:
    """Which lists hold no word twice and none that says that there is nothing."""
    flat, cell = words.flatten(), np.asarray(pc.list_parent_indices(words))
    code = flat.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    odd = np.asarray(pc.is_in(flat, value_set=_NOTHING)).astype(bool)
    _, first = np.unique(cell * (code.max(initial=0) + 1) + code, return_index=True)
    odd[np.setdiff1d(np.arange(len(flat)), first)] = True
    sound = np.ones(len(words), bool)
    sound[cell[odd]] = False
    return sound


def is_media(values: pa.Array) -> bool:
    """Whether cells are lists of objects with id and hash, as in our own tables."""
    inner = values.type.value_type if pa.types.is_list(values.type) else pa.null()
    return pa.types.is_struct(inner) and {"id", "hash"} <= {field.name for field in inner}


def read_media(values: pa.Array) -> list[list[dict[str, str | None]]]:
    """Cells that a source filled with lists of objects with id, kind, hash and hash_kind, any of them
    missing, as they are or as JSON. An item with neither id nor hash is none; equal ones count once."""
    found = []
    for cell in values.to_pylist():
        items = [
            {name: _text(item.get(name)) for name in ("id", "kind", "hash", "hash_kind")}
            for item in (json.loads(cell) if isinstance(cell, str) and cell else cell or [])
        ]
        kept = {(item["id"], item["hash"]): item for item in items if item["id"] or item["hash"]}
        found.append(list(kept.values()))
    return found


def objects(text: str | None) -> list[Any]:
    """The items of a cell that holds a JSON, Python or R list of objects; none where it holds no list."""
    found = _literal(text.strip()) if text and text.strip()[:1] in ("[", "{") else None
    return [found] if isinstance(found, dict) else found or []


def _text(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return None if text in _MISSING else text


def _native(values: pa.Array, what: str) -> pa.Array:
    inner = values.type.value_type
    if pa.types.is_struct(inner) or pa.types.is_nested(inner):
        return pa.array(
            [[x for item in cell or [] if (x := _one(item, what))] for cell in values.to_pylist()], TEXTS
        )
    values = values.cast(TEXTS)
    flat = values.flatten()
    marked = pc.starts_with(flat, "#") if what == "tags" else pc.starts_with(flat, "@")
    odd = pc.or_(pc.is_in(flat, value_set=pa.array(MISSING)), marked)
    if flat.null_count or pc.any(odd).as_py():
        return pa.array(
            [[x for item in cell or [] if (x := _one(item, what))] for cell in values.to_pylist()], TEXTS
        )
    if values.null_count:
        values = pa.ListArray.from_arrays(_offsets(values), flat)
    return values


def _offsets(values: pa.Array) -> pa.Array:
    lengths = values.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())


def _parse(text: str, what: str) -> list[str]:
    text = text.strip()
    if text in _MISSING:
        return []
    items: Any = None
    if text[0] in "[({":
        items = _literal(text)
        if items is None and text[0] == "[" and text[-1] == "]":
            items = [part.strip().strip("'\"") for part in text[1:-1].split(",")]
    elif text.startswith("c(") and text.endswith(")"):
        items = _literal(f"[{text[2:-1]}]")
    if isinstance(items, dict):
        items = [items]
    if items is None:
        # blanks part links, and commas only before another link, since links may hold commas
        items = (_BETWEEN_LINKS if what == "urls" else _BETWEEN_WORDS).split(text)
    found = [x for item in items if (x := _one(item, what))]
    return list(dict.fromkeys(found))


def _literal(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return None
    return (
        list(value) if isinstance(value, (list, tuple, set)) else value if isinstance(value, dict) else None
    )


def _one(item: Any, what: str) -> str:
    if isinstance(item, dict):
        item = next((item[key] for key in _PARTS[what] if item.get(key)), None)
    if item is None or isinstance(item, (list, tuple, dict, bool)):
        return ""
    text = str(item).strip()
    if not text.isascii() or "\x00" in text:
        # escapes inside a cell can name half of a character, which no text may hold
        text = text.encode("utf-8", "replace").decode().replace("\x00", "")
    if text in _MISSING:
        return ""
    if what == "tags":
        return text.lstrip("#＃").strip()
    return text.lstrip("@＠").strip() if what == "mentions" else text
