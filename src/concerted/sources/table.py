"""Any table of posts or accounts: columns are recognised by name and content, or named by the user."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from concerted.errors import MissingColumns
from concerted.sources.naming import listed
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options
from concerted.sources.recognise import recipe_for
from concerted.sources.shaping import read


class AnyTable:
    """CSV, JSON lines, a JSON array, Parquet or an R data frame with one row per post, share or account."""

    name = "table"
    says = (
        "any CSV, JSON, Parquet or R data frame of posts or accounts, columns recognised by name and content"
    )

    def recognise(self, opened: Opened) -> float:
        """Low: every other source that knows the file comes first."""
        recipe = recipe_for(opened, Options())
        return 0.5 if recipe.has("account") and (recipe.profiles or recipe.has("time")) else 0.1

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises MissingColumns, DamagedIds and BadTime."""
        recipe = checked(recipe_for(opened, options), opened, options)
        needed = ["account"] if recipe.profiles else ["account", "time"]
        absent = [role for role in needed if not recipe.has(role)]
        if absent:
            pairs = ",".join(f"{role}=COLUMN" for role in absent)
            raise MissingColumns(
                f"{opened.file}: no column is recognised as {' or '.join(absent)}; the file has "
                f"{listed(opened.columns)}: name them, as in --map {pairs}"
            )
        yield from read(opened, recipe, options, self.name)
