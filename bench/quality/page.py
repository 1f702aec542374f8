"""Writes docs/calibration.md."""

from __future__ import annotations
from typing import Any


def write(full: dict[str, Any]) -> None:
    """Placeholder replaced below."""
