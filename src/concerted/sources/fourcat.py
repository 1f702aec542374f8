"""4CAT's tables of posts, one layout per platform, and tables that users uploaded to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.sources import cells, fourcat_layouts, ids
from concerted.sources.clock import SECOND, Clock
from concerted.sources.ledger import Ledger
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read as shape

_QUARTER = 900
_COMMON = {"id", "thread_id", "body", "timestamp"}
_UPLOAD = "every row has one and the same time: that of the upload, not of the posts"


class FourCat:
    """Two clocks stand in these tables; which one is right depends on the platform.

    `timestamp` is text without a zone, `unix_timestamp` seconds. Of X's search interface the text is UTC and
    the seconds are off by the server's zone; of Telegram and others it is the other way round. The file's
    notes say by how much the two differ.
    """

    name = "fourcat"
    says = "4CAT: CSV of any of its platforms"
    covers = fourcat_layouts.COVERS
    clock = (
        "of X the time in the post ids, in milliseconds; else the one of two columns that is UTC "
        "on that platform"
    )

    def recognise(self, opened: Opened) -> float:
        """By the columns every table of 4CAT has, and those of one platform's layout."""
        if opened.kind != "csv" or not set(opened.header) >= _COMMON:
            return 0.0
        layout = fourcat_layouts.find(opened.header)
        return 0.9 if layout.signs else 0.7 if "author" in opened.header else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        layout = fourcat_layouts.find(opened.header)
        if not layout.signs and _one_time(opened):
            yield from _refused(opened, self.name)
            return
        columns = {
            role: found
            for role, names in layout.columns.items()
            if (found := tuple(name for name in names if name in (*opened.columns, *layout.made)))
        }
        # the text of the clock is the server's; where the seconds are missing, its zone must be told
        told = "time" in columns
        columns.setdefault("time", ("timestamp",))
        recipe = Recipe(
            columns,
            zone=layout.zone if told else "",
            platform=layout.platform,
            snowflakes=layout.platform == "x",
            prepared=layout.prepared,
            reads=tuple(name for name in layout.reads if name in opened.columns),
            notes=(*_clocks(opened, columns["time"][0]), *layout.notes),
        )
        yield from shape(opened, checked(recipe, opened, options), options, self.name)


def _one_time(opened: Opened) -> bool:
    seen: set[str | None] = set()
    rows = 0
    for frame in opened.frames(("timestamp",)):
        rows += len(frame)
        seen.update(frame.column("timestamp").to_pylist())
        if len(seen) > 1:
            return False
    return rows > 2


def _refused(opened: Opened, source: str) -> Iterator[tuple[str, pa.Table]]:
    ledger, records = Ledger(opened.file), 0
    for frame in opened.frames(("timestamp",)):
        records += len(frame) + len(frame.spoiled)
        ledger.add_all(frame.rows.tolist(), _UPLOAD, frame.column("timestamp").to_pylist()[:20])
        for lost in frame.spoiled:
            ledger.add(lost.row, lost.reason, lost.example)
    yield "ledger", ledger.table()
    note = f"note: {_UPLOAD}; export again with the posts' own times"
    yield (
        "inputs",
        schema.rows(
            "inputs",
            file=[opened.file],
            source=[source],
            clock=["no posts"],
            records=[records],
            columns=[[]],
            capability=[[note]],
        ),
    )


def _clocks(opened: Opened, used: str) -> list[str]:
    """What the two clocks of a file say of each other."""
    sample = opened.sample
    if not {"timestamp", "unix_timestamp"} <= set(opened.header):
        return []
    read = []
    for name in ("timestamp", "unix_timestamp"):
        column = cells.text(sample.column(name))
        clock = Clock(name, "UTC", lenient=True)
        clock.look(column, sample.rows)
        clock.settle(opened.file)
        read.append((*clock.read(column), ids.present(column)))
    (text, known, _), (unix, stated, _) = read
    both = known & stated
    apart = np.round((text - unix)[both] / SECOND).astype(np.int64)
    if not len(apart) or not apart.any():
        return []
    off, _ = Counter(apart.tolist()).most_common(1)[0]
    if off % _QUARTER:
        return [f"timestamp and unix_timestamp differ, and by no zone's offset: {used} is used"]
    return [f"timestamp is {off / 3600:+g} h from unix_timestamp, the zone of 4CAT's server: {used} is used"]
