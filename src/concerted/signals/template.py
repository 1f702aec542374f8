"""Signal: handles, names, profile texts or pictures made after one template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._alike import Alike, alike
from concerted.signals._exact import Ints
from concerted.signals._judged import Row, Tested
from concerted.signals._matched import Cohort, Matched, cells, percent
from concerted.signals._members import Places
from concerted.signals._profiles import profiles
from concerted.table import Table

LEAST = 3  # accounts alike under which nothing can be a template


@dataclass(frozen=True)
class Template(Tested):
    """Accounts whose profiles are made after one template.

    What it sees
        Whether members of a group or set have handles of one form (kinds of characters and how many digits,
        as "a capitalised word, then eight digits"), the same display name, the same profile text, or the same
        profile picture (by the hash or address that the export carries; default pictures are left out). The
        note says how many, never the name, text or picture. Handles that an archive has hashed are skipped.

    Null model
        Accounts of the same files, in no group and no set, opened in the same year on the same platform: who
        is a member is shuffled among them, which gives the exact (hypergeometric) chance of so many alike,
        paid for over everything that three accounts have alike. The year matters, since platforms propose
        handles to newcomers and change how.

    Innocent explanations
        Handles that a platform proposes; naming rules of an organisation, a school or a fan club; a common
        family name; profile texts that a campaign asks its supporters to use; pictures of an idol, a flag or
        a ribbon.

    Example
        "11 of 14 accounts have a handle of one form (a capitalised word, then eight digits); of comparable
        accounts 31 % do (p = 0.0004)."

    References
        Fisher 1935 (exact test); Bonferroni 1936; Cresci et al. 2015 (profiles of bought followers).
    """

    name = "template"

    least: Annotated[int, Meta(ge=3)] = option(5, "members with such an entry needed to ask")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """At most one note per group or set and kind of entry, where it is more than chance explains."""
        known = profiles(tables, engine)
        places = Places(known.names, subjects)
        others = places.others()
        years = known.years()
        levels = [cells(known.platform, years), cells(known.platform, years // 3), known.platform]
        entries = []
        for _, group in groupby(alike(known) if len(known) else [], lambda one: one.kind):
            every = list(group)
            has, forms = every[0].code >= 0, [_often(one) for one in every]
            entries.append((has, forms, Cohort(others & has, levels, *(one.code for one in forms))))
        rows: list[dict[str, Any]] = []
        for kind, subject, accounts in common.members(subjects):
            if kind == "account":
                continue
            members = places.of(accounts)
            for has, forms, cohort in entries:
                mine = members[has[members]]
                if len(mine) >= self.least:
                    row = self._row(forms, *cohort.match(mine))
                    rows += [{"subject_kind": kind, "subject": subject, **row}] if row else []
        return rows

    def _row(self, forms: list[Alike], at: Ints, matched: Matched) -> dict[str, Any] | None:
        """The form of one entry that most members have beyond chance; all that could be are paid for. `at`
        says whose the entries matched are."""
        if not matched.enough:
            return None
        total = int(matched.members.sum())
        family, best = 0, (1.0, 0, 0.0, "")
        for one in forms:
            code = one.code[at]
            held = matched.held(code)
            family += int((held >= LEAST).sum())
            mine = code[matched.members]
            often = np.flatnonzero(np.bincount(mine[mine >= 0], minlength=len(held)) >= LEAST)
            for place, (hits, p, usual) in zip(often, matched.shares(code, often), strict=True):
                if (p, -hits) < (best[0], -best[1]):
                    best = (p, hits, usual, one.what(int(place)))
        p, count, usual, what = best
        low, high = common.wilson(count, total)
        paid = min(1.0, p * family) if count else 1.0
        return {
            "signal": self.name,
            "value": count / total,
            "low": low,
            "high": high,
            "p": paid,
            "beyond": low > usual,
            "quiet": True,
            "reference": matched.reference("platform and year of opening"),
            "says": f"{count} of {words.count(total, 'account')} {what}; of "
            f"comparable accounts {percent(usual)} do (p = {words.small(paid)}).",
            "passed": " Organisations and fan clubs have rules for profiles, too.",
        }


def _often(one: Alike) -> Alike:
    """The same without what fewer have than could be a template: most names and texts are one account's."""
    held = np.bincount(one.code[one.code >= 0])
    often = np.flatnonzero(held >= LEAST)
    place = np.full(len(held) + 1, -1)
    place[often] = np.arange(len(often))
    return Alike(one.kind, place[one.code], lambda code: one.what(int(often[code])))
