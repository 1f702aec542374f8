"""Findings as a graph for Gephi."""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

from concerted.exports import _graph
from concerted.findings import Findings

META = re.compile("<meta .*?</meta>", re.DOTALL)


class Gexf:
    """Found accounts and accounts of groups as nodes, ties as edges: one edge per pair.

    A node has its group and answer. An edge has the traces that hold it, how often the pair acted together
    in the strongest of them (`together`, `expected`, `q`), every tie in words (`ties`), the acts behind it
    with times and places in the files (`evidence`), and the time of the first and last of them that count. It
    lasts from the one to the other, so that Gephi's timeline shows who acted when. Sets have no edges of
    their own and are no part of it.
    """

    name = "gexf"
    suffixes = (".gexf",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file, in GEXF 1.2."""
        import networkx

        graph = _graph.graph(findings)
        says = f"{graph.graph['who_is_shown']} {graph.graph['what_it_does_not_prove']}"
        for _, _, edge in graph.edges(data=True):
            if "first_utc" in edge:
                edge["start"], edge["end"] = edge["first_utc"], edge["last_utc"]
        text = "\n".join(networkx.generate_gexf(graph, version="1.2draft"))
        # the library writes today's date, which would give other bytes every day
        made = (
            f"<creator>concerted {findings.made.version}</creator><description>{escape(says)}</description>"
        )
        text = META.sub(lambda _: f"<meta>{made}</meta>", text, count=1)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        return [path]
