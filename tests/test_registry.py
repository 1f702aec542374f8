"""Every member of every registry keeps its folder's contract; outside packages take part."""

from __future__ import annotations

import dataclasses
import inspect
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from concerted import registry
from concerted.errors import UnknownName

HEADINGS = ("What it sees", "Null model", "Innocent explanations", "Example", "References")
MEMBERS = [(kind, name) for kind in registry.BUILTIN for name in registry.BUILTIN[kind]]
METHODS = {
    "sources": ("recognise", "read"),
    "traces": ("events",),
    "signals": ("notes",),
    "exports": ("write",),
    "engines": ("query", "batches", "sweep", "close"),
}


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_member_keeps_the_contract(kind: str, name: str) -> None:
    member: Any = registry.find(kind, name)
    text = inspect.getdoc(member) or ""
    assert text.strip(), "no docstring"
    assert len(text.splitlines()[0]) <= 110
    for method in METHODS[kind]:
        assert callable(getattr(member, method)), f"{kind} offer {method}"
    if kind != "engines":
        assert member.name == name
    if kind == "sources":
        assert isinstance(member.says, str) and member.says
        assert member.clock and {"account", "time"} <= set(member.covers) and "|" not in member.clock
        assert (inspect.getdoc(member.recognise) or "").startswith("By ")
    if kind == "exports":
        assert member.suffixes and all(suffix.startswith(".") for suffix in member.suffixes)


@pytest.mark.parametrize(("kind", "name"), [m for m in MEMBERS if m[0] in ("traces", "signals")])
def test_docstring_is_product_text(kind: str, name: str) -> None:
    member = registry.find(kind, name)
    lines = [line.strip().rstrip(":").casefold() for line in (inspect.getdoc(member) or "").splitlines()]
    places = []
    for heading in HEADINGS:
        starts = [number for number, line in enumerate(lines) if line.startswith(heading.casefold())]
        assert starts, f"the docstring of {name} lacks the heading {heading!r}"
        places.append(starts[0])
    assert places == sorted(places), f"headings of {name} are out of order"


@pytest.mark.parametrize(("kind", "name"), [m for m in MEMBERS if m[0] in ("traces", "signals")])
def test_options_are_declared_once(kind: str, name: str) -> None:
    member: Any = registry.find(kind, name)
    fields = dataclasses.fields(member)
    assert member.__dataclass_params__.frozen
    for field in fields:
        assert field.metadata.get("says"), f"option {field.name} of {name} says nothing"
    assert member() == member()


def test_traces_have_a_ladder() -> None:
    for name, trace in registry.everything("traces").items():
        assert trace.horizons, name
        assert all(0 < window < horizon for window, horizon in trace.horizons), name
        assert trace.needs, name


def test_names_belong_to_one_class_each() -> None:
    for kind in registry.BUILTIN:
        classes = [registry.find(kind, name) for name in registry.BUILTIN[kind]]
        assert len(set(classes)) == len(classes)


@pytest.mark.parametrize("kind", list(registry.BUILTIN))
def test_unknown_name_helps(kind: str) -> None:
    near = next(iter(registry.BUILTIN[kind]))
    with pytest.raises(UnknownName, match=f"did you mean '{near}'"):
        registry.find(kind, near + "x")
    with pytest.raises(UnknownName, match="there are: "):
        registry.find(kind, "qqqqqqqqqqqq")


def test_a_broken_outside_package_is_named(tmp_path: Path) -> None:
    info = tmp_path / "gone-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[concerted.sources]\nlost = nowhere:X\n", encoding="utf-8")
    code = "import sys; from concerted.cli import main; sys.exit(main(['list', 'sources']))"
    where = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=where)
    assert done.returncode == 1
    assert done.stderr.startswith("concerted: the source 'lost' of the package 'gone' cannot be loaded")
    assert "pip uninstall gone" in done.stderr


def test_outside_packages_take_part(tmp_path: Path) -> None:
    """A package installed beside this one offers one member of each kind by entry points alone."""
    (tmp_path / "toy.py").write_text(
        textwrap.dedent(
            '''
            class Toy:
                """A toy."""

                name = "toy"
                suffixes = (".toy",)
            '''
        ),
        encoding="utf-8",
    )
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n", encoding="utf-8")
    points = "".join(f"[concerted.{kind}]\ntoy = toy:Toy\n" for kind in registry.BUILTIN)
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    code = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        from concerted import registry
        for kind in registry.BUILTIN:
            assert registry.names(kind)[-1] == "toy", registry.names(kind)
            assert registry.names(kind)[:-1] == list(registry.BUILTIN[kind])
            assert registry.find(kind, "toy").name == "toy"
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
