"""The loop: take what is new, and look when a new day has begun."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from concerted import privacy
from concerted.case import Case, file_digest
from concerted.errors import CaseError, InputError
from concerted.keeper import Keeper
from concerted.stages import ORDER
from concerted.watching.alerts import LOOKS, Look, compare, looks
from concerted.watching.arriving import Arriving
from concerted.watching.spool import Spool

FOLDER = "stream"
READ, LAST = ORDER[0], ORDER[-1]
TICK_S = 0.5
MEDIAN = "select cast(cast(quantile_disc(time, 0.5) as date) as varchar) as day from this"


class Watch:
    """Keeps a case current, and tells of groups that appear or grow.

    A look is made when a file is of a later UTC day than the last look, by the median of its posts' times, so
    at most once a day of the data, and where input ends. A stream's first day is waited for. `tell` hears of
    every look once its result is kept; if the process dies between the two, once more.
    """

    def __init__(
        self, keeper: Keeper, say: Callable[[str], None], tell: Callable[[Look], None], stream: bool = False
    ) -> None:
        self._keeper, self._case = keeper, keeper.case
        self._say, self._tell = say, tell
        self._stream = stream
        self._days: dict[str, str] = {}

    def begin(self) -> None:
        """Go on where an earlier watch was: read what it took, tell what it did not, look if it is time."""
        for look in looks(self._case):
            if not look.announced:
                self._announce(look)
        while self._keeper.inputs():
            try:
                self._keeper.run(READ)
            except InputError as error:
                self._say(f"passed over: {error}")  # and no part of the case any more
                continue
            self.look()
            return

    def known(self) -> Callable[[Path], bool]:
        """Tells which files the case has by now, so that their names are dealt with."""
        have = self._keeper.inputs()
        if self._stream:
            return lambda path: path.name in have
        kept = {(name.rpartition("/")[2], sha256) for name, sha256 in have.items()}
        return lambda path: (path.name, file_digest(path)) in kept

    def take(self, path: Path) -> bool:
        """Read one file, and look if it begins a new day. False where it is refused, which is said."""
        try:
            self._keeper.run(READ, [path])
        except (InputError, CaseError) as error:
            self._say(f"{path.name} is passed over: {error}")
            return False
        self.look()
        return True

    def look(self, ended: bool = False) -> None:
        """Look if a look is due; `ended` says that no more will come."""
        before = looks(self._case)
        units = [unit for unit in self._case.units() if unit.startswith(f"{READ}-")]
        fresh = units[before[-1].files if before else 0 :]
        day = max((self._day(unit) for unit in fresh), default="")
        if not day or (before and day <= before[-1].day):
            return
        if not before and self._stream and not ended and day == self._day(units[0]):
            return
        findings = self._keeper.run(LAST)
        assert findings is not None
        groups = privacy.redact(findings, handles=False).groups
        why = {group.id: group.why[0] for group in groups if group.why}
        look = compare(self._case, why, before, day, self._keeper.fdr, len(units))
        self._case.write(LOOKS, msgspec.to_builtins([*before, look]))
        self._announce(look)

    def _announce(self, look: Look) -> None:
        self._tell(look)
        kept = [
            msgspec.structs.replace(one, announced=True) if one.k == look.k else one
            for one in looks(self._case)
        ]
        self._case.write(LOOKS, msgspec.to_builtins(kept))

    def _day(self, unit: str) -> str:
        """The UTC day of a file, "" where no post of it has a time."""
        if unit not in self._days:
            self._days[unit] = self._case.table("posts", [unit]).sql(MEDIAN).rows()[0]["day"] or ""
        return self._days[unit]


def follow_folder(watch: Watch, folder: Path, every_s: float, once: bool) -> None:
    """Take files that appear in a folder, for ever; with `once`, those that are there.

    Raises InputError where there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name one that exports are put into, or - for lines")
    watch.begin()
    arriving = Arriving(folder, watch.known())
    while True:
        _take(watch, arriving, at_once=once)
        if once:
            watch.look(ended=True)
            return
        time.sleep(every_s)


def follow_stream(watch: Watch, case: Case, stream: BinaryIO, lines: int, seconds: float) -> None:
    """Take lines until the stream ends, a file of lines at a time."""
    spool = Spool(case.path / FOLDER, lines, seconds)
    spool.follow(stream)
    watch.begin()
    arriving = Arriving(case.path / FOLDER, watch.known())
    while True:
        ended = spool.ended  # asked first, so that what came last is seen
        _take(watch, arriving, at_once=True)
        if spool.error is not None:
            raise spool.error
        if ended:
            watch.look(ended=True)
            return
        spool.turn()
        time.sleep(TICK_S)


def _take(watch: Watch, arriving: Arriving, at_once: bool) -> None:
    for path in arriving.whole(at_once):
        watch.take(path)
        arriving.took(path)
