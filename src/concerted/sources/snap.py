"""Activity lists of the Stanford network collection: who reshared, mentioned or answered whom, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from concerted.sources.activity import COLUMNS
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_ROLES = ("account", "target", "time", "kind")
_NOTE = (
    "each line is one account acting on another: it names no post and holds no text; one post that mentions "
    "two accounts is two lines"
)


class Snap:
    """Lines `userA userB seconds RT|MT|RE` without a header: userA reshared, mentioned or answered userB.

    Format: https://snap.stanford.edu/data/higgs-twitter.html (De Domenico et al. 2013).
    """

    name = "snap"
    says = "SNAP activity lists: userA userB seconds RT, MT or RE, without a header"
    covers = _ROLES
    clock = "epoch seconds"

    def recognise(self, opened: Opened) -> float:
        """By the form of its lines."""
        return 0.95 if opened.kind == "activity" else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises BadTime."""
        columns = {role: (name,) for role, name in zip(_ROLES, COLUMNS, strict=True)}
        recipe = Recipe(columns, zone="UTC", platform="x", notes=(_NOTE,))
        yield from read(opened, checked(recipe, opened, options), options, self.name)
