"""A labelled folder: `posts.csv` and `truth.csv`, as any generator can write them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from concerted import api
from concerted.errors import InputError
from concerted.evaluating.case import Case, Labelled

COLUMNS = {"post": "post_id", "account": "account_id", "time": "created_at", "parent": "reshare_of"}
UNKNOWN = "?"


def folders(data: Path) -> Iterator[Case]:
    """Cases of all folders in `data`, or `data` itself, that hold the two files."""
    for path in sorted({truth.parent for truth in (*data.glob("truth.csv"), *data.glob("*/truth.csv"))}):
        if (path / "posts.csv").is_file():
            says = f"posts.csv and truth.csv in {path.name}"
            yield Case(path.name, "folder", path.name.rstrip("0123456789-_ "), partial(load, path), says)


def load(path: Path) -> Labelled:
    """Posts with columns post_id, account_id, created_at, reshare_of; truth with account_id, group.

    `group` is empty for the innocent and ? where nothing is known. Raises InputError where a file or a
    column is missing, or an account of the truth is named twice.
    """
    posts = api.read(path / "posts.csv", columns=COLUMNS, timezone="UTC")
    file = path / "truth.csv"
    groups: dict[str, str] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = {"account_id", "group"} - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{file}: no column {sorted(missing)[0]!r}: it needs account_id and group")
        for row in reader:
            account = f"web:{row['account_id']}"
            if account in groups:
                raise InputError(
                    f"{file}: line {reader.line_num}: account {row['account_id']!r} is there twice: "
                    "give each account one group"
                )
            groups[account] = row["group"] or ""
    return Labelled(
        posts.to_arrow(),
        {account: group for account, group in groups.items() if group not in ("", UNKNOWN)},
        posts.beside["accounts"].to_arrow(),
        frozenset(account for account, group in groups.items() if group == UNKNOWN),
    )
