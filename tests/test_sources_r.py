"""R's own files give the posts of the CSV of the same frame; damaged ones are refused in one sentence."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import data_dir
from reading import load, write
from rfiles import (
    MISSING,
    alone,
    dotted,
    flags,
    frame,
    i4,
    pairs,
    real,
    saved,
    several,
    short,
    strings,
    symbol,
    whole,
)  # fmt: skip

from concerted.errors import DamagedIds, InputError, UnknownFormat
from concerted.sources.opening import open_file
from concerted.stages.read import find_source

MOMENT = datetime(2024, 1, 1, 0, 0, 1, tzinfo=UTC)
NA = struct.unpack(">d", bytes.fromhex("7ff00000000007a2"))[0]
POST = {
    "post_id": strings("p1", "p2"),
    "account_id": strings("a", "b"),
    "created_at": strings("2024-01-01T00:00:01Z", "2024-01-01T00:00:02Z"),
}


def column(tmp_path: Path, value: bytes) -> list[object]:
    """A column as it is opened, two records."""
    path = write(tmp_path, saved({"posts": frame({**POST, "extra": value})}), "f.rda")
    return list(open_file(path).sample.column("extra").to_pylist())


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_saved_in_any_way(tmp_path: Path, version: int, pack: object) -> None:
    for data in (
        saved({"posts": frame(POST)}, version),
        alone(frame(POST, "tbl_df", "tbl", "data.frame"), version),
    ):
        tables = load(write(tmp_path, pack(data), "any.bin"))  # type: ignore[operator]
        assert [(post["post"], post["account"], post["row"]) for post in tables["posts"]] == [
            ("p1", "web:a", 1), ("p2", "web:b", 2),
        ]  # fmt: skip
        assert tables["posts"][0]["time"] == MOMENT and tables["inputs"][0]["source"] == "table"


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        (strings("größer", None), ["größer", None]),
        (strings("größer".encode("latin-1"), "x", flag=1 << 2), ["größer", "x"]),
        (strings("größer".encode("cp1252"), "x", flag=0), ["größer", "x"]),
        (whole(3, MISSING), [3, None]),
        (flags(1, MISSING), [True, None]),
        (real(1.5, NA), [1.5, None]),
        (real(1629589836.0, NA), [1629589836, None]),
        (whole(2, MISSING, levels=strings("x", "y"), **{"class": strings("factor")}), ["y", None]),
        (real(MOMENT.timestamp(), NA, **{"class": strings("POSIXct", "POSIXt")}), [MOMENT, None]),
        (real(19723.0, NA, **{"class": strings("Date")}), [MOMENT.date(), None]),
        (
            real(*struct.unpack(">2d", struct.pack(">2q", 1_742_000_000_000_000_001, -(2**63))),
                 **{"class": strings("integer64")}),
            [1_742_000_000_000_000_001, None],
        ),
        (several(strings("a", "b"), i4(254)), [["a", "b"], []]),
        (several(strings("a"), flags(MISSING)), [["a"], []]),
        (short("compact_intseq", real(2.0, 7.0, 1.0)), [7, 8]),
        (short("compact_realseq", real(2.0, 7.0, -1.0)), [7.0, 6.0]),
        (short("wrap_string", dotted(strings("a", "b"), whole(0, 0))), ["a", "b"]),
        (short("wrap_integer", several(whole(1, 2), whole(0, 0))), [1, 2]),
        (short("deferred_string", dotted(whole(100000, MISSING), whole(0))), ["100000", None]),
        (short("deferred_string", dotted(real(100000.0, 123456.0), whole(0))), ["1e+05", "123456"]),
        (short("deferred_string", dotted(real(0.1, NA), whole(0))), ["0.1", None]),
    ],
)  # fmt: skip
def test_columns(tmp_path: Path, value: bytes, cells: list[object]) -> None:
    assert column(tmp_path, value) == cells


def test_what_surrounds_the_columns_is_passed_over(tmp_path: Path) -> None:
    """A data.table carries a pointer; a name is written once and pointed to again; the rest is no data."""
    pointer = i4(22, 254, 254)
    space = i4(4, 0, 253, 254, 254, 254)
    posts = frame(
        POST, "data.table", "data.frame", **{".internal.selfref": pointer, "row.names": whole(MISSING, -2)}
    )
    # the first name written is "a", so 1 << 8 | 255 points to it: two objects of one name
    objects = i4(2 | 0x400) + symbol("a") + posts + i4(2 | 0x400, 1 << 8 | 255) + space + i4(254)
    path = write(tmp_path, b"RDX3\n" + alone(objects), "f.rda")
    assert [post["post"] for post in load(path)["posts"]] == ["p1", "p2"]


def test_what_is_private_or_no_column_is_not_read(tmp_path: Path) -> None:
    more = {"email": strings("x@example.org", "y@example.org"), "fits": several(whole(1), whole(2, 3))}
    path = write(tmp_path, saved({"posts": frame({**POST, **more})}), "f.rda")
    opened = open_file(path)
    assert "example.org" not in str(load(path)) and opened.withheld == ("email",)
    assert opened.describe() == "R data frame, columns of other kinds are not read: fits"
    twice = frame(
        {**POST, "text": strings("one", "two")},
        names=strings("post_id", "account_id", "created_at", "post_id"),
    )
    assert open_file(write(tmp_path, alone(twice), "g.rds")).columns[-1] == "post_id.2"


def test_ids_that_were_floats_are_refused(tmp_path: Path) -> None:
    ids = real(*(1.7e18 + 1024.0 * number for number in range(2)))
    path = write(tmp_path, saved({"posts": frame({**POST, "post_id": ids})}), "f.rda")
    with pytest.raises(DamagedIds, match="post_id"):
        load(path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (saved({"a": frame(POST), "b": frame(POST)}), r"several data frames \(a, b\)"),
        (saved({"a": whole(1)}), "holds no data frame"),
        (saved({"a": i4(21, 1)}), "functions, not only data"),
        (saved({"a": frame({**POST, "x": strings("only one")})}), "not of the same length"),
        (saved({"a": frame(POST)})[:-40], "ends or is damaged at byte|reaches beyond its end"),
        (gzip.compress(saved({"a": frame(POST)}))[:-20], "cut or damaged"),
        (b"RDA3\nA\n3\n263169\n197888\n", "ascii = FALSE"),
        (alone(i4(16, 2**31 - 1)), "reaches beyond its end"),
        (alone(i4(255 | 9 << 8)), "a value that is not there"),
        (alone(i4(19, 1) * 5_000 + i4(254)), "nested more than"),
        (saved({"a": frame({"n": short("compact_intseq", real(1e12, 1.0, 1.0))})}), "too many"),
        (saved({"a": frame({"n": short("compact_intseq", real(NA, NA, NA))})}), "too many"),
        (saved({"a": frame({"n": short("mmap_integer", pairs({}))})}), "short form that cannot be read"),
        (saved({"a": frame({"n": strings(b"\xff\xff")})}), "not UTF-8"),
        (saved({"a": frame({"n": strings(b"a\x00b")})}), "NUL"),
        (saved({"a": frame({"n": whole(3, levels=strings("x"), **{"class": strings("factor")})})}), "level"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as told:
        load(write(tmp_path, data, "f.rda"))
    assert isinstance(told.value, UnknownFormat) == ("no data frame" in says or "ascii" in says)


def test_any_damage_is_refused_or_read_whole(tmp_path: Path) -> None:
    """Whatever byte is wrong, the file is read with all records counted or refused."""
    chance = random.Random(7)
    more = {
        "n": short("compact_intseq", real(2.0, 1.0, 1.0)),
        "t": real(1.7e9, 1.7e9, **{"class": strings("POSIXct")}),
    }
    sound = saved({"posts": frame({**POST, **more})})
    refused = 0
    for _ in range(600):
        data = bytearray(sound)
        for _ in range(chance.choice((1, 2))):
            data[chance.randrange(5, len(data))] = chance.choice((0, 1, 9, 16, 127, 238, 254, 255))
        try:
            load(write(tmp_path, bytes(data), "f.rda"))
        except InputError:
            refused += 1
    assert 100 < refused < 600


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("coortweet_russian", "russian_coord_tweets_sample"),
        ("coortweet_german_elections", "german_elections_sample"),
    ],
)
def test_same_rows_as_the_csv_beside_it(folder: str, name: str) -> None:
    raw = data_dir(folder) / "raw"
    posts = []
    for ending, first in ((".rda", 1), (".csv", 2)):
        tables = load(raw / f"{name}{ending}")
        own = f"{name}{ending}#"
        posts.append([
            {
                **post, "file": "", "row": post["row"] - first,
                "post": "own" if post["post"].startswith(own) else post["post"],
            }
            for post in tables["posts"]
        ])  # fmt: skip
    assert posts[0] == posts[1] and len(posts[0]) >= 200


ACTIVITY = "1 2 1341100972 MT\n1 3 1341100973 RE\r\n\n4 5 1341100974 RT\n"


@pytest.mark.parametrize("mark", [" ", "\t"])
def test_activity_lists(tmp_path: Path, mark: str) -> None:
    lines = ACTIVITY.replace(" ", mark) + f"7{mark}8{mark}1341100975{mark}RT\n" * 20 + "6 7 oops RT\n"
    path = write(tmp_path, lines, "any")
    assert find_source(open_file(path))[0].name == "snap"
    tables = load(path)
    mention, reply, reshare = tables["posts"][:3]
    assert [post["kind"] for post in (mention, reply, reshare)] == ["original", "reply", "reshare"]
    assert (mention["mentions"], mention["parent_account"]) == (["2"], None)
    assert [post["parent_account"] for post in (reply, reshare)] == ["x:3", "x:5"]
    assert reshare["time"] == datetime(2012, 7, 1, 0, 2, 54, tzinfo=UTC)
    assert [post["row"] for post in (mention, reply, reshare)] == [1, 2, 4]
    assert [(lost["row"], lost["reason"].split(",")[0]) for lost in tables["ledger"]] == [
        (25, "not two accounts")
    ]
    assert load(write(tmp_path, gzip.compress(lines.encode()), "b"))["inputs"][0]["posts"] == 23
