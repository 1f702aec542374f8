"""CrowdTangle's CSV of posts of Facebook pages, Facebook groups and Instagram accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import cells
from concerted.sources.frame import Frame
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_NAMES = ("Page Name", "Group Name", "Account")
_COLUMNS = {
    "time": "Post Created", "handle": "User Name", "bio": "Page Description", "opened": "Page Created",
    "link": "URL",
}  # fmt: skip
# role -> a column made of others, and the columns it is made of
_MADE = {
    "post": ("last part of URL", ("URL",)),
    "account": ("Facebook Id, or account in URL", ("Facebook Id", "URL", "User Name")),
    "platform": ("site in URL", ("URL",)),
    "text": ("Message (of Instagram Description), with Image Text", ("Message", "Description", "Image Text")),
    "urls": ("Final Link or Link", ("Final Link", "Link")),
    "reshare": ("post in Link, without Message", ("Link",)),
    "quote": ("post in Link, with Message", ("Link",)),
    "reshare_account": ("page in Link, without Message", ("Link",)),
    "quote_account": ("page in Link, with Message", ("Link",)),
    "followers": ("Followers at Posting or Likes at Posting", ("Followers at Posting", "Likes at Posting")),
    "reshares_total": ("Shares, as a number", ("Shares",)),
    "media_items": ("Photo", ("Photo",)),
}
_READS = tuple(dict.fromkeys(name for _, names in _MADE.values() for name in names))
_POST = re.compile(r"^/(?:groups/)?([^/]+)/(?:posts|permalink|videos)/(?:[^/]+/)*?([^/]+)/?$")
_NOTE = (
    "accounts are pages, groups and Instagram accounts: CrowdTangle does not say who posted in a group; a "
    "post of another page shared without a word is a reshare, one shared with words a quote"
)


class _Address(NamedTuple):
    """What an address of a post says: the site, the account and the post, each empty where it does not."""

    site: str = ""
    account: str = ""
    post: str = ""


class CrowdTangle:
    """One post a row, the zone of its time written beside it. Of a row that lost its id column the address
    of the post names the account."""

    name = "crowdtangle"
    says = "CrowdTangle: CSV of Facebook pages, Facebook groups and Instagram accounts"
    covers = (*_COLUMNS, *_MADE, "name")
    clock = "the zone beside each time, to the second"

    def recognise(self, opened: Opened) -> float:
        """By its column names, where posts have addresses on Facebook or Instagram."""
        there = set(opened.header)
        if not {"Post Created", "URL"} <= there:
            return 0.0
        sites = [_address(text).site for text in opened.sample.column("URL").to_pylist() if text]
        if sum(site in ("facebook", "instagram") for site in sites) < 0.9 * len(sites) or not sites:
            return 0.0
        return 0.95 if set(_NAMES) & there else 0.7

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        columns: dict[str, tuple[str, ...]] = {
            role: (name,) for role, name in _COLUMNS.items() if name in opened.columns
        }
        columns["name"] = tuple(name for name in _NAMES if name in opened.columns)
        for role, (name, made_of) in _MADE.items():
            if set(made_of) & set(opened.columns):
                columns[role] = (name,)
        recipe = Recipe(columns, platform="facebook", prepared=_prepared, reads=_READS, notes=(_NOTE,))
        yield from read(opened, checked(recipe, opened, options), options, self.name)


def _prepared(frame: Frame) -> Frame:
    def column(name: str) -> list[str | None]:
        found: list[str | None] = cells.text(frame.column(name)).to_pylist()
        return found

    own = [_address(text or "") for text in column("URL")]
    handles = column("User Name")
    named = zip(column("Facebook Id"), own, handles, strict=True)
    accounts = [number or (handle if where.site == "instagram" else "") or where.account or handle
                for number, where, handle in named]  # fmt: skip
    # Instagram's Description is what the account wrote, Facebook's that of the article a post links to
    told = [where.site == "instagram" for where in own]
    descriptions = [text if mine else None for text, mine in zip(column("Description"), told, strict=True)]
    words = [
        "\n".join(part for part in parts if part) or None
        for parts in zip(column("Message"), descriptions, column("Image Text"), strict=True)
    ]
    shared = [
        _shared(text, where, {account, handle})
        for text, where, account, handle in zip(column("Link"), own, accounts, handles, strict=True)
    ]
    bare = [message is None for message in column("Message")]
    made: dict[str, list[str | None]] = {
        "post": [where.post or None for where in own],
        "account": accounts,
        "platform": [where.site or None for where in own],
        "text": words,
        "urls": _either(column, "Final Link", "Link"),
        "reshare": [to.post if to and alone else None for to, alone in zip(shared, bare, strict=True)],
        "quote": [to.post if to and not alone else None for to, alone in zip(shared, bare, strict=True)],
        "reshare_account": [_number(to) if alone else None for to, alone in zip(shared, bare, strict=True)],
        "quote_account": [None if alone else _number(to) for to, alone in zip(shared, bare, strict=True)],
        "followers": _either(column, "Followers at Posting", "Likes at Posting"),
        "reshares_total": column("Shares"),
        "media_items": [_photo(text) for text in column("Photo")],
    }
    arrays = {_MADE[role][0]: pa.array(values, pa.string()) for role, values in made.items()}
    for role in ("followers", "reshares_total"):
        arrays[_MADE[role][0]] = pc.replace_substring(arrays[_MADE[role][0]], ",", "")
    return frame.with_columns(arrays)


def _either(column: Callable[[str], list[str | None]], *names: str) -> list[str | None]:
    return [next((one for one in each if one), None) for each in zip(*map(column, names), strict=True)]


@lru_cache(maxsize=65_536)
def _address(text: str) -> _Address:
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return _Address()
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("web.")
    site = {"facebook.com": "facebook", "instagram.com": "instagram"}.get(host, "")
    if not site:
        return _Address()
    asked = parse_qs(parts.query)
    if "story_fbid" in asked:
        return _Address(site, asked.get("id", [""])[0], asked["story_fbid"][0])
    match = _POST.match(parts.path)
    if match and site == "facebook":
        return _Address(site, match[1], match[2])
    return _Address(site, "", parts.path.rstrip("/").rpartition("/")[2])


def _shared(text: str | None, own: _Address, names: set[str | None]) -> _Address | None:
    """The post of another page that a link leads to."""
    to = _address(text or "")
    mine = {name.casefold() for name in (*names, own.account) if name}
    if to.site != "facebook" or not to.account or to.account.casefold() in mine:
        return None
    # a page has a number and a name: where only one of the two is known, a link may be to itself
    known = to.account.isdigit() or any(not name.isdigit() for name in mine)
    return to if known else None


def _number(to: _Address | None) -> str | None:
    return to.account if to and to.account.isdigit() else None


def _photo(text: str | None) -> str | None:
    return json.dumps([{"id": text, "kind": "photo"}]) if text else None
