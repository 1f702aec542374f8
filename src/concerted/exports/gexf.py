"""Findings as a graph for Gephi and other network tools."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from concerted.findings import Findings

# what XML 1.0 forbids, whatever the escape
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WRITTEN = re.compile(r' lastmodifieddate="[^"]*"')


class Gexf:
    """Found accounts and accounts of groups as nodes, ties as edges: one edge per pair.

    A node has its group and answer, an edge the traces that hold it, its smallest q and how often the pair
    acted together in the strongest of them. Sets have no edges of their own and are no part of it.
    """

    name = "gexf"
    suffixes = (".gexf",)

    def write(self, findings: Findings, path: Path) -> None:
        """One file, in GEXF 1.2."""
        import networkx

        graph = networkx.Graph()
        for group in findings.groups:
            for member in group.accounts:
                more = {
                    "p": member.p,
                    "q": member.q,
                    "handle": member.handle,
                    "account_id": member.account_id,
                }
                graph.add_node(
                    clean(member.account),
                    label=clean(member.account),
                    answer="found",
                    group=clean(group.id),
                    **{name: clean(value) for name, value in more.items() if value not in (None, "")},
                )
            pairs: dict[tuple[str, str], list[int]] = {}
            for place, tie in enumerate(group.ties):
                pairs.setdefault((tie.a, tie.b), []).append(place)
            for (a, b), places in sorted(pairs.items()):
                ties = sorted(
                    (group.ties[place] for place in places), key=lambda tie: (tie.q, tie.trace, tie.tier)
                )
                graph.add_edge(
                    clean(a),
                    clean(b),
                    traces=", ".join(sorted({tie.trace for tie in ties})),
                    q=ties[0].q,
                    p=ties[0].p,
                    window_s=ties[0].window_s,
                    together=ties[0].together,
                    expected=ties[0].expected,
                    weight=float(ties[0].together),
                )
        for alone in findings.alone:
            graph.add_node(clean(alone.account), label=clean(alone.account), answer="found", p=alone.p)
        # the library writes today's date, which would give other bytes every day
        text = "\n".join(networkx.generate_gexf(graph, version="1.2draft"))
        path.write_text(WRITTEN.sub("", text) + "\n", encoding="utf-8")


def clean(value: Any) -> Any:
    """A value without characters that no XML file may hold."""
    return FORBIDDEN.sub("", value) if isinstance(value, str) else value
