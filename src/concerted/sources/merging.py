"""Share rows: some exports write one row per object of a post. Here they become one post again."""

from __future__ import annotations

import pyarrow as pa

from concerted import schema

_MANY = ("urls", "tags", "mentions", "media")


def join_rows(posts: pa.Table) -> tuple[pa.Table, list[int]]:
    """Posts with the lists of all their rows, and the file rows that were joined to an earlier one.

    Rows are of one post where post, account and time agree; the first row gives all other columns.
    """
    keys = zip(*(posts[name].to_pylist() for name in ("account", "post", "time")), strict=True)
    rows = posts["row"].to_pylist()
    first: dict[tuple[object, ...], int] = {}
    members: dict[int, list[int]] = {}
    joined = []
    for place, key in enumerate(keys):
        start = first.setdefault(key, place)
        if start != place:
            members.setdefault(start, [start]).append(place)
            joined.append(rows[place])
    if not joined:
        return posts, []
    for name in _MANY:
        if posts[name].null_count == len(posts):
            continue
        cells = posts[name].to_pylist()
        for start, places in members.items():
            seen = {repr(item): item for place in places for item in cells[place] or ()}
            cells[start] = [seen[key] for key in sorted(seen)]
        index = posts.schema.get_field_index(name)
        posts = posts.set_column(index, name, pa.array(cells, schema.TABLES["posts"][name].type))
    return posts.take(pa.array(sorted(first.values()), pa.int64())), joined
