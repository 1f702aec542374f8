"""From touches of objects to first touches and objects, as SQL.

`touches` are of the posts at hand, `earlier` the rows that a case has of the same trace. How objects were
written is counted in `uses`, so that the most common way can be told again when more posts come.
"""

from __future__ import annotations

USES = """
select object, label, cast(sum(uses) as bigint) as uses, min(origin) as origin,
    min(origin_account) as origin_account, max(resolution_s) as resolution_s
from (
    select object, substr(label, 1, {longest}) as label, 1 as uses, origin, origin_account, resolution_s
    from touches
    union all
    select object, label, uses, origin, origin_account, resolution_s from earlier where trace = '{trace}'
) as every group by object, label order by object, label is null, label
"""

EVENTS = """
select account, object, time, resolution_s, post from (
    select *, row_number() over (partition by object, account order by time, post) as turn from (
        select account, object, time, resolution_s, post from touches
        union all
        select account, object, time, resolution_s, post from earlier where trace = '{trace}'
    ) as every
) as numbered where turn = 1 order by object, time, account
"""

OBJECTS = """
with best as (
    select object, label from (
        select object, label, row_number() over (partition by object order by uses desc, label) as turn
        from uses where label is not null
    ) as ranked where turn = 1
),
sizes as (select object, count(*) as crowd, min(time) as first from events group by object),
known as (
    select object, min(origin) as origin, min(origin_account) as origin_account, max(resolution_s) as step
    from uses group by object
)
select s.object, s.first, k.step, k.origin, k.origin_account, coalesce(b.label, s.object) as label, s.crowd
from sizes s join known k on k.object = s.object left join best b on b.object = s.object order by s.object
"""

USED = "select count(*) as n from (select distinct file, post from touches) as used"
