"""Arrows between the parts point one way, and importing the package stays light."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from concerted.stages import ORDER

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "concerted"

# part -> parts it may import; a part is a folder or a file directly in the package
BASE = {"errors", "machine", "parallel", "schema", "settings", "table", "registry", "words"}
FINDINGS = {"errors", "findings", "registry", "privacy", "words"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "machine": set(),
    "parallel": {"machine"},
    "schema": {"errors"},
    "settings": {"errors"},
    "words": {"errors"},
    "parquet": set(),
    "overflow": {"parquet", "table"},
    "registry": {"errors"},
    "table": {"schema", "engines", "errors"},
    "findings": FINDINGS,
    "privacy": {"errors", "findings"},
    "engines": BASE,
    "sources": BASE | {"engines"},
    "traces": BASE | {"engines", "overflow"},
    "signals": BASE | {"engines", "nulls", "traces"},
    "nulls": BASE | {"engines", "traces"},
    "exports": FINDINGS,
    "web": FINDINGS | {"exports"},
    "explaining": BASE | {"engines", "findings", "nulls", "signals", "traces"},
    "simulate": BASE,
    "stages": BASE
    | {"engines", "sources", "traces", "signals", "nulls", "explaining", "findings", "simulate"},
}
# frames are handed to whoever has these, and zstd came into Python as compression with 3.14
GUESTS = {"pandas", "polars", "backports", "compression"}
# these stand above the stages: whatever is below them may never import them
ABOVE = {
    "__main__",
    "api",
    "case",
    "cli",
    "commands",
    "convert",
    "detect",
    "evaluating",
    "flags",
    "keeper",
    "listing",
    "lock",
    "look",
    "plan",
    "runner",
    "serving",
    "summary",
    "terminal",
    "watching",
}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[tuple[str, int]]:
    """Parts of the package a file imports anywhere, lazily or not; not those only for type checkers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "concerted":
            modules = [f"concerted.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module or ""]
        elif isinstance(node, ast.ImportFrom):
            pytest.fail(f"{path}:{node.lineno}: a relative import hides which part it reaches")
        else:
            continue
        found |= {
            (module.split(".")[1], node.lineno) for module in modules if module.startswith("concerted.")
        }
    return found


def test_arrows_point_one_way() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        part = part_of(path)
        if part in ABOVE or part == "__init__":
            continue
        assert part in ALLOWED, f"{part} has no place in the layers: give it one in {__file__}"
        for target, line in sorted(imported(path)):
            if target != part and target not in ALLOWED[part] and not target.startswith("__"):
                wrong.append(f"{path.relative_to(PACKAGE)}:{line} ({part}) imports {target}")
    assert not wrong, "\n".join(wrong)


def test_only_the_cli_is_a_door() -> None:
    """Nothing imports the command line but the module that starts it."""
    users = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "cli" in {target for target, _ in imported(path)} and part_of(path) != "cli"
    }
    assert users <= {"__main__.py"}


def test_stages_do_not_run_each_other() -> None:
    """They meet in tables only; a rule that two of them need may be imported, a run may not."""
    for path in sorted((PACKAGE / "stages").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("concerted.stages"):
                names = {alias.name for alias in node.names}
                assert not names & {"run", "Config", *ORDER}, f"{path.name}:{node.lineno} imports {names}"


def test_import_is_light() -> None:
    heavy = ["pyspark", "starlette", "uvicorn", "matplotlib", "networkx", "scipy.stats", "graspologic_native"]
    code = "import concerted, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "concerted" in loaded
    assert not loaded & set(heavy)


def test_files_stay_readable() -> None:
    """A file fits on three screens."""
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in PACKAGE.rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    # tables and document are the two places where everything of one kind is listed together
    assert set(long) <= {"schema.py", "findings.py"}, long


def test_every_library_is_declared() -> None:
    """What the package imports, lazily or not, stands in pyproject: it would else miss where only that is."""
    project = tomllib.loads((PACKAGE.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    declared = {re.split(r"[\s<>=;\[]", line)[0].lower().replace("_", "-") for line in lines}
    owners = packages_distributions()
    missing = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                node.body = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"concerted"}:
                dists = {dist.lower().replace("_", "-") for dist in owners.get(name, [name])}
                if not dists & declared and name not in GUESTS:
                    missing[f"{path.relative_to(PACKAGE)}:{node.lineno}"] = name
    assert not missing, missing
