"""Why accounts are shown together, and what speaks against it, in sentences made from numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concerted import words
from concerted.explaining.shown import horizon

Row = Mapping[str, Any]

TIERS = {
    "anchored": "",
    "exclusive": " that almost only they touched",
    "same-second": "",
}
DAILY = ("domain", "hashtag", "mention")
FEW_DAYS = 5
FEW_OBJECTS = 4
MOST_RATIO = 100  # beyond it the divisor is nearly nothing, and digits would only pretend
OLDER = (
    "Counted is only what was made before the day before, each thing once, since a match, a meeting or the "
    "news of the day brings strangers together over what is new. A list of older things would, too, so it is "
    "asked besides whether these accounts were opened together."
)
AUDIENCE = "The file cannot tell an audience from subordinates: many follow an account for its own sake."


def group(cells: Sequence[Row], when: Mapping[tuple[str, str, int], Row], size: int) -> list[str]:
    """Why a group is shown: one sentence per trace and tier, at the window most of its ties have.

    `cells` are rows of ties inside the group of `size` accounts, `when` holds per (trace, tier, window) the
    distinct `objects` and `days` of the co-acts within the window.
    """
    said = []
    for trace, tier, window in windows(cells):
        ties = [row for row in cells if (row["trace"], row["tier"], row["window_s"]) == (trace, tier, window)]
        accounts = {row[end] for row in ties for end in ("a", "b")}
        together, expected = sum(row["together"] for row in ties), sum(row["expected"] or 0 for row in ties)
        seen = when.get((trace, tier, window), {"objects": 0, "days": 0})
        on = f" on {words.count(seen['days'], 'day')}" if seen["days"] else ""
        who = "Both accounts" if size == 2 else words.count(len(accounts), "account")
        over = f" over {words.count(len(ties), 'pair')}" if len(ties) > 1 else ""
        least = words.small(min(row["q"] for row in ties))
        what = f"{_same(trace, seen['objects'])}{TIERS.get(tier, '')} {words.within(window)}"
        if tier == "jitter":
            different = words.count(seen["objects"], "second", "different seconds")
            what = f"the very same second, {different} in all,"
        said.append(
            f"{who} {words.did(trace)} {what}{on}: {words.count(together, 'occasion')}{over}, where chance "
            f"explains {words.small(expected)} "
            f"({f'smallest q of a pair {least}' if over else f'q = {least}'})."
        )
    return said


def whole(members: Sequence[Row], fdr: float) -> tuple[list[str], list[str]]:
    """What the test of the group as a whole says for it and against it: a large q must not argue for it."""
    reason, q = members[0]["q_reason"], members[0]["q"]
    if q is None:
        return [], [f"There is no q for the group as a whole: {reason.rstrip('.')}."] if reason else []
    if q <= fdr:
        return [f"Tested as a group on days that did not form it: q = {words.small(q)}."], []
    told = (
        f"Tested as a group on days that did not form it, it does not pass (q = {words.small(q)}): its "
        "accounts are found one by one, over all days."
    )
    return [], [told]


def _same(trace: str, objects: int) -> str:
    one, many = words.objects(trace, 1).removeprefix("1 "), words.objects(trace, 2).removeprefix("2 ")
    if objects == 1:
        return f"the same {one}"
    # objects that count anew each day are no number of different things
    number = f"{objects:,} " if objects and trace not in DAILY else ""
    return f"the same {number}{many}"


def windows(cells: Sequence[Row]) -> list[tuple[str, str, int]]:
    """Per trace and tier the window in which most ties have their smallest p, ties in number first."""
    best: dict[tuple[str, str, str, str], Row] = {}
    for row in cells:
        key = (row["a"], row["b"], row["trace"], row["tier"])
        if key not in best or (row["p"], row["window_s"]) < (best[key]["p"], best[key]["window_s"]):
            best[key] = row
    votes: dict[tuple[str, str], Counter[int]] = {}
    for row in best.values():
        votes.setdefault((row["trace"], row["tier"]), Counter())[row["window_s"]] += 1
    smallest: dict[tuple[str, str], float] = {}
    for row in best.values():
        test = (row["trace"], row["tier"])
        smallest[test] = min(row["p"], smallest.get(test, 1.0))
    order = sorted(votes.items(), key=lambda item: (-item[1].total(), smallest[item[0]], item[0]))
    return [
        (trace, tier, min(count, key=lambda window: (-count[window], window)))
        for (trace, tier), count in order
    ]


def leader(cells: Sequence[Row]) -> list[str]:
    """Which account goes first in most ties, where one does in at least two; it may stand outside them."""
    firsts = Counter(row["leader"] for row in {(r["a"], r["b"], r["leader"]): r for r in cells}.values())
    firsts.pop(None, None)
    if not firsts:
        return []
    account = min(firsts, key=lambda name: (-firsts[name], name))
    pairs = len({(row["a"], row["b"]) for row in cells if account in (row["a"], row["b"])})
    if firsts[account] < 2 and pairs > 1:
        return []
    own = len({(r["a"], r["b"]) for r in cells if r["leader"] == account and account in (r["a"], r["b"])})
    others = firsts[account] - own
    said = [f"goes first in {own} of its {words.count(pairs, 'tie')}"] if own else []
    said += [f"acts shortly before both in {words.count(others, 'tie')} of others"] if others else []
    return [f"{words.who(account)} {' and '.join(said)}. {AUDIENCE}"]


def occasion(span: Row | None) -> list[str]:
    """What few days and few objects say against it. `span` has `days`, `first`, `last`, `objects`."""
    if span is None:
        return []
    first, last, said = words.utc(span["first"], "day"), words.utc(span["last"], "day"), []
    if span["days"] == 1:
        said.append(f"All of it happened on one day ({first}): one occasion brings strangers together too.")
    elif span["days"] < FEW_DAYS:
        said.append(
            f"All of it happened on {span['days']} days from {first} to {last}: a few occasions can bring "
            "strangers together too."
        )
    if span["objects"] < FEW_OBJECTS:
        said.append(f"It rests on {words.count(span['objects'], 'object')} only.")
    return said


def set_(row: Row, size: int) -> list[str]:
    """Why a set is shown, from one of its rows, and the number of its members."""
    rest = row["named"] - size
    left = f" {rest:,} more were so named and do not." if rest else ""
    said = [
        f"{words.count(size, 'account')}, named because {_named(row)}. Each acts with others of them more "
        f"than once, and more often than chance gives.{left}",
        *([OLDER] if row["older"] else []),
        f"All so named {words.did(row['trace'])} {_same(row['trace'], 0)} {words.within(row['window_s'])} "
        f"{_ratio(row['ratio'])} times as often as their own promptness explains (95 % interval "
        f"{_ratio(row['low'])} to {_ratio(row['high'])}; {words.count(row['days'], 'day')} with data; "
        f"q = {words.small(row['q'])}).",
    ]
    if row["answer"] != "found":
        said.append(f"Unresolved: {(row['because'] or 'an innocent cause was not ruled out').rstrip('.')}.")
    return said


def _named(row: Row) -> str:
    if row["kind"] == "cohort":
        return f"they were {row['basis'] or 'opened at the same time'}, without looking at when they act"
    if row["older"]:
        return "they share the same things, without looking at when"
    near = words.span(horizon(row["trace"], row["window_s"]))
    return f"they share the same things within {near} of each other, without looking at when within that"


def _ratio(value: float) -> str:
    return f"{value:.1f}" if value < MOST_RATIO else f"more than {MOST_RATIO}"


def set_against(row: Row) -> list[str]:
    """What speaks against a set, from what it is."""
    return [
        "Members were not found one by one: the evidence is about the set, and some may be in it by chance.",
        *(
            ["Friends, fans, colleagues and readers of one source share the same things, too."]
            if row["kind"] == "community"
            else ["A product launch, an election or a campaign to join opens many accounts at once, too."]
        ),
    ]


def lead(size: int, traces: Iterable[str]) -> str:
    """What a lead is, the innocent reading first."""
    return (
        f"Friends, fans, colleagues or readers of one source look like this: {words.count(size, 'account')} "
        f"whose sharing is alike in {', '.join(traces)}. A lead, not a finding: no error rate belongs to it."
    )
