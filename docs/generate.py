"""Writes docs/reference from the code: `uv run python docs/generate.py`.

With `--check` nothing is written; the exit code is 1 where a page is not what the code says. Whatever is
registered must load and say what it is: a member that does not stops the run.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cyclopts import App

from concerted import errors, registry, schema, settings
from concerted.cli import SAYS, build_app
from concerted.detect import load_stages
from concerted.engines import Resources
from concerted.findings import Findings

FOLDER = Path(__file__).resolve().parent / "reference"
MADE = "<!-- made by docs/generate.py: change the code, not this page -->\n"
HEADINGS = ("What it sees", "Null model", "Innocent explanations", "Example", "References")
# types of options as people say them
PLAIN = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "yes or no",
    "tuple[str, ...]": "list of texts",
    "dict[str, str]": "pairs of texts",
    "dict[str, dict[str, Any]]": "options by trace or signal",
}
KINDS = {
    "traces": "What two accounts can do together.",
    "signals": "What speaks for or against a group. Signals explain groups, they never make one.",
    "sources": "What can be read.",
    "exports": "What findings can be written as. The ending of the file name says which.",
    "engines": "What runs the SQL.",
}


def main(check: bool) -> int:
    """Writes all pages, or with `check` says which are not current. Returns the exit code."""
    pages: dict[str, Callable[[], Iterator[str]]] = {
        "commands": commands,
        "options": options,
        "tables": tables,
        "findings": findings,
        "errors": failures,
        **{kind: partial(members, kind) for kind in KINDS},
    }
    texts = {f"{name}.md": MADE + "\n" + "\n".join(make()).rstrip() + "\n" for name, make in pages.items()}
    texts["README.md"] = (
        MADE
        + "\n# Reference\n\nMade from the code.\n\n"
        + "".join(f"- [{name}]({name}.md)\n" for name in pages)
    )
    strange = {path.name for path in FOLDER.glob("*.md")} - texts.keys()
    stale = [name for name, text in texts.items() if _read(FOLDER / name) != text]
    if check:
        for name in [*stale, *sorted(strange)]:
            print(f"docs/reference/{name} is not what the code says: uv run python docs/generate.py")
        return 1 if stale or strange else 0
    FOLDER.mkdir(exist_ok=True)
    for name in sorted(strange):
        (FOLDER / name).unlink()
    for name in stale:
        (FOLDER / name).write_text(texts[name], encoding="utf-8", newline="\n")
        print(f"wrote docs/reference/{name}")
    return 0


def commands() -> Iterator[str]:
    """Every command, its arguments, and the flags of its own; those from configs stand in `options`."""
    yield "# Commands\n"
    yield "Exit codes: 0 done (nothing found is done), 1 unexpected, 2 wrong use, 3 input refused, 4 engine"
    yield "failed, 5 missing extra, 130 interrupted. Results go to stdout, everything else to stderr.\n"
    for name in SAYS:
        yield f"## {name}\n"
        yield inspect.cleandoc(SAYS[name]) + "\n"
        yield "| argument | meaning |"
        yield "| --- | --- |"
        for argument in _arguments(build_app(name), name):
            by_place = argument.field_info.kind is not inspect.Parameter.KEYWORD_ONLY
            names = " ".join(f"`{n.strip('-').upper() if by_place else n}`" for n in argument.names)
            yield f"| {names} | {_cell(argument.parameter.help or '')} |"
        yield ""


def _arguments(app: App, name: str) -> list[Any]:
    found = list(app[name].assemble_argument_collection())
    if not found:
        raise SystemExit(f"the command {name} shows no argument")
    return found


def options() -> Iterator[str]:
    """Every field of every stage's config: flag, keyword argument and key of concerted.toml in one."""
    yield "# Options\n"
    yield "An option is a flag (`--fdr`), a keyword argument (`fdr=`), and a key of its stage's section in"
    yield "`concerted.toml`. Options of one trace or signal are written `--text.min-words`, `--births.least`"
    yield "and stand with it.\n"
    for name, stage in load_stages().items():
        yield f"## {name}\n"
        yield from _fields(stage.Config)
    yield "## What may be used to compute\n"
    yield "Flags of `detect` and of every stage after reading, arguments of the functions. They change no"
    yield "result, so they are not kept in `concerted.toml`; the log of a run names them.\n"
    yield from _fields(Resources)


def tables() -> Iterator[str]:
    """Every table and column."""
    yield "# Tables\n"
    yield "All times are UTC with microseconds, all ids are text. Every table answers SQL.\n"
    for name, columns in schema.TABLES.items():
        yield f"## {name}\n"
        yield "| column | type | meaning |"
        yield "| --- | --- | --- |"
        for column, (kind, says) in columns.items():
            yield f"| {column} | {_type(str(kind))} | {_cell(says)} |"
        yield ""


def findings() -> Iterator[str]:
    """The findings document, part by part."""
    yield "# Findings\n"
    yield (
        inspect.cleandoc(Findings.__doc__ or "")
        + " `findings.json` holds it as JSON; lists and fields are named alike.\n"
    )
    seen: list[type] = []
    waiting: list[type] = [Findings]
    while waiting:
        part = waiting.pop(0)
        if part in seen:
            continue
        seen.append(part)
        yield f"## {part.__name__}\n"
        yield inspect.cleandoc(part.__doc__ or "") + "\n"
        yield "| field | type |"
        yield "| --- | --- |"
        for field, kind in typing.get_type_hints(part).items():
            yield f"| {field} | {_cell(_annotation(kind))} |"
            waiting += [t for t in _inner(kind) if t.__module__ == Findings.__module__]
        yield ""


def failures() -> Iterator[str]:
    """The tree of errors."""
    yield "# Errors\n"
    yield "```text"
    yield inspect.cleandoc(errors.__doc__ or "")
    yield "```"


def members(kind: str) -> Iterator[str]:
    """Every member of a registry: its docstring and its options."""
    yield f"# {kind.capitalize()}\n"
    yield KINDS[kind] + "\n"
    for name in registry.BUILTIN[kind]:
        member = registry.find(kind, name)
        yield f"## {name}\n"
        yield from _prose(inspect.getdoc(member) or "", f"{kind} {name}")
        if getattr(member, "says", None):
            yield f"Reads: {member.says}.\n"
        if getattr(member, "suffixes", None):
            yield "Endings: " + ", ".join(f"`{suffix}`" for suffix in member.suffixes) + "\n"
        if dataclasses.is_dataclass(member) and dataclasses.fields(member):
            yield from _fields(member)


def _fields(config: Any) -> Iterator[str]:
    if not dataclasses.fields(config):
        yield "No options.\n"
        return
    yield "| option | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    blank = settings.plain(config())
    hints = typing.get_type_hints(config, include_extras=True)
    for field in dataclasses.fields(config):
        says = field.metadata.get("says")
        if not says:
            raise SystemExit(f"{config.__module__}.{config.__name__}.{field.name} says nothing")
        default = blank[field.name]
        shown = "" if default in ("", [], {}, None) else f"`{default}`"
        yield f"| {field.name} | {_cell(_annotation(hints[field.name], PLAIN))} | {shown} | {_cell(says)} |"
    yield ""


def _prose(text: str, whose: str) -> Iterator[str]:
    """A docstring with its headings set apart."""
    if not text.strip():
        raise SystemExit(f"{whose} has no docstring")
    for line in text.splitlines():
        heading = next((h for h in HEADINGS if line.strip().casefold().startswith(h.casefold())), None)
        if heading and len(line) - len(line.lstrip()) == 0:
            rest = line.strip()[len(heading) :].lstrip(" .:·-—")
            yield f"**{heading}.** {rest[:1].upper()}{rest[1:]}".rstrip()
        else:
            yield line.strip() if not line.startswith("    >") else line
    yield ""


def _annotation(kind: Any, words: Mapping[str, str] = MappingProxyType({})) -> str:
    """A type as a person writes it, with its range; `words` exchanges names of types."""
    if typing.get_origin(kind) is typing.Annotated:
        base, *metas = typing.get_args(kind)
        bounds = {"gt": "over", "ge": "at least", "lt": "under", "le": "at most"}
        ranges = [
            f"{word} {getattr(meta, key):g}"
            for meta in metas
            for key, word in bounds.items()
            if getattr(meta, key, None) is not None
        ]
        return ", ".join([_annotation(base, words), *ranges])
    if typing.get_origin(kind) is typing.Literal:
        return " or ".join(str(value) or '""' for value in typing.get_args(kind))
    name = inspect.formatannotation(kind)
    name = re.sub(r"\b(concerted\.findings|datetime|typing)\.", "", name)
    return words.get(name, name)


def _inner(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and not typing.get_args(kind):
        yield kind
    for part in typing.get_args(kind):
        yield from _inner(part)


def _type(name: str) -> str:
    words = {
        "string": "text",
        "timestamp[us, tz=UTC]": "time",
        "double": "number",
        "int64": "count",
        "bool": "yes or no",
    }
    return words.get(
        name, name.replace("list<element: string>", "texts").replace("list<item: string>", "texts")
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
