"""HTML from the plain values of a page. Strangers' text goes through the helpers of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from concerted import words
from concerted.exports import _evidence, _figures, _show
from concerted.exports._templates import environment
from concerted.exports.html import options
from concerted.findings import Group, Rhythm

TEMPLATES = Path(__file__).parent / "templates"
DRAWN = 300  # members up to which a picture without WebGL is part of the page

VERDICTS = {
    "stands": "The evidence stands",
    "explained": "An innocent explanation fits",
    "unsure": "Needs more",
}
RHYTHM_WIDTH, RHYTHM_HEIGHT = 120, 40


class Show:
    """Templates, ready to render. `handles` says whether the findings show handles of group members."""

    def __init__(self, case: str) -> None:
        self._environment = environment(TEMPLATES, outward=outward, gap=_evidence.gap, options=options)
        self._environment.globals.update(
            case=case,
            count=words.count,
            chart=_figures.chart,
            figures=_figures,
            network=fallback,
            bars=bars,
            skyline=skyline,
            pair_path=pair_path,
            path_of=path_of,
            verdicts=VERDICTS,
            rhythm_size=(RHYTHM_WIDTH, RHYTHM_HEIGHT),
        )

    def page(self, template: str, **values: Any) -> str:
        """The HTML of a page."""
        return self._environment.get_template(f"{template}.html.j2").render(**values)


def path_of(kind: str, key: str) -> str:
    """Where a group, set or account stands: "/groups/G1"."""
    return f"/{kind}/{quote(key, safe='')}"


def pair_path(kind: str, key: str, a: str, b: str) -> str:
    """Where two accounts stand side by side."""
    return f"{path_of(kind, key)}/ties/{quote(a, safe='')}/{quote(b, safe='')}"


def outward(address: object, label: str = "") -> Markup:
    """A way to an address of the web by a page that says where it leads; else its text.

    Whoever runs a site sees who opens it, so that must never be one careless click away from the evidence.
    """
    said = _show.shown(label or address)
    if not _show.safe(address):
        return Markup("<bdi>{}</bdi>").format(said)
    query = urlencode({"to": str(address)})
    return Markup('<a href="/leave?{}"><bdi>{}</bdi></a>').format(query, said)


def fallback(group: Group) -> _figures.Network | None:
    """The picture without WebGL, for paper too; None for a group too large for it."""
    return _figures.network(group) if 1 < len(group.layout) <= DRAWN else None


def skyline(counts: list[int], of: list[int], height: int = 20) -> str:
    """Counts as the outline of bars one wide, for a path; the largest of `of` is as high as there is room."""
    top = max(of, default=0) or 1
    return "".join(
        f"M{place} {height}v-{height * min(count, most) / top:.3g}h1V{height}"
        for place, (count, most) in enumerate(zip(counts, of, strict=True))
        if count
    )


def bars(rhythm: Rhythm) -> dict[str, Any]:
    """A rhythm as bars, with a sentence for those who do not see them."""
    top = max(rhythm.counts) or 1
    width = RHYTHM_WIDTH / len(rhythm.counts)
    peak = rhythm.counts.index(top)
    total = sum(rhythm.counts)
    return {
        "bars": [
            (round(place * width, 1), round(width - 1, 1), round(RHYTHM_HEIGHT * count / top, 1))
            for place, count in enumerate(rhythm.counts)
        ],
        "says": f"{words.count(total, 'post')}; most of them in the hour "
        + ("of the group’s busiest" if peak == 0 else f"{peak} h after the group’s busiest"),
    }
