"""Documents are tests: commands parse, Python runs, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from concerted import registry
from concerted.simulate import write_demo

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md")),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


class Block(NamedTuple):
    page: Path
    line: int
    language: str
    text: str


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    """Fenced blocks of a page; a fence may be indented by the list it stands in."""
    found: list[Block] = []
    lines: list[str] = []
    start, fence, language = 0, "", ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        mark = re.match(r"( *)(`{3,})\s*(\S*)", line)
        if mark and not fence:
            start, fence, language, lines = number, mark[1] + mark[2], mark[3], []
        elif fence and line.startswith(fence):
            found.append(Block(page, start, language, "\n".join(lines)))
            fence = ""
        elif fence:
            lines.append(line.removeprefix(fence.rstrip("`")))
    assert not fence, f"{page}:{start}: the block does not end"
    return tuple(found)


def commands() -> Iterator[tuple[str, str]]:
    """Every line of every shell block that starts one of our programs, and where it stands."""
    for page in PAGES:
        for block in blocks(page):
            if block.language != "sh":
                continue
            for offset, line in enumerate(block.text.splitlines(), 1):
                for part in re.split(r"\s*(?:&&|;|\|)\s+", line.partition(" #")[0].strip()):
                    if part:
                        yield f"{page.relative_to(ROOT)}:{block.line + offset}", part


@pytest.mark.parametrize(("place", "command"), list(commands()))
def test_commands_exist(place: str, command: str) -> None:
    from concerted.cli import build_app

    program, *words = shlex.split(command)
    if program == "concerted":
        assert words, place
        build_app(words[0]).parse_args(words, print_error=False, exit_on_error=False)
    elif (program, words[:1]) == ("python3", ["dev.py"]):
        assert f"python3 dev.py {words[1]} " in (ROOT / "dev.py").read_text(encoding="utf-8"), place
    elif (program, words[:2]) == ("uv", ["run", "python"]):
        assert (ROOT / words[2]).is_file(), place
    else:
        assert program in ("git", "cd", "pip"), f"{place}: say what {program!r} is"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first days of the demo's export: examples need a file to run on, not all of it."""
    path = write_demo(tmp_path_factory.mktemp("demo"))
    with path.open(encoding="utf-8") as file:
        lines = file.readlines()[:8_000]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(b.language == "python" for b in blocks(page))], ids=str
)
def test_python_runs(page: Path, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(export, tmp_path / "posts.csv")
    monkeypatch.chdir(tmp_path)
    for kind in registry.BUILTIN:
        monkeypatch.setitem(registry.BUILTIN, kind, dict(registry.BUILTIN[kind]))
    module = ModuleType("docs_example")
    monkeypatch.setitem(sys.modules, "docs_example", module)
    for block in blocks(page):
        if block.language == "python":
            code = "\n" * block.line + block.text
            exec(compile(code, str(page), "exec", dont_inherit=True), module.__dict__)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    text = re.sub(r"(?ms)^ *```.*?^ *```", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"(https?|mailto):", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name}: {target} leads nowhere"
        assert file.is_relative_to(ROOT), f"{name}: {target} leads out of the repository"
        if anchor:
            assert anchor in anchors(file), f"{name}: {target}: no such heading"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+\s+(.*)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_readme_has_two_commands_for_a_newcomer() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"(?m)^git clone ", text)) == 2
    assert set(re.findall(r"python3 dev\.py (\w+)", text)) == {"demo", "test"}


def test_versions_agree() -> None:
    from concerted import __version__

    assert f"version: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert (
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "concerted"
    )


def test_accounts_are_never_called_names() -> None:
    """No page calls accounts bots, trolls or guilty, but to say that nobody is called so."""
    for page in [page for page in PAGES if page.parent.name != "reference"]:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(r"\b(bots?|trolls?|guilty|culprits?|inauthentic)\b", line, re.I):
                assert re.search(r"\b(no|not|never|nobody)\b", line, re.I), f"{page}:{number}: {line}"


def test_the_reference_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
