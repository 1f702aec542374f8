"""The documentation builds as a site, with every page in its menu, and asks for nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def listed(entries: Any) -> Iterator[str]:
    if isinstance(entries, str):
        yield entries
    elif isinstance(entries, dict):
        yield from listed(list(entries.values()))
    else:
        for entry in entries:
            yield from listed(entry)


def test_the_menu_holds_every_page_once() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(listed(nav)) == sorted(pages)


class Loads(HTMLParser):
    """Addresses that a page loads by itself, unlike those that a reader may follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        fetched = tag == "link" and not re.search(r"canonical|prev|next|alternate", named.get("rel") or "")
        value = named.get("href") if fetched else named.get("src") if tag not in ("a", "link") else None
        if value:
            self.found.append(value)


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    pytest.importorskip("zensical", reason="the documentation group is not installed")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_site_builds_and_fetches_nothing(copy: Path) -> None:
    done = build(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    site = copy / "site"
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(list((ROOT / "docs").rglob("*.md"))), (
        "a page of each, and one for what is not there"
    )
    for page in pages:
        loads = Loads()
        loads.feed(page.read_text("utf-8"))
        for address in loads.found:
            if address.startswith("data:"):
                continue
            assert not re.match(r"(https?:)?//", address), f"{page.name} fetches {address}"
            if page.name != "404.html":
                assert (page.parent / address.partition("?")[0]).exists(), f"{page.name}: {address}"
    assert not list(site.rglob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["[a](nowhere.md)", "[a](methods.md#no-such-heading)"])
def test_a_broken_link_breaks_the_build(copy: Path, broken: str) -> None:
    with (copy / "docs" / "tutorial.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{broken}\n")
    assert build(copy).returncode != 0
