"""Templates of report and page: escaped by default, strict about names, one set of words for values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from concerted import words
from concerted.exports import _show

if TYPE_CHECKING:
    import jinja2


def environment(folder: Path, **filters: Any) -> jinja2.Environment:
    """The templates of a folder, with the filters that report and page share and `filters` of their own."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        shown=_show.shown,
        post=_show.post,
        small=words.small,
        utc=words.utc,
        span=words.span,
        within=words.within,
        did=words.did,
        **filters,
    )
    return made
