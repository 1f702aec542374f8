"""Signal: one owner who posts the same on several platforms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals import _shared as behind
from concerted.table import Table

PROFILES = """
select distinct account, platform, folded(handle) as handle, folded(bio) as bio from accounts
where handle is not null and account in (
    select account from evidence where success union select account from subjects
)
order by account, platform, handle, bio
"""


@dataclass(frozen=True)
class Crosspost:
    """One owner's accounts that say they belong together.

    What it sees
        How many of the things shared together were shared only by accounts of one owner: accounts with the
        same handle on different platforms, or whose profile texts name each other. Both must say it; one
        that names the other proves nothing. Handles are never shown.

    Null model
        None: the value is the share of the things shared, with its Wilson 95 % interval. It speaks where the
        lower end is above one half. Handles under six characters are not compared, since strangers pick the
        same short ones.

    Innocent explanations
        It is one itself: whoever posts to two platforms with one program posts the same at the same moment.
        Nothing is hidden where the accounts say so. It is never a finding about who the owner is, and the
        same handle can belong to two people.

    Example
        A broadcaster's accounts on two platforms carry the same 60 links within seconds. They have the same
        handle: 60 of 60 things were shared by accounts of one owner.

    References
        Wilson 1927 (interval of a share).
    """

    name = "crosspost"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)
    letters: Annotated[int, Meta(ge=1)] = option(6, "shortest handle that is compared, in characters")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` and `accounts`."""
        bound = {
            **{name: tables[name] for name in ("evidence", "accounts")},
            "subjects": Table("query", subjects),
        }
        owners = self._owners(engine.query(PROFILES, bound).to_pylist())
        rows: list[dict[str, Any]] = []
        if not owners:
            return common.table(rows)
        for subject, objects in behind.shared(subjects, tables, engine).items():
            hits = sum(_one_owner(behind.accounts(acts), owners) for acts in objects.values())
            if common.exceeds(hits, len(objects), self.share):
                says = (
                    f"{hits:,} of {words.count(len(objects), 'thing')} shared together were shared only by "
                    "accounts that say they belong together: the same handle on different platforms, or "
                    "profile texts that name each other. One owner who posts in several places looks like "
                    "this, and hides nothing."
                )
                rows.append(common.against(subject, self.name, hits, len(objects), says))
        return common.table(rows)

    def _owners(self, profiles: list[dict[str, Any]]) -> dict[str, str]:
        """account -> one account that stands for its owner; only accounts whose owner has several."""
        owner = {row["account"]: row["account"] for row in profiles}

        def root(account: str) -> str:
            while owner[account] != account:
                account = owner[account]
            return account

        for one, other in self._pairs(profiles):
            low, high = sorted((root(one), root(other)))
            owner[high] = low
        roots = {account: root(account) for account in owner}
        shared = {low for account, low in roots.items() if account != low}
        return {account: low for account, low in roots.items() if low in shared}

    def _pairs(self, profiles: list[dict[str, Any]]) -> set[tuple[str, str]]:
        by_handle: dict[str, list[dict[str, Any]]] = {}
        for row in profiles:
            if len(row["handle"]) >= self.letters:
                by_handle.setdefault(row["handle"], []).append(row)
        same = {
            (one["account"], other["account"])
            for rows in by_handle.values()
            for one in rows
            for other in rows
            if one["platform"] != other["platform"] and one["account"] < other["account"]
        }
        names = {
            (row["account"], other["account"])
            for row in profiles
            for handle in set(re.findall(r"[\w.]*\w", row["bio"] or "")) & by_handle.keys()
            for other in by_handle[handle]
        }
        return same | {(one, other) for one, other in names if one < other and (other, one) in names}


def _one_owner(accounts: set[str], owners: Mapping[str, str]) -> bool:
    return len(accounts) > 1 and len({owners.get(account, account) for account in accounts}) == 1
