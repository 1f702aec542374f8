"""Reading never crashes and never loses a record, whatever the bytes. Thousands more: tests/fuzz.py."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fuzz import check, damage, run, samples
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from reading import load, write

from concerted.sources.clock import Clock
from concerted.sources.uniform import read_uniform

CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=30)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_damaged_files_are_read_whole_or_refused(tmp_path: Path) -> None:
    ended = run(120, 2026, samples(), tmp_path)
    assert ended["read"] > 20 and ended["refused"] > 20 and sum(ended.values()) == 120


def test_the_undamaged_samples_are_read(tmp_path: Path) -> None:
    for name, data in samples().items():
        assert check(write(tmp_path, data, name)) == "read", name


def test_damage_is_the_same_for_the_same_seed() -> None:
    import random

    one, two = random.Random(5), random.Random(5)
    assert [damage(b"abc" * 99, one) for _ in range(9)] == [damage(b"abc" * 99, two) for _ in range(9)]


@SLOW
@given(st.binary(max_size=400))
@example(b"\x1f\x8b\x08\x00")
@example(b"PK\x05\x06" + bytes(18))
@example(b"PK\x03\x04")
@example(b"\xff\xfe")
@example(b"PAR1")
@example(b"{}\n{}")
@example(b"[]")
@example(b'{"a":' * 9000)
@example(b'[{"post_id":1}]]')
def test_any_bytes_end_in_one_sentence(tmp_path: Path, data: bytes) -> None:
    assert check(write(tmp_path, data, "f")) in ("read", "refused")


@SLOW
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_wrote_comes_back(tmp_path: Path, rows: list[tuple[str, str]], mark: str) -> None:
    """Cells with line ends, quotes and delimiters: as many records as were written, on the right lines."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL)
    # a short file with many control characters is taken for binary data, and refused as such
    assume(sum(char < " " and char not in "\t\r\n" for row in rows for cell in row for char in cell) <= 3)
    writer.writerow(["post_id", "account_id", "created_at", "text", "lang"])
    lines = [out.getvalue().count("\n")]
    for number, (text, lang) in enumerate(rows):
        writer.writerow([number, "a", f"2024-01-01T00:00:{number:02d}Z", text, lang])
    tables = load(write(tmp_path, out.getvalue()))
    assert [post["post"] for post in tables["posts"]] == [str(number) for number in range(len(rows))]
    assert tables["posts"][0]["row"] == lines[0] + 1
    kept = [text for text, _ in rows if text.strip() and text == text.strip() and len(text) > 12]
    assert set(kept) <= {post["text"] for post in tables["posts"]}


@SLOW
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_json_value_may_stand_anywhere(tmp_path: Path, value: object) -> None:
    rows = [
        {
            "post_id": "1",
            "account_id": "a",
            "created_at": "2024-01-01T00:00:01Z",
            "text": "t",
            "hashtags": ["x"],
        },
        {"post_id": value, "account_id": "b", "created_at": "2024-01-01T00:00:02Z", "text": value},
        {"post_id": "3", "account_id": value, "created_at": value, "user": value, "hashtags": value},
        value,
    ]
    content = "\n".join(json.dumps(row) for row in rows)
    assert check(write(tmp_path, content, "f.jsonl")) in ("read", "refused")


@pytest.mark.parametrize(
    "times",
    [
        ["2024-02-29T12:30:01Z", "2024-02-29 12:30:01.25+00:00", "", None],
        ["2024-02-29T12:30:01", "1999-12-31 23:59:59.999999"],
        ["Wed Oct 10 20:19:24 +0000 2018", None, "Mon Feb 29 00:00:00 +0000 2016"],
    ],
)
def test_whole_columns_are_read_as_cells_are(times: list[str | None]) -> None:
    values = pa.array(times, pa.string())
    fast = read_uniform(values)
    assert fast is not None
    slow = Clock("t", "UTC", lenient=True)
    slow._look_at_texts(times, np.arange(len(times)))
    one = [slow._one(text, __import__("datetime").UTC) if text else None for text in times]
    assert [int(m) if k else None for m, k in zip(fast.micros, fast.known, strict=True)] == one


@pytest.mark.parametrize("text", ["2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01", "soon"])
def test_what_is_not_uniform_is_left_to_the_careful_way(text: str) -> None:
    assert read_uniform(pa.array(["2024-01-01T00:00:00Z", text])) is None
