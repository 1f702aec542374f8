"""Posts added to a case give what all of them together give, byte by byte, and cost what they touch."""

from __future__ import annotations

import csv
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concerted.case import Case
from concerted.detect import proceed
from concerted.traces.added import Added

MADE = ("events", "objects", "uses", "ledger", "made")
START = datetime(2024, 3, 1, tzinfo=UTC)
COLUMNS = (
    "post_id", "created_at", "account_id", "text", "urls", "retweet_of_post_id", "retweet_of_account_id",
    "reply_to_post_id", "reply_to_account_id", "conversation_id", "quoted_post_id",
)  # fmt: skip


@st.composite
def posts(draw: st.DrawFn) -> list[dict[str, str]]:
    """Posts of few accounts on few things: reshares, replies, quotes and originals with links and names."""
    rows = []
    for number in range(draw(st.integers(3, 25))):
        kind = draw(st.sampled_from(["own", "own", "reshare", "reply", "quote"]))
        other = draw(st.sampled_from(["", "p0", "p1", "p2", "x1", "x2"]))
        whom = draw(st.sampled_from(["", "u1", "u2"]))
        row = dict.fromkeys(COLUMNS, "") | {
            "post_id": f"p{number}",
            "created_at": (START + timedelta(minutes=draw(st.integers(0, 4000)))).isoformat(),
            "account_id": draw(st.sampled_from(["u1", "u2", "u3", ""])),
            "text": draw(
                st.sampled_from(["hello @u1", "see https://bit.ly/a #now", "", "a word to @u2 and @U2"])
            ),
            "urls": draw(st.sampled_from(["", "https://a.example/1", "http://www.a.example/1?utm_source=x"])),
            "conversation_id": draw(st.sampled_from(["", "p0", "x1"])),
        }
        columns = {"reshare": "retweet_of", "reply": "reply_to"}.get(kind)
        if columns:
            row |= {f"{columns}_post_id": other, f"{columns}_account_id": whom}
        if kind == "quote":
            row["quoted_post_id"] = other
        rows.append(row)
    return rows


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    return path


def made(case: Path) -> dict[str, bytes]:
    return {name: Case(case).part(name, "trace").read_bytes() for name in MADE}


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(rows=posts(), cuts=st.sets(st.integers(1, 24), min_size=1, max_size=3))
def test_added_in_parts_is_as_in_one_go(
    rows: list[dict[str, str]], cuts: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("added")
    places = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    files = [
        written(folder / f"part{number}.csv", rows[start:end])
        for number, (start, end) in enumerate(itertools.pairwise(places))
    ]
    for path in files:
        proceed(folder / "case", (path,), {}, "trace")
    proceed(folder / "together", tuple(files), {}, "trace")
    assert made(folder / "case") == made(folder / "together")


def post(number: int, **cells: str) -> dict[str, str]:
    time = (START + timedelta(minutes=number)).isoformat()
    return dict.fromkeys(COLUMNS, "") | {
        "post_id": f"p{number}",
        "created_at": time,
        "account_id": f"u{number % 5}",
        "text": f"a word {number} https://a.example/{number % 3} @u{number % 4}",
        **cells,
    }


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Which traces were asked to add new posts, and whether they did."""
    asked: dict[str, bool] = {}
    traced = Added.traced

    def noted(self: Added, trace: Any) -> Any:
        found = traced(self, trace)
        asked[trace.name] = found is not None
        return found

    monkeypatch.setattr(Added, "traced", noted)
    return asked


def both(tmp_path: Path, one: list[dict[str, str]], two: list[dict[str, str]]) -> None:
    files = (written(tmp_path / "one.csv", one), written(tmp_path / "two.csv", two))
    for path in files:
        proceed(tmp_path / "case", (path,), {}, "trace")
    proceed(tmp_path / "together", files, {}, "trace")
    assert made(tmp_path / "case") == made(tmp_path / "together")
    assert len(Case(tmp_path / "case").table("events")) > 5


def shared(numbers: range, parent: str = "x1") -> list[dict[str, str]]:
    return [post(n, retweet_of_post_id=parent, retweet_of_account_id="u9") for n in numbers]


def test_traces_that_can_are_run_on_new_posts_alone(tmp_path: Path, seen: dict[str, bool]) -> None:
    own = [post(n) for n in range(10)]
    both(
        tmp_path,
        [*own, *shared(range(10, 20))],
        [*[post(n) for n in range(20, 25)], *shared(range(25, 30), "p3")],
    )
    assert {name for name, did in seen.items() if did} == {
        "link",
        "domain",
        "mention",
        "reshare",
        "reply",
        "quote",
    }
    assert not any(seen[name] for name in ("text", "synchrony"))


def test_a_parent_that_comes_late_makes_its_reshares_anew(tmp_path: Path, seen: dict[str, bool]) -> None:
    # x7 turns out to be of u2, who reshared it: a reshare of one's own post, and no event any more
    late = [post(n, retweet_of_post_id="x7", retweet_of_account_id="") for n in range(10)]
    both(tmp_path, [*late, *shared(range(10, 20))], [post(40, post_id="x7", account_id="u2"), post(41)])
    assert (seen["reshare"], seen["link"]) == (False, True)
    events = Case(tmp_path / "case").table("events").rows()
    acted = {row["account"] for row in events if row["trace"] == "reshare" and row["object"].endswith("x7")}
    assert acted
    assert not any(account.endswith("u2") for account in acted)


def test_words_that_stand_for_a_post_are_compared_with_all(tmp_path: Path, seen: dict[str, bool]) -> None:
    bare = [post(n, text="RT: the very same words of somebody") for n in range(30, 33)]
    both(tmp_path, [post(n) for n in range(10)] + shared(range(10, 20)), bare + shared(range(25, 30)))
    assert seen["link"]


def test_what_was_traced_otherwise_is_not_added_to(tmp_path: Path, seen: dict[str, bool]) -> None:
    one, two = (
        written(tmp_path / "one.csv", shared(range(9))),
        written(tmp_path / "two.csv", shared(range(9, 12))),
    )
    proceed(tmp_path / "case", (one,), {"traces": ["reshare"]}, "trace")
    proceed(tmp_path / "case", (two,), {"traces": ["reshare", "link"]}, "trace")
    assert seen == {}, "another option than before: everything is traced anew"
    three = written(tmp_path / "three.csv", shared(range(12, 15)))
    proceed(tmp_path / "case", (three,), {"clocks": {"x": 5}}, "trace")
    assert seen == {}
