"""Any table of posts or accounts: columns are recognised by name and content, or named by the user."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from concerted.errors import MissingColumns, UnknownFormat
from concerted.sources import cells, hints
from concerted.sources.naming import listed
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options
from concerted.sources.recognise import named_as_times, recipe_for
from concerted.sources.shaping import read

HARDLY = 0.1  # how sure it is where it could only not rule a file out


class AnyTable:
    """CSV, JSON lines, a JSON array, Parquet or an R data frame with one row per post, share or account."""

    name = "table"
    says = (
        "any CSV, JSON, Parquet or R data frame of posts or accounts, columns recognised by name and content"
    )
    covers = hints.COVERS
    clock = "the zone in the value, or shown by the post ids of X, else asked for"

    def recognise(self, opened: Opened) -> float:
        """By what its columns are called and hold, after every other source."""
        recipe = recipe_for(opened, Options())
        return 0.5 if recipe.has("account") and (recipe.profiles or recipe.has("time")) else HARDLY

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises UnknownFormat, MissingColumns, DamagedIds and BadTime."""
        recipe = checked(recipe_for(opened, options), opened, options)
        needed = ["account"] if recipe.profiles else ["account", "time"]
        absent = [role for role in needed if not recipe.has(role)]
        if absent and not len(opened.sample) and not opened.sample.spoiled:
            raise UnknownFormat(f"{opened.file}: it holds no records: there is nothing to read")
        if absent:
            pairs = ",".join(f"{role}=COLUMN" for role in absent)
            raise MissingColumns(
                f"{opened.file}: no column is recognised as {' or '.join(absent)}; the file has "
                f"{listed(opened.columns)}: name them, as in --map {pairs}{_doubtful(opened, absent)}"
            )
        yield from read(opened, recipe, options, self.name)


def _doubtful(opened: Opened, absent: list[str]) -> str:
    """Why columns that are named as times are not taken for times."""
    told = []
    for name in named_as_times(opened) if "time" in absent else []:
        values = cells.text(opened.sample.column(name)).drop_null()
        told.append(
            f"{name!r} is named as times are, but "
            + (
                f"hardly one is from 2000 to 2100: {listed([values[0].as_py()])!r}"
                if len(values)
                else "is empty"
            )
        )
    return f" ({'; '.join(told)})" if told else ""
