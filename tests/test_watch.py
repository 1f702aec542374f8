"""Watching: what appears is read once, a look is made once a day and paid for, and a kill changes nothing."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_resume import KILLED, export, run
from toys.stages import toys

from concerted import runner, schema
from concerted.case import Case
from concerted.cli import main
from concerted.detect import proceed
from concerted.engines import Resources
from concerted.errors import CaseError
from concerted.keeper import Keeper, opened
from concerted.plan import Settings
from concerted.watching.alerts import LOOKS, Look, compare, level, looks
from concerted.watching.arriving import Arriving
from concerted.watching.spool import OPEN, Spool
from concerted.watching.watch import Watch, follow_folder

DAY = 86_400


def filled(folder: Path) -> Path:
    """The folder with a file for each of three days."""
    folder.mkdir()
    for day in range(3):
        lines = [f"{who} o{day} {day * DAY + second}" for second, who in enumerate("abcd"[: day + 2])]
        (folder / f"day{day}.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return filled(tmp_path / "box")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The case of a watch that nobody killed, and what it told."""
    folder = tmp_path_factory.mktemp("undisturbed")
    box = filled(folder / "box")
    ended = run("toys", "-", "-", "watch", str(box), "--into", str(folder / "case"), "--once", "--json")
    assert ended.returncode == 0, ended.stderr
    return folder / "case", ended.stdout.splitlines()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "write_report", lambda findings, path: path.write_bytes(findings.to_json()))


def weighed() -> dict[str, Any]:
    """Toys whose accounts have a q: a to c a small one, d one of a hundredth."""
    stages = toys()
    plain = stages["weigh"].run

    def run(*given: Any) -> Any:
        yield from plain(*given)
        pairs = given[0]["pairs"].to_arrow()
        who = sorted({*pairs["a"].to_pylist(), *pairs["b"].to_pylist()})
        yield "standings", schema.rows("standings", account=who, q=[0.01 if w == "d" else 1e-6 for w in who])

    stages["weigh"].run = run
    return stages


def watched(case: Path, box: Path, stages: dict[str, Any] | None = None) -> list[Look]:
    heard: list[Look] = []
    stages = weighed() if stages is None else stages
    with opened(case, True, "watch", Resources()) as (held, engine):
        keeper = Keeper(held, stages, Settings.route(stages, {}), engine)
        follow_folder(Watch(keeper, lambda line: None, heard.append), box, 1.0, once=True)
    return heard


@pytest.mark.usefixtures("plain")
def test_a_look_a_day_and_what_it_tells(box: Path, tmp_path: Path) -> None:
    heard = watched(tmp_path / "case", box)
    assert [(one.k, one.day) for one in heard] == [(1, "2020-01-01"), (2, "2020-01-02"), (3, "2020-01-03")]
    assert [one.fdr for one in heard] == [level(0.05, k) for k in (1, 2, 3)]
    told = [[(a.group, a.event, a.accounts, a.new) for a in one.alerts] for one in heard]
    # d has a q of .01, over .05 / 12: it is in the group and not told of
    assert told == [[("K1", "appears", 2, 2)], [("K1", "grows", 3, 1)], []]
    assert watched(tmp_path / "case", box) == [], "what was told is not told again"


@pytest.mark.usefixtures("plain")
def test_a_second_file_of_a_day_waits_for_the_next(box: Path, tmp_path: Path) -> None:
    watched(tmp_path / "case", box)
    (box / "more.txt").write_text(f"e o2 {2 * DAY + 9}\n")
    assert watched(tmp_path / "case", box) == []
    assert "e-o2-172809" in Case(tmp_path / "case").table("posts").to_arrow()["post"].to_pylist()
    (box / "next.txt").write_text(f"f o3 {3 * DAY}\n")
    assert [(one.k, one.day) for one in watched(tmp_path / "case", box)] == [(4, "2020-01-04")]


def test_the_price_of_all_looks_is_the_rate() -> None:
    assert sum(level(0.05, k) for k in range(1, 100_000)) == pytest.approx(0.05, rel=1e-4)
    assert sum(level(0.05, k) for k in range(1, 100_000)) < 0.05


@pytest.mark.usefixtures("plain")
def test_findings_are_those_of_one_run(box: Path, tmp_path: Path) -> None:
    watched(tmp_path / "case", box)
    together = proceed(
        tmp_path / "together",
        (box / "day0.txt", box / "day1.txt", box / "day2.txt"),
        {},
        "explain",
        stages=weighed(),
    )
    assert together is not None
    assert (tmp_path / "case" / "findings.json").read_bytes() == together.to_json()


@pytest.mark.usefixtures("plain")
def test_a_bad_file_is_said_and_passed_over(
    box: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (box / "day1.txt").write_text("nonsense\n")
    command = ["watch", str(box), "--into", str(tmp_path / "case"), "--once", "--json"]
    assert main(command, weighed()) == 0
    out, err = capsys.readouterr()
    assert "day1.txt is passed over: " in err
    assert [(line["look"], line["day"]) for line in map(json.loads, out.splitlines())] == [
        (1, "2020-01-01"),
        (2, "2020-01-03"),
    ]
    (box / "day1.txt").write_text(f"a o1 {DAY}\n")
    assert main(command, weighed()) == 0
    assert len(Case(tmp_path / "case").table("inputs")) == 3


@pytest.mark.usefixtures("plain")
def test_a_look_that_was_not_announced_is_announced(box: Path, tmp_path: Path) -> None:
    heard = watched(tmp_path / "case", box)
    path = tmp_path / "case" / LOOKS
    kept = json.loads(path.read_text())
    kept[-1]["announced"] = False
    path.write_text(json.dumps(kept))
    assert watched(tmp_path / "case", box) == heard[-1:]


@pytest.mark.usefixtures("plain")
def test_groups_that_merge_keep_what_was_told(tmp_path: Path) -> None:
    case = Case(tmp_path / "case", create=True)
    columns = {"q": [1e-9] * 5, "account": list("abcde")}
    case.commit("weigh", {}, [("standings", schema.rows("standings", **columns))])

    def round_(number: int, *rows: tuple[Any, ...]) -> None:
        names = ("name", "cluster", "accounts", "event", "other")
        held = {name: [row[place] for row in rows] for place, name in enumerate(names)}
        case.commit(
            f"names-{number:06d}", {}, [("names", schema.rows("names", **held, round=[number] * len(rows)))]
        )

    round_(1, ("K1", "G1", ["a", "b"], "new", None), ("K2", "G2", ["c", "d"], "new", None))
    one = compare(case, {}, [], "2020-01-01", 0.05, 1)
    assert [(a.group, a.event) for a in one.alerts] == [("K1", "appears"), ("K2", "appears")]
    round_(2, ("K1", "G1", list("abcde"), "kept", None), ("K2", None, ["c", "d"], "merged", "K1"))
    two = compare(case, {}, [one], "2020-01-02", 0.05, 2)
    assert [(a.group, a.event, a.accounts, a.new) for a in two.alerts] == [
        ("K1", "merged", 0, 0),
        ("K1", "grows", 5, 1),
    ]
    assert two.told == {"K1": list("abcde")}


@pytest.mark.usefixtures("plain")
def test_files_of_one_name_are_each_taken_once(tmp_path: Path) -> None:
    for number, folder in enumerate("ab"):
        (tmp_path / "box" / folder).mkdir(parents=True)
        (tmp_path / "box" / folder / "x.txt").write_text(f"a o1 {number}\nb o1 {number}\n")
    for _ in range(2):
        watched(tmp_path / "case", tmp_path / "box")
        inputs = Case(tmp_path / "case").table("inputs").rows()
        assert [row["file"] for row in inputs] == ["x.txt", "b/x.txt"]


def test_only_whole_files_are_taken(tmp_path: Path) -> None:
    arriving = Arriving(tmp_path, lambda path: False)
    (tmp_path / "one.csv").write_text("a")
    (tmp_path / ".hidden").write_text("a")
    (tmp_path / "two.csv.part").write_text("a")
    assert arriving.whole() == []
    (tmp_path / "one.csv").write_text("ab")
    assert arriving.whole() == [], "it is still being written"
    assert [path.name for path in arriving.whole()] == ["one.csv"]
    arriving.took(tmp_path / "one.csv")
    assert arriving.whole() == []
    (tmp_path / "one.csv").write_text("abc")
    assert arriving.whole() == []
    assert [path.name for path in arriving.whole()] == ["one.csv"], "it changed: whoever takes it must know"


def spooled(folder: Path, data: bytes, cuts: list[int], lines: int) -> list[bytes]:
    """The files that a stream becomes whose bytes arrive in these pieces."""
    out, into = os.pipe()
    spool = Spool(folder, lines, 1e9)
    with os.fdopen(out, "rb", buffering=0) as stream:
        places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
        thread = threading.Thread(target=spool._follow, args=(stream,))
        thread.start()
        for start, end in itertools.pairwise(places):
            os.write(into, data[start:end])
        os.close(into)
        thread.join()
    assert spool.error is None
    assert spool.ended
    assert not (folder / OPEN).exists()
    return [path.read_bytes() for path in sorted(folder.glob("stream-*"))]


@settings(deadline=None)
@given(
    values=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))),
    cuts=st.lists(st.integers(0, 10_000), max_size=5),
    lines=st.integers(1, 5),
)
def test_json_lines_are_cut_between_records(
    values: list[str], cuts: list[int], lines: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "".join(json.dumps({"text": value}) + "\n" for value in values).encode()
    files = spooled(tmp_path_factory.mktemp("spool"), data, cuts, lines)
    assert b"".join(files) == data
    assert [file.count(b"\n") for file in files[:-1]] == [lines] * (len(files) - 1)


@settings(deadline=None)
@given(
    values=st.lists(st.text(st.sampled_from('a,"\n é'))),
    cuts=st.lists(st.integers(0, 10_000), max_size=5),
    lines=st.integers(1, 5),
)
def test_tables_are_cut_between_records_and_keep_their_header(
    values: list[str], cuts: list[int], lines: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [[str(number), value] for number, value in enumerate(values)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["id", "text"], *rows])
    files = spooled(tmp_path_factory.mktemp("spool"), text.getvalue().encode(), cuts, lines)
    tables = [list(csv.reader(io.StringIO(file.decode(), newline=""))) for file in files]
    assert all(table[0] == ["id", "text"] and 1 <= len(table) - 1 <= lines for table in tables)
    assert [row for table in tables for row in table[1:]] == rows


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (b'{"a": 1}\n{"a": 2}\n{"a"', ["stream-000002.ndjson", b'{"a": 1}\n{"a": 2}\n']),
        (b'id,text\n1,"x\ny"\n2,"z\n', ["stream-000002.csv", b'id,text\n1,"x\ny"\n']),
        (b'{"a"', []),
        (b"id,text\n", []),
    ],
)
def test_what_a_killed_process_left_is_taken(left: bytes, kept: list[Any], tmp_path: Path) -> None:
    (tmp_path / "stream-000001.csv").write_text("id\n1\n")
    (tmp_path / OPEN).write_bytes(left)
    Spool(tmp_path, 10, 10)
    files = [path for path in sorted(tmp_path.iterdir()) if path.name != "stream-000001.csv"]
    assert [part for path in files for part in (path.name, path.read_bytes())] == kept


def box_of(export_: str, folder: Path) -> list[str]:
    """The rows of an export: its first six days in one file, the others in one each."""
    with Path(export_).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = sorted({row["created_at"][:10] for row in rows})
    folder.mkdir()
    for last in days[5:]:
        first = days[0] if last == days[5] else last
        with (folder / f"{last}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(row for row in rows if first <= row["created_at"][:10] <= last)
    return [str(path) for path in sorted(folder.iterdir())]


def state(case: Path) -> tuple[bytes, bytes, list[dict[str, Any]]]:
    """What a watch came to: findings, looks, and the names of groups."""
    return (
        (case / "findings.json").read_bytes(),
        (case / LOOKS).read_bytes(),
        Case(case).table("names").rows(),
    )


@pytest.mark.parametrize(
    ("unit", "when"),
    [
        *[(unit, "chunk") for unit in ("read-000001", "trace", "names-000001")],
        *[(unit, "renamed") for unit in ("read-000002", "findings", LOOKS)],
        *[(unit, "sealed") for unit in ("read-000003", "weigh", LOOKS)],
    ],
)
def test_a_kill_changes_nothing(
    unit: str, when: str, undisturbed: tuple[Path, list[str]], box: Path, tmp_path: Path
) -> None:
    (whole, heard), case = undisturbed, tmp_path / "case"
    ended = run("toys", unit, when, "watch", str(box), "--into", str(case), "--once", "--json")
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    again = run("toys", "-", "-", "watch", str(box), "--into", str(case), "--once", "--json")
    assert again.returncode == 0, again.stderr
    assert state(case) == state(whole)
    told = (ended.stdout + again.stdout).splitlines()
    # told once, or once more where nobody can know whether it was heard
    assert sorted(set(told), key=told.index) == heard


@pytest.mark.slow
def test_real_stages_killed_at_any_time(tmp_path: Path) -> None:
    files = box_of(export(tmp_path / "all.csv", 1), tmp_path / "days")
    whole, case, together = tmp_path / "whole", tmp_path / "case", tmp_path / "together"
    few = ["--traces", "reshare", "--signals", "automation"]
    arguments = ["watch", str(tmp_path / "days"), "--once", *few, "--into"]
    assert run("real", "-", "-", *arguments, str(whole)).returncode == 0
    dice = random.Random(5)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, str(KILLED), "real", "-", "-", *arguments, str(case)], stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        for _ in range(dice.randrange(1, 12)):  # it says each thing that it begins
            if not process.stderr.readline():
                break
        process.kill()
        process.communicate()
    assert run("real", "-", "-", *arguments, str(case)).returncode == 0
    assert state(case) == state(whole)
    assert json.loads((case / LOOKS).read_text())[-1]["told"]["K1"], "a group was told of"
    assert run("real", "-", "-", "detect", *files, *few, "--into", str(together)).returncode == 0
    assert (case / "findings.json").read_bytes() == (together / "findings.json").read_bytes()


def test_a_stream_is_read_as_its_lines(tmp_path: Path) -> None:
    """Damaged lines go to the ledger, posts that are sent twice count once, a kill loses no line taken."""
    lines = [
        json.dumps(
            {
                "id": f"p{n}",
                "account": f"u{n % 7}",
                "text": f"a word {n}",
                "time": f"2024-03-0{1 + n // 40}T10:{n % 60:02}:00Z",
            }
        )
        for n in range(100)
    ]
    lines.insert(50, "{damaged")
    case = tmp_path / "case"
    command = [
        sys.executable,
        "-m",
        "concerted",
        "watch",
        "-",
        "--into",
        str(case),
        "--lines",
        "30",
        "--json",
    ]
    first = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert first.stdin is not None
    first.stdin.write("".join(line + "\n" for line in lines[:70]))
    first.stdin.flush()
    while sum(path.read_bytes().count(b"\n") for path in case.glob("stream/*")) < 70:
        assert first.poll() is None, first.communicate()
    first.kill()
    first.communicate()
    ended = subprocess.run(
        command,
        input="".join(line + "\n" for line in lines[60:]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    posts = Case(case).table("posts").sql("select post from this order by post").rows()
    assert [row["post"] for row in posts] == sorted(f"p{n}" for n in range(100))
    reasons = [
        row["reason"]
        for row in Case(case).table("ledger").rows()
        if not row["reason"].startswith(("text", "reshare"))
    ]
    assert any("JSON" in reason for reason in reasons), reasons
    assert sum("repeated post id" in reason for reason in reasons) == 10
    assert [look.day for look in looks(Case(case))] == ["2024-03-02", "2024-03-03"]


def test_one_watch_at_a_time(box: Path, tmp_path: Path) -> None:
    Case(tmp_path / "case", create=True)
    with (
        opened(tmp_path / "case", False, "watch", Resources()),
        pytest.raises(CaseError, match=r"in use .*\(watch\)"),
    ):
        watched(tmp_path / "case", box)


@pytest.mark.usefixtures("plain")
def test_rebuild_is_one_run_over_all_files(box: Path, tmp_path: Path) -> None:
    files = sorted(box.iterdir())
    # d touches o1 in both: the file read first keeps the post
    (box / "a.txt").write_text(f"z o1 {DAY + 7}\na o0 0\n")
    together = proceed(tmp_path / "together", (box / "a.txt", *files), {}, "explain", stages=toys())
    assert together is not None
    for path in (*files, box / "a.txt"):
        proceed(tmp_path / "case", (path,), {}, "explain", stages=toys())
    path = tmp_path / "case" / "findings.json"
    assert path.read_bytes() != together.to_json(), "the order in which files came shows"
    proceed(tmp_path / "case", (), {}, "explain", stages=toys(), rebuild=True)
    assert path.read_bytes() == together.to_json()
    files[0].unlink()
    with pytest.raises(CaseError, match="--rebuild reads everything again"):
        proceed(tmp_path / "case", (), {}, "explain", stages=toys(), rebuild=True)
    assert path.read_bytes() == together.to_json()
