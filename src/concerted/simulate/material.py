"""What a planted group acts on: things others share too, or content of its own."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.simulate import words

Row = dict[str, Any]


def shared(
    posts: pa.Table, trace: str, begin: datetime, end: datetime, wanted: int
) -> list[tuple[Row, list[datetime]]]:
    """Objects of 8 to 150 accounts, of 2 where there are too few: one act on each and the times of all."""
    kind = trace if trace in ("reshare", "reply") else "original"
    inside = (pc.field("kind") == kind) & (pc.field("time") >= begin) & (pc.field("time") <= end)
    acts: dict[str, list[Row]] = defaultdict(list)
    for row in posts.filter(inside).to_pylist():
        for key in keys(row, trace):
            acts[key].append(row)
    sizes = {key: len({row["account"] for row in rows}) for key, rows in acts.items()}
    least = 8 if sum(8 <= size <= 150 for size in sizes.values()) >= wanted else 2
    return [
        (rows[0], [row["time"] for row in rows])
        for key, rows in sorted(acts.items())
        if least <= sizes[key] <= 150
    ]


def keys(row: Row, trace: str) -> list[str]:
    """The objects of a trace that a post touches."""
    if trace in ("reshare", "reply"):
        return [row["parent"]] if row["parent"] else []
    if trace == "link":
        return sorted(set(row["urls"] or []))
    if trace == "hashtag":
        return [f"{tag}|{row['time']:%Y-%m-%d}" for tag in sorted(set(row["tags"] or []))]
    return [row["text"]] if row["text"] else []


def own(rng: np.random.Generator, trace: str, lang: str, number: int, name: str, signal: datetime) -> Row:
    """One act on content that only the group has; a parent, where needed, is by the group's source."""
    row: Row = {"kind": "original", "lang": lang, "urls": [], "tags": []}
    # what anybody in this small world might write is no sign of copying, so copied text says more than that
    copied = trace == "text"
    row["text"] = words.statement(rng, lang) if copied else ". ".join(words.sentences(rng, lang, 2))
    if trace in ("reshare", "reply"):
        row |= {
            "kind": trace,
            "parent": f"{name}-own-{number:03d}",
            "parent_account": f"web:{name}-source",
            "parent_time": signal - timedelta(seconds=rng.uniform(60, 1800)),
        }
    if trace == "link":
        row["urls"] = [f"https://{name}.example/page-{number}"]
    if trace == "hashtag":
        row["tags"] = [f"{name.replace('-', '')}{number}"]
    return row


def original(template: Row) -> Row:
    """The post that an act on own content passes on."""
    own = {key: value for key, value in template.items() if not key.startswith("parent")}
    return own | {
        "post": template["parent"],
        "account": template["parent_account"],
        "time": template["parent_time"],
        "kind": "original",
    }
