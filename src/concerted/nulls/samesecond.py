"""Tier C: the very same second. Whatever brings people to a post, their rate is smooth over half a minute."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import SECOND, Flags, Log
from concerted.nulls.rows import Rows

HORIZON = 30.0
HOUR = 3600 * SECOND
COARSEST = 2.0  # seconds; on coarser clocks the same tick says nothing
MARGIN = 2.0


def chance(clock: float) -> float:
    """P(same tick | at most 30 s apart) for times of a smooth rate, with margin 2."""
    tick = max(1.0, clock)
    return min(1.0, MARGIN * tick / (HORIZON + tick))


def scheduled(log: Log) -> Flags:
    """Events at a whole minute: schedulers post there, so they never count here. Shape (n,)."""
    whole: Flags = log.time // SECOND % 60 == 0
    return whole


def rows_and_hits(log: Log, rows: Rows) -> tuple[Rows, Flags]:
    """Co-touches at most 30 s apart, neither at a whole minute, and which of them share a tick."""
    minute = scheduled(log)
    near = rows.gap(log) <= HORIZON * SECOND
    rows = rows.keep(near & ~minute[rows.early] & ~minute[rows.late])
    tick = int(max(1.0, log.clock) * SECOND)
    return rows, log.time[rows.early] // tick == log.time[rows.late] // tick


def piled_up(log: Log) -> int:
    """Number of events at whole minutes beyond what a smooth rate explains (three standard deviations)."""
    n = len(log.time)
    at = int(scheduled(log).sum())
    mean = n / 60
    return int(at - mean) if at > mean + 3 * np.sqrt(mean) else 0
