"""Who addressed which account on which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from concerted import words
from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.listed import listed
from concerted.traces.tokens import name, names_in
from concerted.traces.work import Form, Traced, Work

_POSTER = r"^https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?P<handle>[^/?#]+)/status"


@dataclass(frozen=True)
class Mention:
    """Accounts that address the same account on the same day.

    What it sees: the first time each account named another on each UTC day. Letter case and the @ do not
    matter. Naming oneself is no event. Reshares are left out, because the reshare trace counts them.

    Null model: the times of the other accounts that named the same account on that day, at the same
    distance from the day's first mention; for names that hardly anybody else used, the accounts' own
    promptness.

    Innocent explanations: a well-known account said something that made many answer; customers of a shop
    that is down; a call by an organisation to write to a politician.

    Example: twenty accounts name the same journalist within two minutes on seven evenings, and nobody else
    does so on those evenings.

    References: Keller, Schoch, Stier and Yang 2020, Political Communication 37(2); Mariconti et al. 2019,
    "You know what to do", CSCW.
    """

    name: ClassVar[str] = "mention"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("mentions|text",)
    looks_at: ClassVar[tuple[str, ...]] = ()

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of (platform:name, UTC day)."""
        work = Work(self.name, posts, engine)
        rows = listed(work, "mentions", "mention", names_in)

        def form(value: str) -> Form:
            found = name(value.rpartition(":")[2] if value.count(":") == 1 else value)
            return Form(found) if found else Form(None, "mentions without a name")

        names, reasons = work.per_value(rows["label"], form)
        rows = work.keep(rows.append_column("object", names), reasons)
        platform = pc.fill_null(rows["platform"], "web")
        named = pc.binary_join_element_wise(platform, rows["object"], ":")
        rows = rows.drop_columns(["object", "label"]).append_column("object", named)
        rows = rows.append_column("label", _marked(named))
        self_named = _self_named(rows)
        work.left_out("mentions of oneself", rows.filter(self_named)["file"])
        return work.finish([rows.filter(pc.invert(self_named))], daily=True)


def _marked(accounts: pa.ChunkedArray) -> pa.ChunkedArray:
    coded = accounts.combine_chunks().dictionary_encode()
    return pa.array([words.who(one) for one in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _self_named(rows: pa.Table) -> pa.ChunkedArray:
    """Whether the name is the poster's own id, or its handle where the post's address shows it."""
    handle = pc.struct_field(pc.extract_regex(pc.fill_null(rows["link"], ""), _POSTER), "handle")
    shown = pc.binary_join_element_wise(pc.fill_null(rows["platform"], "web"), pc.utf8_lower(handle), ":")
    by_id = pc.equal(pc.utf8_lower(rows["object"]), pc.utf8_lower(rows["account"]))
    return pc.or_(pc.fill_null(by_id, False), pc.fill_null(pc.equal(rows["object"], shown), False))
