"""When and how often each account posts, which several signals begin with."""

from __future__ import annotations

from collections.abc import Mapping

from concerted.engines import Engine
from concerted.table import Table

ACTING = """
select account, min(platform) as platform, count(*) as posts, min(time) as first, max(time) as last
from posts where account is not null and time is not null group by account
"""


def acting(tables: Mapping[str, Table], engine: Engine) -> Table:
    """Per account with posts at known times how many they are, and its `first` and `last` time."""
    return Table("acting", engine.query(ACTING, {"posts": tables["posts"]}))
