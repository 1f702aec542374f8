"""Names that groups keep while files are added: G1 is the largest group of a run, K1 one and the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from concerted import words
from concerted.findings import Findings, Group, Lasting

Row = dict[str, Any]
LEAST = 0.3  # Jaccard of members from which a group is one known before
HALF = 0.5  # or: so large a part of one is in the other, and three accounts


def renamed(before: Sequence[Row], groups: Iterable[Row]) -> list[Row]:
    """Rows to add to the table `names` for the groups of now; none where nothing changed.

    `before` are all rows so far, `groups` those of the table `groups`. Every group keeps the name of the
    known one it shares most members with; one that resembles none gets a new one. A name is never given
    twice, and a row never changed: what became of a name stands in a later row.
    """
    members: dict[str, list[str]] = {}
    for row in groups:
        members.setdefault(row["cluster"], []).append(row["account"])
    latest = {row["name"]: row for row in sorted(before, key=lambda row: row["round"])}
    known = {name: set(row["accounts"] or ()) for name, row in latest.items() if row["event"] != "merged"}
    clusters = sorted(members, key=lambda key: (-len(members[key]), len(key), key))
    now = {cluster: set(members[cluster]) for cluster in clusters}
    kept = _matched(known, now)
    number = 1 + max((int(row["name"][1:]) for row in before), default=0)
    this = 1 + max((row["round"] for row in before), default=0)
    rows: list[Row] = []
    for cluster in clusters:
        name, event, other = kept.get(cluster, ""), "kept", None
        if not name:
            name, number = f"K{number}", number + 1
            from_ = [
                old for old, held in known.items() if old in kept.values() and _close(held, now[cluster])
            ]
            event, other = ("split", _nearest(from_, known, now[cluster])) if from_ else ("new", None)
        rows.append(_row(name, cluster, sorted(now[cluster]), event, other, this))
    for name in sorted(known.keys() - set(kept.values()), key=lambda name: int(name[1:])):
        into = [cluster for cluster in clusters if _close(known[name], now[cluster])]
        if into:
            home = max(into, key=lambda cluster: len(known[name] & now[cluster]))
            heir = next(row["name"] for row in rows if row["cluster"] == home)
            rows.append(_row(name, None, sorted(known[name]), "merged", heir, this))
        elif latest[name]["event"] != "lost":
            rows.append(_row(name, None, sorted(known[name]), "lost", None, this))
    same = [_told(latest[row["name"]]) == _told(row) for row in rows if row["name"] in latest]
    return [] if len(same) == len(rows) and all(same) else rows


def lasting(findings: Findings, rows: Sequence[Row]) -> Findings:
    """The findings with the name each group keeps, and how it changed when groups last changed."""
    if not rows:
        return findings
    this = max(row["round"] for row in rows)
    named = {row["cluster"]: row for row in rows if row["round"] == this and row["cluster"]}
    before = {row["name"]: row for row in sorted(rows, key=lambda row: row["round"]) if row["round"] < this}
    joined: dict[str, list[str]] = {}
    for row in rows:
        if row["event"] == "merged":
            joined.setdefault(row["other"], []).append(row["name"])

    def one(group: Group) -> Group:
        row = named.get(group.id)
        if row is None:
            return group
        now = {member.account for member in group.accounts}
        old = before.get(row["name"])
        was = set(old["accounts"]) if old else now
        known = Lasting(
            row["name"],
            len(now - was),
            len(was - now),
            sorted(joined.get(row["name"], []), key=lambda name: int(name[1:])),
            next((r["other"] for r in rows if r["name"] == row["name"] and r["event"] == "split"), None),
        )
        return msgspec.structs.replace(group, lasting=msgspec.structs.replace(known, says=_says(known)))

    return msgspec.structs.replace(findings, groups=[one(group) for group in findings.groups])


def _says(known: Lasting) -> str:
    parts = [f"Keeps the name {known.name} in this case when files are added."]
    if known.joined or known.left:
        parts.append(
            f"Since the groups of the case last changed, {words.count(known.joined, 'account')} joined and "
            f"{known.left:,} left."
        )
    if known.absorbed:
        parts.append(f"It took in what was {' and '.join(known.absorbed)}.")
    if known.parted:
        parts.append(f"It parted from {known.parted}.")
    return " ".join(parts)


def _matched(known: dict[str, set[str]], now: dict[str, set[str]]) -> dict[str, str]:
    """cluster -> the known name it keeps, most shared members first; each name goes to one group."""
    near = sorted(
        (-len(held & accounts), int(name[1:]), place, name, cluster)
        for name, held in known.items()
        for place, (cluster, accounts) in enumerate(now.items())
        if _close(held, accounts)
    )
    kept: dict[str, str] = {}
    for *_, name, cluster in near:
        if cluster not in kept and name not in kept.values():
            kept[cluster] = name
    return kept


def _close(one: set[str], two: set[str]) -> bool:
    both = len(one & two)
    inside = both >= 3 and both >= HALF * min(len(one), len(two))
    return both > 0 and (both >= LEAST * len(one | two) or inside)


def _nearest(names: list[str], known: dict[str, set[str]], accounts: set[str]) -> str:
    return max(names, key=lambda name: (len(known[name] & accounts), -int(name[1:])))


def _row(
    name: str, cluster: str | None, accounts: list[str], event: str, other: str | None, this: int
) -> Row:
    return {
        "name": name,
        "cluster": cluster,
        "accounts": accounts,
        "event": event,
        "other": other,
        "round": this,
    }


def _told(row: Row) -> tuple[Any, ...]:
    return row["cluster"], tuple(row["accounts"] or ()), row["event"] in ("merged", "lost")
