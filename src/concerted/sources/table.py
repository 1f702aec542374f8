"""Any table of posts or accounts: columns are recognised by name and content, or named by the user."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from concerted.errors import MissingColumns
from concerted.sources import cells, hints
from concerted.sources.clock import Clock, plausible
from concerted.sources.frame import plain_name
from concerted.sources.kinds import word_of
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_STATUS = r"://[^/]+/.*(?:status(?:es)?/\d+|/posts?/|/comments/|/p/|t\.me/[^/]+/\d+)"
_SIGNS = (
    ("bluesky", re.compile(r"bsky|atproto|^did$|authordid")),
    ("reddit", re.compile(r"subreddit|karma|redditfullname")),
    ("telegram", re.compile(r"^msgid$|forwardfrom|forwardmsg|^channelid$")),
    ("x", re.compile(r"tweet|screenname|favou?ritecount|verifiedblue|^replytosn$|truncated")),
)


class AnyTable:
    """CSV, JSON lines, a JSON array or Parquet with one row per post, share or account."""

    name = "table"
    says = "any CSV, JSON or Parquet of posts or accounts, columns recognised by name and content"

    def recognise(self, opened: Opened) -> float:
        """Low: every other source that knows the file comes first."""
        recipe = recipe_for(opened, Options())
        return 0.5 if recipe.has("account") and (recipe.profiles or recipe.has("time")) else 0.1

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises MissingColumns, DamagedIds and BadTime."""
        recipe = checked(recipe_for(opened, options), opened, options)
        needed = ["account"] if recipe.profiles else ["account", "time"]
        absent = [role for role in needed if not recipe.has(role)]
        if absent:
            pairs = ",".join(f"{role}=COLUMN" for role in absent)
            raise MissingColumns(
                f"{opened.file}: no column is recognised as {' or '.join(absent)}; the file has "
                f"{', '.join(opened.columns)}: name them, as in --map {pairs}"
            )
        yield from read(opened, recipe, options, self.name)


def recipe_for(opened: Opened, options: Options) -> Recipe:
    """What the columns of a file mean, by their names and the first thousand records."""
    there: dict[str, str] = {}
    for name in opened.columns:
        there.setdefault(plain_name(name), name)
    taken: set[str] = set()
    columns: dict[str, tuple[str, ...]] = {}

    def take(role: str, listed: str, fits: bool = True) -> None:
        for plain in hints.names(listed):
            name = there.get(plain)
            if role not in columns and name and name not in taken and fits and _fits(opened, role, name):
                columns[role] = (name,)
                taken.add(name)

    profiles = _is_account_list(opened, there) and "time" not in options.map
    if profiles:
        for role, listed in hints.LIST_ONLY.items():
            take(role, listed)
    else:
        times = [
            there[n]
            for n in hints.names(hints.POST["time"])
            if n in there and _fits(opened, "time", there[n])
        ]
        # the finer clock first, the stated one where it is empty
        columns["time"] = (
            tuple(times[: 2 if plain_name(times[0]).endswith("snowflake") else 1]) if times else ()
        )
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
    api = {"accountplatformid", "expanded", "isorig"} <= set(there)
    return Recipe(
        {role: names for role, names in columns.items() if names},
        zone="UTC" if api else "",
        platform=platform,
        merge=not profiles and any(role in columns for role in ("urls_id", "tags_id")),
        profiles=profiles,
        within=within,
        hash_kind=kind,
        notes=("CrowdTangle's times are UTC",) if api else (),
    )


_HANDLES = {
    "screenname",
    "username",
    "userscreenname",
    "accounthandle",
    "authorusername",
    "author",
    "authorname",
}


def _is_account_list(opened: Opened, there: dict[str, str]) -> bool:
    """Whether rows are accounts: signs of profiles, none of posts."""
    named = set(there)
    if any(n in named for role in hints.POST_SIGNS for n in hints.names(hints.POST[role])):
        return False
    ids = set(
        hints.names("post_id tweet_id tweetid msg_id message_id content_id comment_id url_id hashtag_id")
    )
    return bool(named & hints.ACCOUNT_SIGNS) and not named & ids


def _fits(opened: Opened, role: str, name: str) -> bool:
    """Whether the content of a column can be what its name says."""
    values = opened.sample.column(name)
    if role == "time":
        return _are_times(name, values)
    if role == "kind":
        known = word_of(values)
        return (
            known.null_count < len(known)
            and known.null_count <= cells.text(values).null_count + len(known) // 2
        )
    if role == "link":
        return _share(values, _STATUS) > 0.9 or plain_name(name) == "permalink"
    if role in ("reshare_time", "deleted", "collected", "opened"):
        return cells.text(values).null_count == len(values) or _are_times(name, values)
    if role == "client":
        return _share(values, "://") < 0.5 or _share(values, "<a ") > 0.5
    if role == "domain":
        return plain_name(name) != "domain" or _share(values, r"^[\w.-]+\.[a-z]{2,}$") > 0.9
    return True


def _share(values: pa.Array, pattern: str) -> float:
    filled = (
        cells.text(values).drop_null() if not pa.types.is_nested(values.type) else pa.array([], pa.string())
    )
    return (
        (pc.mean(pc.match_substring_regex(filled, pattern).cast(pa.int8())).as_py() or 0.0)
        if len(filled)
        else 0.0
    )


def _are_times(name: str, values: pa.Array) -> bool:
    if pa.types.is_temporal(values.type):
        return True
    if pa.types.is_nested(values.type) or pa.types.is_boolean(values.type):
        return False
    if pa.types.is_string(values.type):
        values = cells.text(values).drop_null()
    clock = Clock(name, "UTC", lenient=True)
    clock.look(values, range(1, len(values) + 1))  # type: ignore[arg-type]
    clock.settle("")
    micros, known = clock.read(values)
    good = known & plausible(micros)
    return len(values) > 0 and good.sum() >= 0.8 * (len(values) - values.null_count) > 0


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
