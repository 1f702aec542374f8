"""The events of one trace as sorted arrays of codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.signedinteger[Any]]
Keys = npt.NDArray[np.unsignedinteger[Any]]
Places = npt.NDArray[np.int32]  # of events in a log, or before and after all of them
Bins = npt.NDArray[np.int16]

SECOND = 1_000_000
DAY = 86_400 * SECOND
NO_ORIGIN = np.iinfo(np.int64).min
NOBODY = -1
MOST_BITS = 27  # of the hashes of events
REMEMBERED = 1 << 28  # bytes of how far events reach that a log keeps, or else of the last window
BLOCK = 1 << 20  # events that are looked at together
NEAR = 1 << 13  # those whose reach is sought together, among so few that a cache holds them


@dataclass(frozen=True)
class Log:
    """n events, less than 2^31, sorted by (object, time, account); each account touches an object once.

    `account` and `object` are codes into `names` (all accounts of the case, sorted) and 0..objects-1;
    `time` is in microseconds since 1970 UTC; `step` is each event's clock step in seconds; `origin` holds
    for each object when it came into being, or NO_ORIGIN. Account NOBODY marks an original post, which
    takes part in counts of the crowd only.
    """

    account: Ints
    object: Ints
    time: Ints
    step: Floats
    origin: Ints

    @cached_property
    def start(self) -> Ints:
        """Offsets: events of object o are start[o] : start[o + 1]. Shape (objects + 1,)."""
        return np.searchsorted(self.object, np.arange(len(self.origin) + 1))

    @cached_property
    def anchor(self) -> Ints:
        """Time from which latencies count, per object: its origin, else its first event."""
        first = np.full(len(self.origin), NO_ORIGIN)
        has = self.start[:-1] < self.start[1:]
        first[has] = self.time[self.start[:-1][has]]
        return np.where(self.origin == NO_ORIGIN, first, self.origin)

    @property
    def latency(self) -> Floats:
        """Seconds since the anchor, never negative (clocks differ). Shape (n,)."""
        return self._latency(slice(None))

    def _latency(self, part: slice) -> Floats:
        seconds: Floats = np.maximum(self.time[part] - self.anchor[self.object[part]], 0) / SECOND
        return seconds

    def bins(self, edges: Floats) -> Bins:
        """The bin of each event's latency, by the lower edges of bins in seconds. Shape (n,)."""
        found = np.empty(len(self.time), np.int16)
        for part in parts(len(found)):
            found[part] = np.searchsorted(edges, self._latency(part), side="right") - 1
        return found

    def place(self) -> Places:
        """Place of each event in the order of time, then object. Shape (n,)."""
        place = np.empty(len(self.time), np.int32)
        place[np.argsort(self.time, kind="stable")] = np.arange(len(place), dtype=np.int32)
        return place

    @property
    def clock(self) -> float:
        """Coarsest clock step among the events, at least one second."""
        return float(max(1.0, self.step.max(initial=1.0)))

    def seen_by(self, part: Flags) -> Log:
        """The same log as a rung sees it in which only `part` takes part: its clock is theirs."""
        held_once = self.step.strides == (0,) and part.any()
        step = self.step if held_once or part.all() else np.where(part, self.step, 0.0)
        return self._same_events(step, self.origin)

    def keep(self, mask: Flags) -> Log:
        """The log without the other events; objects keep their codes and anchors."""
        if mask.all():
            return self._same_events(self.step, self.anchor)
        step = self.step[: int(mask.sum())] if self.step.strides == (0,) else self.step[mask]
        return Log(self.account[mask], self.object[mask], self.time[mask], step, self.anchor)

    def _same_events(self, step: Floats, origin: Ints) -> Log:
        """The same events with other clocks or origins; what is known of how they lie goes with them."""
        other = Log(self.account, self.object, self.time, step, origin)
        known = ("start", "_by_account", "_maybe", "account_start")
        vars(other).update({name: value for name, value in vars(self).items() if name in known})
        vars(other)["_made"] = self._made
        return other

    def around(self, members: Ints) -> Log:
        """All events on the objects that at least two of these accounts touched, the objects renumbered."""
        start = self.account_start
        members = members[members < len(start) - 1]
        _, at = expand(start[members], start[members + 1])
        object, count = np.unique(self.object[self._by_account[1][at]], return_counts=True)
        object = object[count > 1]
        view, event = expand(self.start[object], self.start[object + 1])
        return Log(self.account[event], view, self.time[event], even(self.step[event]), self.origin[object])

    def reach(self, seconds: float) -> Places:
        """Per event, the index after the last event of its object at most `seconds` later. Shape (n,)."""
        return self._once(("reach", seconds), lambda: self._reach(seconds))

    def _reach(self, seconds: float) -> Places:
        within = int(seconds * SECOND)
        # longer gaps, and those from object to object, are cut to just too long: one ascending line of time
        line = np.zeros_like(self.time)
        np.minimum(np.subtract(self.time[1:], self.time[:-1], out=line[1:]), within + 1, out=line[1:])
        line[1:][self.object[1:] != self.object[:-1]] = within + 1
        np.cumsum(line, out=line)
        found = np.empty(len(line), np.int32)
        for part in parts(len(line), NEAR):
            until = line[part] + within
            near = line[part.start : np.searchsorted(line, until[-1], side="right")]
            found[part] = part.start + np.searchsorted(near, until, side="right")
        return found

    def back(self, seconds: float) -> Places:
        """Per event, the index of the first event of its object at most `seconds` earlier. Shape (n,)."""
        return self._once(("back", seconds), lambda: first_reaching(self.reach(seconds)))

    def _once(self, key: tuple[str, float], make: Callable[[], Places]) -> Places:
        # other threads ask, too: what was there a moment ago may be gone
        made = self._made.get(key)
        if made is None:
            if (len(self._made) + 1) * len(self.time) * np.dtype(np.int32).itemsize > REMEMBERED:
                for other in [other for other in tuple(self._made) if other[1] != key[1]]:
                    self._made.pop(other, None)
            made = self._made[key] = make()
        return made

    @cached_property
    def _made(self) -> dict[tuple[str, float], Places]:
        return {}

    @cached_property
    def _by_account(self) -> tuple[Ints, Places]:
        key = self.account * len(self.origin) + self.object
        order = np.argsort(key).astype(np.int32)  # no two are the same
        return key[order], order

    @cached_property
    def account_start(self) -> Ints:
        """Offsets into `by_account` order: events of account a are [a] : [a + 1]."""
        accounts = int(self.account.max(initial=-1)) + 1
        return np.searchsorted(self._by_account[0], np.arange(accounts + 1) * len(self.origin))

    def event_of(self, account: Ints, object: Ints) -> Ints:
        """Index of the event of an account on an object, -1 where there is none. Same shape as given."""
        keys, order = self._by_account
        if not len(keys):
            return np.full(len(account), -1)
        want = account * len(self.origin) + object
        at = np.minimum(np.searchsorted(keys, want), len(keys) - 1)
        return np.where(keys[at] == want, order[at], -1)

    @cached_property
    def _maybe(self) -> Flags:
        """Whether an event may be there, by a hash of its account and object: most that are not are not."""
        bits = min(MOST_BITS, 4 + len(self.time).bit_length())
        maybe = np.zeros(1 << bits, bool)
        maybe[hashed(self._by_account[0], bits)] = True
        return maybe

    def meetings(
        self, a: Ints, b: Ints, horizon: float, rows: int = 1_000_000
    ) -> Iterator[tuple[Ints, Ints, Ints]]:
        """All co-touches of the pairs (a[i], b[i]) at most `horizon` seconds apart, in chunks.

        Yields (pair index, earlier event, later event), ordered by pair, then object.
        """
        keys, order = self._by_account
        bits = len(self._maybe).bit_length() - 1
        size = np.diff(self.account_start)
        swap = size[a] > size[b]
        few, many = np.where(swap, b, a), np.where(swap, a, b)
        for low, high in blocks(size[few], rows):
            pair, own = expand(self.account_start[few[low:high]], self.account_start[few[low:high] + 1])
            want = keys[own] + ((many - few)[low:high] * len(self.origin))[pair]
            ok = np.flatnonzero(self._maybe[hashed(want, bits)])
            pair, own, want = pair[ok], own[ok], want[ok]
            at = np.minimum(np.searchsorted(keys, want), len(keys) - 1)
            ok = np.flatnonzero(keys[at] == want)
            pair, mine, other = pair[ok], order[own[ok]], order[at[ok]]
            ok = np.flatnonzero(np.abs(self.time[mine] - self.time[other]) <= int(horizon * SECOND))
            pair, mine, other = pair[ok], mine[ok], other[ok]
            early, late = np.minimum(mine, other), np.maximum(mine, other)
            yield pair + low, early.astype(np.int64), late.astype(np.int64)


def hashed(keys: Ints | Keys, bits: int) -> Ints:
    """Keys of 32 or 64 bits spread over so many (Knuth 1973, by the golden ratio)."""
    kind, width = np.dtype(f"u{keys.itemsize}"), 8 * keys.itemsize
    spread: Keys = keys.view(kind) * kind.type(0x9E3779B97F4A7C15 >> (64 - width))
    spread >>= kind.type(width - bits)
    return np.asarray(spread.view(np.int64) if width == 64 else spread, np.int64)


def even(step: Floats) -> Floats:
    """The same, held once where all are alike, as the clocks of most files are."""
    return np.broadcast_to(step[0], step.shape) if len(step) and (step == step[0]).all() else step


def distinct(keys: Ints) -> tuple[Ints, Ints]:
    """The different keys, in the order in which they first come, and the place of each key among them.

    By hashing: sorting would take several times as long, and no order is needed.
    """
    found = pa.array(keys).dictionary_encode()
    return found.dictionary.to_numpy(), np.asarray(found.indices, dtype=np.int64)


def counted_before(part: Flags) -> Places:
    """How many of `part` stand before each event, and how many there are. Shape (n + 1,)."""
    before = np.zeros(len(part) + 1, np.int32)
    np.cumsum(part, out=before[1:])
    return before


def first_reaching(reach: Places) -> Places:
    """Per event, the first whose `reach` goes beyond it; `reach` ascends. Shape (n,)."""
    before = np.zeros(len(reach) + 1, np.int32)
    for some in parts(len(reach)):
        to = reach[some]
        before[to[0] : to[-1] + 1] += np.bincount(to - to[0])
    return np.cumsum(before, dtype=np.int32, out=before)[:-1]


def search(times: Ints, low: Ints, high: Ints, value: Ints, *, left: bool = False) -> Ints:
    """For each i the first index in low[i] : high[i] whose time exceeds value[i] (`left`: is at least it).

    A binary search over many slices of one array at once.
    """
    low, high = low.copy(), high.copy()
    while True:
        open_ = low < high
        if not open_.any():
            return low
        middle = (low + high) // 2
        at = np.minimum(middle, len(times) - 1)
        beyond = (times[at] >= value) if left else (times[at] > value)
        high = np.where(open_ & beyond, middle, high)
        low = np.where(open_ & ~beyond, middle + 1, low)


def expand(low: Whole, high: Whole) -> tuple[Ints, Ints]:
    """All (i, index) with low[i] <= index < high[i], as two arrays of equal length."""
    size = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(size)), size)
    index = np.repeat(low - (np.cumsum(size) - size), size)
    return owner, np.add(index, np.arange(len(index)), out=index)


def summed(owner: Ints, value: npt.NDArray[np.generic], length: int) -> Floats:
    """Sum of the values of each owner 0..length-1. Shape (length,)."""
    return np.asarray(np.bincount(owner, value, length), np.float64)


def parts(length: int, each: int = 0) -> Iterator[slice]:
    """Slices that are `length` long together: what is made of them on the way need not be as long as all."""
    each = each or BLOCK
    return (slice(low, low + each) for low in range(0, length, each))


def blocks(cost: Ints, limit: int) -> Iterator[tuple[int, int]]:
    """Ranges low : high over `cost` that each cost at most `limit` or hold one item."""
    total = np.cumsum(cost)
    low = 0
    while low < len(cost):
        spent = total[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(total, spent + limit, side="right")))
        yield low, high
        low = high
