"""Which layers find which sub-operations: `uv run python bench/quality/layers.py --data DIR`.

Every trace is run alone and all are run together, at one false discovery rate, on a published operation whose
accounts have known categories. Writes docs/calibration/layers.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from tables import PLOTS, prose, table

from concerted import api
from concerted.evaluating.public import SETS
from concerted.table import Table

MADE = "<!-- made by bench/quality/layers.py: measure again, do not edit -->"
EVERY = "all together"


class Layer(NamedTuple):
    """What one run said: accounts found, and members of found sets, per category; accounts tested in all."""

    name: str
    tested: int
    found: Counter[str]
    in_sets: Counter[str]
    held: dict[str, Counter[str]]


def main() -> int:
    """Reads the command line, measures, and writes the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--set", default="ira_clemson", choices=[name for name in SETS if SETS[name][0] == "known"]
    )
    parser.add_argument("--fdr", type=float, default=0.01)
    given = parser.parse_args()
    _, load, says = SETS[given.set]
    labelled = load(given.data / given.set)
    posts = Table("posts", labelled.posts, {"accounts": Table("accounts", labelled.accounts)})
    sizes = Counter(labelled.truth.values())
    layers = list(measure(posts, labelled.truth, given.fdr))
    text = page(f"{given.set}: {says}", given.fdr, sizes, layers)
    (PLOTS / "layers.md").write_text(text, "utf-8", newline="\n")
    return 0


def measure(posts: Table, truth: dict[str, str], fdr: float) -> Iterator[Layer]:
    """Each trace that makes events alone, then all of them as one run pays for them."""
    events = api.trace(posts)
    rows, objects = events.to_arrow(), events.beside["objects"].to_arrow()
    for name in [*sorted(pc.unique(rows["trace"]).to_pylist()), EVERY]:
        begun = time.monotonic()
        beside = dict(events.beside)
        mine, own = rows, objects
        if name != EVERY:
            mine, own = (one.filter(pc.equal(one["trace"], name)) for one in (rows, objects))
        beside["objects"] = Table("objects", own)
        layer = _layer(name, Table("events", mine, beside), truth, fdr)
        print(f"{name}: {layer.found.total()} found, {time.monotonic() - begun:.0f} s", flush=True)
        yield layer


def _layer(name: str, events: Table, truth: dict[str, str], fdr: float) -> Layer:
    ties = api.weigh(api.pair(events), fdr=fdr)
    groups = api.group(ties, fdr=fdr, resamples=0)
    standings = groups.beside["standings"].to_arrow()
    found = set(standings.filter(pc.equal(standings["answer"], "found"))["account"].to_pylist())
    sets = groups.beside["sets"].to_arrow()
    members = set(sets.filter(pc.equal(sets["answer"], "found"))["account"].to_pylist())
    return Layer(
        name,
        standings.num_rows,
        _by_category(found, truth),
        _by_category(members - found, truth),
        _held(ties.to_arrow(), truth),
    )


def _by_category(accounts: set[str], truth: dict[str, str]) -> Counter[str]:
    return Counter(truth[account] for account in accounts)


def _held(ties: pa.Table, truth: dict[str, str]) -> dict[str, Counter[str]]:
    """Per trace the accounts with a found tie in it, by category."""
    shown = ties.filter(pc.equal(ties["answer"], "found"))
    held: dict[str, set[str]] = {}
    for end in ("a", "b"):
        for trace, account in zip(shown["trace"].to_pylist(), shown[end].to_pylist(), strict=True):
            held.setdefault(trace, set()).add(account)
    return {trace: _by_category(accounts, truth) for trace, accounts in held.items()}


def page(what: str, fdr: float, sizes: Counter[str], layers: list[Layer]) -> str:
    """The page as text."""
    categories = sorted(sizes, key=lambda one: (-sizes[one], one))
    every = next(one for one in layers if one.name == EVERY)
    alone = [one for one in layers if one.name != EVERY]
    names = [one.name for one in alone]
    found = [(one, sizes[one], *(layer.found[one] for layer in layers)) for one in categories]
    tested = ("tested", None, *(layer.tested for layer in layers))
    held = [
        (one, every.found[one], *(every.held.get(name, Counter())[one] for name in names))
        for one in categories
    ]
    lines = [
        MADE,
        "",
        "# Which layers find which sub-operations",
        "",
        *prose(
            f"Data: {what}. False discovery rate {fdr:g}. Categories are those of its publication. Made by"
        ),
        "```sh",
        "uv run python bench/quality/layers.py --data DIR",
        "```",
        "",
        *prose("""
            Accounts found by each trace alone, and by all traces together. Together every account pays for
            every trace in which it has a partner, so a trace alone may find more. Traces that make no events
            in the file are left out of the table; where its reshares copy texts without naming post or
            author, copied texts count as reshares.
        """),
        *table(("category", "accounts", *names, EVERY), [*found, tested]),
        "",
        *prose("""
            All together: accounts with a tie that is shown, by trace. An account may be held by several;
            ties in several traces often are the same posts.
        """),
        *table(("category", "found", *names), held),
        "",
        *_sets(categories, sizes, layers),
    ]
    return "\n".join(lines) + "\n"


def _sets(categories: list[str], sizes: Counter[str], layers: list[Layer]) -> list[str]:
    if not any(layer.in_sets for layer in layers):
        return prose("No set of accounts is found beyond these, by any trace.")
    return [
        *prose("Further accounts that are members of found sets, who are not found one by one:"),
        *table(
            ("category", "accounts", *(layer.name for layer in layers)),
            [(one, sizes[one], *(layer.in_sets[one] for layer in layers)) for one in categories],
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
