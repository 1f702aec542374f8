"""What the columns of an unknown table mean, by their names and the first thousand records."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.sources import cells, hints, ids
from concerted.sources.clock import SECOND, Clock, plausible
from concerted.sources.frame import Flags, Frame, Numbers, plain_name
from concerted.sources.kinds import word_of
from concerted.sources.opening import Opened
from concerted.sources.recipe import PROFILE, Options, Recipe

_STATUS = r"://[^/]+/.*(?:status(?:es)?/\d+|/posts?/|/comments/|/p/|t\.me/[^/]+/\d+)"
_OBJECT = r"""^\s*(\{\s*['"]|\[\s*\{)"""
_SINGLE = ("account", "post", "text", "thread", "client", "lang", "link", "query", *PROFILE)
_SIGNS = (
    ("bluesky", re.compile(r"bsky|atproto|^did$|authordid")),
    ("reddit", re.compile(r"subreddit|karma|redditfullname")),
    ("telegram", re.compile(r"^msgid$|forwardfrom|forwardmsg|^channelid$")),
    ("x", re.compile(r"tweet|screenname|favou?ritecount|verifiedblue|^replytosn$|truncated")),
)


def recipe_for(opened: Opened, options: Options) -> Recipe:
    """What the columns of a file mean, by their names and the first thousand records."""
    there: dict[str, str] = {}
    for name in opened.columns:
        there.setdefault(plain_name(name), name)
    taken: set[str] = set()
    columns: dict[str, tuple[str, ...]] = {}

    def take(role: str, listed: str) -> None:
        known = [there[plain] for plain in hints.names(listed) if plain in there]
        fit = [name for name in known if name not in taken and _fits(opened, role, name)]
        if role not in columns and fit:
            # a column without a value gives way to one that has some
            columns[role] = (next((name for name in fit if _filled(opened, name)), fit[0]),)
            taken.update(columns[role])

    profiles = _is_account_list(opened, there) and "time" not in options.map
    if profiles:
        if "linkkarma" in there:
            # Reddit's comments name their author by name, not by id
            take("account", "account_id name")
        for role, listed in hints.LIST_ONLY.items():
            take(role, listed)
    else:
        times = [
            there[n]
            for n in hints.names(hints.POST["time"])
            if n in there and _fits(opened, "time", there[n])
        ]
        columns["time"] = _best_clock(opened, times)
        taken.update(columns["time"])
        order = ("account", "post", "link", *hints.POST)
        for role in dict.fromkeys(order):
            if role != "time":
                take(role, hints.POST[role])
        for role, listed in hints.OPAQUE.items():
            take(role, listed)
    for role, listed in hints.PROFILE.items():
        take(role, listed)
    kind = _hashes(there, columns, taken)
    _thread_links(there, columns)
    if "handle" not in columns and "account" in columns and plain_name(columns["account"][0]) in _HANDLES:
        columns["handle"] = columns["account"]
    platform = options.platform or _platform(opened, columns)
    within = platform == "telegram" and "msgid" in (plain_name(n) for n in columns.get("post", ()))
    peer = next((says for names, says in hints.PEERS.items() if _is_of(names, there)), "")
    post, rescue = _rescue(opened, columns)
    if rescue is None and set(schema.TABLES["posts"]) <= set(opened.columns):
        rescue = _without_platform
    return Recipe(
        {role: names for role, names in {**columns, **post}.items() if names},
        zone="UTC" if peer else "",
        platform=platform,
        merge=not profiles and any(role in columns for role in ("urls_id", "tags_id")),
        profiles=profiles,
        within=within,
        hash_kind=kind,
        prepared=rescue,
        reads=columns["link"] if post else (),
        notes=(peer,) if peer else (),
    )


def _is_of(layout: str, there: Collection[str]) -> bool:
    """Whether these are the columns of a layout; where it ends in dots, whether they are among them."""
    names = set(hints.names(layout))
    return names - {""} <= set(there) if "" in names else names == set(there)


def _best_clock(opened: Opened, times: list[str]) -> tuple[str, ...]:
    """The columns to take times from. A clock made from ids comes first and the stated one fills its gaps; a
    clock of minutes or days gives way to a finer one that tells the same moments."""
    if not times or plain_name(times[0]).endswith("snowflake"):
        return tuple(times[:2])
    first, *others = (_trial(name, opened.sample.column(name)) for name in times)
    for name, other in zip(times[1:], others, strict=True):
        both = first.known & other.known
        near = np.abs(first.micros - other.micros)[both] < first.step_s * SECOND
        if other.step_s < first.step_s >= 60 and len(near) and near.mean() > 0.95:
            return (name,)
    return (times[0],)


class _Tried(NamedTuple):
    micros: Numbers
    known: Flags
    step_s: float
    vague: int


def _trial(name: str, values: pa.Array) -> _Tried:
    """A column read as times, without a zone as UTC."""
    if pa.types.is_string(values.type):
        values = cells.text(values)
    clock = Clock(name, "UTC", lenient=True)
    clock.look(values, np.arange(1, len(values) + 1))
    clock.settle("")
    return _Tried(*clock.read(values), clock.resolution_s, clock.vague)


def _rescue(
    opened: Opened, columns: dict[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], Callable[[Frame], Frame] | None]:
    """Where post ids were rounded and the posts' addresses were not, the ids in the addresses."""
    rounded = [
        name
        for name in columns.get("post", ())
        if ids.scientific(ids.clean(opened.sample.column(name))).any()
    ]
    links = columns.get("link", ())
    if not rounded or not links or _share(opened.sample.column(links[0]), _ID_IN_LINK) < 0.9:
        return {}, None

    def prepared(frame: Frame) -> Frame:
        found = pc.struct_field(pc.extract_regex(cells.text(frame.column(links[0])), _ID_IN_LINK), "id")
        return frame.with_columns({f"id in {links[0]}": found})

    return {"post": (f"id in {links[0]}",)}, prepared


def _without_platform(frame: Frame) -> Frame:
    """Accounts of this package's own tables, which begin with their platform, by their ids alone."""
    names = [name for name in ("account", "parent_account") if name in frame.columns]
    return frame.with_columns(
        {name: pc.replace_substring_regex(cells.text(frame.column(name)), r"^[^:]*:", "") for name in names}
    )


_ID_IN_LINK = r"/status(?:es)?/(?P<id>\d+)"
_HANDLES = {
    "screenname",
    "username",
    "userscreenname",
    "accounthandle",
    "authorusername",
    "author",
    "authorname",
    "handle",
}


def _is_account_list(opened: Opened, there: dict[str, str]) -> bool:
    """Whether rows are accounts: signs of profiles, none of posts."""
    named = set(there)
    if any(n in named for role in hints.POST_SIGNS for n in hints.names(hints.POST[role])):
        return False
    if "opened" in named and not named & set(hints.names(hints.POST["time"])):
        return True
    return bool(named & hints.ACCOUNT_SIGNS) and not named & set(hints.names(hints.POST_IDS))


def named_as_times(opened: Opened) -> list[str]:
    """Columns that are named as times are, whatever their content."""
    times = hints.names(hints.POST["time"])
    return [name for name in opened.columns if plain_name(name) in times]


def _fits(opened: Opened, role: str, name: str) -> bool:
    """Whether the content of a column can be what its name says."""
    values = opened.sample.column(name)
    if role == "time":
        return _are_times(name, values)
    if role in _SINGLE and _share(values, _OBJECT) > 0.5:
        # an object written as text names nobody, and may hold what is never read
        return False
    if role == "kind":
        known = word_of(values)
        spare = cells.text(values).null_count + len(known) // 2
        return bool(known.null_count < len(known) and known.null_count <= spare)
    if role == "link":
        return _share(values, _STATUS) > 0.9 or plain_name(name) == "permalink"
    if role in ("reshare_time", "deleted", "collected", "opened"):
        return bool(cells.text(values).null_count == len(values)) or _are_times(name, values)
    if role == "post":
        # elsewhere a post means its text
        return plain_name(name) != "post" or not _share(values, r"\s")
    if role == "client":
        return _share(values, "://") < 0.5 or _share(values, "<a ") > 0.5
    if role == "domain":
        return plain_name(name) != "domain" or _share(values, r"^[\w.-]+\.[a-z]{2,}$") > 0.9
    return True


def _filled(opened: Opened, name: str) -> bool:
    values = opened.sample.column(name)
    return bool(cells.text(values).null_count < len(values))


def _share(values: pa.Array, pattern: str) -> float:
    """Share of filled cells that hold a pattern."""
    if pa.types.is_nested(values.type):
        return 0.0
    filled = cells.text(values).drop_null()
    hits = pc.sum(pc.match_substring_regex(filled, pattern).cast(pa.int64())).as_py() or 0
    return float(hits) / max(1, len(filled))


def _are_times(name: str, values: pa.Array) -> bool:
    if pa.types.is_temporal(values.type):
        return True
    if pa.types.is_nested(values.type) or pa.types.is_boolean(values.type):
        return False
    tried = _trial(name, values)
    filled = len(values) - cells.text(values).null_count
    # a zone that nobody can read is refused by name later; the column is one of times all the same
    readable = int((tried.known & plausible(tried.micros)).sum()) + tried.vague
    return bool(filled > 0 and readable >= 0.8 * filled)


def _hashes(there: dict[str, str], columns: dict[str, tuple[str, ...]], taken: set[str]) -> str:
    for hint, kind in hints.HASHES.items():
        name = there.get(plain_name(hint))
        if name and name not in taken:
            columns["media_hash"] = (name,)
            return kind
    return ""


def _thread_links(there: dict[str, str], columns: dict[str, tuple[str, ...]]) -> None:
    """Beside a thread's title, `url` is what the thread is about, not what the comment shares."""
    if {"threadtitle", "linktitle"} & set(there) and plain_name("".join(columns.get("urls", ()))) in (
        "url",
        "link",
    ):
        del columns["urls"]


def _platform(opened: Opened, columns: dict[str, tuple[str, ...]]) -> str:
    names = [plain_name(name) for name in opened.header]
    for platform, sign in _SIGNS:
        if any(sign.search(name) for name in names):
            return platform
    sample = opened.sample
    for role in ("account", "post"):
        for name in columns.get(role, ()):
            if _share(sample.column(name), "^did:") > 0.5 or _share(sample.column(name), "^at://") > 0.5:
                return "bluesky"
    for role, pattern in (("kind", "^(re)?tweet|^RT$"), ("text", "://t\\.co/"), ("urls", "://t\\.co/")):
        for name in columns.get(role, ()):
            if _share(_flat(sample.column(name)), pattern) > 0.02:
                return "x"
    return "web"


def _flat(values: pa.Array) -> pa.Array:
    return values.flatten() if pa.types.is_list(values.type) else values
