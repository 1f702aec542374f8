"""FiveThirtyEight's CSV of posts by the Internet Research Agency."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import Frame, plain_name
from concerted.sources.ids import scientific
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_MARKS = {"externalauthorid", "author", "content", "publishdate", "articleurl"}
_COLUMNS = {
    "text": "content", "lang": "language", "handle": "author", "followers": "followers",
    "following": "following",
    "statuses": "updates", "collected": "harvested_date", "kind": "post_type", "is_reshare": "retweet",
    "link": "article_url",
}  # fmt: skip
_LINKS = ("tco1_step1", "tco2_step1", "tco3_step1")


def _prepared(frame: Frame) -> Frame:
    address = frame.column("article_url")
    spare = frame.column("alt_external_id")
    spare = pc.if_else(scientific(spare), pa.scalar(None, pa.string()), spare)
    parts = pc.extract_regex(address, r"/(?P<account>\d+)/status(?:es)?/(?P<post>\d+)")
    return frame.with_columns(
        {
            "post in article_url": pc.struct_field(parts, "post"),
            "account in article_url": pc.coalesce(pc.struct_field(parts, "account"), spare),
        }
    )


class Ira538:
    """Ids come from `article_url`: those of the id columns are rounded. Reshares carry the text of the
    original and no id."""

    name = "ira_538"
    says = "FiveThirtyEight's CSV of posts by the Internet Research Agency"
    covers = ("post", "account", "time", "urls", *_COLUMNS)
    clock = "the time in the post ids, in milliseconds, else `publish_date` in UTC, to the minute"

    def recognise(self, opened: Opened) -> float:
        """By its column names."""
        return 0.95 if {plain_name(name) for name in opened.header} >= _MARKS else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        columns: dict[str, tuple[str, ...]] = {
            role: (name,) for role, name in _COLUMNS.items() if name in opened.columns
        }
        columns |= {
            "post": ("post in article_url",),
            "account": ("account in article_url",),
            "time": ("publish_date",),
        }
        columns["urls"] = tuple(name for name in _LINKS if name in opened.columns)
        recipe = Recipe(
            columns,
            zone="UTC",
            order="MDY",
            platform="x",
            snowflakes=True,
            prepared=_prepared,
            reads=("article_url", "alt_external_id"),
            notes=(
                "reshares carry the text of the original but not its id: they can be compared by text only",
            ),
        )
        yield from read(opened, checked(recipe, opened, options), options, self.name)
