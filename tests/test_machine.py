"""How much memory there is, in a container, too."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
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


HELD = """
import numpy as np
from concerted import machine

def held():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1])

# what is freed below the last of many blocks stays with the process
def freed(size, number):
    for _ in range(2):
        blocks = [np.ones(size) for _ in range(number)]
        most = held()
        del blocks[:-1]
    return most, held()
"""
GIVEN = (
    HELD
    + """
_, before = freed(100_000, 400)
machine.give_back()
print(before - held(), before)
"""
)
KEPT = (
    HELD
    + """
most, left = freed(1_000_000, 40)
machine.keep_little()
less, least = freed(1_000_000, 40)
print(left > most / 2, least < less / 2)
"""
)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="told of C's library of GNU")
def test_what_was_freed_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", GIVEN], capture_output=True, text=True, check=True)
    freed, before = map(int, done.stdout.split())
    assert freed > before / 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="told of C's library of GNU")
def test_large_arrays_go_back_as_soon_as_they_are_freed() -> None:
    done = subprocess.run([sys.executable, "-c", KEPT], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"], "kept before, given back after"
