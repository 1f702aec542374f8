"""Archives, bombs and hostile content: a counted reason or one clear error, never a traceback."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from reading import load, write

from concerted.cli import main
from concerted.errors import InputError, UnknownFormat
from concerted.look import inspect
from concerted.sources import lines, packing
from concerted.stages.read import Read, read_file

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HEAD = "post_id,account_id,created_at,text\n"


def rows(mark: str, count: int) -> str:
    return HEAD + "".join(
        f"{mark}{n},a{n % 7},2024-01-01T00:{n // 60 % 60:02d}:{n % 60:02d}Z,t{n}\n" for n in range(count)
    )


def jsonl(count: int) -> str:
    return "".join(
        json.dumps({"post_id": f"j{n}", "account_id": "a", "created_at": "2024-01-01T00:00:01Z"}) + "\n"
        for n in range(count)
    )


def tables(path: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"posts": [], "accounts": [], "ledger": [], "inputs": []}
    for name, chunk in read_file(path, Read()):
        found[name] += chunk.to_pylist()
    for row in found["inputs"]:
        lost = sum(one["count"] for one in found["ledger"] if one["file"] == row["file"])
        assert row["left_out"] == lost and row["records"] == row["posts"] + row["accounts"] + lost
    return found


def packed_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def packed_tar(path: Path, members: dict[str, bytes], mode: Any = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_members_are_files(tmp_path: Path) -> None:
    members = {
        "b.csv": rows("b", 3).encode(),
        "deep/c.jsonl.gz": gzip.compress(jsonl(4).encode()),
        "README.txt": b"what this is",
        "__MACOSX/._b.csv": b"junk",
    }
    import pyarrow as pa
    import pyarrow.parquet as pq

    parquet = tmp_path / "x.parquet"
    pq.write_table(
        pa.table({"post_id": ["q1"], "account_id": ["a"], "created_at": ["2024-01-01T00:00:01Z"]}), parquet
    )
    members["q.parquet"] = parquet.read_bytes()
    for path in (packed_zip(tmp_path / "all.zip", members), packed_tar(tmp_path / "all.tar.gz", members)):
        found = tables(path)
        assert {row["file"].split("/", 1)[1]: row["posts"] for row in found["inputs"]} == {
            "b.csv": 3, "deep/c.jsonl.gz": 4, "README.txt": 0, "__MACOSX/._b.csv": 0, "q.parquet": 1,
        }  # fmt: skip
        assert len(found["posts"]) == 8 and len({row["sha256"] for row in found["inputs"]}) == 1
        assert {row["reason"].split(":")[1].strip() for row in found["ledger"]} == {
            "no table is recognised in it", "it is a hidden file",
        }  # fmt: skip


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_tars_however_packed(tmp_path: Path, mode: str) -> None:
    path = packed_tar(tmp_path / "t", {"a.csv": rows("a", 5).encode(), "b.csv": rows("b", 5).encode()}, mode)
    assert len(tables(path)["posts"]) == 10
    whole = zstd.compress(packed_tar(tmp_path / "u", {"a.csv": rows("a", 5).encode()}, "w").read_bytes())
    assert len(tables(write(tmp_path, whole, "u.tar.zst"))["posts"]) == 5


def test_a_case_keeps_members_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = packed_zip(tmp_path / "p.zip", {"a.csv": rows("a", 5).encode(), "b.jsonl": jsonl(4).encode()})
    for _ in range(2):
        assert main(["read", str(path), "--into", str(tmp_path / "case"), "--json", "--quiet"]) == 0
        assert json.loads(capsys.readouterr().out)["rows"]["posts"] == 9
    assert [one.file for one in inspect([path])] == ["p.zip/a.csv", "p.zip/b.jsonl"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd.compress])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_cut_archive_keeps_what_is_whole(tmp_path: Path, pack: Any, kind: str) -> None:
    import random

    noise = random.Random(1)
    text = "".join(
        line[:-1] + (f"{noise.random()}" if kind == "csv" else "") + "\n"
        for line in (rows("a", 60_000) if kind == "csv" else jsonl(60_000)).splitlines(True)
    )
    data = pack(text.encode())
    found = tables(write(tmp_path, data[: len(data) * 2 // 3], f"f.{kind}"))
    posts = found["inputs"][0]["posts"]
    assert 20_000 < posts < 60_000 and found["inputs"][0]["left_out"] == 1
    (lost,) = found["ledger"]
    assert "cut or damaged from here on" in lost["reason"] and abs(lost["row"] - posts) <= 2
    # the line in which the data break off is not taken for a record
    assert found["posts"][-1]["post"] == f"{'a' if kind == 'csv' else 'j'}{posts - 1}"


def test_a_cut_tar_and_a_damaged_member(tmp_path: Path) -> None:
    members = {name: rows(name, 4000).encode() for name in "ab"}
    data = packed_tar(tmp_path / "t", members, "w").read_bytes()
    found = tables(write(tmp_path, data[: len(data) * 3 // 4], "cut.tar"))
    assert found["inputs"][0]["posts"] == 4000 and 0 < found["inputs"][1]["posts"] < 4000
    assert "cut or damaged" in found["ledger"][-1]["reason"]
    raw = bytearray(packed_zip(tmp_path / "z", {**members, "c.csv": b"x" * 500}).read_bytes())
    raw[200:260] = bytes(60)
    found = tables(write(tmp_path, bytes(raw), "bad.zip"))
    assert sum(row["posts"] for row in found["inputs"]) >= 4000 and found["ledger"]


@pytest.mark.parametrize("kind", ["gz", "zip", "tar.gz"])
def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    from concerted.sources import archive

    for module in (packing, archive):
        monkeypatch.setattr(module, "BOMB_BYTES", 1 << 22)
    bomb = HEAD.encode() + b"1,a,2024-01-01T00:00:01Z," + b"0" * (1 << 24)
    path = tmp_path / f"bomb.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(bomb))
    elif kind == "zip":
        packed_zip(path, {"bomb.csv": bomb})
    else:
        packed_tar(path, {"bomb.csv": bomb})
    with pytest.raises(InputError, match="times its size"):
        load(path)


def test_no_archive_inside_an_archive_no_office_file_no_crowd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concerted.sources import archive

    inner = packed_zip(tmp_path / "inner.zip", {"a.csv": rows("a", 3).encode()}).read_bytes()
    with pytest.raises(InputError, match="nothing in it can be read"):
        load(packed_zip(tmp_path / "outer.zip", {"inner.zip": inner}))
    with pytest.raises(UnknownFormat, match="Excel workbook: save"):
        load(packed_zip(tmp_path / "f.xlsx", {"xl/workbook.xml": b"<x/>"}))
    with pytest.raises(InputError, match="nothing in it"):
        load(packed_zip(tmp_path / "none.zip", {}))
    monkeypatch.setattr(archive, "MOST", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        load(packed_zip(tmp_path / "many.zip", {f"{n}.csv": b"x" for n in range(4)}))


def test_names_that_lead_elsewhere_stay_names(tmp_path: Path) -> None:
    path = packed_tar(tmp_path / "t.tar", {"../../evil.csv": rows("a", 3).encode()}, "w")
    assert tables(path)["inputs"][0]["file"] == "t.tar/../../evil.csv"
    assert not (tmp_path.parent / "evil.csv").exists()
    with tarfile.open(tmp_path / "l.tar", "w") as archive:
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(InputError, match="a link or device"):
        load(tmp_path / "l.tar")


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_giant_line_is_one_record_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 100_000)
    giant = (
        "9,b,2024-01-01T00:00:09Z," + "x" * 350_000
        if kind == "csv"
        else '{"post_id": "' + "9" * 350_000 + '"}'
    )
    some = (rows("a", 6) if kind == "csv" else jsonl(6)).splitlines()
    content = "\n".join([*some[:4], giant, *some[4:]]) + "\n"
    found = load(write(tmp_path, content, f"f.{kind}"))
    assert len(found["posts"]) == 6
    assert [(row["row"], row["reason"].split(" million")[0]) for row in found["ledger"]] == [
        (5, "line longer than 16")
    ]


def test_cells_over_the_limit_say_so(tmp_path: Path) -> None:
    content = rows("a", 3) + "9,b,2024-01-01T00:00:09Z," + "x" * 200_000 + "\n" + rows("b", 2)[len(HEAD) :]
    found = load(write(tmp_path, content))
    assert len(found["posts"]) == 5 and "131,072 characters" in found["ledger"][0]["reason"]


def test_json_that_should_not_be(tmp_path: Path) -> None:
    good = jsonl(3)
    odd = [
        '{"post_id": "n", "account_id": "a\\ud800", "created_at": "2024-01-01T00:00:01Z"}',
        '{"post_id": "m\\u0000", "account_id": "a", "created_at": "2024-01-01T00:00:01Z"}',
        '{"a":' * 5_000,
        "[1, 2]",
        '{"post_id": "k"',
    ]
    found = load(write(tmp_path, good + "\n".join(odd) + "\n" + good.replace("j", "k"), "f.jsonl"))
    assert len(found["posts"]) == 6 and sum(row["count"] for row in found["ledger"]) == 5
    array = "[" + ",".join(good.splitlines()) + "]"
    found = load(write(tmp_path, array + "\n" + array, "two.json"))
    assert len(found["posts"]) == 3 and "follows the end" in found["ledger"][0]["reason"]


def test_a_thousand_names_a_record_do_not_become_columns(tmp_path: Path) -> None:
    content = "".join(
        json.dumps(
            {"post_id": str(n), "account_id": "a", "created_at": "2024-01-01T00:00:01Z"}
            | {f"k{n}_{m}": 1 for m in range(300)}
        )
        + "\n"
        for n in range(40)
    )
    assert len(load(write(tmp_path, content, "f.jsonl"))["posts"]) == 40


def test_marks_headers_and_empty_files(tmp_path: Path) -> None:
    twice = "post_id,account_id,created_at,text,text\n1,a,2024-01-01T00:00:01Z,one,two\n"
    assert load(write(tmp_path, twice))["posts"][0]["text"] == "one"
    mark = HEAD + "1,a,2024-01-01T00:00:01Z,x\n\ufeff2,b,2024-01-01T00:00:02Z,\ufeffy\n"
    assert len(load(write(tmp_path, mark))["posts"]) == 2
    seen = inspect([write(tmp_path, HEAD, "head.csv")])[0]
    assert seen.records == 0 or seen.refused
    with pytest.raises(InputError, match="folder"):
        load(tmp_path)
    for empty in (b"", b"\n\n", b"\xef\xbb\xbf"):
        with pytest.raises(InputError):
            load(write(tmp_path, empty, "e.csv"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe or device"):
        load(tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, rows("a", 3))
    path.chmod(0)
    assert main(["inspect", str(path)]) == 3
    assert "permission denied" in capsys.readouterr().err


def test_everything_on_one_line(tmp_path: Path) -> None:
    """Longer than a line may be, as whole arrays and answers are."""
    record = {"post_id": "", "account_id": "a", "created_at": "2024-01-01T00:00:01Z", "text": "x" * 9_000}
    array = "[" + ", ".join(json.dumps(record | {"post_id": f"p{n}"}) for n in range(2_000)) + "]"
    assert len(array) > lines.LONGEST
    found = load(write(tmp_path, array, "one.json"))
    assert len(found["posts"]) == 2_000 and not found["ledger"]
    from concerted.sources.document import items

    held = list(items(io.StringIO('{"answer": {"posts": ' + array + "}}"), ["answer.posts"], {}))
    assert len(held) == 2_000


def test_a_header_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    body = "".join(f"1{n},a,2024-01-01T00:00:0{n}Z,größer,größer\n" for n in range(9)).encode()
    path = write(tmp_path, b"post_id,account_id,created_at,text,od\xf6d\n" + body * 3)
    assert len(load(path)["posts"]) >= 9 and "od?d" in inspect([path])[0].unused
