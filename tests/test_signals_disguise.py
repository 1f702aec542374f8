"""Disguise: what changed of members is told against accounts that were looked at alike, and names nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from concerted import schema
from concerted.engines import open_engine
from concerted.signals import _snapshots
from concerted.signals._breaks import breaks
from concerted.signals._dormancy import dormancy
from concerted.signals.disguise import Disguise
from concerted.table import Table

T0 = datetime(2018, 1, 1, tzinfo=UTC)
MEMBERS = [f"x:g{place:02d}" for place in range(8)]
CROWD = [f"x:c{place:03d}" for place in range(60)]


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    return Table(name, pa.Table.from_pylist(rows, schema=schema.arrow(name)))


def tables(posts: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> dict[str, Table]:
    return {"posts": table("posts", posts), "accounts": table("accounts", accounts)}


def said(
    posts: list[dict[str, Any]], accounts: list[dict[str, Any]], kind: str = "cluster"
) -> list[dict[str, Any]]:
    asked = pa.Table.from_pylist([{"subject_kind": kind, "subject": "G1", "account": one} for one in MEMBERS])
    found = Disguise().notes(asked, tables(posts, accounts), open_engine())
    return list(schema.check("notes", found).to_pylist())


def life(account: str, days: np.ndarray, **values: Any) -> list[dict[str, Any]]:
    return [
        {
            "account": account,
            "platform": "x",
            "post": f"{account}-{number}",
            "kind": "original",
            "time": T0 + timedelta(days=float(day)),
            **{name: value(number) if callable(value) else value for name, value in values.items()},
        }
        for number, day in enumerate(days)
    ]


def steady(seed: int, posts: int = 90) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).uniform(0, 600, posts))


def woken(seed: int, silent: float = 300.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [np.sort(rng.uniform(0, 250, 30)), 260 + silent + np.sort(rng.integers(0, 10, 60) + rng.random(60))]
    )


def everybody(member: Any, other: Any) -> list[dict[str, Any]]:
    rows = [row for seed, one in enumerate(CROWD) for row in other(one, seed + 100)]
    return rows + [row for seed, one in enumerate(MEMBERS) for row in member(one, seed)]


def test_silence_and_then_work_speaks_for() -> None:
    posts = everybody(lambda one, seed: life(one, woken(seed)), lambda one, seed: life(one, steady(seed)))
    notes = said(posts, [])
    (note,) = [note for note in notes if "fell silent" in note["says"] and "at once" not in note["says"]]
    assert note["leans"] == "for" and note["value"] == 1.0 and note["q"] < 0.01
    assert note["says"].startswith("8 of 8 accounts fell silent for 180 days or more")


def test_silence_that_others_share_does_not() -> None:
    posts = everybody(lambda one, seed: life(one, woken(seed)), lambda one, seed: life(one, woken(seed)))
    assert not [note for note in said(posts, []) if note["leans"] == "for"]


def test_waking_together_is_told_against_others_that_woke() -> None:
    def other(one: str, seed: int) -> list[dict[str, Any]]:
        return life(one, woken(seed, 200 + 2.5 * (seed % 60)))

    notes = said(everybody(lambda one, seed: life(one, woken(seed, 260.0)), other), [])
    (note,) = [note for note in notes if "did so at once" in note["says"]]
    assert note["leans"] == "for" and note["p"] < 0.01 and note["value"] >= 0.6


@pytest.mark.parametrize(("silent", "held"), [(170.0, False), (190.0, True)])
def test_the_length_of_a_silence_decides(silent: float, held: bool) -> None:
    days = np.concatenate([np.arange(20.0), 19 + silent + np.arange(60) / 20])
    fact = dormancy(
        tables(life("x:a", days) + life("x:b", np.arange(0, 400, 4.0)), []), open_engine(), 180, 3
    )
    assert dict(zip(fact.names.to_pylist(), fact.holds.tolist(), strict=True)).get("x:a", False) is held


def test_a_break_in_language_is_found_and_a_mixture_is_not() -> None:
    turned = life("x:a", np.arange(120.0), lang=lambda n: "en" if n < 60 else "de")
    mixed = life("x:b", np.arange(120.0), lang=lambda n: "en" if n % 2 else "de")
    first = next(iter(breaks(tables(turned + mixed, []), open_engine(), 1)))
    assert first.did == "changed the language they mostly post in"
    assert dict(zip(first.names.to_pylist(), first.holds.tolist(), strict=True)) == {
        "x:a": True,
        "x:b": False,
    }
    when = T0 + timedelta(microseconds=int(first.when[0]) - int(T0.timestamp() * 1e6))  # type: ignore[index]
    assert abs((when - T0).days - 60) <= 7


def test_topic_and_reshares_describe_and_are_not_tested() -> None:
    def turned(one: str, seed: int) -> list[dict[str, Any]]:
        return life(one, np.arange(120.0), tags=lambda n: ["cats"] if n < 60 else ["election"])

    def steady_tags(one: str, seed: int) -> list[dict[str, Any]]:
        return life(one, np.arange(120.0), tags=["cats"])

    (note,) = said(everybody(turned, steady_tags), [])
    assert "changed the hashtags" in note["says"] and note["leans"] == "none"
    assert note["p"] is None and note["q"] is None
    assert "election" not in str(note)


def seen(account: str, followers: list[int], **values: Any) -> list[dict[str, Any]]:
    return [
        {
            "account": account,
            "platform": "x",
            "followers": count,
            "seen": T0 + timedelta(days=2 * place),
            **{name: value(place) if callable(value) else value for name, value in values.items()},
        }
        for place, count in enumerate(followers)
    ]


def test_steps_in_followers_speak_for() -> None:
    accounts = everybody(
        lambda one, seed: seen(one, [200, 203, 900, 905, 640]),
        lambda one, seed: seen(one, [200 + seed, 204 + seed, 207 + seed, 240 + seed, 241 + seed]),
    )
    notes = [note for note in said([], accounts) if note["leans"] == "for"]
    assert len(notes) == 2 and all(
        "8 of 8 accounts saw the number of followers rise" in n["says"] for n in notes
    )
    assert any("lose a fifth of that within 30 days" in note["says"] for note in notes)


def test_accounts_are_compared_with_those_looked_at_as_often() -> None:
    accounts = everybody(
        lambda one, seed: seen(one, [200 + 40 * n for n in range(20)] + [3000]),
        lambda one, seed: seen(one, [200, 204]),
    )
    assert not [note for note in said([], accounts) if note["p"] is not None]


def test_changed_handles_and_empty_profiles_speak_without_being_shown() -> None:
    def renamed(one: str, seed: int) -> list[dict[str, Any]]:
        return seen(one, [10, 10], handle=lambda n: f"secret{seed}_{n}", opened=T0)

    def kept(one: str, seed: int) -> list[dict[str, Any]]:
        return seen(one, [10, 10], handle=f"name{seed}", bio="I have a life", opened=T0)

    notes = said([], everybody(renamed, kept))
    told = " ".join(note["says"] for note in notes if note["leans"] == "for")
    assert "8 of 8 accounts changed their handle" in told
    assert "8 of 8 accounts left their profile text empty" in told
    assert "secret" not in str(notes) and "have a life" not in str(notes)


def test_changes_are_the_same_however_many_accounts_are_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts = everybody(
        lambda one, seed: seen(one, [10, 10, 10], handle=lambda n: f"{seed}_{n // 2}", name="same"),
        lambda one, seed: seen(one, [10, 10], handle=f"name{seed}", name=lambda n: f"name {n}"),
    )

    def told(rows: int) -> list[tuple[list[str], list[bool]]]:
        monkeypatch.setattr(_snapshots, "ROWS", rows)
        facts = _snapshots.changed(tables([], accounts), open_engine())
        return [(fact.names.to_pylist(), fact.holds.tolist()) for fact in facts]

    together = told(len(accounts) + 1)
    assert [sum(holds) for _, holds in together] == [len(MEMBERS), len(CROWD)]
    assert together[0][0] == sorted([*MEMBERS, *CROWD])
    assert told(20) == told(len(accounts)) == together


def test_profile_texts_that_a_file_does_not_carry_are_not_empty() -> None:
    accounts = everybody(
        lambda one, seed: seen(one, [1], opened=T0), lambda one, seed: seen(one, [1], opened=T0, bio="x")
    )
    asked = pa.Table.from_pylist(
        [{"subject_kind": "cluster", "subject": "G1", "account": one} for one in MEMBERS]
    )
    inputs = [{"file": "a", "columns": ["account=a", "bio=b"]}, {"file": "b", "columns": ["account=a"]}]
    notes = Disguise().notes(
        asked, {**tables([], accounts), "inputs": table("inputs", inputs)}, open_engine()
    )
    assert "profile text" not in str(notes.to_pylist())


def test_nothing_is_said_of_single_accounts() -> None:
    posts = everybody(lambda one, seed: life(one, woken(seed)), lambda one, seed: life(one, steady(seed)))
    assert said(posts, [], kind="account") == []


def test_posts_per_day_of_life_describe_only() -> None:
    def profile(pace: float) -> Any:
        return lambda one, seed: seen(one, [9], opened=T0 - timedelta(days=100), posts=int(pace * 100 + seed))

    (note,) = said([], everybody(profile(40), profile(3)))
    assert note["leans"] == "none" and note["p"] is None and "40" in note["says"]
    assert note["low"] <= note["value"] <= note["high"]


def test_notes_do_not_depend_on_the_order_of_rows() -> None:
    posts = everybody(lambda one, seed: life(one, woken(seed)), lambda one, seed: life(one, steady(seed)))
    assert said(posts, []) == said(posts[::-1], [])
