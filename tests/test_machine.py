"""How much memory there is, in a container, too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from concerted import machine


@pytest.mark.parametrize(
    ("told", "bytes_"),
    [("1000000\n", 1_000_000), ("max\n", 4096 * 2000), (str(2**63 - 4096), 4096 * 2000), (None, 4096 * 2000)],
)
def test_a_container_may_have_less(
    told: str | None, bytes_: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    if told is not None:
        limit.write_text(told, "ascii")
    monkeypatch.setattr(machine, "CONTAINER", (limit,))
    monkeypatch.setattr(
        os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2000}.__getitem__, raising=False
    )
    assert machine.memory() == bytes_


def test_where_nothing_tells_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CONTAINER", (tmp_path / "none",))
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert machine.memory() is None
