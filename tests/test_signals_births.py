"""Openings and templates: known batches are told, honest ones are not, tests are what they claim to be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import hypergeom

from concerted import schema
from concerted.engines import open_engine
from concerted.signals import _exact, _scan, _shapes, _surge
from concerted.signals._judged import judged
from concerted.signals._matched import match
from concerted.signals.births import Births
from concerted.signals.template import Template
from concerted.table import Table

DAY = _scan.DAY
T0 = datetime(2019, 1, 1, tzinfo=UTC)


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    return Table(name, pa.Table.from_pylist(rows, schema=schema.arrow(name)))


def crowd(count: int, seed: int, days: float = 720.0) -> list[dict[str, Any]]:
    """Accounts opened at any time over two years, with handles of several forms."""
    rng = np.random.default_rng(seed)
    return [
        {
            "account": f"x:c{place:05d}",
            "platform": "x",
            "name": f"Somebody {place}",
            "avatar": f"https://img.example/{place}.jpg",
            "handle": "".join(chr(97 + c) for c in rng.integers(0, 26, 6))
            + str(rng.integers(1, 10 ** rng.integers(1, 6))),
            "bio": f"I like number {place} and the letter {chr(97 + place % 26)} a lot",
            "opened": T0 + timedelta(days=float(rng.uniform(0, days))),
        }
        for place in range(count)
    ]


def group(size: int, hours: float, seed: int = 9) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [
        {
            "account": f"x:g{place:02d}",
            "platform": "x",
            "handle": f"Berta{rng.integers(10**7, 10**8)}",
            "name": "Berta Beispiel",
            "bio": "Proud mother of three, loves the sea and her dog",
            "avatar": "https://img.example/9f2c.jpg",
            "opened": T0 + timedelta(days=300, hours=float(rng.uniform(0, hours))),
        }
        for place in range(size)
    ]


def subjects(*groups: tuple[str, str, list[str]]) -> pa.Table:
    rows = [
        {"subject_kind": kind, "subject": name, "account": account}
        for kind, name, accounts in groups
        for account in accounts
    ]
    kinds = [("subject_kind", pa.string()), ("subject", pa.string()), ("account", pa.string())]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def said(signal: Any, asked: pa.Table, profiles: list[dict[str, Any]], **more: Table) -> list[dict[str, Any]]:
    tables: Mapping[str, Table] = {
        "posts": table("posts", []),
        "accounts": table("accounts", profiles),
        **more,
    }
    return list(schema.check("notes", signal.notes(asked, tables, open_engine())).to_pylist())


def of_groups(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [note for note in notes if note["subject_kind"] != "file"]


MEMBERS = [f"x:g{place:02d}" for place in range(12)]
NAMED = ("the north", "up here", "far away", "the east", "a hill", "the bay", "a mill", "the end") * 2


def test_tails_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    total = rng.integers(1, 60, 300)
    marked, drawn = rng.integers(0, total + 1), rng.integers(0, total + 1)
    hits = rng.integers(0, 30, 300)
    own = _exact.tail(hits, marked, drawn, total)
    assert np.allclose(own, hypergeom.sf(hits - 1, total, marked, drawn), rtol=1e-8, atol=1e-300)
    assert _exact.tail(12, 12, 12, 17_000)[0] == pytest.approx(
        float(hypergeom.sf(11, 17_000, 12, 12)), rel=1e-6
    )


def test_a_sum_over_strata_is_that_of_enumeration() -> None:
    marked, drawn, total = np.array([2, 3]), np.array([2, 2]), np.array([6, 7])
    brute = sum(
        hypergeom.pmf(a, 6, 2, 2) * hypergeom.pmf(b, 7, 3, 2)
        for a in range(3)
        for b in range(3)
        if a + b >= 3
    )
    assert _exact.over_strata(3, marked, drawn, total) == pytest.approx(float(brute))
    assert _exact.over_strata(0, marked, drawn, total) == pytest.approx(1.0)


def test_accounts_opened_together_speak_for() -> None:
    (note,) = of_groups(said(Births(), subjects(("cluster", "G1", MEMBERS)), crowd(800, 1) + group(12, 20)))
    assert note["leans"] == "for" and note["q"] < 1e-6 and note["low"] > 5
    assert note["says"].startswith("12 of 12 accounts were opened within ")
    assert "(2019-10-28)" in note["says"]


def test_a_group_that_is_merely_young_is_no_batch() -> None:
    young = [{**row, "opened": T0 + timedelta(days=630 + 7 * n)} for n, row in enumerate(group(12, 1))]
    for note in of_groups(said(Births(), subjects(("cluster", "G1", MEMBERS)), crowd(800, 1) + young)):
        assert note["leans"] == "none" and note["p"] > 0.05


def test_a_wave_that_brings_everybody_is_no_batch() -> None:
    wave = [{**row, "opened": T0 + timedelta(days=300, hours=n % 48)} for n, row in enumerate(crowd(400, 2))]
    wave = [{**row, "account": f"x:w{n}"} for n, row in enumerate(wave)]
    for note in of_groups(
        said(Births(), subjects(("cluster", "G1", MEMBERS)), crowd(400, 1) + wave + group(12, 48))
    ):
        assert note["leans"] == "none" and note["p"] > 0.05, note["says"]


def test_false_batches_stay_at_the_stated_rate() -> None:
    rng = np.random.default_rng(4)
    time = (rng.uniform(0, 900, 1500) * DAY).astype(np.int64)
    time[:300] = (400 * DAY + rng.uniform(0, 5 * DAY, 300)).astype(np.int64)  # a wave
    p = []
    for _ in range(150):
        inside = np.zeros(1500, bool)
        inside[rng.choice(1500, 25, replace=False)] = True
        found = _scan.scan(time, inside, rng, times=99)
        p.append(1.0 if found is None else found.p)
    # 150 draws: 14 or more at 0.05 has a chance of under 1 in 50 if the level holds
    assert sum(one <= 0.05 for one in p) <= 13
    assert sum(one <= 0.01 for one in p) <= 6


def test_windows_across_blocks_are_counted_whole() -> None:
    edge = 4 * _scan.BLOCK
    time = np.concatenate(
        [np.linspace(edge - 80 * DAY, edge + 80 * DAY, 200), edge + np.linspace(-DAY, DAY, 8)]
    )
    inside = np.arange(208) >= 200
    found = _scan.scan(time.astype(np.int64), inside, np.random.default_rng(1))
    assert found is not None and found.hits == 8 and found.p < 1e-4


def test_dates_known_to_the_day_are_not_asked_about_hours() -> None:
    days = np.random.default_rng(1).integers(0, 200, 300) * DAY
    days[:10] = 100 * DAY
    found = _scan.scan(days, np.arange(300) < 10, np.random.default_rng(1))
    assert found is not None and found.width == DAY and found.hits == 10


def test_sets_named_by_opening_date_are_not_tested_on_it() -> None:
    chosen = table("sets", [{"set": "S1", "kind": "cohort", "account": one} for one in MEMBERS])
    profiles = crowd(800, 1) + group(12, 30)
    assert of_groups(said(Births(), subjects(("set", "S1", MEMBERS)), profiles, sets=chosen)) == []
    chosen = table("sets", [{"set": "S1", "kind": "community", "account": one} for one in MEMBERS])
    (note,) = of_groups(said(Births(), subjects(("set", "S1", MEMBERS)), profiles, sets=chosen))
    assert note["leans"] == "for"


def test_openings_that_a_set_was_found_by_are_told_and_not_tested_again() -> None:
    row = {"set": "S1", "kind": "community", "older": True, "answer": "found"}
    chosen = table("sets", [{**row, "account": one} for one in MEMBERS])
    profiles = crowd(800, 1) + group(12, 30)
    (note,) = of_groups(said(Births(), subjects(("set", "S1", MEMBERS)), profiles, sets=chosen))
    assert (note["leans"], note["p"], note["q"]) == ("for", None, None)
    assert "would not have been found without it" in note["says"]
    assert note["says"].count("is opened together, too.") == 1
    chosen = table("sets", [{**row, "answer": "unresolved", "account": one} for one in MEMBERS])
    (note,) = of_groups(said(Births(), subjects(("set", "S1", MEMBERS)), profiles, sets=chosen))
    assert note["p"] < 1e-3


def judge(*asked: tuple[str, str, float | None], **more: object) -> list[dict[str, Any]]:
    """Notes from rows of (signal, subject, p), all told and beyond what is usual."""
    rows = [
        {"subject_kind": "cluster", "subject": subject, "signal": signal, "says": "", "p": p, "beyond": True}
        for signal, subject, p in asked
    ]
    return judged([{**row, **more} for row in rows], {"one": 0.05, "other": 0.05}).to_pylist()


def test_q_pays_for_all_groups_and_all_signals() -> None:
    notes = judge(("one", "G1", 0.01), ("one", "G2", 0.02), ("other", "G1", 0.9), ("other", "G2", None))
    assert [note["q"] for note in notes] == pytest.approx([0.03, 0.03, 0.9, None])
    assert [note["leans"] for note in notes] == ["for", "for", "none", "none"]


def test_questions_of_one_signal_share_the_weight_of_one_test() -> None:
    many = [("other", "G1", 1.0)] * 20
    (first, *_) = judge(("one", "G1", 0.02), *many)
    assert first["q"] == pytest.approx(0.04), "two tests in all, however many questions one of them has"
    (first, *_) = judge(("other", "G1", 0.02), *many)
    assert first["q"] == pytest.approx(21 * 0.02)
    (first, *_) = judge(("other", "G1", 0.02), *many, paid=True)
    assert first["q"] == pytest.approx(21 * 0.02), "each is a test of its own"


def test_what_all_signals_say_of_groups_without_any_sign_is_seldom_for() -> None:
    rng, wrong = np.random.default_rng(3), 0
    for _ in range(400):
        asked = [
            (signal, f"G{place}", float(rng.random()))
            for signal in ("one", "other")
            for place in (1, 2, 2, 2)
        ]
        wrong += any(note["leans"] == "for" for note in judge(*asked))
    assert wrong <= 32, "one run in twenty is 20 of 400, give or take 4"


def test_one_template_speaks_for_and_names_nothing() -> None:
    asked = subjects(("cluster", "G1", MEMBERS), ("account", "x:c00001", ["x:c00001"]))
    notes = said(Template(), asked, crowd(800, 1) + group(12, 3000))
    kinds = " ".join(note["says"] for note in notes)
    assert {note["leans"] for note in notes} == {"for"} and {note["subject"] for note in notes} == {"G1"}
    for part in (
        "a capitalised word, then eight digits",
        "same display name",
        "same profile text",
        "same profile picture",
    ):
        assert part in kinds
    for secret in ("Berta", "mother", "9f2c"):
        assert secret not in str(notes)


def test_a_handle_has_one_form_and_one_note() -> None:
    notes = said(Template(), subjects(("cluster", "G1", MEMBERS)), crowd(800, 1) + group(12, 3000))
    assert sum("have a handle of one form" in note["says"] for note in notes) == 1
    assert len(notes) == 4


def test_edited_profile_texts_and_altered_pictures_are_alike() -> None:
    rng = np.random.default_rng(4)
    look = int.from_bytes(rng.bytes(32))
    ours = [
        {
            **row,
            "handle": None,
            "name": None,
            "bio": f"Proud mother of three from {NAMED[place]}, loves the sea and her dog",
            "avatar": f"{look ^ (1 << 5 * place) ^ (1 << 7 * place):064x}",
        }
        for place, row in enumerate(group(12, 3000))
    ]
    crowded = [{**row, "handle": None, "avatar": rng.bytes(32).hex()} for row in crowd(800, 1)]
    notes = said(Template(), subjects(("cluster", "G1", MEMBERS)), crowded + ours)
    assert sorted(note["value"] for note in notes) == [1.0, 1.0]
    told = " ".join(note["says"] for note in notes)
    assert "the same profile text or one edited from it" in told and "the same profile picture" in told


def test_empty_pictures_are_nobodys() -> None:
    blank = [
        {**row, "handle": None, "name": None, "bio": None, "avatar": "0" * 64} for row in group(12, 3000)
    ]
    assert said(Template(), subjects(("cluster", "G1", MEMBERS)), crowd(800, 1) + blank) == []


def test_a_batch_is_told_among_few_accounts_too() -> None:
    few = crowd(150, 1)  # nine on either side within 45 days
    (note,) = [one for one in said(Births(), subjects(), few + group(30, 60)) if one["leans"] == "for"]
    assert "30" in note["says"] and "opened in the year before and after" in note["says"]
    assert not [one for one in said(Births(), subjects(), few) if one["leans"] == "for"]


def test_others_opened_just_then_are_counted_beside() -> None:
    (note,) = of_groups(said(Births(), subjects(("cluster", "G1", MEMBERS)), crowd(800, 1) + group(12, 30)))
    assert "if members were drawn by lot from these and" in note["says"]
    others = int(note["reference"].split()[0])
    assert 60 <= others <= 260, "one quarter or two of 800 accounts in two years"


def test_forms_that_everybody_has_are_no_template() -> None:
    everybody = [{**row, "handle": f"Anna{10**7 + n}"} for n, row in enumerate(crowd(800, 1))]
    plain = [
        {**row, "name": None, "bio": None, "avatar": "https://x.example/default_profile.png"}
        for row in group(12, 3000)
    ]
    assert said(Template(), subjects(("cluster", "G1", MEMBERS)), everybody + plain) == []


def test_random_groups_have_no_template() -> None:
    rng, profiles = np.random.default_rng(7), crowd(600, 1)
    names = [row["account"] for row in profiles]
    called = 0
    for place in range(40):
        drawn = sorted(rng.choice(names, 15, replace=False).tolist())
        called += bool(said(Template(), subjects(("cluster", f"G{place}", drawn)), profiles))
    assert called <= 5


def test_hashed_handles_have_no_form() -> None:
    hashes = [f"u{n:014x}" for n in range(10**13, 10**13 + 40)]
    plain = ["anna_berg", "Klaus1980", "x99", "aaaaaaaaaaaaaaaa", "deadbeef"]
    long = ["YVg3MSSFr+udGuojKM1XdoMPUVD28QwADGk6TD9mq0A="] * 2 + ["b" * 43 + "="]
    assert all(map(_shapes.hashed(hashes), hashes))
    assert not any(map(_shapes.hashed(plain), plain))
    assert all(map(_shapes.hashed(long), long))


@pytest.mark.parametrize(
    ("handle", "form", "words"),
    [
        ("AnnaBerg19", "Word Word 9{2}", "two capitalised words, then two digits"),
        ("anna_berg", "a _ a", "small letters, then an underscore, then small letters"),
        ("ANNA12345678", "A 9{8}", "capital letters, then eight digits"),
        ("анна1", "xxxx 9{1}", "letters of another script, then one digit"),
    ],
)
def test_forms_in_words(handle: str, form: str, words: str) -> None:
    assert _shapes.shape(handle) == form
    assert _shapes.spoken(form) == words


def test_a_surge_is_seen_over_the_scatter_of_its_file() -> None:
    rng = np.random.default_rng(2)
    calm = rng.integers(0, 700, 2000)
    assert _surge.surges(calm, 0.05) == []
    (one,) = _surge.surges(np.concatenate([calm, np.full(40, 350)]), 0.05)
    assert (one.start, one.days) == (350, 1) and one.hits >= 40 and one.low > 5


def test_members_without_comparison_are_left_out_and_counted() -> None:
    inside = np.array([True] * 4 + [False] * 30)
    cells = np.array([0, 0, 1, 1] + [0] * 30)
    found = match(inside, ~inside, [cells])
    assert found.unmatched == 2 and found.members.sum() == 2 and found.others.sum() == 30 and found.enough
    assert not match(inside, np.zeros(34, bool), [cells]).enough


def test_notes_do_not_depend_on_the_order_of_rows() -> None:
    profiles = crowd(300, 1) + group(12, 30)
    for signal in (Births(), Template()):
        there = said(signal, subjects(("cluster", "G1", MEMBERS)), profiles)
        back = said(signal, subjects(("cluster", "G1", MEMBERS[::-1])), profiles[::-1])
        assert there == back


@pytest.mark.parametrize("seed", range(5))
def test_many_marks_at_once_are_told_as_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inside = rng.random(400) < 0.1
    matched = match(inside, ~inside & (rng.random(400) < 0.9), [rng.integers(0, 6, 400), np.zeros(400, int)])
    code = rng.integers(-1, 7, 400)
    codes = np.array([0, 2, 3, 6])
    for which, (hits, p, usual) in zip(codes, matched.shares(code, codes), strict=True):
        assert (hits, p) == matched.share(code == which)
        assert usual == pytest.approx(matched.expected(code == which), rel=1e-12)
    assert not list(matched.shares(code, codes[:0]))
