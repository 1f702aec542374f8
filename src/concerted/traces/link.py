"""Who shared which link when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.address import canonical, shortened
from concerted.traces.domain import SITE
from concerted.traces.listed import listed
from concerted.traces.tokens import links_in
from concerted.traces.work import Form, Traced, Work


@dataclass(frozen=True)
class Link:
    """Accounts that share the same link.

    What it sees: the first time each account posted a link. Spellings of one address are evened out:
    http and https, www, mobile and AMP editions, tracking parameters, pages that only send the reader on.
    Nothing is fetched, so a short link stays an object of its own, marked unresolved: the same short link
    twice was copied (platforms mint their own, such as t.co, for each posting), but two short links to one
    page are not recognised. Reshares are left out, because the reshare trace counts them.

    Null model: the times at which the other accounts that shared the same link did so, at the same distance
    from its first appearance; for links that hardly anybody else shared, the accounts' own promptness.

    Innocent explanations: a newsroom and its staff, a feed that posts for several accounts, a share button
    during a live event, a newsletter or a group in which the link was handed round.

    Example: six accounts post the same three pages of one site within a minute of each other, on nine days,
    while the site's other readers take hours.

    References: Giglietto, Righetti, Rossi and Marino 2020, "It takes a village to manipulate the media",
    Information, Communication & Society 23(6); Nizzoli et al. 2021, ICWSM 15.
    """

    name: ClassVar[str] = "link"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("urls|text",)
    looks_at: ClassVar[tuple[str, ...]] = ()

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of links. Object: the canonical address without scheme."""
        work = Work(self.name, posts, engine)
        rows = listed(work, "urls", "link", links_in, lambda value: not value.startswith(SITE))

        def form(value: str) -> Form:
            found = canonical(value)
            return Form(found.key or None, found.reason and f"links left out: {found.reason}")

        objects, reasons = work.per_value(rows["label"], form)
        traced = work.finish([work.keep(rows.append_column("object", objects), reasons)])
        unresolved = sum(map(shortened, traced.objects["object"].to_pylist()))
        if not unresolved:
            return traced
        return work.also(
            traced,
            "unresolved short links",
            unresolved,
            f"{unresolved:,} of {len(traced.objects):,} links are short links that only a request could "
            "resolve; none was made, so two of them that lead to one page count as two links",
        )
