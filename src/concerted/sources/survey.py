"""The first pass over a file: clocks and ids are judged by the whole column before any row is used."""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import cells, ids
from concerted.sources.clock import SECOND, Clock
from concerted.sources.frame import Flags, Frame, Numbers
from concerted.sources.opening import Opened
from concerted.sources.recipe import PARENTS, Options, Recipe

_OTHER_TIMES = ("reshare_time", "parent_time", "deleted", "collected", "opened", "status_time", "seen")
# X cuts seconds or rounds them, and a post is stamped a moment after its id is made.
_SLACK_S = 5


class Survey:
    """What the whole file says about its clocks and ids. `look` at every frame, then `settle`."""

    def __init__(self, opened: Opened, recipe: Recipe, options: Options) -> None:
        self.opened, self.recipe, self.options = opened, recipe, options
        self.records = 0
        self.snowflakes = recipe.snowflakes
        self.notes: list[str] = list(recipe.notes)
        self._cut: set[str] = set()
        zone = options.timezone or recipe.zone
        self.clocks = [
            Clock(name, zone, recipe.unit, recipe.order, options.time_format)
            for name in recipe.columns.get("time", ())
        ]
        self.others = {
            role: Clock(recipe.columns[role][0], zone or "UTC", "", recipe.order, lenient=True)
            for role in _OTHER_TIMES
            if recipe.has(role)
        }
        self.watches = {
            role: ids.Watch(recipe.columns[role][0])
            for role in ("post", "account", "parent", *PARENTS, "thread")
            if recipe.has(role)
        }

    def wanted(self) -> frozenset[str]:
        """The columns to look at: ids and times."""
        roles = (*self.watches, "time", *self.others)
        named = {name for role in roles for name in self.recipe.columns.get(role, ())}
        return frozenset(named | set(self.recipe.reads))

    def ids(self, frame: Frame, role: str) -> pa.Array:
        """The cleaned ids of a role."""
        if role not in frame.cleaned:
            parent = role in (*PARENTS, "parent", "thread") and not self.recipe.zero_ids
            names = self.recipe.columns.get(role, ())
            frame.cleaned[role] = cells.first_of(frame, names, lambda x: ids.clean(x, parent))
        return frame.cleaned[role]

    def look(self, frame: Frame) -> None:
        """Learns from a frame."""
        self.records += len(frame) + len(frame.spoiled)
        if not len(frame):
            return
        for role, watch in self.watches.items():
            watch.look(self.ids(frame, role), frame.rows)
        missing: Flags = np.ones(len(frame), bool)
        for clock in self.clocks:
            # a fallback clock is judged by the rows that fall back to it
            column = frame.column(clock.column)
            clock.look(column.filter(pa.array(missing)), frame.rows[missing])
            missing &= ~ids.present(cells.text(column) if pa.types.is_string(column.type) else column)
        for clock in self.others.values():
            clock.look(frame.column(clock.column), frame.rows)

    def settle(self, sample: Frame) -> None:
        """Decides. Raises DamagedIds or BadTime where the file cannot be read safely."""
        for role in ("post", "account"):
            watch = self.watches.get(role)
            if watch and watch.says and not self.options.skip_damaged:
                raise watch.refuse(self.opened.file, role)
        for role in (*PARENTS, "parent", "thread"):
            watch = self.watches.get(role)
            if watch and watch.says:
                what = {"parent": "parent", "thread": "thread"}.get(role, f"{role} parent")
                self.notes.append(
                    f"{watch.says}; damaged {what} ids were set to missing: ask for ids exported as text"
                )
        if self.options.timezone and any(clock.zoned for clock in self.clocks):
            self.notes.append("times that carry their own zone keep it: --timezone is for those that do not")
        if self.watches.get("post") and not self.recipe.profiles:
            self._compare_with_ids(sample)
        for clock in (*self.clocks, *self.others.values()):
            clock.settle(self.opened.file)

    def _compare_with_ids(self, sample: Frame) -> None:
        """X ids hold the time in milliseconds. Where stated times agree with them, they are the better clock,
        and they tell the zone of times that have none."""
        snow, fit = ids.snowflake(self.ids(sample, "post"))
        micros, known, resolution = self.times(sample, [_trial(clock) for clock in self.clocks])
        both = fit & known
        if both.sum() < 3 or fit.sum() * 2 < len(sample):
            return
        agree = both & (np.abs(snow - micros) <= (resolution + _SLACK_S) * SECOND)
        if agree.sum() < 0.95 * both.sum():
            return
        self.snowflakes = True
        for clock in self.clocks:
            if clock.naive and not clock.zone:
                clock.zone, clock.zone_from = "UTC", ", shown by the post ids"
                self.notes.append(f"{clock.column!r} carries no zone; the post ids show that it is UTC")

    def times(self, frame: Frame, clocks: list[Clock]) -> tuple[Numbers, Flags, npt.NDArray[np.float64]]:
        """Microseconds UTC, which are known, and the clock's step in seconds: the first clock that tells."""
        micros: Numbers = np.zeros(len(frame), np.int64)
        known: Flags = np.zeros(len(frame), bool)
        resolution = np.full(len(frame), np.nan)
        for clock in clocks:
            read, ok = clock.read(frame.column(clock.column))
            ok &= ~known
            micros, resolution, known = (
                np.where(ok, read, micros),
                np.where(ok, clock.resolution_s, resolution),
                known | ok,
            )
        return micros, known, resolution

    def best_times(self, frame: Frame, posts: pa.Array) -> tuple[Numbers, Flags, npt.NDArray[np.float64]]:
        """As `times`, with the time in X ids where it agrees with the stated one or none is stated."""
        micros, known, resolution = self.times(frame, self.clocks)
        if self.snowflakes:
            snow, fit = ids.snowflake(posts)
            near = np.abs(snow - micros) <= (np.nan_to_num(resolution, nan=1.0) + _SLACK_S) * SECOND
            use = fit & (near | ~known)
            micros, resolution, known = (
                np.where(use, snow, micros),
                np.where(use, 0.001, resolution),
                known | use,
            )
        return micros, known, resolution

    def damaged(self, role: str, values: pa.Array) -> Flags:
        """Which ids of a role are damaged."""
        watch = self.watches.get(role)
        return watch.damaged(values) if watch and watch.says else np.zeros(len(values), bool)

    def sound(self, role: str, values: pa.Array, micros: Numbers) -> pa.Array:
        """Ids of other posts without the damaged ones. Among X ids those of 12 to 15 digits can only have
        been cut: whole ones are of the scheme's first three days."""
        hit = self.damaged(role, values)
        if self.snowflakes:
            late = micros > 1_293_840_000 * SECOND
            cut = (
                np.asarray(pc.match_substring_regex(values, r"^\d{12,15}$").fill_null(False)).astype(bool)
                & late
            )
            if cut.any():
                self._cut.add(role)
            hit = hit | cut
        return pc.if_else(pa.array(hit), pa.scalar(None, pa.string()), values) if hit.any() else values

    @property
    def cut_says(self) -> list[str]:
        """Which ids of other posts turned out to be cut, as notes."""
        return [
            f"{role} ids were cut to 15 digits; they were set to missing: ask for them as text"
            for role in sorted(self._cut)
            if not any(role in note and "cut" in note for note in self.notes)
        ]

    @property
    def clock_says(self) -> str:
        """Where times and their zone come from, as words."""
        said = "; else ".join(clock.says for clock in self.clocks)
        if self.snowflakes:
            return f"the time in the post ids (UTC, milliseconds){'; else ' + said if said else ''}"
        return said


def _trial(clock: Clock) -> Clock:
    trial = copy.copy(clock)
    trial.lenient, trial.zone = True, clock.zone or "UTC"
    trial.settle("")
    return trial
