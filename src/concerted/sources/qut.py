"""The eight positional columns of the QUT coordination network toolkit."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from concerted.sources.frame import plain_name
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_NAMES = ("messageid", "userid", "username", "repostid", "replyid", "message", "timestamp", "urls")
_ROLES = ("post", "account", "handle", "reshare", "reply", "text", "time", "urls")


class Qut:
    """Order counts, names do not; times are epoch seconds."""

    name = "qut"
    says = "8 columns of the QUT coordination network toolkit, by position"
    covers = _ROLES
    clock = "epoch seconds"

    def recognise(self, opened: Opened) -> float:
        """By eight columns with mostly the toolkit's names, the seventh of them all numbers."""
        if opened.kind != "csv" or len(opened.header) != len(_ROLES):
            return 0.0
        same = sum(plain_name(name) == mine for name, mine in zip(opened.header, _NAMES, strict=True))
        times = [text for text in opened.sample.column(opened.header[6]).to_pylist() if text]
        if not times or not all(_number(text) for text in times):
            return 0.0
        return 0.95 if same == len(_NAMES) else 0.6 if same >= 4 else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        columns = {role: (name,) for role, name in zip(_ROLES, opened.header, strict=True)}
        recipe = Recipe(columns, zone="UTC", unit="s", platform="web", zero_ids=True)
        yield from read(opened, checked(recipe, opened, options), options, self.name)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
