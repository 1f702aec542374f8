"""Pages as plain values: `view(findings, query, ...) -> dict`, which a template shows and `.json` repeats.

A view raises Missing where what is asked for is not in the findings.
"""

from __future__ import annotations


class Missing(LookupError):
    """There is no such group, tie or account in the findings."""
