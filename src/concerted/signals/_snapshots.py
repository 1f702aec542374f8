"""What changes between observations of a profile: handle, name, counts of followers and followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.signals._exact import Ints
from concerted.signals._facts import Fact
from concerted.signals._matched import cells, halvings
from concerted.table import Table

NEAR = 7 * 86400  # seconds between observations within which a rise is a step
LATER = 30 * 86400  # and after it, within which a fall undoes it
UNDONE = 0.2  # of the rise
ROWS = 25_000_000  # observations that are counted together: different ones stay in memory, 80 bytes each

CHANGES = """
select account, min(platform) as platform, count(distinct seen) as observations,
       min({name}) < max({name}) as changed
from accounts where {name} is not null and {name} <> '' and seen is not null and account is not null
    and hash(account) % {parts} in ({part}, {part} - {parts})
group by account having count(distinct seen) > 1
"""
STEPS = """
with series as (
    select account, platform, seen, max({name}) as value from accounts
    where {name} is not null and seen is not null and account is not null
    group by account, platform, seen
),
ordered as (
    select *, lag(value) over w as earlier, lag(seen) over w as earlier_seen,
           row_number() over w as n, first_value(value) over w as at_first
    from series window w as (partition by account order by seen)
),
steps as (
    select account, seen, value, value - earlier as rise from ordered
    where epoch_s(seen) - epoch_s(earlier_seen) <= {near}
      and value - earlier >= greatest({least}, {share} * earlier)
),
undone as (
    select distinct s.account from steps s join series l on l.account = s.account
    where l.seen > s.seen and epoch_s(l.seen) - epoch_s(s.seen) <= {later}
      and s.value - l.value >= {undone} * s.rise
),
risen as (select account, count(*) as steps from steps group by account),
watched as (
    select account, min(platform) as platform, min(at_first) as at_first,
           count(*) filter (where epoch_s(seen) - epoch_s(earlier_seen) <= {near}) as observations
    from ordered group by account
)
select w.account, w.platform, w.at_first, w.observations, coalesce(r.steps, 0) as steps,
       u.account is not null as undone
from watched w
left join risen r on r.account = w.account
left join undone u on u.account = w.account
where w.observations > 0 order by w.account
"""
COUNTS = {"followers": "followers", "following": "accounts they follow"}


def changed(tables: Mapping[str, Table], engine: Engine) -> Iterator[Fact]:
    """Accounts seen more than once under different handles, and under different display names."""
    observed = {"accounts": tables["accounts"]}
    parts = len(tables["accounts"]) // ROWS + 1
    for name, said in (("handle", "their handle"), ("name", "their display name")):
        asked = [CHANGES.format(name=name, part=part, parts=parts) for part in range(parts)]
        rows = pa.concat_tables([engine.query(sql, observed) for sql in asked]).sort_by("account")
        if rows.num_rows:
            platform, often = _platforms(rows), halvings(np.asarray(rows["observations"], np.int64))
            yield Fact(
                names=rows["account"].combine_chunks(),
                holds=np.asarray(rows["changed"], bool),
                levels=[cells(platform, often)],
                alike="platform and number of observations",
                did=f"changed {said} between observations",
            )


def steps(tables: Mapping[str, Table], engine: Engine, least: int, share: float) -> Iterator[Fact]:
    """Accounts whose followers, or accounts followed, rose by `least` and by `share` within a week.

    Counts only: who follows whom is never read.
    """
    for name, said in COUNTS.items():
        sql = STEPS.format(name=name, near=NEAR, later=LATER, undone=UNDONE, least=least, share=share)
        rows = engine.query(sql, {"accounts": tables["accounts"]})
        if not rows.num_rows:
            continue
        platform, often = _platforms(rows), halvings(np.asarray(rows["observations"], np.int64))
        size = decades(np.asarray(rows["at_first"], np.int64))
        # never without the observations: who is looked at more often is caught more often
        levels = [cells(platform, often, size), cells(platform, often)]
        rose = np.asarray(rows["steps"], np.int64) > 0
        fell = rose & np.asarray(rows["undone"], bool)
        alike = f"platform, number of {said} and number of observations"
        number = (
            f"the number of {said} rise by {least} or more, and by {100 * share:.0f} % or more, in a week"
        )
        names = rows["account"].combine_chunks()
        yield Fact(names, rose, levels, alike, f"saw {number}")
        yield Fact(names, fell, levels, alike, f"saw {number} and lose a fifth of that within 30 days")


def decades(counts: Ints) -> Ints:
    """Order of magnitude of each count."""
    return np.asarray(np.floor(np.log10(np.maximum(counts, 0) + 1)), np.int64)


def _platforms(rows: pa.Table) -> Ints:
    encoded = pc.dictionary_encode(pc.fill_null(rows["platform"], "").combine_chunks())
    return np.asarray(encoded.indices, np.int64)
