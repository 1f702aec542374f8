"""Findings as a graph for igraph, Cytoscape, yEd and other network tools."""

from __future__ import annotations

from pathlib import Path

from concerted.exports import _graph
from concerted.findings import Findings


class GraphML:
    """The graph of the GEXF export, with the same attributes, for tools that read GraphML."""

    name = "graphml"
    suffixes = (".graphml",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file in GraphML."""
        import networkx

        text = "\n".join(networkx.generate_graphml(_graph.graph(findings)))
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        return [path]
