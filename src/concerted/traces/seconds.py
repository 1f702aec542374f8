"""Acts by the second they fell into, for traces that ask who acts in the same seconds, whatever is done."""

from __future__ import annotations

from math import sqrt

from concerted import words
from concerted.traces.work import Traced, Work

FINE_S = 2.0  # steps of the clock that still tell seconds apart
MINUTE = "int_div(epoch_us(time), 1000000) % 60 = 0"
OFTEN = "account in (select account from often)"


def by_second(work: Work, acts: str, noun: str) -> Traced:
    """First touches of seconds (UTC): an account's further acts in one second are no events.

    `acts` is SQL that gives account, time, resolution_s, post and file of every act, `noun` names an act.
    Acts at whole minutes are schedulers'. An account that acts in one hour only can meet nobody in two hours,
    which no test asks less of. Neither makes an event.
    """
    parts = f"""
        with acts as ({acts}),
        fine as (select * from acts where coalesce(resolution_s, 1) <= {FINE_S}),
        timed as (select * from fine where not ({MINUTE})),
        often as (
            select account from timed group by account
            having count(distinct int_div(epoch_us(time), 3600000000)) > 1
        )
    """

    def leave(reason: str, rows: str) -> int:
        counted = work.query(f"{parts} select file, count(*) as n from {rows} group by file").to_pylist()
        for row in counted:
            work.leave(f"{noun}s {reason}", row["file"], row["n"])
        return sum(row["n"] for row in counted)

    coarse = leave(f"told by a clock coarser than {FINE_S:g} s", f"acts where resolution_s > {FINE_S}")
    whole = leave("at whole minutes, as schedulers act", f"fine where {MINUTE}")
    seldom = leave("of accounts that act in one hour only", f"timed where not ({OFTEN})")
    second = "substr(cast(date_trunc('second', time) as string), 1, 19)"
    rows = work.query(
        f"{parts} select account, time, resolution_s, post, file, {second} as object, "
        f"{second} || ' UTC' as label from timed where {OFTEN}"
    )
    total = whole + seldom + len(rows)
    chance = total / 60
    if coarse and not total:
        says = f"{work.trace} is not possible: no {noun} is told by a clock of {FINE_S:g} s or finer"
        work.say("possible", 0, says, limit=True)
    if whole > chance + 3 * sqrt(chance):
        says = (
            f"{work.trace}: about {words.count(round(whole - chance), noun)} more than chance fall on whole "
            "minutes, as schedulers act; all at whole minutes are left out there"
        )
        work.say("scheduled", whole - chance, says, limit=True)
    return work.finish([rows])
