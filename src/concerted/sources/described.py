"""The page docs/sources.md, made from the code it describes."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator

from concerted import registry, schema
from concerted.sources import hints
from concerted.sources.capability import TRACES
from concerted.sources.recipe import PARENTS, PROFILE

ALWAYS = ("post", "account", "time", "resolution_s", "file", "row")

_TOP = """# Sources

Which exports are read. The format is recognised from content, never from the file's name; name it with
`--source` where that goes wrong. CSV may have any delimiter, quoting and encoding; JSON may be lines or one
array; Parquet is read as it is; of R's own files (.rda, .RData, .rds) the one data frame is read, held whole
in memory. All of them may be packed with gzip, zstd, bzip2 or xz, or be members of a zip or tar, each read as
a file called `archive.zip/member`. Of a cut archive what is whole is read, and what is lost is counted; a cut
R file has no whole row and is refused.
`concerted inspect FILES` shows what was recognised before anything is made of it.

Of folders and patterns everything is read but hidden files, case folders, and what lies beside exports:
pictures, films and sounds; and files called README or LICENSE, or ending in .txt, .md, .css, .js or .html,
that no source recognises, unless `--source` is given or `--map` names a column of theirs. They are counted in
the messages of a run and by `inspect`; those of a zip or tar stand in the ledger. A file that is named itself
is read or refused.

A file is called by its name. Where another one of that name came before, as with the `result.json` of several
Telegram exports, it is called by as much of its path as tells it apart, such as
`ChatExport_2024-02-02/result.json`.

"""
_MIDDLE = """
Fields are columns of `posts` beside id, account and time, then those of `accounts`; traces are those that
the fields allow where the export at hand has filled them: `concerted inspect` gives the share of posts that
each of them can use. An account list (users of the archive, profiles in a table) makes accounts and no posts.

## Columns of any table

Names are compared without case and punctuation; the first that is there is taken if its content fits.
`--map ours=theirs` overrules, `--map ours=` switches a column off. Of several reshare, reply and quote
columns the one that fits the post becomes `parent`.

| ours | recognised names |
|---|---|
"""
_END = """
Columns with opaque ids of links, hashtags and images count as links, hashtags and image hashes. A column of
sites adds `domain:` and the site to the links of the post, for the trace `domain`. Several rows of one post
are joined. Where an export has no column for links, hashtags or mentions, the traces look in the text.

E-mail, phone, IP address, device, coordinates, places, self-reported locations and contacts are never
loaded, whatever the file holds.

## Times

| written as | zone |
|---|---|
| numbers: epoch seconds, ms, µs | UTC by definition |
| `Z`, `+02:00`, `UTC`, and names with one meaning such as `EST` and `CET` | as written |
| without a zone, beside X post ids whose time agrees | UTC, shown by the ids |
| without a zone, in a format known to use UTC (all above but `table`) | UTC |
| without a zone, anything else | refused until `--timezone` tells |

Never the zone of the machine. Whether 3/4/2020 is in March or April is decided by the whole column, else
asked for. The smallest step of the clock is found from content and kept with every post, since no window
finer than it can be used.

## Damaged ids

Ids are text from the first byte. A file is refused when post or account ids were rounded: written as
`9.06E+17`, or too many long ids end in zeros for chance (probability below 1 in 100,000, where undamaged
ids of X end in 000 once in 125). Damaged ids of answered, quoted or reshared posts are set to missing and
shown. `--skip-damaged` sets the rows aside instead of refusing.
"""


# roles of a recipe -> columns of posts and accounts; the other roles are called like their column
_COLUMNS = {
    **dict.fromkeys(PARENTS, ("kind", "parent")),
    **{f"is_{kind}": ("kind",) for kind in PARENTS},
    **{f"{kind}_account": ("kind", "parent_account") for kind in PARENTS},
    "reshare_time": ("parent_time",), "target": ("mentions", "parent_account"), "domain": ("urls",),
    "urls_id": ("urls",), "tags_id": ("tags",), "media_items": ("media",), "media_hash": ("media",),
    "statuses": ("posts",),
}  # fmt: skip
# trace -> roles any of which makes it possible
_TRACES = {
    "reshare": ("reshare", "is_reshare", "reshare_account", "target"),
    **dict.fromkeys(("link", "domain"), ("urls", "urls_id", "domain", "text")),
    "text": ("text",),
    **dict.fromkeys(("hashtag", "sequence"), ("tags", "tags_id", "text")),
    "reply": ("reply", "reply_account"),
    "quote": ("quote", "quote_account"),
    "thread": ("thread",),
    "mention": ("mentions", "target", "text"),
    "media": ("media", "media_items", "media_hash"),
    "synchrony": ("time",),
    "deletion": ("deleted",),
}


def columns(covers: Collection[str]) -> tuple[list[str], list[str]]:
    """The columns of posts and those of accounts that a source can fill, in the order of the tables."""
    filled = {name for role in covers for name in _COLUMNS.get(role, (role,))}
    profile = {name for role in covers if role in PROFILE for name in _COLUMNS.get(role, (role,))}
    return [one for one in schema.TABLES["posts"] if one in filled - profile], [
        one for one in schema.TABLES["accounts"] if one in profile
    ]


def traces(covers: Collection[str]) -> list[str]:
    """The traces that a source allows where an export has filled all it can."""
    return [trace for trace in TRACES if set(_TRACES[trace]) & set(covers)]


def document() -> str:
    """The text of docs/sources.md."""
    listed = {**hints.POST, **hints.OPAQUE, **{f"{k} (account)": v for k, v in hints.PROFILE.items()}}
    named = [f"| {role.replace('_id', ' (ids)')} | {_names(names)} |" for role, names in listed.items()]
    return _TOP + "\n".join(_overview()) + "\n" + _MIDDLE + "\n".join(named) + "\n" + _END


def _overview() -> Iterator[str]:
    members = registry.everything("sources")
    yield from ("| source | reads | recognised by | clock |", "|---|---|---|---|")
    for name, member in members.items():
        how = " ".join((inspect.getdoc(member.recognise) or "").split("\n\n")[0].split())
        how = how.removeprefix("By ").rstrip(".")
        yield f"| `{name}` | {member.says} | {how} | {member.clock} |"
    yield from ("", "| source | fields | traces |", "|---|---|---|")
    for name, member in members.items():
        posts, accounts = columns(member.covers)
        fields = ", ".join(one for one in posts if one not in ALWAYS)
        yield (
            f"| `{name}` | {fields or 'none'}{'; of accounts ' + ', '.join(accounts) if accounts else ''} | "
            f"{', '.join(traces(member.covers))} |"
        )


def _names(listed: str) -> str:
    return ", ".join(f"`{name}`" for name in listed.split())
