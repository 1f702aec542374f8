"""Signal: accounts that post with the same program, more than others of the same files and time do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._judged import Row, Tested
from concerted.signals._matched import Matched, cells, halvings, match, one_in, percent
from concerted.signals.automation import automatic
from concerted.signals.desk import shared
from concerted.table import Table

# the program most posts of an account came from; of equals the first by name
MAIN = """
with used as (
    select account, client, count(*) as posts, min(platform) as platform, min(time) as first
    from posts where client is not null and client <> '' and account is not null and time is not null
    group by account, client
)
select account, max_by(client, (posts, -turn)) as client, cast(sum(posts) as bigint) as posts,
       min(platform) as platform, year(min(first)) * 4 + quarter(min(first)) as quarter
from (select *, dense_rank() over (order by client) as turn from used) as ranked
group by account order by account
"""


@dataclass(frozen=True)
class Client(Tested):
    """Accounts that post with the same program, as others of their time do not.

    What it sees
        The program most posts of each member came from, as the export names it: whether a program that few
        others use is the main one of several members, and whether the members' programs are others than those
        of comparable accounts on the whole, such as an office's computers where others have telephones.

    Null model
        Accounts of the same files in no group and no set, on the same platform, begun in the same quarter of
        a year (programs come and go), with about as many posts where there are enough of those: who is a
        member is shuffled among them. For a rare program (at most 5 % of all of them) p is exact and paid
        for over all rare programs (Holm); for the whole mixture it is the total variation between the
        members' programs and those of all, by permutation.

    Innocent explanations
        One employer's computers; an app that is used in one region or by one profession; accounts that one
        organisation runs openly. The name of a program is set by its maker and can be forged. A program made
        to post by rule or to several accounts never counts for anything here: it speaks of one desk, and
        the notes on desks and automation say so against the group. X has not exported it since 2023.

    Example
        "289 of 382 accounts post mainly with Twitter Web App, 27 % of comparable accounts do (p = 0.001)."

    References
        Fisher 1935 (exact test); Holm 1979; Phipson and Smyth 2010 (permutation p); Wilson 1927 (interval).
    """

    name = "client"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations")
    least: Annotated[int, Meta(ge=3)] = option(5, "members whose program is known, needed to ask")
    rare: Annotated[float, Meta(gt=0, le=1)] = option(0.05, "share of accounts up to which a program is rare")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """At most one note on a rare program and one on the mixture per group and set."""
        main = engine.query(MAIN, {"posts": tables["posts"]})
        names = main["account"].combine_chunks()
        coded = main["client"].combine_chunks().dictionary_encode()
        programs, used = coded.dictionary.to_pylist(), np.asarray(coded.indices, np.int64)
        platform = np.asarray(main["platform"].combine_chunks().dictionary_encode().indices, np.int64)
        quarter = np.asarray(main["quarter"], np.int64)
        much = halvings(np.asarray(main["posts"], np.int64))
        levels = [
            cells(platform, quarter, much),
            cells(platform, quarter, much // 2),
            cells(platform, quarter),
        ]
        others = ~_marks(names, subjects["account"].to_pylist())
        rows: list[dict[str, Any]] = []
        for kind, subject, accounts in common.members(subjects):
            inside = _marks(names, accounts)
            if kind == "account" or inside.sum() < self.least:
                continue
            matched = match(inside, others, levels)
            if not matched.enough or matched.members.sum() < self.least:
                continue
            rng = np.random.default_rng([self.seed, crc32(f"{kind} {subject}".encode())])
            asked = [self._rare(matched, used, programs), self._mixture(matched, used, programs, rng)]
            rows += [{"subject_kind": kind, "subject": subject, **row} for row in asked if row is not None]
        return rows

    def _rare(self, matched: Matched, used: Ints, programs: list[str]) -> dict[str, Any] | None:
        """The rare program that is the least likely to be the main one of so many members by chance."""
        taking = matched.stratum >= 0
        count = np.bincount(used[taking], minlength=len(programs))
        few = np.flatnonzero((count > 1) & (count <= self.rare * taking.sum()))
        if not len(few):
            return None
        p = np.array([matched.share(used == program)[1] for program in few])
        best = int(few[np.argmin(p)])
        return {
            **self._said(matched, used == best, programs[best], min(1.0, float(p.min()) * len(few))),
            "quiet": True,
        }

    def _mixture(
        self, matched: Matched, used: Ints, programs: list[str], rng: np.random.Generator
    ) -> dict[str, Any]:
        """Total variation between the members' programs and what their strata hold."""
        taking, size = matched.stratum >= 0, len(programs)
        drawn = np.bincount(matched.stratum[matched.members], minlength=int(matched.stratum.max()) + 1)
        held = np.bincount(matched.stratum[taking], minlength=len(drawn))
        weight = (drawn / np.maximum(held, 1))[matched.stratum[taking]]
        usual = np.bincount(used[taking], weight, size)

        def apart(inside: Flags) -> Floats:
            return np.asarray(np.bincount(used[inside], minlength=size) - usual, np.float64)

        seen = apart(matched.members)
        much = float(np.abs(seen).sum())
        p = one_in(lambda inside: bool(np.abs(apart(inside)).sum() >= much - 1e-9), matched, rng, 999)
        most = int(np.argmax(seen))
        said = self._said(matched, used == most, programs[most], p)
        variation = much / 2 / float(drawn.sum())
        mostly = said["low"] > common.MOST
        few = "; it is not what most of them use, and any two crowds differ in their programs a little."
        return {
            **said,
            "beyond": said["beyond"] and mostly,
            "failed": said["failed"] if mostly or p > self.fdr else few,
            "quiet": variation < 1e-6,  # the same programs in the same shares tell nothing
            "says": f"The programs the members post with differ from those of comparable accounts in "
            f"{percent(variation)} of the accounts. Most of all: {said['says']}",
        }

    def _said(self, matched: Matched, mine: Flags, program: str, p: float) -> dict[str, Any]:
        total, hits = int(matched.members.sum()), int((mine & matched.members).sum())
        low, high = common.wilson(hits, total)
        usual = matched.expected(mine)
        desk = shared(program) or automatic(program)
        unlikely = p <= self.fdr
        return {
            "signal": self.name,
            "value": hits / total,
            "low": low,
            "high": high,
            "p": p,
            "beyond": low > usual and not desk,
            "reference": matched.reference("platform, quarter of the first post and number of posts"),
            "says": f"{hits} of {words.count(total, 'account')} post mainly with {program}, {percent(usual)} "
            f"of comparable accounts do (p = {words.small(p)})",
            "passed": ". One employer's computers or an app of one region look the same.",
            "failed": "; that program is made to post by rule or to several accounts, so it tells of a desk."
            if desk and unlikely
            else ": chance explains that, with everything asked.",
        }


def _marks(names: pa.Array, accounts: list[str]) -> Flags:
    marked = np.zeros(len(names), bool)
    marked[np.asarray(pc.index_in(pa.array(accounts, pa.string()), names).drop_null(), np.int64)] = True
    return marked
