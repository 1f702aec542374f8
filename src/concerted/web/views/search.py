"""Search over the evidence: texts, objects, accounts and places in files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from concerted.exports.html import titles
from concerted.findings import Act, CoAct, Findings
from concerted.web.query import Query
from concerted.web.show import pair_path, path_of
from concerted.web.views import post

AT_ONCE = 50


class Hit(NamedTuple):
    """One post of the evidence and where it is shown; `words` is what is searched."""

    words: str
    path: str
    title: str
    traces: list[str]
    labels: list[str]
    act: Act


class Index:
    """Every post of the evidence once per group, set or account it is shown for."""

    def __init__(self, found: Findings) -> None:
        self._hits = list(_hits(found))

    def search(self, query: Query) -> dict[str, Any]:
        """Posts that hold every word asked for, case and width of letters aside, in order of time."""
        wanted = folded(query.text).split()
        hits = [
            hit
            for hit in self._hits
            if (not query.trace or query.trace in hit.traces)
            and query.within(hit.act)
            and all(w in hit.words for w in wanted)
        ]
        hits = sorted(hits, key=lambda hit: (hit.act.time, hit.path)) if wanted else []
        return {
            "text": query.text,
            "hits": [
                {
                    "path": hit.path,
                    "title": hit.title,
                    "traces": hit.traces,
                    "labels": hit.labels,
                    **post(hit.act),
                }
                for hit in hits[query.place : query.place + AT_ONCE]
            ],
            "fitting": len(hits),
            "in_all": len(self._hits),
            "skipped": query.place,
            "at_once": AT_ONCE,
            "traces": sorted({trace for hit in self._hits for trace in hit.traces}),
        }


def folded(text: str) -> str:
    """Text as it is compared: compatibility forms and case made one."""
    return unicodedata.normalize("NFKC", text).casefold()


def _hits(found: Findings) -> Iterator[Hit]:
    """Every post once per group, set or account, with all that it was on."""
    names = titles(found)
    for key, kind, evidence in (
        *((group.id, "groups", group.evidence) for group in found.groups),
        *((one.id, "sets", one.evidence) for one in found.sets),
        *(
            (one.account, "accounts", one.evidence)
            for some in (found.alone, found.explained, found.unresolved)
            for one in some
        ),
    ):
        posts: dict[tuple[object, ...], tuple[str, Act, list[CoAct]]] = {}
        for pair in evidence:
            page = path_of(kind, key) if kind == "accounts" else pair_path(kind, key, pair.a, pair.b)
            for place, act in enumerate(pair.acts, 1):
                path = page if kind == "accounts" else f"{page}#act-{place}"
                for one in (act.first, act.second):
                    mark = (one.account, one.file, one.row, one.time)
                    posts.setdefault(mark, (path, one, []))[2].append(act)
        for path, one, acts in posts.values():
            traces = sorted({act.trace for act in acts})
            text = folded(one.text or "")
            labels = sorted({act.label or act.object for act in acts})
            words = " ".join((folded(" ".join((one.account, f"{one.file}:{one.row}", *labels))), text))
            told = [label for label in labels if folded(label) not in text]
            yield Hit(words, path, names.get(key, key), traces, told, one)
