"""The page docs/sources.md, made from the code it describes."""

from __future__ import annotations

from concerted import registry
from concerted.sources import hints

_TOP = """# Sources

Which exports are read. The format is recognised from content, never from the file's name; name it with
`--source` where that goes wrong. CSV may have any delimiter, quoting and encoding; JSON may be lines or one
array; Parquet is read as it is; of R's own files (.rda, .RData, .rds) the one data frame is read, held whole
in memory. All of them may be packed with gzip, zstd, bzip2 or xz, or be members of a zip or tar, each read as
a file called `archive.zip/member`. Of a cut archive what is whole is read, and what is lost is counted; a cut
R file has no whole row and is refused.
`concerted inspect FILES` shows what was recognised before anything is made of it.

| source | reads |
|---|---|
"""
_MIDDLE = """
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


def document() -> str:
    """The text of docs/sources.md."""
    rows = [f"| `{name}` | {member.says} |" for name, member in registry.everything("sources").items()]
    listed = {**hints.POST, **hints.OPAQUE, **{f"{k} (account)": v for k, v in hints.PROFILE.items()}}
    columns = [f"| {role.replace('_id', ' (ids)')} | {_names(names)} |" for role, names in listed.items()]
    return _TOP + "\n".join(rows) + "\n" + _MIDDLE + "\n".join(columns) + "\n" + _END


def _names(listed: str) -> str:
    return ", ".join(f"`{name}`" for name in listed.split())
