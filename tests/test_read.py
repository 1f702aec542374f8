"""The read stage: files found, each read once, posts kept once, everything counted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from reading import write

from concerted import schema
from concerted.errors import InputError
from concerted.sources.ledger import LISTED, Ledger
from concerted.sources.naming import Names
from concerted.stages import read as stage
from concerted.stages.read import Known, Read, expand, run
from concerted.table import Table

HEAD = "post_id,account_id,created_at,text\n"


def rows(*ids: str, start: int = 0) -> str:
    return HEAD + "".join(f"{post},a{n},2024-01-01T00:00:{start + n:02d}Z,t\n" for n, post in enumerate(ids))


def everything(config: Read, tables: dict[str, Table] | None = None) -> dict[str, pa.Table]:
    parts: dict[str, list[pa.Table]] = {name: [] for name in stage.WRITES}
    for name, chunk in run(tables or {}, config):
        parts[name].append(schema.check(name, chunk))
    return {name: pa.concat_tables(chunks) for name, chunks in parts.items()}


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.json", ".hidden.csv"):
        write(tmp_path, "x", name)
    assert [path.name for path in expand([str(tmp_path)])] == ["a.csv", "b.csv", "c.json"]
    assert [path.name for path in expand([str(tmp_path / "*.csv"), str(tmp_path / "a.csv")])] == [
        "a.csv",
        "b.csv",
    ]
    with pytest.raises(InputError, match="no file is there"):
        expand([str(tmp_path / "*.parquet")])
    with pytest.raises(InputError, match="no files to read"):
        list(run({}, Read()))


def test_every_table_is_made_and_counts_agree(tmp_path: Path) -> None:
    write(tmp_path, rows("1", "2", "2"), "a.csv")
    write(tmp_path, rows("2", "3", start=10), "b.csv")
    tables = everything(Read(files=(str(tmp_path),)))
    assert tables["posts"]["post"].to_pylist() == ["1", "2", "3"]
    assert tables["inputs"]["records"].to_pylist() == [3, 2]
    assert tables["inputs"]["left_out"].to_pylist() == [1, 1]
    assert tables["ledger"]["file"].to_pylist() == ["a.csv", "b.csv"]
    assert set(tables["made"]["stage"].to_pylist()) == {"read"}


def test_appending_reads_only_what_is_new(tmp_path: Path) -> None:
    write(tmp_path, rows("1", "2"), "a.csv")
    first = everything(Read(files=(str(tmp_path),)))
    before = {name: Table(name, data) for name, data in first.items()}
    assert everything(Read(files=(str(tmp_path),)), before)["posts"].num_rows == 0
    write(tmp_path, rows("2", "9", start=20), "b.csv")
    write(tmp_path, rows("1", "2"), "same_bytes.csv")
    more = everything(Read(files=(str(tmp_path),)), before)
    assert more["posts"]["post"].to_pylist() == ["9"]
    assert more["inputs"]["file"].to_pylist() == ["b.csv"]
    assert more["ledger"]["reason"].to_pylist() == ["repeated post id: read before"]
    write(tmp_path, rows("77"), "a.csv")
    with pytest.raises(InputError, match="rename"):
        everything(Read(files=(str(tmp_path),)), before)


def test_pictures_in_a_folder_are_no_exports(tmp_path: Path) -> None:
    """As Telegram lays them beside its messages; whoever names one gets an answer about it."""
    write(tmp_path, rows("1"), "a.csv")
    (tmp_path / "photos").mkdir()
    for name, begins in (
        ("p.jpg", b"\xff\xd8\xff\xe0"),
        ("v.mp4", b"\0\0\0 ftypisom"),
        ("w", b"RIFF\0\0\0\0WEBP"),
    ):
        (tmp_path / "photos" / name).write_bytes(begins + bytes(99))
    said: list[str] = []
    assert [path.name for path in expand([str(tmp_path)], say=said.append)] == ["a.csv"]
    assert said == ["not read: 3 pictures, films or sounds: no export"]
    assert [path.name for path in expand([str(tmp_path / "photos" / "p.jpg")])] == ["p.jpg"]


def beside(folder: Path) -> None:
    """What lies beside exports: each of these is text, and some look like tables."""
    for name, text in {
        "README.txt": "Exports of March, by Anna\nAsk her, please\n",
        "LICENSE": "Do as you like.\n",
        "notes.md": "# Notes\n",
        "empty.txt": "",
        "style.css": "body {\n top: 1px;\n left: 2px;\n right: 2px;\n}\n",
        "script.js": "function a() { return 1; }\n",
        "index.html": "<html><body>Index</body></html>",
    }.items():
        write(folder, text, name)


def test_what_lies_beside_exports_is_counted_and_not_read(tmp_path: Path) -> None:
    write(tmp_path, rows("1"), "a.csv")
    write(tmp_path, rows("2", start=9).replace(",", "\t"), "b.txt")
    beside(tmp_path)
    (tmp_path / "more").mkdir()
    write(tmp_path / "more", "p {\n top: 1px;\n}\n", "style.css")
    told = [
        "not read: 2 files (style.css): no export",
        "not read: index.html: no export",
        "not read: script.js: no export",
        "not read: notes.md: no export",
        "not read: LICENSE: no export",
        "not read: 2 files (README.txt, empty.txt): no export",
    ]
    for names in ([str(tmp_path)], [str(tmp_path / "**" / "*")]):
        said: list[str] = []
        assert [path.name for path in expand(names, say=said.append)] == ["a.csv", "b.txt"]
        assert sorted(said) == sorted(told)
    tables = everything(Read(files=(str(tmp_path),)))
    assert tables["posts"]["file"].to_pylist() == ["a.csv", "b.txt"]
    assert set(told) < set(tables["made"]["says"].to_pylist())
    with pytest.raises(InputError, match="no export is there"):
        expand([str(tmp_path / "more")])
    with pytest.raises(InputError, match="no export is there"):
        expand([str(tmp_path / "*.md")])


@pytest.mark.parametrize("name", ["README.txt", "LICENSE", "style.css", "index.html"])
def test_a_file_that_is_named_is_answered_for(name: str, tmp_path: Path) -> None:
    beside(tmp_path)
    write(tmp_path, rows("1"), "a.csv")
    said: list[str] = []
    assert tmp_path / name in expand([str(tmp_path), str(tmp_path / name)], say=said.append)
    assert not any(name in line for line in said)
    with pytest.raises(InputError, match=name):
        everything(Read(files=(str(tmp_path / name),)))


def test_a_text_whose_columns_are_named_is_an_export(tmp_path: Path) -> None:
    write(tmp_path, "wer;wann;was\na;2024-01-01T00:00:01Z;x\n", "odd.txt")
    write(tmp_path, "Read me, please\n", "README.txt")
    named = {"account": "wer", "time": "wann"}
    assert len(everything(Read(files=(str(tmp_path),), map=named))["posts"]) == 1
    with pytest.raises(InputError, match="no export is there"):
        expand([str(tmp_path)])


def test_what_lies_beside_exports_in_an_archive_is_left_out(tmp_path: Path) -> None:
    beside(tmp_path)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.csv", rows("1", "2"))
        for path in sorted(tmp_path.glob("*.[!z]*")):
            archive.write(path, f"beside/{path.name}")
    tables = everything(Read(files=(str(tmp_path / "all.zip"),)))
    assert tables["posts"]["file"].to_pylist() == ["all.zip/a.csv"] * 2
    lost = {row["file"]: row["reason"] for row in tables["ledger"].to_pylist()}
    assert lost["all.zip/beside/style.css"] == "not read: no export" and len(lost) == 6


def folders(root: Path, *parts: str, name: str = "result.csv") -> list[Path]:
    """One export of the same name in each folder, each with a post of its own."""
    paths = []
    for number, part in enumerate(parts):
        (root / part).mkdir(parents=True, exist_ok=True)
        paths.append(write(root / part, rows(f"{number}1", "0", start=number), name))
    return paths


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    folders(tmp_path, "a/x", "b/x", "c", "d")
    write(tmp_path / "d", (tmp_path / "c" / "result.csv").read_text(), "result.csv")
    write(tmp_path, rows("77"), "other.csv")
    tables = everything(Read(files=(str(tmp_path),)))
    names = ["other.csv", "result.csv", "b/x/result.csv", "c/result.csv"]
    assert tables["inputs"]["file"].to_pylist() == names, "d/result.csv holds what c/result.csv does"
    assert dict.fromkeys(tables["posts"]["file"].to_pylist()) == dict.fromkeys(names)
    assert tables["ledger"]["file"].to_pylist() == names[2:]
    assert not any(str(tmp_path) in str(table.to_pylist()) for table in tables.values())
    before = {name: Table(name, data) for name, data in tables.items()}
    assert everything(Read(files=(str(tmp_path),)), before)["posts"].num_rows == 0


def test_archives_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for number, folder in enumerate("ab"):
        (tmp_path / folder).mkdir()
        with zipfile.ZipFile(tmp_path / folder / "all.zip", "w") as archive:
            archive.writestr("posts.csv", rows(str(number)))
    tables = everything(Read(files=(str(tmp_path),)))
    assert tables["posts"]["file"].to_pylist() == ["all.zip/posts.csv", "b/all.zip/posts.csv"]


def test_a_path_that_ends_another_one_has_a_name_too(tmp_path: Path) -> None:
    """A copy of a whole disk holds the paths of that disk."""
    names = Names()
    copy = Path("/backup", *tmp_path.parts[1:], "r.csv")
    assert names.give(copy) == "r.csv"
    assert names.give(tmp_path / "r.csv") == f"{tmp_path.name}/r.csv"
    assert names.give(Path("/r.csv").resolve().parent / "s.csv") == "s.csv"
    with pytest.raises(InputError, match="rename it"):
        names.give(Path("/r.csv"))


def test_the_same_files_give_the_same_tables(tmp_path: Path) -> None:
    write(tmp_path, rows("1", "2", "3"), "a.csv")
    write(tmp_path, rows("4", "5", start=9), "b.csv")
    one = everything(Read(files=(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))))
    two = everything(Read(files=(str(tmp_path / "b.csv"), str(tmp_path / "a.csv"))))
    assert all(one[name].equals(two[name]) for name in one)


def test_a_post_id_counts_per_platform() -> None:
    known = Known()
    table = schema.rows("posts", platform=["x", "web", "x"], post=["1", "1", "1"])
    assert known.add(table).tolist() == [True, True, False]
    assert Known(table).add(table).tolist() == [False, False, False]


def test_the_ledger_lists_some_and_counts_all() -> None:
    ledger = Ledger("f.csv")
    ledger.add_all(list(range(100)), "why", [f"e{n}" for n in range(100)])
    ledger.add(500, "why")
    ledger.add(7, "other", "x" * 1000)
    table = ledger.table().to_pylist()
    assert ledger.total == 102 == sum(row["count"] for row in table)
    listed = [row for row in table if row["reason"] == "why" and row["row"] is not None]
    assert len(listed) == LISTED and listed[0]["example"] == "e0"
    assert [row["count"] for row in table if row["row"] is None] == [81]
    assert max(len(row["example"] or "") for row in table) == 120


def test_a_ledger_takes_what_comes_later() -> None:
    whole, parts = Ledger("f.csv"), [Ledger("f.csv") for _ in range(3)]
    for number in range(90):
        why = ("why", "other")[number % 10 == 0]
        for one in (whole, parts[number // 30]):
            one.add(number, why, f"e{number}")
    taken = Ledger("f.csv")
    for part in parts:
        taken.take(part)
    assert taken.total == 90 and taken.table().equals(whole.table())


def test_frames_shaped_side_by_side_are_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "post_id,account_id,created_at,text,screen_name,follower_count\n"
    lines = [
        f"p{n},u{n % 37},{'' if n % 5 == 0 else f'2024-01-{1 + n // 60:02d}T00:{n % 60:02d}:00Z'},t,s,{n}\n"
        for n in range(600)
    ]
    write(tmp_path, head + "".join(lines) + "one,too,short\n", "a.csv")
    one = everything(Read(files=(str(tmp_path),)))
    monkeypatch.setattr("concerted.sources.csvrecords._BUDGET", 400)
    monkeypatch.setattr("concerted.sources.csvrecords._AT_ONCE", 400)
    many = everything(Read(files=(str(tmp_path),)))
    assert all(one[name].equals(many[name]) for name in one)
    assert len(one["posts"]) == 480 and len(one["accounts"]) > 37
    assert sum(row["count"] for row in one["ledger"].to_pylist()) == 121


def test_accounts_are_observed_once_per_change(tmp_path: Path) -> None:
    head = "post_id,account_id,created_at,text,screen_name,follower_count,account_description\n"
    lines = [
        "1,a,2024-01-01T00:00:01Z,t,ann,5,hi\n",
        "2,a,2024-01-01T10:00:01Z,t,ann,6,hi\n",
        "3,a,2024-01-02T00:00:01Z,t,ann,7,hi\n",
        "4,a,2024-01-02T00:00:02Z,t,ann,7,new bio\n",
        "5,b,2024-01-01T00:00:01Z,t,bob,1,\n",
    ]
    write(tmp_path, head + "".join(lines), "a.csv")
    table = everything(Read(files=(str(tmp_path),)))["accounts"]
    seen = [(row["account"], row["followers"], row["bio"]) for row in table.to_pylist()]
    assert seen == [("x:a", 6, "hi"), ("x:a", 7, "hi"), ("x:a", 7, "new bio"), ("x:b", 1, None)]
    write(tmp_path, head + "".join(reversed(lines)), "a.csv")
    again = everything(Read(files=(str(tmp_path),)))["accounts"]
    order = [("account", "ascending"), ("seen", "ascending")]
    assert again.sort_by(order).equals(table.sort_by(order))
