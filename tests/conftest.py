"""What all tests share: where data sets lie that are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def data_dir(name: str) -> Path:
    """The folder of a public data set; skips the test, saying why, where it is absent.

    Looks in the folder named by the environment variable CONCERTED_DATA, else in ../shared/data beside
    the repository.
    """
    base = Path(os.environ.get("CONCERTED_DATA", "") or ROOT.parent / "shared" / "data")
    folder = base / name
    if not folder.is_dir():
        pytest.skip(f"data set {name!r} is not in {base}: set CONCERTED_DATA to the folder that holds it")
    return folder
