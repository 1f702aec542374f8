"""Signal: pauses that the members share, and how their posts spread over days and weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.nulls.log import expand
from concerted.parallel import in_parallel
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._draws import samples
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._judged import Row, Tested
from concerted.signals._matched import cells, halvings, interval, match, percent
from concerted.signals._members import Places, coded, dice, groups
from concerted.signals._pauses import Crowd, block, evenness, rest, shared_pauses
from concerted.table import Table

KNOWN = "account is not null and time is not null and coalesce(resolution_s, 0) <= 3600"
# who posts less takes part in nothing; the platform is that of the first post
BUSY = f"""
select account, min_by(coalesce(platform, ''), (time, coalesce(post, ''))) as platform from posts
where {KNOWN} group by account having count(*) >= {{fewest}} order by account
"""
# hours from a fixed moment on: no zone is used, and none comes out
POSTED = f"""
select b.place, int_div(epoch_us(p.time), 3600000000) as hour
from (select * from posts where {KNOWN}) p join busy b on b.account = p.account
"""
FEWEST = 20  # posts, on ten days, with which a member takes part in pauses
WEEKS = 4
AT_ONCE = 1024  # accounts described in one piece, to fit a processor's cache


@dataclass(frozen=True)
class Rhythm(Tested):
    """Pauses that the members share, and how their posts spread over days and weeks.

    What it sees
        Days on which nearly the whole group is quiet while the other accounts of the files post as usual.
        And, described only, which share of a member's posts falls into its busiest nine hours of five days in
        a row, which share into its emptiest eight hours, and how even its weeks are. All of it is counted
        from the group's own hours: no clock hour, date, weekday or zone is told or kept, because those
        would say where people are or what they believe. It is asked of groups, never of one account.

    Null model
        For shared pauses, every member pauses for itself: its days are moved by a random number of whole
        weeks, so that weekends and its own holidays stay and only falling together goes. Days on which the
        others of the files are quiet, too, do not count, and where there are no others it only describes:
        holes in a collection look like pauses. The other three have no null and lean nowhere. They do not
        tell operations from honest offices, schedulers and people: in public sets the share in the busiest
        hours was 0.50 to 0.90 in operations and 0.66 to 0.89 in honest ones.

    Innocent explanations
        Colleagues, public holidays of one country among accounts of many, a strike, a server that failed;
        night shifts, schedulers and automatic posts.

    Example
        "On 15 of 84 days nearly all members were quiet together while other accounts posted as usual; 0.2
        such days would be expected if everybody paused for themselves (p = 0.002)."

    References
        Phipson and Smyth 2010 (permutation p); Fano 1947 (evenness of counts); Efron 1979 (bootstrap);
        Garwood 1936 (interval of a count).
    """

    name = "rhythm"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations and of the intervals")
    posts: Annotated[int, Meta(ge=20)] = option(
        50, "posts a member needs for its days and weeks to be described"
    )
    least: Annotated[int, Meta(ge=3)] = option(5, "members with so many posts needed to ask")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """At most one note on pauses and one that describes, per group and set."""
        known = _known(tables["posts"], engine)
        if known is None:
            return []
        places = Places(known.names, subjects)
        others = places.others()
        crowd = Crowd(*known.by(others & known.regular))
        busy = (known.count >= self.posts) & (known.weeks >= WEEKS)
        asked = list(groups(subjects, self.least))
        enough = any((places.marks(accounts) & busy).sum() >= self.least for _, _, accounts in asked)
        shares = self._shares(known, busy) if enough else np.zeros((2, 0))

        def told(one: tuple[str, str, list[str]]) -> list[dict[str, Any]]:
            kind, subject, accounts = one
            inside = places.marks(accounts)
            rng = dice(self.seed, kind, subject)
            pauses = self._pauses(known, inside, others, crowd, rng)
            said = [pauses, self._describes(known, inside & busy, others & busy, shares, rng)]
            return [{"subject_kind": kind, "subject": subject, **row} for row in said if row is not None]

        return [row for some in in_parallel(told, asked) for row in some]

    def _pauses(
        self, known: _Known, inside: Flags, others: Flags, crowd: Crowd, rng: np.random.Generator
    ) -> dict[str, Any] | None:
        if (inside & known.regular).sum() < self.least:
            return None
        found = shared_pauses(*known.by(inside & known.regular), crowd, rng)
        if found is None or not (found.quiet or found.others):
            return None
        low, high = common.garwood(found.quiet)
        left = f"; longer stops of {words.count(found.stops, 'day')} are left out" if found.stops else ""
        says = (
            f"On {found.quiet} of {words.count(found.days, 'day')} nearly all members were quiet together "
            f"{'while other accounts posted as usual' if found.others else 'in these files'}; "
            f"{words.small(round(found.expected, 1))} such days would be expected if everybody paused for "
            "themselves"
        )
        row = {**self._row(found.quiet, low, high), "says": f"{says} (p = {words.small(found.p)}{left})"}
        if not found.others:
            why = "there are no other accounts to compare with, and this may be a hole in the files"
            return {**row, "says": f"{says} ({why}{left})."}
        number = words.count(int((others & known.regular).sum()), "account")
        return {
            **row,
            "p": found.p,
            "beyond": low > found.expected,
            "quiet": not found.quiet,  # asked, and nothing there to tell
            "reference": f"{number} of these files in no group or set, for which days are ordinary ones",
            "passed": ". Colleagues and public holidays pause together, too.",
            "failed": ": chance explains that, with everything asked.",
        }

    def _row(self, value: float, low: float, high: float) -> dict[str, Any]:
        return {"signal": self.name, "value": float(value), "low": low, "high": high, "leans": "none"}

    def _shares(self, known: _Known, busy: Flags) -> Floats:
        """Of each busy account the shares that `block` and `rest` give for equally many posts of everybody,
        as the busiest hours seem the larger the fewer posts there are; 0 for others. Shape (2, accounts)."""
        shares = np.zeros((2, len(busy)))
        every = np.flatnonzero(busy)

        def told(low: int) -> tuple[Ints, tuple[Floats, Floats]]:
            part = every[low : low + AT_ONCE]
            # drawn once for all groups, so that what is said of one does not hang on who else is asked
            places = samples(known.count[part], self.posts, dice(self.seed, self.name, str(low)))
            some = known.hour[known.start[part, None] + places]
            return part, (block(some), rest(some))

        for part, found in in_parallel(told, range(0, len(every), AT_ONCE)):
            shares[:, part] = found
        return shares

    def _describes(
        self, known: _Known, inside: Flags, others: Flags, shares: Floats, rng: np.random.Generator
    ) -> dict[str, Any] | None:
        if inside.sum() < self.least:
            return None
        matched = match(inside, others, known.levels)
        compared = matched.enough and matched.members.sum() >= self.least
        blocks, rests = shares[:, inside]
        even = [evenness(known.of(int(place))) for place in np.flatnonzero(inside)]
        told = np.array([one for one in even if one is not None])
        low, high = interval(blocks, rng)
        usual = [
            f"{f'comparable accounts {percent(matched.expected(one))}, ' if compared else ''}"
            for one in shares
        ]
        weeks = (
            f" Posts per week vary {words.small(round(float(np.median(told)), 2))} times as much as chance "
            f"lets them ({words.count(len(told), 'member')}, median)."
            if len(told) >= self.least
            else ""
        )
        return {
            **self._row(float(blocks.mean()), low, high),
            "reference": matched.reference("platform, number of posts and weeks") if compared else None,
            "says": f"{words.count(len(blocks), 'member')} put {percent(float(blocks.mean()))} of their "
            f"posts into nine hours of five days in a row (95 % interval {percent(low)} to {percent(high)}; "
            f"{usual[0]}evenly spread 27 %) and {percent(float(rests.mean()))} into their emptiest eight "
            f"hours ({usual[1]}evenly spread 33 %).{weeks} Offices and schedulers look like that, too: this "
            "only describes.",
        }


def _known(posts: Table, engine: Engine) -> _Known | None:
    busy = engine.query(BUSY.format(fewest=FEWEST), {"posts": posts})
    if not busy.num_rows:
        return None
    names = busy["account"].combine_chunks()
    places = pa.table({"account": names, "place": pa.array(np.arange(len(names)))})
    rows = engine.query(POSTED, {"posts": posts, "busy": Table("busy", places)})
    place, hour = np.asarray(rows["place"], np.int64), np.asarray(rows["hour"], np.int64)
    first = int(hour.min())
    span = int(hour.max()) - first + 1
    # one number a post, which sorts faster than rows do
    account, hour = np.divmod(np.sort(place * span + (hour - first)), span)
    return _Known(names, account, hour + first, coded(busy["platform"])[1])


class _Known:
    """Posts by account: hours from a fixed moment on, and how many, on how many days, over how many weeks.

    Posts come in order of account and time; `platform` has one entry an account.
    """

    def __init__(self, names: pa.Array, account: Ints, hour: Ints, platform: Ints) -> None:
        self.names, self.account, self.hour, self.platform = names, account, hour, platform
        size = len(names)
        self.count: Ints = np.bincount(account, minlength=size)
        self.start = np.searchsorted(account, np.arange(size + 1))
        new = (np.diff(account, prepend=-1) != 0) | (np.diff(hour // 24, prepend=0) != 0)
        self.days: Ints = np.bincount(account[new], minlength=size)
        span = hour[self.start[1:] - 1] - hour[self.start[:-1]]
        self.weeks: Ints = np.asarray(span // (24 * 7), np.int64)
        self.regular: Flags = (self.count >= FEWEST) & (self.days >= 10)

    @cached_property
    def levels(self) -> list[Ints]:
        """Cells of accounts that are compared, the finest first."""
        many, long = halvings(self.count), halvings(self.weeks)
        return [cells(self.platform, many, long), cells(self.platform, many), cells(many // 2)]

    def of(self, place: int) -> Ints:
        """The hours of one account's posts."""
        return self.hour[self.start[place] : self.start[place + 1]]

    def by(self, accounts: Flags) -> tuple[Ints, Ints]:
        """Account and hour of the posts of these accounts."""
        some = np.flatnonzero(accounts)
        owner, rows = expand(self.start[some], self.start[some + 1])
        return some[owner], self.hour[rows]
