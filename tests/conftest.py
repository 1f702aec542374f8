"""What all tests share: where data sets lie that are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(
    (path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None
)
FLAGS = [
    *("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium that asks the network for nothing of its own."""
    if CHROMIUM is None:
        pytest.skip("no Chromium in /usr/bin: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


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
