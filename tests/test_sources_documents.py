"""JSON documents: records inside objects, wherever lines, blocks and damage fall."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import load, write

from concerted.sources.document import Item, items, peek
from concerted.sources.frame import Spoiled
from concerted.sources.htmltext import hrefs, plain
from concerted.sources.records import links_in, tags_in

LISTS = ("data.rows", "chats.list[].messages", "one")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=4), PLAIN, max_size=3), max_size=4)


def read(text: str, lists: tuple[str, ...] = LISTS) -> tuple[list[Any], dict[str, int]]:
    told: dict[str, int] = {}
    return list(items(io.StringIO(text, newline=""), lists, told)), told


@given(RECORDS, RECORDS, st.sampled_from([None, 0, 1, 4]))
def test_every_record_of_a_document_is_found(first: list[Any], second: list[Any], indent: int | None) -> None:
    document = {
        "n": 1.5,
        "data": {"more": [1, {"rows": 2}], "rows": first, "after": {"x": [[]]}},
        "chats": {"list": [{"id": 7, "type": "t", "messages": second}, "odd", {"messages": []}]},
    }
    found, told = read(json.dumps(document, indent=indent))
    if indent is None and not first and not second:
        assert [item.record for item in found] == [document], "a line without records is a record itself"
        return
    assert [item.record for item in found] == [*first, *second] and told == {}
    assert all(item.path == LISTS[0] for item in found[: len(first)])
    assert all(item.above == {"id": 7, "type": "t"} for item in found[len(first) :])


@given(RECORDS.filter(bool), st.integers(0, 400))
def test_a_cut_document_gives_whole_records_and_says_that_it_is_cut(records: list[Any], cut: int) -> None:
    text = json.dumps({"data": {"rows": records}}, indent=1)
    found, _ = read(text[: min(cut, len(text) - 1)])
    whole = [item.record for item in found if isinstance(item, Item)]
    assert whole == records[: len(whole)] and len(whole) + 1 >= len(found)
    if text[: min(cut, len(text) - 1)].strip() and "\n" in text[:cut]:
        assert isinstance(found[-1], Spoiled) and "cut" in found[-1].reason


def test_rows_are_the_lines_on_which_records_begin() -> None:
    text = json.dumps({"a": 1, "data": {"rows": [{"x": 1}, {"x": [2, 3]}, {"x": 4}]}}, indent=2)
    begins = [n for n, line in enumerate(text.split("\n"), 1) if line == "      {"]
    found, _ = read(text)
    assert [item.row for item in found] == begins and len(begins) == 3


def test_blocks_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concerted.sources.jsontext._STEP", 3)
    records = [{"x": 12345, "y": "a\u2028b"}, {"x": -1.5e10}, {"x": 10}]
    found, _ = read(json.dumps({"data": {"rows": records}}, indent=1))
    assert [item.record for item in found] == records


def test_objects_after_each_other_and_objects_named_in_the_lists() -> None:
    text = json.dumps({"x": {"y": 1}}, indent=1) + "\n" + json.dumps({"one": {"z": 2}}, indent=1)
    found, _ = read(text)
    assert [(item.path, item.record) for item in found] == [("", {"x": {"y": 1}}), ("one", {"z": 2})]


def test_nul_in_a_document_is_dropped_and_told() -> None:
    found, told = read('{\n"data": {"rows": [{"x": "a\x00b"}]}}')
    assert found[0].record == {"x": "ab"} and told == {"NUL bytes were removed": 1}


def test_damaged_lines_are_told_one_by_one() -> None:
    deep = "[" * 50_000 + "]" * 50_000
    found, _ = read('{"x": 1}\n{"x": 2\n[3]\n{"x": "\x00"}\n\n{"x": NaN}\n{"x": ' + deep + "}\n", ())
    assert [item.row for item in found] == [1, 2, 3, 4, 6, 7]
    assert [type(item) for item in found] == [Item, Spoiled, Spoiled, Spoiled, Item, Spoiled]


def test_peek_sees_the_beginning_of_everything() -> None:
    assert peek('[{"a": 1}, 2, {"b"') == [{"a": 1}]
    assert peek('{"a": 1}\n{"b": 2}\n') == [{"a": 1}, {"b": 2}]
    long = json.dumps({"k": "v", "rows": [{"n": n} for n in range(9)], "z": {"y": 1}}, indent=1)
    (sketch,) = peek(long)
    assert sketch == {"k": "v", "rows": [{"n": n} for n in range(5)], "z": {"y": 1}}
    assert peek(long[:40])[0]["k"] == "v"
    assert peek('{"a":\n' * 100_000)[0].keys() == {"a"}


def test_a_record_that_is_not_built_as_its_format_says_is_left_out(tmp_path: Path) -> None:
    good = {"id": 1, "_": "Message", "peer_id": {"channel_id": 7}, "date": "2024-05-01T12:00:00Z"}
    bad = [
        {**good, "id": 2, "message": ["no text"]},
        {**good, "id": 3, "entities": [{"_": "MessageEntityUrl"}]},
    ]
    text = "".join(json.dumps(one) + "\n" for one in (good, *bad))
    tables = load(write(tmp_path, text, "f.jsonl"))
    assert [post["post"] for post in tables["posts"]] == ["7/1"]
    assert [(lost["row"], lost["reason"]) for lost in tables["ledger"]] == [
        (2, "the record is not built as its format says"),
        (3, "the record is not built as its format says"),
    ]


def test_texts() -> None:
    assert plain("<p>a<br/>b</p><p>c &lt;d&gt;</p>") == "a\nb\nc <d>"
    assert plain("") == "" and plain(None) is None
    assert hrefs(
        '<a href=\'https://a.org/?x=1&amp;y=2\'>l</a><a class="u-url mention" href="https://m">'
    ) == ["https://a.org/?x=1&y=2"]
    assert links_in("(https://a.org/x), http://b.org!") == ["https://a.org/x", "http://b.org"]
    assert tags_in("#One ＃Zwei a#no #2024 https://a.org/#frag #ไทย") == ["One", "Zwei", "ไทย"]
