"""The acts of a trace, laid out so that each set of accounts costs what its own acts do, and no more."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from concerted.nulls.coding import by_code
from concerted.nulls.daily import ranked
from concerted.nulls.ladder import ANCHORED
from concerted.nulls.log import (
    NO_ORIGIN,
    Flags,
    Floats,
    Ints,
    Log,
    Places,
    Whole,
    even,
    expand,
    parts,
)


class Laid:
    """A log of so many accounts: its events by account, and what holds wherever accounts are at home."""

    def __init__(self, log: Log, accounts: int) -> None:
        self.log, self._accounts = log, accounts
        self.bin = log.bins(ANCHORED)
        # without a known origin the first event is the anchor, and has no latency of its own
        self.told: Flags = log.origin[log.object] != NO_ORIGIN
        self.told |= np.arange(len(log.object)) != log.start[log.object]

    @cached_property
    def by_account(self) -> tuple[Places, Ints]:
        """The events in the order of their accounts, and where each account's begin."""
        return by_code(self.log.account, self._accounts)

    @cached_property
    def step(self) -> Floats:
        """The coarsest clock step on each object."""
        coarsest = np.zeros(len(self.log.origin))
        np.maximum.at(coarsest, self.log.object, self.log.step)
        return coarsest


class Crowd:
    """A log with the homes of each account, a number each, -1 for none. Shape of `homes`: (any, accounts)."""

    def __init__(self, laid: Laid, homes: Whole) -> None:
        self._laid, self.log, self.homes = laid, laid.log, homes
        self.bin, self.told = laid.bin, laid.told

    @cached_property
    def active(self) -> Flags:
        """Accounts with an act. Shape (accounts,)."""
        active: Flags = np.bincount(self.log.account, minlength=self.homes.shape[1]) > 0
        return active

    def let_go(self) -> None:
        """Give up what only acts are asked with. What is asked again is made again."""
        vars(self).pop("_at_home", None)
        vars(self._laid).pop("by_account", None)

    @cached_property
    def _at_home(self) -> tuple[Ints, Ints]:
        """Homes and their objects, as in `key`, and how many of the home shared the object."""
        found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        for homes in self.homes:
            for some in parts(len(self.log.account)):
                home = homes[self.log.account[some]]
                mine = home >= 0
                keys, place = ranked(self.key(home[mine], self.log.object[some][mine]))
                found.append((keys, np.bincount(place, minlength=len(keys))))
        keys, count = (np.concatenate(column) for column in zip(*found, strict=True))
        del found  # as large as what is sorted
        order = np.argsort(keys)
        keys, count = keys[order], count[order]
        new = np.flatnonzero(np.diff(keys, prepend=-1))
        return keys[new], np.add.reduceat(count, new) if len(new) else count

    def key(self, home: Whole | int, object: Ints) -> Ints:
        """One number for a home and an object."""
        return np.asarray(home, np.int64) * len(self.log.origin) + object

    def acts(self, members: Ints) -> Places:
        """The events of these accounts on objects that at least two of them touched, ascending."""
        order, first = self._laid.by_account
        _, at = expand(first[members], first[members + 1])
        event = np.sort(order[at])
        same = np.diff(self.log.object[event]) == 0
        shared = np.zeros(len(event), bool)
        shared[1:] |= same
        shared[:-1] |= same
        return event[shared]

    def clock(self, acts: Whole) -> float:
        """The coarsest clock step on the objects of these acts, at least one second."""
        return float(max(1.0, self._laid.step[self.log.object[acts]].max(initial=1.0)))

    def outside(self, home: int, object: Ints) -> Floats:
        """The share of each object's sharers that does not belong to the home."""
        keys, count = self._at_home
        size = np.diff(self.log.start)[object]
        inside = np.zeros(len(object), np.int64)
        if len(keys):
            want = self.key(home, object)
            at = np.minimum(np.searchsorted(keys, want), len(keys) - 1)
            inside = np.where(keys[at] == want, count[at], 0)
        return np.asarray((size - inside) / np.maximum(size, 1), np.float64)

    def around(self, acts: Whole) -> tuple[Log, Ints, Ints]:
        """All events on the objects of these acts as a log of its own, in which accounts are numbered anew in
        their order, these objects, and where each begins there."""
        log = self.log
        object = np.unique(log.object[acts])
        view, event = expand(log.start[object], log.start[object + 1])
        # numbered among themselves: the other accounts may be a thousand times as many
        account = ranked(log.account[event])[1]
        near = Log(account, view, log.time[event], even(log.step[event]), log.origin[object])
        return near, object, near.start[:-1]
