"""Groups keep their names while files are added: no name is given twice, no row is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from concerted.case import Case
from concerted.detect import detect
from concerted.explaining.lasting import renamed
from concerted.serving import CaseDesk

Row = dict[str, Any]


def groups(*members: str) -> list[Row]:
    """One group per text, each letter an account; the largest first, as the stage does."""
    order = sorted(members, key=lambda one: -len(one))
    return [
        {"cluster": f"G{place}", "account": letter} for place, some in enumerate(order, 1) for letter in some
    ]


def run(*rounds: list[Row]) -> list[Row]:
    """All rows after these tables of groups followed one another."""
    rows: list[Row] = []
    for one in rounds:
        rows = [*rows, *renamed(rows, one)]
    return rows


def last(rows: list[Row]) -> dict[str, tuple[str, str, str | None]]:
    """members -> name, event and other in the last round."""
    this = max(row["round"] for row in rows)
    return {
        "".join(row["accounts"]): (row["name"], row["event"], row["other"])
        for row in rows
        if row["round"] == this
    }


def test_names_stay_when_sizes_turn_the_ids_round() -> None:
    rows = run(groups("abcde", "xyz"), groups("abcde", "uvwxyz"))
    assert last(rows) == {"abcde": ("K1", "kept", None), "uvwxyz": ("K2", "kept", None)}
    assert [row["cluster"] for row in rows if row["name"] == "K2"] == ["G2", "G1"]


def test_nothing_is_written_where_nothing_changed() -> None:
    once = run(groups("abcde", "xyz"))
    assert renamed(once, groups("abcde", "xyz")) == []
    assert renamed([], []) == []


def test_a_new_group_gets_a_new_name_even_after_one_was_lost() -> None:
    rows = run(groups("abcde", "xyz"), groups("abcde"), groups("abcde", "pqr"))
    assert last(rows) == {"abcde": ("K1", "kept", None), "pqr": ("K3", "new", None)}
    assert [row["event"] for row in rows if row["name"] == "K2"] == ["new", "lost"]


def test_a_lost_group_that_comes_back_has_its_name_again() -> None:
    rows = run(groups("abcde", "xyz"), groups("abcde"), groups("abcde", "xyz"))
    assert last(rows)["xyz"] == ("K2", "kept", None)


def test_of_two_that_become_one_the_larger_part_gives_the_name() -> None:
    rows = run(groups("abcde", "xyz"), groups("abcdexyz"))
    assert last(rows) == {"abcdexyz": ("K1", "kept", None), "xyz": ("K2", "merged", "K1")}


def test_of_one_that_parts_the_nearer_part_keeps_the_name() -> None:
    rows = run(groups("abcdefgh"), groups("abcde", "fgh"))
    assert last(rows) == {"abcde": ("K1", "kept", None), "fgh": ("K2", "split", "K1")}


@given(st.lists(st.lists(st.text("abcdefgh", min_size=2, max_size=6), max_size=3), min_size=1, max_size=5))
def test_a_name_is_never_one_of_two_and_rows_only_come(rounds: list[list[str]]) -> None:
    rows: list[Row] = []
    for texts in rounds:
        taken: set[str] = set()
        parts = []
        for text in texts:
            mine = "".join(sorted(set(text) - taken))
            taken |= set(mine)
            parts += [mine] if len(mine) > 1 else []
        before = [dict(row) for row in rows]
        added = renamed(rows, groups(*parts))
        assert rows == before
        named = [row["name"] for row in added if row["cluster"]]
        assert len(named) == len(set(named)) == (len(parts) if added else 0)
        known = {row["name"] for row in rows}
        assert all((row["name"] in known) == (row["event"] in ("kept", "merged", "lost")) for row in added)
        rows = [*rows, *added]


def test_a_case_keeps_names_and_its_findings_stay_free_of_history(tmp_path: Path) -> None:
    """Two files one after the other: the report tells who joined; findings are those of both at once."""
    files = [export(tmp_path / f"{n}.csv", n, size) for n, size in ((1, 5), (2, 8))]
    first = detect(files[0], into=tmp_path / "case")
    second = detect(files[1], into=tmp_path / "case")
    assert [len(found.groups[0].accounts) for found in (first, second)] == [5, 8]
    assert second == detect(*files, into=tmp_path / "once")
    rows = Case(tmp_path / "case").table("names").rows()
    assert [(row["name"], row["event"], len(row["accounts"]), row["round"]) for row in rows] == [
        ("K1", "new", 5, 1),
        ("K1", "kept", 8, 2),
    ]
    told = "Since the groups of the case last changed, 3 accounts joined and 0 left."
    assert told in (tmp_path / "case" / "report.html").read_text("utf-8")
    assert told not in (tmp_path / "once" / "report.html").read_text("utf-8")
    shown = CaseDesk(tmp_path / "case").findings()
    assert shown is not None and shown.groups[0].lasting is not None
    assert (shown.groups[0].lasting.name, shown.groups[0].lasting.joined) == ("K1", 3)
    detect(into=tmp_path / "case")
    assert Case(tmp_path / "case").table("names").rows() == rows


def export(path: Path, part: int, size: int) -> Path:
    """Ten days in which so many accounts share the same pages within seconds, in a crowd that takes hours."""
    rng = np.random.default_rng(part)
    rows = ["post_id,account_id,created_at,text,url"]
    for turn in range(40):
        start = datetime(2024, 3, 10 * part - 9, tzinfo=UTC) + timedelta(hours=6 * turn)
        people = rng.choice(60, 12, replace=False)
        when = [(f"p{person}", float(rng.uniform(0, 20_000))) for person in people]
        if turn % 2:
            when += [(f"m{member}", 3000 + float(rng.uniform(0, 20))) for member in range(size)]
        for account, seconds in when:
            time = (start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.append(f"{part}{len(rows):05d},{account},{time},see it,https://news.example/{part}-{turn}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path
