"""Names told apart by their hashes get the places they have among the names, whatever the hashes."""

from __future__ import annotations

from unittest.mock import patch
from zlib import crc32

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from concerted.nulls import log
from concerted.nulls.coding import account_codes, codes

NAMES = st.lists(st.text(max_size=3), min_size=1, max_size=60)


@settings(deadline=None)
@given(
    NAMES, st.integers(1, 7), st.sampled_from([1, 3, 2**32]), st.booleans(), st.sampled_from([2, log.BLOCK])
)
def test_places_are_those_among_the_names(
    values: list[str], chunk: int, hashes: int, given_names: bool, block: int
) -> None:
    parts = [values[low : low + chunk] for low in range(0, len(values), chunk)]
    column = pa.chunked_array([pa.array(part, pa.string()) for part in parts])
    # 2**32 hashes tell all apart, one or three do not
    keys = pa.chunked_array(
        [pa.array([crc32(one.encode()) % hashes for one in part], pa.uint64()) for part in parts]
    )
    names = sorted(set(values) | {"never seen"} if given_names else set(values), key=str.encode)
    events = pa.table({"account": column, "key": keys})
    with patch.object(log, "BLOCK", block):  # rows that are looked at together
        place, found = account_codes(events, pa.array(names, pa.string()) if given_names else None)
    listed = found.to_pylist()
    assert listed == names if given_names else sorted(listed, key=str.encode) == names
    assert place.tolist() == [listed.index(one) for one in values]
    assert place.dtype == np.int64


@given(NAMES)
def test_codes_are_places_among_the_sorted_values(values: list[str]) -> None:
    place, names = codes(pa.chunked_array([pa.array(values, pa.string())]))
    assert names.to_pylist() == sorted(set(values), key=str.encode)
    assert names.take(pa.array(place)).to_pylist() == values
