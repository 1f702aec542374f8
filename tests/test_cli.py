"""The command line: what it says, where it says it, and the code it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toys.stages import toys

from concerted import registry, runner, settings
from concerted.cli import SAYS, build_app, main
from concerted.detect import load_stages
from concerted.errors import EngineError, MissingExtra
from concerted.flags import Flags
from concerted.terminal import Terminal, isolated


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runner, "write_report", lambda findings, path: path.write_bytes(findings.to_json()))
    (tmp_path / "one.txt").write_text("a o1 1\nb o1 3\nc o2 9\n")
    return tmp_path


def toy(*arguments: str, **changed: Any) -> int:
    stages = toys()
    for name, run in changed.items():
        stages[name].run = run
    return main(arguments, stages)


def failing(error: BaseException) -> Any:
    def run(*_: Any) -> Any:
        raise error
        yield

    return run


def test_detect_ends_in_words_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert toy("detect", "one.txt", "--into", "case") == 0
    out, err = capsys.readouterr()
    assert "Read 1 file: 3 posts, nothing left out." in out
    assert "1 group of 3 accounts acted together more than chance explains:" in out
    assert "no proof of deceit" in out
    assert out.endswith("Report: case/report.html\n")
    assert "read: one.txt\ntrace\npair\n" in err
    assert Path("case/report.html").exists()


def test_nothing_found_is_done_and_says_what_could_have_been(capsys: pytest.CaptureFixture[str]) -> None:
    Path("none.txt").write_text("")
    assert toy("detect", "none.txt", "--into", "case") == 0
    out = capsys.readouterr().out
    assert "No accounts were found that acted together more than chance explains." in out
    assert "  - a toy shows nothing" in out


def test_json_and_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        toy("detect", "one.txt", "--into", "case", "--json", "--quiet", "--fdr", ".01", "--map", "time=when")
        == 0
    )
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["groups"], told["accounts_in_groups"], told["leads"]) == (1, 3, 0)
    assert told["files"][0] == {
        "file": "one.txt",
        "source": "toy",
        "records": 3,
        "posts": 3,
        "accounts": 0,
        "left_out": 0,
        "reasons": {},
    }
    assert err == ""
    assert toy("weigh", "case", "--fdr", ".2", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "case": "case",
        "stage": "weigh",
        "rows": {"ties": 2, "made": 1},
        "says": ["ties were weighed"],
    }
    written = settings.load(Path("case/concerted.toml"))
    assert written["weigh"] == {"fdr": 0.2}
    assert written["read"][0]["map"] == {"time": "when"}


def test_every_stage_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert toy("read", "one.txt", "--into", "case") == 0
    assert "read: rows of posts 3, ledger 0, inputs 1" in capsys.readouterr().out
    for verb in ("trace", "pair", "weigh", "group"):
        assert toy(verb, "case") == 0
        assert capsys.readouterr().out.startswith(f"{verb}: ")
    assert not Path("case/findings.json").exists()
    assert toy("explain", "case/") == 0
    assert "Report: case/report.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["detect", "missing.csv", "--into", "case"], 3, "missing.csv"),
        (["detect", "one.txt", "--into", "case", "--fdrr", "1"], 2, "Did you mean --fdr?"),
        (
            ["detect", "one.txt", "--into", "case", "--fdr", "2"],
            2,
            "weigh: fdr = 2.0 cannot be used: expected a number under 1.0",
        ),
        (["detect", "one.txt", "--into", "case", "--fdr", "much"], 2, "--fdr"),
        (["detect", "one.txt", "--into", "case", "--map", "tmie=when"], 2, "did you mean 'time'"),
        (["detect", "one.txt", "--into", "case", "--map", "time"], 2, "write it as KEY=COLUMN"),
        (["detect", "one.txt"], 2, "no case folder is named: concerted detect FILES --into DIR"),
        (["detect", "one.txt", "--into", "one.txt/case"], 3, "cannot be made"),
        (["demo", "--into", "new", "--seed", "-1"], 2, "give a whole number of at least 0"),
        (["detect", "--into", "case"], 3, "case is not a case: make one with concerted detect FILES"),
        (["detect", "one.txt", "--into", "one.txt"], 3, "is a file, a case is a folder"),
        (["detect", "one.txt", "--into", "."], 3, "is not a case and is not empty"),
        (["pair", "nowhere"], 3, "nowhere is not a case"),
        (["pear", "case"], 2, "pear"),
        (["list", "tracks"], 2, "traces"),
        (["export", "nowhere", "report.html"], 3, "nowhere"),
        (["export", "nowhere"], 2, "no file to write"),
    ],
)
def test_wrong_use_is_one_good_line(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert toy(*arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("concerted: ")
    assert err.count("\n") == 1
    assert says in err
    assert "Traceback" not in err
    assert not Path("case").exists(), "a command that could not begin leaves nothing behind"


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (
            EngineError("out of memory\nwhile running:\nselect 1", "select 1"),
            4,
            "the engine failed: out of memory",
        ),
        (MissingExtra("pyspark", "spark"), 5, "pip install 'concerted[spark]'"),
        (KeyboardInterrupt(), 130, "what was finished is kept"),
        (OSError(28, "No space left on device"), 1, "the disk is full: make room"),
        (ZeroDivisionError("why"), 1, "this should not have happened (ZeroDivisionError)"),
        (PermissionError(13, "no", "posts.csv"), 3, "posts.csv: permission denied"),
    ],
)
def test_exit_codes(error: BaseException, code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy("detect", "one.txt", "--into", "case", "--quiet", weigh=failing(error)) == code
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    (log,) = Path("case/logs").iterdir()
    assert type(error).__name__ in log.read_text()
    assert ("Traceback" in log.read_text()) == (code in (1, 3))
    if isinstance(error, ZeroDivisionError):
        assert log.name in err
    assert toy("detect", "--into", "case", "--quiet") == 0, "the case goes on where it was"


def test_export_writes_where_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    toy("detect", "one.txt", "--into", "case")
    Path("out").mkdir()
    assert toy("export", "case", "out/found.json", "report.html", "--json") == 0
    assert Path("out/found.json").exists()
    assert "<html" in Path("report.html").read_text()
    assert toy("export", "case/findings.json", "again.json") == 0
    # a case knows which names its groups keep; findings on their own do not
    of_case, alone = (json.loads(Path(name).read_text()) for name in ("out/found.json", "again.json"))
    assert [group.pop("lasting")["name"] for group in of_case["groups"]] == ["K1"]
    assert [group.pop("lasting") for group in alone["groups"]] == [None]
    assert alone == of_case
    capsys.readouterr()
    assert toy("export", "case", "found.doc") == 2
    assert ".html" in capsys.readouterr().err
    toy("weigh", "case", "--fdr", ".3")
    capsys.readouterr()
    assert toy("export", "case", "late.json") == 0
    assert "concerted explain case renews them" in capsys.readouterr().err


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "traces"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines][:2] == ["reshare", "link"]
    for kind in ("traces", "signals"):
        assert main(["list", kind, "--long"]) == 0
        told = capsys.readouterr().out
        for name in registry.names(kind):
            part = told[f"\n{told}".index(f"\n{name}\n") :]
            places = [part.index(f"    {head}") for head in ("What it sees", "Null model", "Innocent expl")]
            assert places == sorted(places), name
    assert main(["list", "traces", "--long"]) == 0
    assert "  --text.min-words (0): " in capsys.readouterr().out
    assert main(["list", "sources"]) == 0
    sources = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert sources["fourcat"].startswith("4CAT") and sources["x_v1"].startswith("X (Twitter) API 1.1")
    assert main(["list", "exports", "--json"]) == 0
    assert "html" in [entry["name"] for entry in json.loads(capsys.readouterr().out)]


def test_every_option_is_a_flag_with_a_line_of_help() -> None:
    flags = Flags(load_stages())
    for parameter in flags.parameters:
        (about,) = parameter.annotation.__metadata__
        assert about.help, f"{parameter.name} has no help"
    names = {parameter.name for parameter in flags.parameters}
    assert {"fdr", "seed", "traces", "map", "timezone", "text__min_words"} <= names


def test_flags_become_options() -> None:
    flags = Flags(load_stages())
    given = {
        "traces": "link, reshare",
        "map": "account=user, name,time=when",
        "text__min_words": 6,
        "fdr": None,
    }
    assert flags.options(given) == {
        "traces": ["link", "reshare"],
        "map": {"account": "user, name", "time": "when"},
        "options": {"text": {"min_words": 6}},
    }


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for name, says in SAYS.items():
        assert main([name, "--help"]) == 0
        assert says.split("\n")[0][:30] in " ".join(capsys.readouterr().out.split())
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in SAYS)
    assert out.index("detect") < out.index("read") < out.index("trace"), "commands stand in their order"
    assert main(["--version"]) == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_flags(shell: Any) -> None:
    script = build_app().generate_completion(shell=shell)
    assert "detect" in script
    assert "fdr" in script


def test_right_to_left_text_is_isolated_and_controls_are_shown() -> None:
    assert isolated("plain é 漢") == "plain é 漢"
    assert isolated("file: אבג.csv") == "\u2068file: אבג.csv\u2069"
    assert isolated("a\x1b[31mb\u202ec\x9b") == "a\\u001b[31mb\\u202ec\\u009b"
    assert isolated("one\nسلام") == "one\n\u2068سلام\u2069"


def test_json_is_safe_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal.json({"file": "\x9b31m\u202e.csv"})
    assert capsys.readouterr().out.isascii()


def test_module_runs() -> None:
    ended = subprocess.run([sys.executable, "-m", "concerted", "pear"], capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith("concerted: ")


def test_output_cut_short_is_no_error() -> None:
    command = f"{sys.executable} -m concerted list traces --long | head -n 1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert ended.stderr == ""
    assert ended.stdout == "reshare\n"


def test_a_console_without_a_letter_shows_its_number() -> None:
    command = [sys.executable, "-m", "concerted", "detect", "שלום.csv", "--into", "case"]
    ended = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert ended.returncode == 3
    assert rb"\u05e9" in ended.stderr


def test_bars_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="no terminals of this kind on this system")
    code = (
        "from concerted.terminal import Terminal\n"
        "with Terminal() as t:\n"
        "    for n in range(5): t.progress('weigh: pairs', n, 5)\n"
        "    t.say('half way')\n"
        "    t.progress('weigh: [bold]x', 1, None)"
    )
    shown: list[bytes] = []

    def reading(handle: int) -> bytes:
        shown.append(os.read(handle, 4096))
        return shown[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        assert pty.spawn([sys.executable, "-c", code], reading) == 0
    assert b"half way" in b"".join(shown)
