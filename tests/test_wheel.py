"""The wheel, installed by pip into an empty environment, runs the demo."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Output of a command, in an environment in which nothing of this checkout can be imported."""
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=clean, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(uv).exists():
        pytest.skip("uv is not on this machine: run the tests by python3 dev.py test, which brings it")
    run(uv, "build", "--wheel", "--out-dir", folder, ROOT, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_everything(wheel: Path) -> None:
    """Files that .gitignore matches would silently miss the wheel."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "concerted").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= inside, sorted(wanted - inside)
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_installed_it_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "empty"
    venv.create(place, with_pip=True)
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    found = run(scripts / "python", "-c", "import concerted; print(concerted.__file__)", cwd=tmp_path)
    assert Path(found.strip()).is_relative_to(place)
    assert importlib.util.find_spec("concerted") is not None
    assert sys.prefix not in found
    said = run(scripts / "concerted", "demo", "--into", "shown", cwd=tmp_path)
    reports = list((tmp_path / "shown").rglob("report.html"))
    assert len(reports) == 1
    assert reports[0].name in said
    page = reports[0].read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert len(page) > 20_000
    # what speaks against needs data files of the package and of its libraries, too
    assert "go to newsroom.example" in page
