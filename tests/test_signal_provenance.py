"""Provenance: first in these files, in an order that the clock allows, and a list that makes no findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from concerted import privacy, schema
from concerted.engines import open_engine
from concerted.explaining.document import assemble
from concerted.signals import _orders
from concerted.signals._orders import orders, pushed
from concerted.signals._passing import Listed, passing, resolved
from concerted.signals.provenance import Provenance
from concerted.table import Table

START = datetime(2024, 3, 4, tzinfo=UTC)
MEMBERS = [f"x:m{n}" for n in range(4)]
OTHERS = [f"x:o{n}" for n in range(120)]


def act(
    account: str, thing: str, minute: float, step: float = 1.0, trace: str = "link", **more: Any
) -> dict[str, Any]:
    post = f"{account} {thing}".replace(":", "")
    time = START + timedelta(minutes=minute)
    return {
        **{
            "account": account,
            "object": thing,
            "trace": trace,
            "time": time,
            "resolution_s": step,
            "post": post,
        },
        **{
            "urls": more.pop("urls", [thing]),
            "text": "read this",
            "file": "a.csv",
            "row": 3,
            "platform": "x",
        },
        **more,
    }


def tables(acts: list[dict[str, Any]], **more: list[dict[str, Any]]) -> dict[str, Table]:
    bystanders = [act(one, f"https://quiet.example/{one}", 0) for one in OTHERS]
    rows = [*acts, *bystanders]
    keys = sorted({(row["trace"], row["object"]) for row in rows})
    given: dict[str, list[dict[str, Any]]] = {
        "posts": rows,
        "events": rows,
        "objects": [{"trace": trace, "object": key, "label": key} for trace, key in keys],
        "groups": [{"cluster": "G1", "account": one, "ties": 2} for one in MEMBERS],
        **more,
    }
    return {
        name: Table(name, pa.Table.from_pylist(given.get(name, []), schema=schema.arrow(name)))
        for name in ("posts", "accounts", "events", "objects", "groups", "sets", "evidence")
    }


def asked() -> pa.Table:
    return pa.Table.from_pylist(
        [{"subject_kind": "cluster", "subject": "G1", "account": account} for account in MEMBERS]
    )


def said(given: dict[str, Table], **options: Any) -> list[dict[str, Any]]:
    notes = Provenance(**options).notes(asked(), given, open_engine())
    return list(schema.check("notes", notes).to_pylist())


def things(lead: float, number: int = 12, step: float = 1.0) -> list[dict[str, Any]]:
    """Links that 20 others post over hours, a listed account after three of them, members earlier."""
    acts = []
    for place in range(number):
        thing = f"https://news.example/{place}"
        acts += [act(one, thing, 10 * n, step) for n, one in enumerate(OTHERS[20 : 20 + 20])]
        acts += [act("x:outlet", thing, 25, step)]
        acts += [act(one, thing, 25 - lead + n, step) for n, one in enumerate(MEMBERS)]
    return acts


def test_who_had_it_first_in_these_files() -> None:
    whole, *ones = said(tables(things(lead=29)))
    assert whole["says"].startswith(
        "Of 12 texts, links and images that at least 3 members posted, a member had 12 first in these files."
    )
    assert "earlier source that these files do not hold" in whole["says"]
    assert len(ones) == 5 and {one["subject_kind"] for one in ones} == {"object"}
    assert {note["leans"] for note in (whole, *ones)} == {"none"}
    assert "25 accounts posted it, 4 of them members; a member had it first" in ones[0]["says"]


@pytest.mark.parametrize(("lead", "which", "small"), [(24, "ahead", True), (-1, "behind", False)])
def test_order_of_group_and_list(lead: float, which: str, small: bool) -> None:
    (whole,) = said(tables(things(lead)), accounts=("x:outlet",), label="the outlets", timelines=0)
    where = (
        "after members in 12 and before them in 0" if small else "after members in 0 and before them in 12"
    )
    assert f"The outlets had 12 of them, {where}" in whole["says"]
    assert f"being {which}" in whole["says"] and whole["leans"] == "none"
    # most others come after the outlet, too, so being behind it is nothing special
    assert (whole["p"] < 0.05) is small


def test_times_within_one_tick_are_in_no_order() -> None:
    day = 86400.0
    acts = [act(one, "https://a.example/", 0, day) for one in (*MEMBERS, *OTHERS[:9])]
    whole, one = said(tables(acts))
    assert "a member had 0 first" in whole["says"]
    assert "within one tick of the clock" in one["says"]


def test_a_site_on_the_list_is_found_in_posts_and_never_picks_up_itself() -> None:
    acts = [act(one, "text 1", n, trace="text", urls=[]) for n, one in enumerate(MEMBERS)]
    acts += [act("x:o7", "text 1", 30, trace="text", urls=["https://www.outlet.example/story"])]
    acts += [act(one, "https://outlet.example/own", n) for n, one in enumerate((*MEMBERS, "x:o9"))]
    given = tables(acts)
    listed = resolved((), ("outlet.example",), given, open_engine())
    keys = pa.table({"trace": ["link", "text"], "object": ["https://outlet.example/own", "text 1"]})
    own, text = passing(keys, MEMBERS, listed, given, open_engine())
    assert own.own and not own.listed.any()
    assert not text.own and text.listed.tolist() == [False] * 4 + [True]
    assert text.before(text.members, text.listed) is True
    says = [note["says"] for note in said(given, sites=("outlet.example",), label="the outlets")]
    assert any("it lies on a site of the outlets" in one for one in says)


def test_things_asked_for_by_parts_are_told_of_as_those_asked_for_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acts = [
        act(
            one,
            f"text {n}",
            (7 * k + 3 * n) % 11,
            trace="text",
            urls=[f"https://{'outlet' if k == 5 else 'b'}.example/"],
        )
        for n in range(6)
        for k, one in enumerate((*MEMBERS, *OTHERS[:n]))
    ]
    given = tables(acts)
    lists: list[list[str]] = [list(MEMBERS), [*MEMBERS[1:], *OTHERS[:3]], ["x:unseen"], list(OTHERS[:4])]

    def told(listed: Listed) -> list[dict[str, list[Any]]]:
        things = pushed(lists, given, open_engine(), 3, 4)
        every = orders(lists, things, listed, given, open_engine())
        return [{name: values.tolist() for name, values in vars(mine).items()} for mine in every]

    for listed in (
        Listed(frozenset(), frozenset()),
        Listed(frozenset({"x:o1", "x:m2"}), frozenset()),
        Listed(frozenset({"x:o4"}), frozenset({"outlet.example"})),
    ):
        whole = told(listed)
        assert [len(mine["first"]) for mine in whole] == [4, 4, 0, 3]
        things = pushed(lists, given, open_engine(), 3, 4).to_pylist()
        one_by_one = iter(things)
        for mine, accounts in zip(whole, lists, strict=True):
            for place in range(len(mine["first"])):
                key = pa.Table.from_pylist([next(one_by_one)])
                (way,) = passing(key, accounts, listed, given, open_engine())
                others, free = ~way.members, way.members & ~way.listed
                both = bool(way.listed.any() and free.any())
                ahead = way.before(free, way.listed) if both else None
                wanted = {
                    "first": bool(way.members.all() or way.before(way.members, others)),
                    "alone": bool(way.members.all()),
                    "both": both,
                    "ahead": {True: 1, False: -1, None: 0}[ahead],
                    "members": int(free.sum()),
                    "before": int((~way.listed)[: way.first(way.listed)].sum()) if both else 0,
                    "free": int((~way.listed).sum()),
                }
                assert {name: values[place] for name, values in mine.items()} == wanted
        with monkeypatch.context() as few:
            few.setattr(_orders, "TOUCHED", 1)
            assert told(listed) == whole


def test_a_list_needs_a_hundred_accounts_outside_it() -> None:
    note, whole, *_ = said(tables(things(24)), accounts=tuple(OTHERS[:60]))
    assert note["subject_kind"] == "file" and "100 are needed" in note["says"]
    assert "the list" not in whole["says"].lower()


def test_a_list_names_accounts_by_handle_and_only_those_in_the_files() -> None:
    given = tables([], accounts=[{"account": "x:o5", "handle": "Outlet_5", "platform": "x"}])
    listed = resolved(("@outlet_5", "x:o6", "x:nobody", "stranger"), (), given, open_engine())
    assert listed.accounts == {"x:o5", "x:o6"}


def test_the_document_has_a_timeline_and_no_names() -> None:
    given = tables(things(24))
    options = {"accounts": ["x:outlet"], "timelines": 2}
    notes = Provenance(accounts=("x:outlet",), timelines=2).notes(asked(), given, open_engine())
    settings = {"explain": {"signal_options": {"provenance": options}}}
    found = assemble({**given, "notes": Table("notes", notes)}, settings, "0", 1)
    first, second = found.passages
    assert (first.accounts, first.members, sum(first.course.counts), sum(first.course.together)) == (
        25,
        4,
        25,
        4,
    )
    assert sum(first.listed) == 1 and len(first.listed) == len(first.course.counts)
    assert [seen.by for seen in first.seen] == ["anybody", "members", "the list"]
    assert first.seen[2].act.account == "x:outlet" and second.groups == ["G1"]
    for handles in (False, True):
        shown = privacy.redact(found, handles)
        assert "outlet" not in shown.to_json().decode(), "neither in passages nor in settings"
        assert shown.passages[0].seen[2].act.account.startswith("T")


def test_unresolved_sets_get_no_timelines() -> None:
    given = tables(
        things(24), groups=[], sets=[{"set": "S1", "account": one, "answer": "unresolved"} for one in MEMBERS]
    )
    rows = [{"subject_kind": "set", "subject": "S1", "account": account} for account in MEMBERS]
    notes = Provenance().notes(pa.Table.from_pylist(rows), given, open_engine())
    assert notes["subject_kind"].to_pylist() == ["set"]
