"""Who linked to which site on which day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.address import host
from concerted.traces.hosts import carriers
from concerted.traces.listed import listed
from concerted.traces.tokens import links_in
from concerted.traces.work import Form, Traced, Work

INVENTED = ("example",)  # no suffix of the list: reserved for what nobody owns, as in the demo (RFC 2606)
SITE = "domain:"  # before the site of a post in `urls`, in data sets that name sites apart from links


@cache
def _suffixes() -> Callable[[str], str]:
    from tldextract import TLDExtract

    # no addresses to fetch the suffix list from: the one that is shipped with the library is used
    extract = TLDExtract(
        cache_dir=None, suffix_list_urls=(), extra_suffixes=INVENTED, include_psl_private_domains=True
    )
    return lambda name: extract(name).top_domain_under_public_suffix


@lru_cache(maxsize=100_000)
def _registered(name: str) -> str:
    """The registered domain of a host, "" where it has none."""
    return _suffixes()(name) if name else ""


@dataclass(frozen=True)
class Domain:
    """Accounts that link to the same site on the same day.

    What it sees: the first link of each account to a site on each UTC day. A site is a registered domain;
    blogs under a shared roof (name.github.io, name.blogspot.com) are sites of their own. Where a data set
    names the site of each post apart from its link, or numbers sites, that is taken. Social, video and
    search sites and shorteners are left out, because everybody links to them and they say nothing about the
    source. Reshares are left out, because the reshare trace counts them.

    Null model: the times of the other accounts that linked to the same site on that day, at the same
    distance from the day's first link; for sites that hardly anybody else linked to, the accounts' own
    promptness.

    Innocent explanations: the accounts of one publisher, readers who open the same newspaper in the
    morning, a story that breaks on one site.

    Example: eight pages link to the same three little-known sites within ten minutes on twenty days, to
    different articles each time.

    References: Giglietto, Righetti, Rossi and Marino 2020, Information, Communication & Society 23(6);
    Mozilla, Public Suffix List.
    """

    name: ClassVar[str] = "domain"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("urls|text",)
    looks_at: ClassVar[tuple[str, ...]] = ()

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of (registered domain, UTC day)."""
        work = Work(self.name, posts, engine)
        rows = _sites_first(listed(work, "urls", "link", links_in))
        left_out = carriers()

        def form(value: str) -> Form:
            if value.startswith(SITE) and "." not in value:
                return Form(f"site {value.removeprefix(SITE)}")
            name, unfit = host(value.removeprefix(SITE))
            if unfit:
                return Form(None, f"links left out: {unfit}")
            domain = _registered(name)
            if not domain:
                return Form(None, "links that name no site")
            reason = left_out.get(name) or left_out.get(domain)
            return Form(None, f"sites left out: {reason}") if reason else Form(domain)

        objects, reasons = work.per_value(rows["label"], form)
        rows = work.keep(rows.append_column("object", objects), reasons)
        return work.finish([rows.drop_columns(["label"]).append_column("label", rows["object"])], daily=True)


def _sites_first(rows: pa.Table) -> pa.Table:
    """Without the links of posts whose site the data set names: those often are numbers that say nothing."""
    named = pc.starts_with(rows["label"], SITE)
    post = pc.binary_join_element_wise(rows["platform"], rows["post"], " ", null_handling="replace")
    own = pc.is_in(post, pc.unique(post.filter(named)))
    return rows.filter(pc.or_(named, pc.invert(own)))
