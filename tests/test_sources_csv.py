"""CSV and JSON of any dialect: nothing is lost, nothing is misread."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import load, write

from concerted.errors import InputError, MissingColumns, UnknownFormat
from concerted.sources.ids import MISSING
from concerted.sources.opening import open_file

HEAD = "post_id,account_id,created_at,text\n"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_and_line_numbers(tmp_path: Path, mark: str) -> None:
    rows = [
        ["post_id", "account_id", "created_at", "text"],
        ["1", "a", "2024-01-01T00:00:01Z", '"one\ntwo"'],
        ["2", "b", "2024-01-01T00:00:02Z", '"say ""hi"", all"'],
    ]
    posts = load(write(tmp_path, "\n".join(mark.join(row) for row in rows) + "\n"))["posts"]
    assert [post["text"] for post in posts] == ["one\ntwo", 'say "hi", all']
    assert [post["row"] for post in posts] == [2, 4]


def test_backslash_escaped_quotes(tmp_path: Path) -> None:
    content = (
        HEAD
        + '"1","a","2024-01-01T00:00:01Z","<a href=\\"x\\">, said"\n"2","b","2024-01-01T00:00:02Z","plain"\n'
    )
    posts = load(write(tmp_path, content))["posts"]
    assert [post["text"] for post in posts] == ['<a href="x">, said', "plain"]


def test_the_format_guess_eats_no_line(tmp_path: Path) -> None:
    """Defect 3: a guess on an open handle lost the first lines."""
    lines = [f"{n},a{n},2024-01-01T00:00:{n % 60:02d}Z,t" for n in range(3000)]
    posts = load(write(tmp_path, HEAD + "\n".join(lines) + "\n"))["posts"]
    assert [post["post"] for post in posts] == [str(n) for n in range(3000)]
    packed = tmp_path / "f.jsonl.gz"
    with gzip.open(packed, "wt") as file:
        for n in range(3000):
            file.write(
                json.dumps({"post_id": n, "account_id": "a", "created_at": "2024-01-01T00:00:00Z"}) + "\n"
            )
    assert [post["post"] for post in load(packed)["posts"]] == [str(n) for n in range(3000)]


def test_rows_that_do_not_fit_are_ledger_lines(tmp_path: Path) -> None:
    """Defect 9: a tolerant reader lost rows in silence."""
    content = (
        HEAD
        + "1,a,2024-01-01T00:00:01Z,fine\n"
        + "2,b\n"
        + "3,c,2024-01-01T00:00:03Z,x,y,z\n"
        + "4,d,,no time\n"
        + "5,,2024-01-01T00:00:05Z,no account\n"
        + "6,e,soon,odd time\n"
        + "7,f\x00,2024-01-01T00:00:07Z,nul\n"
        + "1,a,2024-01-01T00:00:01Z,again\n"
        + "8,g,2024-01-01T00:00:08Z,fine\n"
    )
    tables = load(write(tmp_path, content))
    assert [post["post"] for post in tables["posts"]] == ["1", "8"]
    assert {(lost["row"], lost["reason"].split(":")[0]) for lost in tables["ledger"]} == {
        (3, "fewer cells than the header"),
        (4, "more cells than the header"),
        (5, "no time"),
        (6, "no account"),
        (7, "time cannot be read, says no zone, or is two moments where clocks changed"),
        (8, "NUL byte in the record"),
        (9, "repeated post id"),
    }


def test_an_open_quote_loses_one_line_only(tmp_path: Path) -> None:
    good = [f"{n},a,2024-01-01T00:00:{n:02d}Z,t{n}" for n in range(10)]
    content = HEAD + "\n".join([*good[:3], '99,b,2024-01-01T00:00:30Z,"never closed', *good[3:]]) + "\n"
    tables = load(write(tmp_path, content))
    assert [post["post"] for post in tables["posts"]] == [str(n) for n in range(10)]
    assert [(lost["row"], lost["count"]) for lost in tables["ledger"]] == [(5, 1)]


def test_a_cut_last_record_is_reported(tmp_path: Path) -> None:
    content = HEAD + "1,a,2024-01-01T00:00:01Z,fine\n" + '2,b,2024-01-01T00:00:02Z,"cut in the mid'
    tables = load(write(tmp_path, content))
    assert len(tables["posts"]) == 1
    assert tables["ledger"][0]["reason"] == "cut in the middle of a cell"


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
def test_encodings(tmp_path: Path, code: str) -> None:
    words = "Grüße aus Zürich – schön"
    path = write(tmp_path, (HEAD + f"1,a,2024-01-01T00:00:01Z,{words}\n").encode(code))
    assert load(path)["posts"][0]["text"] == words
    assert ("guessed" in open_file(path).encoding.says) == (code == "cp1252")


def test_a_few_damaged_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    lines = [f"{n},a,2024-01-01T00:00:01Z,größer".encode() for n in range(50)]
    lines[20] = b"20,a,2024-01-01T00:00:01Z,gr\xfcn"
    tables = load(write(tmp_path, HEAD.encode() + b"\n".join(lines) + b"\n"))
    assert {post["text"] for post in tables["posts"]} == {"größer"}
    assert [(lost["row"], lost["reason"]) for lost in tables["ledger"]] == [
        (22, "bytes that are not in the file's encoding")
    ]


def test_notes_before_the_header(tmp_path: Path) -> None:
    content = (
        "my notes\nwith a comma, here\n" + HEAD + "1,a,2024-01-01T00:00:01Z,x\n2,b,2024-01-01T00:00:02Z,y\n"
    )
    tables = load(write(tmp_path, content))
    assert [post["row"] for post in tables["posts"]] == [4, 5]
    assert [lost["reason"] for lost in tables["ledger"]] == ["line before the header"] * 2


def test_json_lines_and_arrays_agree(tmp_path: Path) -> None:
    records = [
        {
            "post_id": 9007199254740993,
            "account_id": f"a{n}",
            "created_at": "2024-01-01T00:00:01.5Z",
            "tags": ["#A", "b"],
        }
        | {"post_id": 9007199254740993 + n}
        for n in range(3)
    ]
    lines = load(write(tmp_path, "\n".join(json.dumps(record) for record in records), "f.jsonl"))["posts"]
    array = load(write(tmp_path, json.dumps(records, indent=1), "g.json"))["posts"]
    assert [post["post"] for post in lines] == ["9007199254740993", "9007199254740994", "9007199254740995"]
    assert lines[0]["tags"] == ["A", "b"] and lines[0]["resolution_s"] == 0.001
    assert [{**post, "file": "", "row": 0} for post in lines] == [
        {**post, "file": "", "row": 0} for post in array
    ]
    assert array[1]["row"] > array[0]["row"] + 1


def test_bad_json_is_a_ledger_line(tmp_path: Path) -> None:
    good = '{"post_id": "1", "account_id": "a", "created_at": "2024-01-01T00:00:01Z"}'
    path = write(tmp_path, f"{good}\n{{oops\n[1]\n{good.replace('1', '2', 1)[:40]}\n", "f.jsonl")
    tables = load(path)
    assert len(tables["posts"]) == 1 and [lost["row"] for lost in tables["ledger"]] == [3, 2, 4]
    cut = write(tmp_path, f"[{good}, {good[:30]}", "g.json")
    assert load(cut)["ledger"][0]["reason"] == "the JSON array is cut or damaged from here on"


def test_packed_files(tmp_path: Path) -> None:
    import bz2
    import zipfile

    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    plain = (HEAD + "1,a,2024-01-01T00:00:01Z,x\n2,b,2024-01-01T00:00:02Z,y\n").encode()
    window = {
        zstd.CompressionParameter.window_log: 30,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    write(tmp_path, zstd.compress(plain, options=window), "a.zst")
    write(tmp_path, bz2.compress(plain), "b.bz2")
    write(tmp_path, gzip.compress(plain), "c.gz")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("inside.csv", plain)
    for name in ("a.zst", "b.bz2", "c.gz", "d.zip"):
        assert [post["post"] for post in load(tmp_path / name)["posts"]] == ["1", "2"], name
    write(tmp_path, gzip.compress(plain)[:12], "cut.gz")
    with pytest.raises(InputError, match="cut or damaged"):
        load(tmp_path / "cut.gz")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="no table"):
        load(write(tmp_path, "just some words\nand more\n"))
    with pytest.raises(InputError, match="empty"):
        load(write(tmp_path, " \n"))
    with pytest.raises(MissingColumns, match="--map account=COLUMN"):
        load(write(tmp_path, "created_at,text\n2024-01-01T00:00:01Z,x\n2024-01-01T00:00:01Z,y\n"))
    with pytest.raises(MissingColumns, match=r"'time' is named as times are.*'9999-01-01'"):
        load(write(tmp_path, "account,time,text\na,9999-01-01,x\nb,9999-01-02,y\n"))
    with pytest.raises(MissingColumns, match="'time' is named as times are, but is empty"):
        load(write(tmp_path, "account,time,text\na,,x\nb,,y\n"))


def test_what_holds_nothing_is_said_to_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="the file is empty"):
        load(write(tmp_path, b"\xef\xbb\xbf"))
    with pytest.raises(UnknownFormat, match="holds no records"):
        load(write(tmp_path, "[]", "f.json"))
    with pytest.raises(UnknownFormat, match="holds no records"):
        load(write(tmp_path, "post,account,time,text\n"))
    with pytest.raises(UnknownFormat, match="binary data"):
        load(write(tmp_path, bytes(range(256)) * 50))


def test_an_empty_column_gives_way_to_a_filled_one(tmp_path: Path) -> None:
    """The better name does not help a column that says nothing: every post would be left out."""
    lines = "post,account_id,account,handle,time,text\np1,,a,,2024-01-01T00:00:01Z,x\n"
    rows = load(write(tmp_path, lines))["posts"]
    assert [(row["post"], row["account"]) for row in rows] == [("p1", "web:a")]


def test_own_column_names_make_a_list_of_accounts(tmp_path: Path) -> None:
    lines = "account,handle,opened,bio\n1,one,2024-01-01T00:00:01Z,x\n2,two,2024-01-02T00:00:01Z,\n"
    tables = load(write(tmp_path, lines))
    assert not tables["posts"]
    assert [(row["account"], row["handle"]) for row in tables["accounts"]] == [
        ("web:1", "one"),
        ("web:2", "two"),
    ]
    rows = load(write(tmp_path, "handle,opened\none,2024-01-01T00:00:01Z\n"))["accounts"]
    assert [row["account"] for row in rows] == ["web:one"]


def test_a_column_called_post_is_an_id_or_the_text(tmp_path: Path) -> None:
    rows = load(write(tmp_path, "post,account,time\nsome words,a,2024-01-01T00:00:01Z\n"))["posts"]
    assert [(row["post"], row["account"]) for row in rows] == [("f.csv#2", "web:a")]


cell = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(cell, min_size=1, max_size=8), escaped=st.booleans(), mark=st.sampled_from(",;\t|"))
def test_any_text_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], escaped: bool, mark: str
) -> None:
    """What a CSV writer wrote comes back: the same number of posts, the same texts."""
    import csv
    import io

    out = io.StringIO()
    how: dict[str, Any] = {"doublequote": False, "escapechar": "\\"} if escaped else {}
    writer = csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL, **how)
    writer.writerow(["post_id", "account_id", "created_at", "text"])
    # a first text with an escaped quote shows which way of quoting the file has
    for number, text in enumerate(['say "hi"', *texts]):
        writer.writerow([number, "a", "2024-01-01T00:00:01Z", text])
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    path.write_bytes(out.getvalue().encode())
    posts = load(path)["posts"]
    assert len(posts) == len(texts) + 1
    for post, text in zip(posts[1:], texts, strict=True):
        assert post["text"] == (None if text.strip() in MISSING else text)
