"""Whole columns are read as cells are, and whole blocks as records are: the fast way changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading import load, write

from concerted import schema
from concerted.sources import csvblocks, csvrecords, ids, lists, profiles
from concerted.sources.clock import Clock
from concerted.sources.csvfile import Dialect
from concerted.sources.frame import Frame
from concerted.sources.hashing import hashes
from concerted.sources.known import keys
from concerted.sources.lines import Lines

MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(MANY, max_examples=40)
HEADER = ("a", "b", "e-mail")
# what parts cells and records, what quotes them, and what no text may hold
ODD = st.sampled_from(
    ['"', '""', ",", ";", "\n", "\r\n", "\r", "\n\n", "\\", '\\"', " ", "\x00", "\udc80", "é"]
)
RAW = st.lists(ODD | st.sampled_from(["x", "12", "1,2,3\n", '"u","v","w"\n', "u,v,w\r\n"]), max_size=40)


@contextmanager
def record_by_record() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvblocks, "parse", lambda *_: None)
        yield


def frames(text: str, dialect: Dialect, wanted: list[str] | None, size: int) -> list[Frame]:
    raw = io.BytesIO(("a,b,e-mail\n" + text).encode("utf-8", "surrogateescape"))
    stream = io.TextIOWrapper(raw, "utf-8", "surrogateescape", newline="")
    return list(csvrecords.frames(Lines(stream), dialect, wanted, size))


def told(found: list[Frame]) -> list[Any]:
    names = found[0].columns if found else ()
    rows = [row for frame in found for row in frame.rows.tolist()]
    cells = [[cell for frame in found for cell in frame.columns[name].to_pylist()] for name in names]
    return [rows, cells, [one for frame in found for one in frame.spoiled]]


@MANY
@given(RAW, st.booleans(), st.sampled_from([None, ["a"], []]), st.integers(1, 4), st.integers(1, 60))
@example(['"u","v","w"\n', '"', "1,2,3\n", '"', ",v,w\n"], False, None, 2, 20)
@example(["\x01,v,", '"', "x\n"], False, ["a"], 2, 30)
def test_blocks_are_read_as_records_are(
    parts: list[str], escaped: bool, wanted: list[str] | None, size: int, block: int
) -> None:
    text, dialect = "".join(parts), Dialect(",", escaped, 0, HEADER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvrecords, "_AT_ONCE", block)
        fast = frames(text, dialect, wanted, size)
    with record_by_record():
        slow = frames(text, dialect, wanted, size)
    assert told(fast) == told(slow)
    assert [len(frame) for frame in fast if len(frame)] == [len(frame) for frame in slow if len(frame)]


@MANY
@given(
    st.lists(st.lists(st.text(st.sampled_from('x ",;\n\r\\é'), max_size=6), min_size=3, max_size=3)),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.booleans(),
)
def test_what_a_writer_wrote_is_parsed_at_once(rows: list[list[str]], quoting: Any, escaped: bool) -> None:
    """Blank lines of a cell apart, as they are none of a record, and odd line ends."""
    out = io.StringIO()
    form: dict[str, Any] = {"escapechar": "\\", "doublequote": False} if escaped else {}
    csv.writer(out, quoting=quoting, lineterminator="\n", **form).writerows(rows)
    text = out.getvalue()
    parsed = csvblocks.parse(text, Dialect(",", escaped, 0, HEADER), [0, 2])
    cells = [cell for row in rows for cell in row]
    if not rows or any("\r" in cell or (escaped and "\\" in cell) for cell in cells):
        return
    assert parsed is not None and parsed.used == len(text)
    assert [cell.to_pylist() for cell in parsed.cells] == [[row[0] for row in rows], [row[2] for row in rows]]


@MANY
@given(st.lists(st.sampled_from(["\r", "\n", "\r\n", "a", "bcd", "\u2028", "\x0b"])), st.integers(1, 9))
def test_blocks_are_whole_lines(parts: list[str], size: int) -> None:
    def lines() -> Lines:
        return Lines(io.TextIOWrapper(io.BytesIO("".join(parts).encode()), "utf-8", newline=""))

    one, many = lines(), lines()
    blocks = list(iter(lambda: many.block(size), ""))
    singly = list(one)
    assert [line for block in blocks for line in io.StringIO(block, newline="")] == singly
    assert one.count == many.count


HOSTILE = st.sampled_from(
    ["", " ", "NaN", "[]", "0", "-1", "12.0", " 7 ", "9.06E+17", "1,5", "u\u00a01", "https://a.b/c?d=1,2",
     "#x y", "@me;you",
     "['p', 'q']", "c(1, 2)", "w w", "w v", "é", "12345678901234567", "1234567890123456789.0",
     "1700000000", "1700000000.5", "1700000000123", "9" * 30, "-5", "2024-01-01T00:00:00Z", "&amp;", "null x"]
)  # fmt: skip


@FEW
@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=20))
def test_tables_are_the_same_either_way(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["post_id", "account_id", "username", "parent_id", "urls", "hashtags", "created_at", "text"]
    )
    for number, (user, parent, many, text) in enumerate(rows):
        writer.writerow([f"m{number}", user, user, parent, many, many, 1_700_000_000 + number, text])
    out.write('broken "line\n')
    path = write(tmp_path, out.getvalue())
    fast = load(path, skip_damaged=True)
    with record_by_record():
        assert load(path, skip_damaged=True) == fast


@MANY
@given(st.lists(HOSTILE | st.none(), max_size=12), st.sampled_from(["urls", "tags", "mentions", "media"]))
def test_lists_of_a_column_are_those_of_its_cells(cells: list[str | None], what: str) -> None:
    column = lists.read_lists(pa.array(cells, pa.string()), what)
    assert column.to_pylist() == [lists._parse(cell or "", what) for cell in cells]


@MANY
@given(st.lists(HOSTILE, min_size=1, max_size=12), st.booleans())
def test_ids_of_a_column_are_those_of_its_cells(cells: list[str], parent: bool) -> None:
    column = ids.clean(pa.array(cells, pa.string()), parent)
    single = [ids.clean(pa.array([cell, " é "]), parent)[0].as_py() for cell in cells]
    assert column.to_pylist() == single
    assert ids.scientific(column).tolist() == [
        bool(ids.scientific(pa.array([cell, "+.,"], pa.string()))[0]) for cell in single
    ]
    assert ids._long(column).tolist() == [
        bool(ids._long(pa.array([cell, "x" * 20], pa.string()))[0]) for cell in single
    ]


@MANY
@given(
    st.lists(st.integers(0, 10**19).map(str) | st.sampled_from(["", "007"]), min_size=1, max_size=9),
    st.sampled_from(["", "s", "ms", "us", "ns"]),
)
def test_whole_numbers_are_times_as_single_ones_are(cells: list[str], unit: str) -> None:
    clock = Clock("t", "UTC", unit, lenient=True)
    column, texts = pa.array(cells, pa.string()), [text or None for text in cells]
    micros, known = clock.read(column)
    one = [clock._one(text, UTC) if text else None for text in texts]
    assert [int(m) if k else None for m, k in zip(micros, known, strict=True)] == [
        moment if moment is not None and moment < 2**62 else None for moment in one
    ]
    fast, slow = Clock("t", "UTC", unit), Clock("t", "UTC", unit)
    fast.look(column, np.arange(len(cells)))
    slow._look_at_texts(texts, np.arange(len(cells)))
    assert (fast._numbers, fast._steps, fast.zoned) == (slow._numbers, slow._steps, slow.zoned)


def test_a_time_beyond_all_time_is_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{n},a,{1_700_000_000 + n if n else '9' * 30}\n" for n in range(9))
    tables = load(write(tmp_path, "post_id,account_id,created_at\n" + rows))
    assert len(tables["posts"]) == 8 and "cannot be read" in tables["ledger"][0]["reason"]


@MANY
@given(
    st.lists(st.text(max_size=12) | st.sampled_from(["a", "a\0", "abcd", "abcd\0", "x" * 99]), max_size=20)
)
def test_hashes_are_those_of_the_definition(texts: list[str]) -> None:
    seed = 7
    factors = np.random.default_rng(seed).integers(0, 2**64, (200, 2), np.uint64).tolist()

    def half(data: bytes, which: int) -> int:
        length, *chance = (factor[which] for factor in factors)
        total = length * len(data)
        for a, b, at in zip(chance[::2], chance[1::2], range(0, len(data), 8), strict=False):
            high, low = divmod(int.from_bytes(data[at : at + 8], "little"), 2**32)
            total += (low + a) * (high + b) - a * b
        return total % 2**64 >> 32

    sliced = pa.array(["before", *texts, "after"]).slice(1, len(texts))
    found = hashes(sliced, seed).tolist() if texts else []
    assert found == [half(text.encode(), 0) << 32 | half(text.encode(), 1) for text in texts]
    different = list(dict.fromkeys(texts))
    assert len(set(keys(pa.array(different, pa.string()), seed).tolist())) == len(different)


OBSERVED = st.tuples(
    st.sampled_from("aabbcdef"), st.sampled_from(["n", "m", None]), st.integers(0, 3) | st.none(),
    st.integers(0, 3) | st.none(), st.integers(0, 2) | st.none(),
)  # fmt: skip


@MANY
@given(st.lists(OBSERVED, min_size=1, max_size=25))
def test_observations_are_condensed_as_defined(rows: list[tuple[Any, ...]]) -> None:
    hour = 3_600_000_000
    table = schema.rows(
        "accounts",
        account=[f"web:{row[0]}" for row in rows],
        account_id=[row[0] for row in rows],
        platform=["web"] * len(rows),
        handle=[row[1] for row in rows],
        followers=[row[2] for row in rows],
        following=[row[3] for row in rows],
        seen=pa.array([None if row[4] is None else row[4] * 18 * hour for row in rows], schema.TIME),
    )

    def moment(step: int | None) -> Any:
        return None if step is None else pa.scalar(step * 18 * hour, schema.TIME).as_py()

    def late(number: int | None) -> tuple[bool, int]:
        return (number is None, number or 0)

    groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in sorted(rows, key=lambda row: (late(row[4]), late(row[2]), late(row[3]))):
        groups.setdefault((row[0], row[1], None if row[4] is None else row[4] * 18 // 24), []).append(row)

    def last(group: list[tuple[Any, ...]], place: int) -> Any:
        return next((row[place] for row in reversed(group) if row[place] is not None), None)

    want = [
        (account, handle, last(group, 2), last(group, 3), last(group, 4))
        for (account, handle, _), group in groups.items()
    ]
    found = [
        (row["account_id"], row["handle"], row["followers"], row["following"], row["seen"])
        for row in profiles.condense([table]).to_pylist()
    ]
    assert sorted(found, key=str) == sorted([(*row[:4], moment(row[4])) for row in want], key=str)
