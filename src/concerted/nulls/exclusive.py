"""Tier B: content that (nearly) only a group touches, tested against its members' own promptness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls import candidates
from concerted.nulls.ladder import EXCLUSIVE, geometry
from concerted.nulls.log import NO_ORIGIN, Flags, Floats, Ints, Log
from concerted.nulls.rows import Rows

EPISODES = 3  # episodes of co-touch that make a pair part of a candidate community
SHARE = 0.8  # share of an object's sharers that makes it the community's own
SHRINK = 10.0  # events the file's profile counts for in an account's own
MARGIN = 2.0
FLOOR = 0.02  # chance of rows that no third account explains, once one explains others of the pair
DAYS = 5  # a crowd that meets four times to watch something looks the same


@dataclass(frozen=True)
class Exclusive:
    """Which rows lie on objects of the pair's own community, and their chance (one per pair)."""

    row: Flags
    q: Floats


def chances(
    log: Log,
    rows: Rows,
    a: Ints,
    b: Ints,
    both: Ints,
    window: float,
    horizon: float,
    accounts: int,
    seed: int,
) -> Exclusive:
    """Of two accounts as prompt as these, following an unseen source: P(gap <= W | gap <= H), times 2.

    `both` is each pair's number of episodes of co-touch at this rung.
    """
    near = both >= EPISODES
    label = candidates.cohesive(accounts, a[near], b[near], seed=seed)
    size = candidates.sizes(label, accounts)
    label = np.where((label >= 0) & (size[np.maximum(label, 0)] >= 3), label, -1)
    owner = owners(log, label)
    object = log.object[rows.early]
    mine = np.where((label[a] == label[b]) & (label[a] >= 0), label[a], -2)[rows.pair]
    row = owner[object] == mine

    geo = geometry(EXCLUSIVE, log.clock, window, horizon)
    bins = log.bins(EXCLUSIVE)
    # where the origin is unknown the first event has no latency of its own: it is the anchor
    first = np.arange(len(log.object)) == log.start[log.object]
    open_ = (owner[log.object] < 0) & ~(first & (log.origin[log.object] == NO_ORIGIN))
    width = len(EXCLUSIVE)
    file = np.bincount(bins[open_], minlength=width) / max(1, open_.sum())
    file = file if open_.any() else np.full(width, 1.0 / width)

    wanted = np.flatnonzero(np.bincount(rows.pair[row], minlength=len(a)))
    # profiles of those asked for only: all accounts may be millions
    who = np.unique(np.concatenate((a[wanted], b[wanted])))
    place = np.full(accounts, -1)
    place[who] = np.arange(len(who))
    theirs = np.flatnonzero(open_ & (place >= 0)[log.account])
    counts = np.bincount(place[log.account[theirs]] * width + bins[theirs], minlength=len(who) * width)
    counts = counts.reshape(len(who), width).astype(float)
    profile = (counts + SHRINK * file) / (counts.sum(1, keepdims=True) + SHRINK)

    q = np.ones(len(a))
    x, y = profile[place[a[wanted]]], profile[place[b[wanted]]]
    within = np.einsum("pk,kl,pl->p", x, geo.within, y)
    close = np.einsum("pk,kl,pl->p", x, geo.near, y)
    q[wanted] = np.minimum(1.0, MARGIN * within / np.maximum(close, 1e-300))
    return Exclusive(row, q)


def owners(log: Log, label: Ints) -> Ints:
    """Per object the community that holds at least 80 % of its sharers, else -1."""
    member = label[log.account]
    total = np.bincount(log.object, minlength=len(log.origin))
    inside = member >= 0
    width = max(1, int(label.max(initial=0)) + 1)
    key, count = np.unique(log.object[inside] * width + member[inside], return_counts=True)
    result = np.full(len(log.origin), -1)
    enough = count >= SHARE * total[key // width]
    result[key[enough] // width] = key[enough] % width
    return result
