"""Accounts that many members addressed at once, and the posts that did it."""

from __future__ import annotations

from typing import Any

from concerted.findings import Addressing, Findings, Target
from concerted.web.query import Query
from concerted.web.views import Missing, blocks, post

AT_ONCE = 200  # posts on one page


def targets(found: Findings, query: Query) -> dict[str, Any]:
    """Every account addressed so, by whom, and what there is to say of it."""
    return {"targets": [_target(found, one) for one in found.targets]}


def target(found: Findings, query: Query, name: str) -> dict[str, Any]:
    """The posts of members to one account that the query lets through, in order of time. Raises Missing."""
    one = next((one for one in found.targets if one.account == name), None)
    if one is None:
        raise Missing(f"No account {name} was addressed by many members at once in these findings.")
    rows = [sent for sent in one.acts if query.within(sent.act) and query.account in ("", sent.act.account)]
    return {
        **_target(found, one),
        "acts": [_row(sent) for sent in rows[query.place : query.place + AT_ONCE]],
        "fitting": len(rows),
        "listed": len(one.acts),
        "omitted": one.omitted,
        "senders": sorted({sent.act.account for sent in one.acts}),
        "skipped": query.place,
        "at_once": AT_ONCE,
    }


def _target(found: Findings, one: Target) -> dict[str, Any]:
    return {
        "account": one.account,
        "accounts": one.accounts,
        "posts": one.posts,
        "says": [note.says for note in one.notes],
        "by": blocks(found, (sent.group for sent in one.acts)),
    }


def _row(sent: Addressing) -> dict[str, Any]:
    return {name: getattr(sent, name) for name in ("group", "kind", "first", "copy")} | post(sent.act)
