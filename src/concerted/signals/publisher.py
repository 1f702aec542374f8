"""Signal: members link to one publisher, or name one in their profiles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.table import Table

# hosts that say nothing about who publishes: shorteners, and platforms everybody links to
NOBODYS = frozenset(
    {
        *("t.co", "bit.ly", "bitly.com", "goo.gl", "ow.ly", "tinyurl.com", "buff.ly", "dlvr.it", "ift.tt"),
        *("fb.me", "wp.me", "lnkd.in", "is.gd", "trib.al", "youtu.be", "linktr.ee", "google.com"),
        *("twitter.com", "x.com", "facebook.com", "fb.com", "instagram.com", "youtube.com", "t.me"),
        *("tiktok.com", "reddit.com", "vk.com", "linkedin.com"),
    }
)
SITE = "domain:"  # before a site that the data set names or numbers apart from the links of a post
ADDRESS = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)

Counted = tuple[int, int, str]  # hits, of how many, the sentence

LINKS = """
select account, post, urls from posts
where kind <> 'reshare' and cardinality(urls) > 0 and account in (select account from named)
"""
BIOS = """
select distinct account, bio from accounts where bio is not null and account in (select account from named)
"""


@dataclass(frozen=True)
class Publisher:
    """Accounts that spread the work of one publisher.

    What it sees
        Which registered domain the members' own posts link to (reshares do not count, nor do shorteners and
        platforms), and which domain their profile texts name. It speaks where one domain holds at least 80 %
        of the different links and most members who link at all link to it, or where at least 80 % of the
        profile texts of three or more members name the same domain.

    Null model
        None: the value is the share of links, or of profiles, with its Wilson 95 % interval; for links the
        lower end must be at least 0.6.

    Innocent explanations
        It is one itself: regional accounts of one newsroom, its staff and its readers share its articles as
        they appear. A network of pages built to look independent does so as well; the note says what the
        domain is and leaves it to the reader to look who owns it.

    Example
        Six accounts share 212 links within a minute of each other; 208 of the links go to one broadcaster,
        which all six name in their profile.

    References
        Wilson 1927 (interval of a share); Giglietto, Righetti, Rossi & Marino 2020 (page networks of
        publishers).
    """

    name = "publisher"

    share: Annotated[float, Meta(gt=0, le=1)] = option(
        0.8, "share of links or profiles that is one publisher's"
    )
    low: Annotated[float, Meta(ge=0, le=1)] = option(0.6, "lower end of the interval that links must reach")
    profiles: Annotated[int, Meta(ge=2)] = option(3, "profiles with a domain needed to speak")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note by links and one by profiles for each group and set."""
        named = {"named": Table("named", subjects.select(["account"]))}
        links: dict[str, set[tuple[str, str]]] = {}
        for row in engine.query(LINKS, {"posts": tables["posts"], **named}).to_pylist():
            urls = {url for url in row["urls"] if url}
            sites = sorted(url for url in urls if url.startswith(SITE))
            for url in sorted(urls - set(sites)) or sites:
                domain = registered(url) or (registered(sites[0]) if len(sites) == 1 else "")
                if domain:
                    # a site without a link to it is one link per post
                    links.setdefault(row["account"], set()).add(
                        (domain, row["post"] if url in sites else url)
                    )
        bios: dict[str, set[str]] = {}
        for row in engine.query(BIOS, {"accounts": tables["accounts"], **named}).to_pylist():
            found = {registered(host) for host in ADDRESS.findall(row["bio"])}
            bios.setdefault(row["account"], set()).update(found - {""})
        rows: list[dict[str, Any]] = []
        for kind, subject, accounts in common.members(subjects):
            if kind != "account":
                said = [*self._links(accounts, links), *self._profiles(accounts, bios)]
                rows += [common.against((kind, subject), self.name, *counted) for counted in said]
        return common.table(rows)

    def _links(self, accounts: list[str], links: Mapping[str, set[tuple[str, str]]]) -> Iterable[Counted]:
        own = [pair for account in accounts for pair in links.get(account, ())]
        if not own:
            return
        domain, hits = _most(pair[0] for pair in own)
        low, _ = common.wilson(hits, len(own))
        linking = [account for account in accounts if links.get(account)]
        to_it = sum(any(pair[0] == domain for pair in links[account]) for account in linking)
        if hits >= self.share * len(own) and low >= self.low and to_it > len(linking) / 2:
            says = (
                f"{hits:,} of {words.count(len(own), 'link')} in the members' own posts go to {domain}: "
                "readers or staff of one publisher share its work as it appears."
            )
            yield hits, len(own), says

    def _profiles(self, accounts: list[str], bios: Mapping[str, set[str]]) -> Iterable[Counted]:
        written = [account for account in accounts if account in bios]
        counted = [domain for account in written for domain in bios[account]]
        if not counted or len(written) < self.profiles:
            return
        domain, hits = _most(counted)
        if hits >= self.share * len(written):
            says = (
                f"{hits} of {words.count(len(written), 'member')} with a profile text name {domain} in it: "
                "an organisation that says who it is."
            )
            yield hits, len(written), says


def registered(address: str) -> str:
    """The registered domain of an address or host; empty where it says nothing about a publisher."""
    if address.startswith(SITE) and "." not in address:
        return f"site {address.removeprefix(SITE)} of the data set"
    address = address.removeprefix(SITE)
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    domain = _domain(host)
    return "" if domain in NOBODYS or host in NOBODYS else domain


@lru_cache(1 << 16)
def _domain(host: str) -> str:
    domain: str = _suffixes()(host).top_domain_under_public_suffix
    return domain


@cache
def _suffixes() -> Any:
    import tldextract

    # "example" is no suffix of the list: reserved for what nobody owns, as in the demo (RFC 2606)
    return tldextract.TLDExtract(
        cache_dir=None, suffix_list_urls=(), extra_suffixes=("example",), include_psl_private_domains=True
    )


def _most(domains: Iterable[str]) -> tuple[str, int]:
    counted = Counter(domains)
    domain = min(counted, key=lambda one: (-counted[one], one))
    return domain, counted[domain]
