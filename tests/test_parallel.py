"""Work done side by side, items made ahead in a thread, and frames gone through twice."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from concerted import machine
from concerted.parallel import ahead, both, in_parallel
from concerted.sources import twice
from concerted.sources.frame import Frame
from concerted.sources.opening import open_file
from concerted.sources.recipe import Recipe


def test_results_come_in_the_order_of_their_tasks() -> None:
    taken = []

    def tasks() -> Iterator[int]:
        for number in range(200):
            taken.append(number)
            yield number

    results = in_parallel(lambda number: number**2, tasks())
    assert next(results) == 0
    assert len(taken) <= 2 + (os.cpu_count() or 1), "few tasks wait for whoever takes the results"
    assert list(results) == [number**2 for number in range(1, 200)]
    assert list(in_parallel(str, [])) == []


def test_two_are_made_at_the_same_time() -> None:
    met = threading.Barrier(2, timeout=30)  # broken where one is made after the other

    def made(name: str) -> str:
        met.wait()
        return name

    assert both(lambda: made("one"), lambda: made("other")) == ("one", "other")

    def fails() -> None:
        raise ValueError("of this one")

    for pair in ((fails, int), (int, fails)):
        with pytest.raises(ValueError, match="of this one"):
            both(*pair)


def test_no_more_run_at_once_than_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return number

    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(machine, "memory", lambda: 1000)
    little: list[int] = []
    monkeypatch.setattr(machine, "keep_little", lambda: little.append(each))
    for each, at_once in ((0, 4), (5, 4), (62, 4), (125, 2), (250, 1), (9000, 1)):
        most = 0
        assert list(in_parallel(work, range(12), each)) == list(range(12))
        assert most <= at_once
    assert little == [62, 125, 250, 9000], "only where tasks take much of the memory"
    monkeypatch.setattr(machine, "memory", lambda: None)
    assert list(in_parallel(work, range(3), 100)) == [0, 1, 2]


def test_an_error_comes_in_the_place_of_its_result() -> None:
    results = in_parallel(lambda number: 1 // number, [2, 1, 0, 3])
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_the_same_items_in_their_order() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter([None, 0, ""]))) == [None, 0, ""]
    assert list(ahead(iter(()))) == []


def test_an_error_comes_in_the_place_of_its_item() -> None:
    def made() -> Iterator[int]:
        yield 1
        raise ValueError("two")

    items = ahead(made())
    assert next(items) == 1
    with pytest.raises(ValueError, match="two"):
        next(items)


def test_who_stops_early_closes_what_was_open() -> None:
    closed = []

    def made() -> Iterator[int]:
        try:
            yield from range(10)
        finally:
            closed.append(True)

    items = ahead(made())
    assert next(items) == 0
    items.close()
    assert closed == [True]


@pytest.mark.parametrize("room", [0, 500, 1 << 20])
def test_frames_are_the_same_twice_whether_held_or_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f"{n},word {n}\n" for n in range(90)) + "odd,one,more\n")
    monkeypatch.setattr(twice, "HELD", room)
    marked = Recipe(
        {"post": ("id",), "text": ("text",)},
        prepared=lambda frame: frame.with_columns({"mark": frame.column("id")}),
    )
    frames = twice.Twice(open_file(path), marked, frozenset({"id"}))
    first, again = list(frames.first()), list(frames.again())

    def cells(found: list[Frame], name: str) -> list[str]:
        return [cell for frame in found for cell in frame.column(name).to_pylist()]

    assert cells(first, "id") == cells(again, "id") == cells(again, "mark") == [str(n) for n in range(90)]
    assert cells(again, "text")[:2] == ["word 0", "word 1"]
    assert [lost.row for frame in again for lost in frame.spoiled] == [92]
