"""Which values mean that there is none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_WORDS = frozenset(
    {"", "nan", "none", "null", "absent", "<na>", "nat", "undefined", "[deleted]", "[removed]", "[]"}
)
# Folded, a letter never becomes fewer ones, and none has more than three bytes that folds to one of ASCII.
_MOST = 3 * max(map(len, _WORDS))
# At an end of a value, these bytes may be cut off, or be letters that fold to those of a word.
_ODD = np.array([byte >= 0x80 or chr(byte).isspace() for byte in range(256)])


def missing(value: str | None) -> bool:
    """Whether an exported value stands for no value at all: "", "[]", nan, None, NULL, NA, absent,
    [deleted], [removed] and their spellings. Two posts without a link have no link in common.
    """
    if value is None:
        return True
    value = value.strip().strip("\u200b\ufeff")
    return value == "NA" or value.casefold() in _WORDS


def no_account(account: str | None) -> bool:
    """Whether "platform:account_id" names no account."""
    return account is None or missing(account.partition(":")[2] if ":" in account else account)


def missing_in(values: pa.ChunkedArray, accounts: bool = False) -> pa.Array:
    """The different values in a column of text that are `missing`; with `accounts`, those of `no_account`.

    Few are looked at, since bytes at their ends tell most values from all words for nothing.
    """
    absent = no_account if accounts else missing
    looked: set[str] = set()
    for chunk in values.cast(pa.string()).chunks:
        if chunk.null_count < len(chunk):
            looked.update(
                pc.unique(chunk.filter(pa.array(_suspect(chunk, accounts))).drop_null()).to_pylist()
            )
    return pa.array(sorted(filter(absent, looked)), pa.string())


def _suspect(values: pa.Array, accounts: bool) -> npt.NDArray[np.bool_]:
    """Which values may be missing, as far as a look at their length and at both ends tells."""
    at = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    begin, end = at[:-1].astype(np.int64), at[1:].astype(np.int64)
    if accounts:
        begin = begin + pc.fill_null(pc.find_substring(values, ":"), -1).to_numpy(zero_copy_only=False) + 1
    bytes_ = values.buffers()[2]
    data = np.frombuffer(bytes_, np.uint8) if bytes_ is not None and bytes_.size else np.zeros(1, np.uint8)
    first, last = data[np.minimum(begin, len(data) - 1)], data[np.maximum(end - 1, 0)]
    if data[at[0] : at[-1]].max(initial=0) < 0x80:
        like = _SHAPES[_shape(end - begin, first, last)]
    else:
        like = (end - begin <= _MOST) & np.isin(first | 0x20, _BEGIN)
    suspect: npt.NDArray[np.bool_] = (begin == end) | _ODD[first] | _ODD[last] | like
    return suspect


def _shape(
    size: npt.NDArray[np.int64], first: npt.NDArray[np.uint8], last: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int64]:
    """Length and both ends, of ASCII, as one number of 18 bits, small and large letters alike; all lengths
    beyond those of the words are one."""
    ends = (first.astype(np.int64) & 0x7F | 0x20) << 7 | (last & 0x7F | 0x20)
    return np.minimum(size, _LONG) << 14 | ends


_LONG = 15
_ENDS = [(len(word), ord(word[0]), ord(word[-1])) for word in sorted(_WORDS | {"na"}) if word]
_SHAPES = np.zeros((_LONG + 1) << 14, bool)
_SHAPES[_shape(np.array([n for n, _, _ in _ENDS]), *np.array([ends for _, *ends in _ENDS], np.uint8).T)] = (
    True
)
_BEGIN = np.unique([np.uint8(first | 0x20) for _, first, _ in _ENDS])
