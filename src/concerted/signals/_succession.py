"""What accounts use again and again, and how alike two of them are in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.signals._exact import Floats, Ints
from concerted.signals._members import coded
from concerted.table import Table

# what an account can repeat with other posts: tags, sites, the accounts it reshares or talks to
HABITS = """
with used as (
    select account, 'tag ' || folded(tag) as thing from (select account, explode(tags) as tag from posts) as t
    union all
    select account, 'site ' || regexp_extract(folded(url), '^[a-z]+://(?:www[.])?([^/?#:]+)', 1)
    from (select account, explode(urls) as url from posts) as u
    union all
    select account, 'of ' || parent_account from posts where parent_account is not null
)
select distinct account, thing from used where account is not null and thing not in ('tag ', 'site ', 'of ')
order by account, thing
"""


def alike(tables: Mapping[str, Table], engine: Engine, names: pa.Array, some: Ints) -> Floats:
    """How alike accounts are in what they use, 0 to 1, one row and column per account in `some`.

    Cosine of the things used, each weighing by how few of them use it (Spaerck Jones 1972); what all use
    weighs nothing.
    """
    from scipy.sparse import coo_matrix

    rows = engine.query(HABITS, {"posts": tables["posts"]})
    if not rows.num_rows:
        return np.zeros((len(some), len(some)))
    account, thing = (coded(rows[name]) for name in ("account", "thing"))
    at = np.full(len(names), -1, np.int64)
    at[some] = np.arange(len(some))
    import pyarrow.compute as pc

    place = np.asarray(pc.fill_null(pc.index_in(account[0], names), -1), np.int64)[account[1]]
    row = np.where(place >= 0, at[place], -1)
    kept = row >= 0
    shape = (len(some), len(thing[0]))
    rare = np.log(len(some) / np.maximum(np.bincount(thing[1][kept], minlength=shape[1]), 1))
    used = coo_matrix((rare[thing[1][kept]], (row[kept], thing[1][kept])), shape=shape).tocsr()
    length = np.sqrt(np.asarray(used.multiply(used).sum(axis=1)).ravel())
    return np.asarray((used @ used.T).todense()) / np.maximum(np.outer(length, length), 1e-12)
