"""What disks, transfers and spreadsheets do to files: counted where it is, and told in words that help."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from reading import load, write

from concerted.errors import InputError, UnknownFormat
from concerted.look import inspect
from concerted.sources import jsonfile, lines, packing

HEAD = "post_id,account_id,created_at,text\n"


def rows(count: int, time: str = "2024-01-01T00:{:02d}:{:02d}Z", text: str = "t") -> str:
    return HEAD + "".join(f"{n},a{n % 7},{time.format(n // 60, n % 60)},{text}\n" for n in range(count))


@pytest.mark.parametrize("number", ["9" * 400, "1" * 25, "9" * 19, "99999999999999", "1e400", "-1e30"])
def test_a_number_no_clock_can_show_costs_its_own_row(tmp_path: Path, number: str) -> None:
    content = HEAD + "".join(f"{n},a,{1_700_000_000 + n},t\n" for n in range(50)) + f"z,a,{number},t\n"
    found = load(write(tmp_path, content))
    assert len(found["posts"]) == 50 and found["ledger"][0]["row"] == 52
    assert found["posts"][0]["resolution_s"] == 1.0


@pytest.mark.parametrize(
    "odd", ["2024-01-01T0073", "2024-01-01 00:00:05", "2024-01-01 00:00:05 IST", "0000-00-00"]
)
def test_one_odd_time_among_many_is_one_row_and_several_are_asked_about(tmp_path: Path, odd: str) -> None:
    found = load(write(tmp_path, rows(300) + f"z,a,{odd},t\n"))
    assert len(found["posts"]) == 300 and [lost["row"] for lost in found["ledger"]] == [302]
    assert "says no zone" in found["ledger"][0]["reason"]
    with pytest.raises(InputError, match="row 302, column 'created_at'"):
        load(write(tmp_path, rows(300) + f"z,a,{odd},t\n" * 9))


def test_half_a_file_in_another_encoding_is_left_out_not_turned_to_gibberish(tmp_path: Path) -> None:
    one, two = rows(30, text="größer").encode(), rows(30, text="größer")[len(HEAD) :].encode("cp1252")
    found = load(write(tmp_path, one + two.replace(b"\n", b"\nb")[:-1]))
    assert {post["text"] for post in found["posts"]} == {"größer"} and len(found["posts"]) == 30
    assert sum(lost["count"] for lost in found["ledger"]) == 30


def test_a_giant_first_line_is_called_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [
        json.dumps({"post_id": n, "account_id": "a", "created_at": "2024-01-01T00:00:01Z"}) for n in range(3)
    ]
    giant = json.dumps({"post_id": "g", "text": "x" * 300_000})
    for module in (lines, jsonfile):
        monkeypatch.setattr(module, "LONGEST", 100_000)
    for content, what in (("\n".join([giant, *good]), "line"), (f"[{','.join([giant, *good])}]", "record")):
        found = load(write(tmp_path, content, "f.json"))
        assert len(found["posts"]) == 3
        assert found["ledger"][0]["reason"].startswith(f"{what} longer than 16 million")


@pytest.mark.parametrize(
    ("begins", "what"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7-Zip archive: unpack it"),
        (b"Rar!\x1a\x07", "RAR archive: unpack it"),
        (b"%PDF-1.4\n", "PDF document"),
        (b"\xd0\xcf\x11\xe0", "old Office program: save each sheet"),
        (b"SQLite format 3\0", "SQLite database: export its tables"),
    ],
)
def test_files_that_are_no_exports_are_called_what_they_are(tmp_path: Path, begins: bytes, what: str) -> None:
    with pytest.raises(UnknownFormat, match=what):
        load(write(tmp_path, begins + bytes(range(256)) * 2, "f"))


def test_packed_twice_and_short_binary_data(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="packed twice: unpack it once"):
        load(write(tmp_path, gzip.compress(gzip.compress(rows(9).encode())), "f.gz"))
    with pytest.raises(UnknownFormat, match="binary data"):
        load(write(tmp_path, b"\x93NUMPY" + bytes(range(32)) * 6, "f.npy"))


def test_members_of_archives_are_named_in_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BOMB_BYTES", 1 << 20)
    inner = gzip.compress(rows(1).encode() + b"0" * (1 << 22))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("deep/b.csv.gz", inner)
    with pytest.raises(InputError, match=r"^f\.zip/deep/b\.csv\.gz: unpacks to more than"):
        load(write(tmp_path, packed.getvalue(), "f.zip"))


def test_a_locked_archive_is_said_to_be_locked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b.csv", rows(5))
    data = bytearray(packed.getvalue())
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="locked with a password"):
        load(write(tmp_path, bytes(data), "f.zip"))


def test_a_header_that_names_a_column_twice_is_told(tmp_path: Path) -> None:
    content = "post_id,account_id,created_at,text,text,account_id\n1,a,2024-01-01T00:00:01Z,one,two,b\n"
    path = write(tmp_path, content)
    assert load(path)["posts"][0]["account"].endswith(":a")
    assert (
        "columns have one name, and the first of each is read, not text.2, account_id.2"
        in inspect([path])[0].notes
    )
