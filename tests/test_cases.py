"""Cases as data: a few posts in, exact events out, on every engine.

A file in `cases/` holds a list of cases: `says` (one line), `trace`, `options` of the trace, `posts` (as in
`rows.posts`), and what must come out: `events` as [account, object, time, post], `objects` as {object:
{column: value}} for the columns named, `left_out` as {reason: count} in full, `limits` as beginnings of the
sentences people must be told. An object `~some words` is the key of a text that was reduced to these words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rows
import yaml

from concerted import registry
from concerted.stages import trace
from concerted.traces.near.objects import key

TIES = "ties.yml"  # goes on to ties, so it is run where those are tested
FILES = sorted(path for path in (Path(__file__).parent / "cases").glob("*.yml") if path.name != TIES)
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['says']}")
    for path in FILES
    for case in yaml.safe_load(path.read_text("utf-8"))
]


def keyed(name: str) -> str:
    return key(name[1:]) if name.startswith("~") else name


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any], engine: Any) -> None:
    member = registry.find("traces", case["trace"])(**case.get("options", {}))
    events, objects, ledger, made, *_ = member.events(rows.posts(*case["posts"]), engine)
    found = [[row["account"], row["object"], row["time"], row["post"]] for row in events.to_pylist()]
    wanted = [
        [account if ":" in account else f"x:{account}", keyed(name), rows.moment(time), post]
        for account, name, time, post in case["events"]
    ]
    assert found == sorted(wanted, key=lambda event: (event[1], event[2], event[0]))
    by_name = {row["object"]: row for row in objects.to_pylist()}
    assert sorted(by_name) == sorted({event[1] for event in wanted})
    for name, columns in case.get("objects", {}).items():
        for column, value in columns.items():
            value = rows.moment(value) if column == "origin" and value else value
            assert by_name[keyed(name)][column] == value, (name, column)
    if "left_out" in case:
        counted = {row["reason"].partition(": ")[2]: row["count"] for row in ledger.to_pylist()}
        assert counted == case["left_out"]
    told = [row["says"] for row in made.to_pylist() if row["limit"]]
    for beginning in case.get("limits", []):
        assert any(says.startswith(beginning) for says in told), told


def test_every_trace_has_a_case() -> None:
    assert {case.values[0]["trace"] for case in CASES} >= set(registry.BUILTIN["traces"])


@pytest.mark.parametrize("case", CASES)
def test_order_of_rows_changes_nothing(case: dict[str, Any]) -> None:
    posts = rows.posts(*case["posts"])
    backwards = rows.Table("posts", posts.to_arrow().take(list(reversed(range(len(posts))))))
    config = trace.Trace((case["trace"],), {case["trace"]: case.get("options", {})})
    forth, back = (list(trace.run({"posts": one}, config)) for one in (posts, backwards))
    assert [name for name, _ in forth] == [name for name, _ in back]
    assert all(one.equals(other) for (_, one), (_, other) in zip(forth, back, strict=True))
