"""The case: whose folder it is, what is computed again and what is not, what is kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from toys.stages import toys

from concerted import runner, schema
from concerted.case import FORMAT, Case
from concerted.detect import proceed
from concerted.errors import CaseError, InputError, SettingError
from concerted.findings import Findings
from concerted.parquet import ROWS


@pytest.fixture(autouse=True)
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "write_report", lambda findings, path: path.write_bytes(findings.to_json()))


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one.txt"
    path.write_text("a o1 1\nb o1 3\nc o2 9\n")
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.txt"
    path.write_text("d o1 1\nb o1 3\n")
    return path


class Bench:
    """Runs toy stages over one case and remembers which stages were computed and what was said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages = toys()
        self.computed: list[str] = []
        self.said: list[str] = []
        for name, stage in self.stages.items():
            verb = "read_file" if name == "read" else "run"
            setattr(stage, verb, self._noting(name, getattr(stage, verb)))

    def _noting(self, name: str, run: Any) -> Any:
        def noted(*arguments: Any, **more: Any) -> Any:
            self.computed.append(name)
            return run(*arguments, **more)

        return noted

    def __call__(self, *files: Path, until: str = "explain", **options: Any) -> Findings | None:
        self.computed.clear()
        self.said.clear()
        return proceed(self.folder, files, options, until, say=self.said.append, stages=self.stages)

    @property
    def settings(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "concerted.toml").read_text("utf-8"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "case")


ALL = ["read", "trace", "pair", "weigh", "group", "explain"]


def test_everything_once_and_then_nothing(bench: Bench, one: Path) -> None:
    first = bench(one)
    assert bench.computed == ALL
    assert first is not None
    assert [member.account for member in first.groups[0].accounts] == ["a", "b", "c"]
    again = bench(one)
    assert bench.computed == []
    assert again == first
    assert bench.said == ["read: one.txt is read already, skipped"]


def test_a_changed_option_recomputes_what_depends_on_it(bench: Bench, one: Path) -> None:
    bench(one)
    before = (bench.folder / "findings.json").read_bytes()
    bench(lag=30)
    assert bench.computed == ["pair", "weigh"], "the ties came out the same, so what follows still holds"
    assert bench.settings["pair"] == {"lag": 30}
    assert "pair: again, because of lag 60 -> 30" in bench.said
    kept = list(bench.folder.glob("findings-*.json"))
    assert [path.read_bytes() for path in kept] == [before]
    assert kept[0].name in bench.said[-1]


def test_options_stay_until_they_are_changed(bench: Bench, one: Path) -> None:
    bench(one, fdr=0.01, seed=9)
    found = bench()
    assert bench.computed == []
    assert found is not None
    assert found.made.seed == 9
    assert found.made.settings["weigh"] == {"fdr": 0.01}
    assert bench.settings["seed"] == 9


def test_settings_edited_by_hand_count(bench: Bench, one: Path) -> None:
    bench(one)
    path = bench.folder / "concerted.toml"
    path.write_text(path.read_text().replace("lag = 60", "lag = 61  # tried"))
    bench()
    assert bench.computed[0] == "pair"
    assert "# tried" in path.read_text()
    path.write_text(path.read_text().replace("lag = 61", "lagg = 61"))
    with pytest.raises(SettingError, match=r"concerted\.toml: pair has no option 'lagg': did you mean 'lag'"):
        bench()


def test_appending_reads_only_what_is_new(bench: Bench, one: Path, two: Path, tmp_path: Path) -> None:
    bench(one)
    found = bench(two)
    assert bench.computed == ALL
    assert bench.computed.count("read") == 1
    assert found is not None
    assert [entry.file for entry in found.made.inputs] == ["one.txt", "two.txt"]
    case = Case(bench.folder)
    assert case.table("ledger").rows()[0]["reason"] == "repeated"
    together = Bench(tmp_path / "together")(one, two)
    assert together == found


def test_same_content_is_not_read_twice(bench: Bench, one: Path, tmp_path: Path) -> None:
    bench(one)
    copy = tmp_path / "copy.txt"
    shutil.copy(one, copy)
    bench(copy)
    assert bench.computed == []
    assert bench.said == ["copy.txt: skipped, it has the same content as one.txt, which the case has"]


def test_other_content_under_a_known_name_is_refused(bench: Bench, one: Path) -> None:
    bench(one)
    one.write_text("x o1 1\n")
    with pytest.raises(CaseError, match=r"one\.txt differs from the file of the same name.*rename it"):
        bench(one)
    bench()
    assert bench.computed == []


def exports(root: Path, *folders: str) -> list[Path]:
    """A file of the same name in each folder."""
    paths = [root / folder / "x.txt" for folder in folders]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"a o1 {number}\nb o1 {number + 5}\n")
    return paths


def test_files_of_one_name_are_told_apart(bench: Bench, one: Path, tmp_path: Path) -> None:
    paths = exports(tmp_path, "e/1", "e/2", "f/2")
    found = bench(one, *paths)
    names = ["one.txt", "x.txt", "2/x.txt", "f/2/x.txt"]
    assert found is not None
    assert sorted(entry.file for entry in found.made.inputs) == sorted(names)
    assert bench.settings["read"][0]["files"] == names
    assert [row["file"] for row in Case(bench.folder).table("inputs").rows()] == names
    kept = {name: (bench.folder / name).read_bytes() for name in ("concerted.toml", "inputs.json")}
    bench(one, *paths)
    assert bench.computed == []
    assert bench.said == [f"read: {name} is read already, skipped" for name in names]
    bench(*reversed(paths))
    assert bench.computed == [], "what it is called was settled when it came"
    assert {name: (bench.folder / name).read_bytes() for name in kept} == kept
    parts = Bench(tmp_path / "parts")
    for path in (one, *paths):
        parts(path)
    assert (parts.folder / "findings.json").read_bytes() == (bench.folder / "findings.json").read_bytes()
    proceed(bench.folder, (), {}, "explain", stages=bench.stages, rebuild=True)
    assert bench.settings["read"][0]["files"] == names
    for path in bench.folder.rglob("*"):
        if path.is_file() and path.parent.name != "logs":
            assert str(tmp_path).encode() not in path.read_bytes(), path


def test_a_file_keeps_its_name_where_it_moves_and_is_refused_where_it_changes(
    bench: Bench, tmp_path: Path
) -> None:
    first, second = exports(tmp_path, "e/1", "e/2")
    bench(first, second)
    second.write_text("z o1 1\n")
    with pytest.raises(CaseError, match=r"2/x\.txt differs from the file of the same name.*rename it"):
        bench(first, second)
    (third,) = exports(tmp_path, "e/3")
    second.write_text("a o1 1\nb o1 6\n")
    third.write_text("c o1 1\n")
    (tmp_path / "e").rename(tmp_path / "moved")
    moved = [tmp_path / "moved" / folder / "x.txt" for folder in "123"]
    bench(*moved)
    assert bench.computed.count("read") == 1
    assert bench.settings["read"][0]["files"] == ["x.txt", "2/x.txt", "3/x.txt"]
    places = json.loads((bench.folder / "inputs.json").read_text("utf-8"))
    assert places["2/x.txt"]["path"] == "../moved/2/x.txt"


def test_a_copy_of_the_same_name_is_said(bench: Bench, tmp_path: Path) -> None:
    first, second = exports(tmp_path, "e/1", "e/2")
    second.write_bytes(first.read_bytes())
    for _ in range(2):
        bench(first, second)
        assert "2/x.txt: skipped, it has the same content as x.txt, which the case has" in bench.said
        assert bench.settings["read"][0]["files"] == ["x.txt"]


def test_a_refused_file_of_a_known_name_leaves_the_other(bench: Bench, tmp_path: Path) -> None:
    first, second = exports(tmp_path, "e/1", "e/2")
    bench(first)
    second.write_text("no line of three\n" * 2)
    with pytest.raises(InputError):
        bench(second)
    assert bench.settings["read"][0]["files"] == ["x.txt"]
    second.write_text("d o1 1\n")
    bench(second)
    assert bench.settings["read"][0]["files"] == ["x.txt", "2/x.txt"]


def test_a_case_among_its_exports_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("account_id,created_at\na,2024-01-01T00:00:01Z\n")
    for _ in range(2):
        proceed(tmp_path / "case", (tmp_path,), {}, "read")
    assert [row["file"] for row in Case(tmp_path / "case").table("inputs").rows()] == ["a.csv"]


def test_telegram_exports_of_two_days(tmp_path: Path) -> None:
    for day in (1, 2):
        message = {
            "id": day, "type": "message", "date": "2024-05-01T15:00:00", "date_unixtime": "1714575600",
            "from": "Chan", "from_id": "channel77", "text": "t", "text_entities": [],
        }  # fmt: skip
        chat = {"name": "Chan", "type": "public_channel", "id": 77, "messages": [message]}
        folder = tmp_path / "exports" / f"ChatExport_2024-0{day}-0{day}"
        (folder / "css").mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps(chat))
        (folder / "css" / "style.css").write_text("a {\n top: 1px;\n left: 1px;\n}\n")
    names = ["result.json", "ChatExport_2024-02-02/result.json"]
    case = tmp_path / "case"
    said: list[str] = []
    for _ in range(2):
        found = proceed(case, (tmp_path / "exports",), {}, "explain", say=said.append)
        assert found is not None and {entry.file for entry in found.made.inputs} == set(names)
    assert said.count("not read: 2 files (style.css): no export") == 2
    assert said[-2:] == [f"read: {name} is read already, skipped" for name in names]
    tables = [row["file"] for row in Case(case).table("posts").rows()]
    assert tables == names and str(tmp_path).encode() not in (case / "findings.json").read_bytes()


def test_reading_options_belong_to_the_files_named(bench: Bench, one: Path, two: Path) -> None:
    bench(one, timezone="UTC")
    bench(two)
    assert [(batch["files"], batch["timezone"]) for batch in bench.settings["read"]] == [
        (["one.txt"], "UTC"),
        (["two.txt"], ""),
    ]
    bench(one, timezone="Asia/Tokyo")
    assert bench.computed.count("read") == 2, "what a later file adds depends on the earlier one"
    assert bench.settings["read"][0]["timezone"] == "Asia/Tokyo"


def test_a_file_that_is_gone_is_missed_only_when_needed(bench: Bench, one: Path) -> None:
    bench(one)
    one.unlink()
    bench(fdr=0.2)
    assert bench.computed[0] == "weigh"
    bench.stages["read"].VERSION = 2
    with pytest.raises(CaseError, match=r"one\.txt must be read again and is not at .*put it back"):
        bench()


def test_a_new_version_of_a_stage_recomputes_it(bench: Bench, one: Path) -> None:
    bench(one)
    bench.stages["weigh"].VERSION = 2
    bench()
    assert bench.computed == ["weigh"]
    assert "weigh: again, because the program has changed" in bench.said


def test_an_option_that_the_program_lacked_then_is_no_change_of_the_users(bench: Bench, one: Path) -> None:
    bench(one)
    path = bench.folder / "stamps" / "pair.json"
    stamp = json.loads(path.read_bytes())
    del stamp["about"]["config"]["lag"]
    path.write_text(json.dumps({**stamp, "key": "of an earlier version"}))
    bench()
    assert "pair: again, because the program has changed" in bench.said


def test_stages_alone(bench: Bench, one: Path) -> None:
    assert bench(one, until="read") is None
    assert bench.computed == ["read"]
    bench(until="pair")
    assert bench.computed == ["trace", "pair"]
    assert not (bench.folder / "findings.json").exists()
    assert bench() is not None


def test_a_lost_table_is_made_again(bench: Bench, one: Path) -> None:
    bench(one)
    before = (bench.folder / "findings.json").read_bytes()
    (bench.folder / "tables" / "pairs" / "pair.parquet").write_bytes(b"")
    bench()
    assert bench.computed == ["pair"]
    assert (bench.folder / "findings.json").read_bytes() == before


def test_a_stage_that_fails_leaves_the_case_usable(bench: Bench, one: Path, tmp_path: Path) -> None:
    bench(one)
    bad = tmp_path / "bad.txt"
    bad.write_text("nonsense\n")
    with pytest.raises(InputError, match=r"bad\.txt: a line must be"):
        bench(bad)
    assert bench.settings["read"][0]["files"] == ["one.txt"]
    assert bench() is not None
    assert bench.computed == []
    bad.write_text("z o1 1\n")
    found = bench(bad)
    assert found is not None
    assert [entry.file for entry in found.made.inputs] == ["one.txt", "bad.txt"]


def test_files_before_a_refused_one_stay(bench: Bench, one: Path, two: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("nonsense\n")
    with pytest.raises(InputError):
        bench(one, bad, two)
    assert bench.settings["read"][0]["files"] == ["one.txt"]
    bench(one, two)
    assert bench.computed.count("read") == 1


def test_refused_reading_options_are_taken_back(bench: Bench, one: Path, two: Path) -> None:
    bench(one, two, timezone="UTC")
    before = (bench.folder / "findings.json").read_bytes()
    with pytest.raises(InputError, match="no such zone"):
        bench(one, two, timezone="Nowhere")
    assert bench.settings["read"][0]["timezone"] == "UTC"
    assert bench() is not None
    assert bench.computed == []
    assert (bench.folder / "findings.json").read_bytes() == before


def test_same_input_same_bytes_wherever_the_case_lies(bench: Bench, one: Path, tmp_path: Path) -> None:
    bench(one)
    other = Bench(tmp_path / "elsewhere" / "deep" / "case")
    other(one)
    for name in ("findings.json", "tables/posts/read-000001.parquet", "tables/ties/weigh.parquet"):
        assert (bench.folder / name).read_bytes() == (other.folder / name).read_bytes()
    assert str(tmp_path) not in (bench.folder / "findings.json").read_text()


def test_manifest_names_every_result(bench: Bench, one: Path) -> None:
    bench(one)
    files = json.loads((bench.folder / "manifest.json").read_text())["files"]
    assert {"findings.json", "report.html", "tables/events/trace.parquet"} <= files.keys()
    for name, entry in files.items():
        assert (bench.folder / name).stat().st_size == entry["bytes"]


@pytest.mark.parametrize("rows", [0, 1, ROWS, ROWS + 1])
def test_bytes_do_not_depend_on_chunks(rows: int, tmp_path: Path) -> None:
    table = schema.rows("events", account=[str(i % 7) for i in range(rows)], trace=["t"] * rows)
    case = Case(tmp_path / "case", create=True)
    case.commit("whole", {}, [("events", table)])
    pieces = [("events", table.slice(start, 50_000)) for start in range(0, rows, 50_000)]
    case.commit("pieces", {}, [*pieces, ("events", schema.empty("events"))])
    assert case.part("events", "whole").read_bytes() == case.part("events", "pieces").read_bytes()
    assert len(case.table("events")) == 2 * rows


def test_a_table_of_the_wrong_shape_is_not_kept(tmp_path: Path) -> None:
    case = Case(tmp_path / "case", create=True)
    with pytest.raises(InputError, match="table events lacks the column 'trace'"):
        case.commit("trace", {}, [("events", pa.table({"account": ["a"]}))])
    assert case.units() == []


def test_only_an_empty_folder_becomes_a_case(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CaseError, match=r"is not a case and is not empty \(it holds 'thesis.txt'\)"):
        Case(tmp_path, create=True)
    with pytest.raises(CaseError, match="is a file, a case is a folder"):
        Case(tmp_path / "thesis.txt", create=True)
    with pytest.raises(CaseError, match="is not a case: make one with concerted detect"):
        Case(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ({"format": FORMAT + 1}, "pip install --upgrade concerted"),
        ({"format": FORMAT - 1}, "run concerted detect FILES --into NEW_DIR"),
        ({}, "is damaged"),
        ({"format": str(FORMAT)}, "is damaged"),
        ({"format": None}, "is damaged"),
    ],
)
def test_other_formats_are_refused(mark: dict[str, object], says: str, tmp_path: Path) -> None:
    Case(tmp_path / "case", create=True)
    (tmp_path / "case" / "case.json").write_text(json.dumps(mark))
    with pytest.raises(CaseError, match=says):
        Case(tmp_path / "case")


def test_one_writer_at_a_time(bench: Bench, one: Path) -> None:
    bench(one)
    holding = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from concerted.lock import hold\n"
            f"with hold(Path({str(bench.folder)!r}), 'weigh'): print('held', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holding.stdout is not None
    assert holding.stdout.readline() == "held\n"
    with pytest.raises(
        CaseError, match=rf"in use by process {holding.pid} on .* since .* UTC \(weigh\): wait"
    ):
        bench()
    holding.kill()
    holding.communicate()
    assert bench() is not None, "the lock of a killed process holds nobody up"
