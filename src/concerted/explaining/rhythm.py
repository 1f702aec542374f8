"""How posts of members spread over the day, without saying which hour of the clock it was.

Hours are counted from the busiest hour of the whole group. So members can be compared with each other, and
nobody reads off the figure in which part of the world the day begins.
"""

from __future__ import annotations

from concerted.explaining.context import Context
from concerted.findings import Group, Rhythm

HOURS = 24
HOURLY = """
select g.cluster, p.account, int_div(epoch_us(p.time), 3600000000) % 24 as hour, count(*) as posts
from posts p join groups g on g.account = p.account
where p.time is not null and coalesce(p.resolution_s, 0) <= 3600
group by all order by all
"""


def rhythms(context: Context, groups: list[Group]) -> dict[str, list[Rhythm]]:
    """Rhythms by group, of the members with most ties; none where clocks have steps of over an hour."""
    hourly = context.by("cluster", HOURLY)
    found = {}
    for group in groups:
        rows = hourly.get(group.id, [])
        whole = [0] * HOURS
        each: dict[str, list[int]] = {}
        for row in rows:
            whole[row["hour"]] += row["posts"]
            each.setdefault(row["account"], [0] * HOURS)[row["hour"]] += row["posts"]
        top = whole.index(max(whole))
        order = sorted(group.accounts, key=lambda member: (-member.ties, member.account))
        found[group.id] = [
            Rhythm(member.account, each[member.account][top:] + each[member.account][:top])
            for member in order
            if member.account in each
        ][: context.bounds.rhythms]
    return found
