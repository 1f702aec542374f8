"""An engine that remembers gives what the engine would have given."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from concerted.engines import open_engine
from concerted.explaining.once import once
from concerted.parallel import in_parallel
from concerted.table import Table


class Counting:
    """An engine that counts what it is asked."""

    def __init__(self) -> None:
        self.asked, self._engine = 0, open_engine()

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table:
        self.asked += 1
        return self._engine.query(sql, tables)


def test_what_is_asked_again_is_answered_once_and_nothing_else_is() -> None:
    counting = Counting()
    engine = once(counting)  # type: ignore[arg-type]
    one, two = (Table("query", pa.table({"n": [number]})) for number in (1, 2))
    for _ in range(2):
        assert engine.query("select n from t", {"t": one}).to_pylist() == [{"n": 1}]
    assert counting.asked == 1
    assert engine.query("select n from t", {"t": two}).to_pylist() == [{"n": 2}]
    assert engine.query("select n + 1 as n from t", {"t": one}).to_pylist() == [{"n": 2}]
    assert counting.asked == 3


def test_who_asks_meanwhile_waits_for_the_answer() -> None:
    counting = Counting()
    engine = once(counting)  # type: ignore[arg-type]
    table = {"t": Table("query", pa.table({"n": list(range(1_000))}))}
    answers = list(in_parallel(lambda _: engine.query("select sum(n) as n from t", table), range(20)))
    assert counting.asked == 1
    assert {answer["n"][0].as_py() for answer in answers} == {499_500}


def test_rows_that_are_gone_are_never_taken_for_new_ones() -> None:
    engine = once(open_engine())
    for number in range(50):
        # each table may lie where the one before did
        rows = engine.query("select n from t", {"t": Table("query", pa.table({"n": [number]}))})
        assert rows.to_pylist() == [{"n": number}]


def test_large_answers_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concerted.explaining.once.LEAST", 8)
    monkeypatch.setattr("concerted.machine.memory", lambda: None)
    counting = Counting()
    engine = once(counting)  # type: ignore[arg-type]
    table = {"t": Table("query", pa.table({"n": [1, 2]}))}
    for _ in range(2):
        engine.query("select n from t", table)
    assert counting.asked == 2
