"""The command line: one command per verb; flags come from the configs; an error is one line and a code.

Exit codes: 0 done (nothing found is done), 1 unexpected, 2 wrong use, 3 input refused, 4 engine failed,
5 missing extra, 130 interrupted.
"""

from __future__ import annotations

import errno
import inspect as signatures
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, CycloptsError, Parameter

from concerted import __version__, commands
from concerted.detect import load_stages
from concerted.errors import ConcertedError, EngineError
from concerted.flags import Flags, command
from concerted.stages import ORDER, Stage
from concerted.terminal import isolated

READER = ORDER[0]
INTERRUPTED = 130

SAYS = {
    "detect": "From exports to a report: every stage in order.\n\nOnly what is not up to date is computed; "
    "a run that was stopped goes on where it was.",
    "watch": "Keep a case current with the files of a folder, or lines from a pipe, and tell of groups.\n\n"
    "New files are read as they appear. At most once a UTC day of the data everything is looked at, and a "
    "line says which groups appeared or grew. Ctrl+C ends it; the same command goes on.",
    "read": "Read exports into a case.",
    "trace": "Find who touched which object when.",
    "pair": "Find pairs of accounts that touched the same objects at nearly the same time.",
    "weigh": "Test whether pairs and accounts act together more than chance explains.",
    "group": "Gather found accounts into groups, and name sets and leads.",
    "explain": "Write findings and report: the posts behind every tie, and what speaks against.",
    "export": "Write findings for people and other programs; the ending says in which format.",
    "serve": "Show a case as a page on this machine: from the overview to a group to the very posts.",
    "inspect": "Show format, rows, clock and damage of exports, and which traces they allow.",
    "convert": "Write exports as canonical tables, or for CooRTweet or the QUT toolkit.",
    "demo": "Try everything on a simulated crowd with planted groups; no data needed.",
    "evaluate": "Measure on labelled data, or else on simulated crowds, what is found and what falsely.",
    "list": "Show which traces, sources, signals, exports or engines there are.",
}


def build_app(only: str | None = None, stages: Mapping[str, Stage] | None = None) -> App:
    """The commands. With `only`, the others get their one line of help and no flags, which is faster."""
    app = App(
        name="concerted",
        version=__version__,
        help="Finds accounts that acted together more than chance explains in exports of public posts, "
        "and shows why.",
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    for place, (name, says) in enumerate(SAYS.items()):
        known = only is None or only == name
        run, parameters = _shape(name, stages) if known else (_none, [])
        app.command(command(run, name, says, parameters), name=name, sort_key=place)
    app.register_install_completion_command()
    return app


def main(argv: Sequence[str] | None = None, stages: Mapping[str, Stage] | None = None) -> int:
    """Run one command and return its exit code. `stages` are this package's unless others are given."""
    tokens = list(sys.argv[1:] if argv is None else argv)
    only = None if tokens[:1] == ["--install-completion"] else next((t for t in tokens[:1] if t in SAYS), "")
    for stream in (sys.stdout, sys.stderr):
        # a console that lacks a letter shows its number; it must not end the run
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        done = build_app(only, stages)(
            tokens, exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
        return done if isinstance(done, int) else 0
    except CycloptsError as error:
        if only and "--into requires an argument" in str(error):
            return _fail(f"no case folder is named: concerted {only} FILES --into DIR", 2)
        return _fail(f"{error} Try: concerted {f'{only} ' if only else ''}--help", 2)
    except ConcertedError as error:
        return _fail(_first_line(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail(
            "interrupted: what was finished is kept, the same command goes on from there", INTERRUPTED
        )
    except BrokenPipeError:
        # whoever read the output has enough; stdout must not fail again when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PermissionError as error:
        return _fail(
            f"{error.filename}: permission denied: give yourself the right, or name another place", 3
        )
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _unexpected(error)
        return _fail("the disk is full: make room; the same command goes on from what was finished", 1)
    except Exception as error:
        return _unexpected(error)


def _shape(
    name: str, stages: Mapping[str, Stage] | None
) -> tuple[Callable[..., int], list[signatures.Parameter]]:
    """What a command does, and its parameters."""
    files = _many("files", "exports: paths, folders or patterns")
    into = _flag("into", str, "the case folder; made where there is none", default=signatures.Parameter.empty)
    case = _one("case", "the case folder")
    both = [
        _flag("quiet", bool, "say nothing but results and errors"),
        _flag("json", bool, "give the result as JSON"),
    ]
    if name == "export":
        targets = _many("targets", "files to write: report.html, found.csv, groups.gexf, all.zip ...")
        handles = _flag("handles", bool, "show the handles of members of found groups, and of nobody else")
        return commands.export, [case, targets, handles, *both]
    if name == "serve":
        port = _flag("port", int | None, "where to listen; usually 8737, or a free one; 0 for any", None)
        shown = _flag("handles", bool, "show the handles of members of found groups, and of nobody else")
        largest = _flag("largest", float, "largest file that may be dropped on the page, in gigabytes", 4.0)
        opened = _flag("browser", bool, "open the page; other users of the machine may then see the link")
        return commands.serve, [case, port, shown, largest, opened, *both]
    if name == "list":
        kind = _one("kind", "what to list", Literal["traces", "sources", "signals", "exports", "engines"])
        return commands.show, [kind, _flag("long", bool, "show the whole text of each"), *both[1:]]
    if name == "inspect":
        reader = load_stages([READER])[READER] if stages is None else stages[READER]
        flags = Flags({READER: reader})
        left = _flag("left_out", bool, "show examples of records left out, with file and line")
        return commands.inspect(reader, flags), [files, left, *both, *flags.parameters]
    if name == "convert":
        reader = load_stages([READER])[READER] if stages is None else stages[READER]
        flags = Flags({READER: reader})
        to = _flag(
            "to", str, "the file to write: posts.parquet; CSV with --layout", signatures.Parameter.empty
        )
        layout = _flag("layout", Literal["", "coortweet", "qut"], "columns of another toolkit", "")
        return commands.convert(reader, flags), [files, to, layout, *both, *flags.parameters]
    if name == "evaluate":
        data = _flag("data", str, "a folder of labelled data: published sets, or posts.csv and truth.csv", "")
        return commands.evaluate, [data, _flag("seed", int, "which crowds are simulated", 1), *both]
    stages = load_stages() if stages is None else stages
    if name == "detect":
        flags = Flags(stages, computing=True)
        rebuild = _flag("rebuild", bool, "read all files of the case again, as in one run over all of them")
        run = commands.advance(stages, list(stages)[-1], flags)
        return run, [files, into, rebuild, *both, *flags.parameters]
    if name == "watch":
        from concerted.watching.command import watch

        flags = Flags(stages, computing=True)
        origin = _one(
            "origin", "a folder into which exports are put; - for lines on standard input", dash=True
        )
        own = [
            _flag("once", bool, "take what is in the folder, look, and end"),
            _flag("every", float, "seconds between two looks into the folder", 10.0),
            _flag("lines", int, "lines of a stream that are read together, at most", 100_000),
            _flag("seconds", float, "seconds after which what came of a stream is read", 900.0),
        ]
        return watch(stages, flags), [origin, into, *own, *both, *flags.parameters]
    if name in stages:
        flags = Flags({name: stages[name]}, computing=name != READER)
        where = [files, into] if name == READER else [case]
        return commands.advance(stages, name, flags), [*where, *both, *flags.parameters]
    place = _flag("into", str, "the folder for the simulated export and its case", default="concerted-demo")
    seed = _flag("seed", int, "which crowd is simulated", default=1)
    return commands.demo(stages), [place, seed, *both]


def _flag(name: str, kind: Any, says: str, default: Any = False) -> signatures.Parameter:
    return signatures.Parameter(
        name,
        signatures.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[
            kind, Parameter(help=says, negative=(), show_default=default not in (False, True))
        ],
    )


def _one(name: str, says: str, kind: Any = str, dash: bool = False) -> signatures.Parameter:
    """An argument; with `dash` it may be "-"."""
    return signatures.Parameter(
        name,
        signatures.Parameter.POSITIONAL_OR_KEYWORD,
        annotation=Annotated[kind, Parameter(help=says, allow_leading_hyphen=dash)],
    )


def _many(name: str, says: str) -> signatures.Parameter:
    return signatures.Parameter(
        name, signatures.Parameter.VAR_POSITIONAL, annotation=Annotated[str, Parameter(help=says)]
    )


def _none() -> int:
    return 0


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"concerted: {isolated(message)}\n")
    return code


def _first_line(error: ConcertedError) -> str:
    if isinstance(error, EngineError):
        log = error.__dict__.get("logfile")
        return f"the engine failed: {str(error).splitlines()[0]}" + (
            f" (the statement is in {log})" if log and error.sql else ""
        )
    return str(error)


def _unexpected(error: Exception) -> int:
    log = _logged(error)
    return _fail(
        f"this should not have happened ({type(error).__name__}). Please report it with the log {log}, "
        "after reading what it shows",
        1,
    )


def _logged(error: Exception) -> Path:
    """The log that holds the traceback: the case's, or a new one where no case was open."""
    log = error.__dict__.get("logfile")
    if log is not None:
        return Path(log)
    with tempfile.NamedTemporaryFile(
        "w", prefix="concerted-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    return Path(file.name)
