"""A look at the ends of values finds all that mean none."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from concerted.traces.missing import missing, missing_in, no_account

PARTS = (
    *(
        "",
        "nan",
        "NaN",
        "None",
        "NULL",
        "NA",
        "na",
        "<NA>",
        "absent",
        "abſent",
        "undeﬁned",
        "[deleted]",
        "[]",
    ),
    *("u12345678", "nobody", "usw", "Ünal", "日本", "x:nan", "a" * 60, "[removed", "0"),
)
AROUND = ("", "", "", " ", "\u3000", "\u200b", "\ufeff", "\t\n", "\x1c", "n", "é")


@pytest.mark.parametrize("accounts", [False, True])
@pytest.mark.parametrize("plain", [False, True])
def test_all_that_mean_none_are_found(accounts: bool, plain: bool) -> None:
    chance = random.Random(7)
    values: list[str | None] = [None]
    for _ in range(3_000):
        text = chance.choice(AROUND) + chance.choice(PARTS) + chance.choice(AROUND)
        text = chance.choice(("", "x:", "web:", "a:b:")) + text if accounts else text
        if text.isascii() or not plain:
            values.append(text)
    column = pa.chunked_array([values[:100], [], values[100:]], pa.string())
    absent = no_account if accounts else missing
    told = sorted({value for value in values if value is not None and absent(value)})
    assert len(told) > 10
    assert missing_in(column, accounts).to_pylist() == told
    # of a part of an array, the bytes before and behind it are none of it
    part = pa.chunked_array([pa.array(values, pa.string()).slice(500, 700)])
    assert missing_in(part, accounts).to_pylist() == sorted(
        {value for value in values[500:1200] if value is not None and absent(value)}
    )
