"""What the commands do once their flags are read. Each returns an exit code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import indent
from typing import Any

from concerted import listing, registry, serving, summary
from concerted.case import Case
from concerted.detect import proceed
from concerted.errors import CaseError, InputError, SettingError
from concerted.findings import Findings
from concerted.flags import Flags
from concerted.stages import Stage
from concerted.terminal import Terminal

REFUSED = InputError.exit_code


def advance(stages: Mapping[str, Stage], until: str, flags: Flags) -> Callable[..., int]:
    """Bring a case up to date up to the stage `until`, and show what came out."""

    def run(
        files: tuple[str, ...] = (),
        into: str = "",
        case: str = "",
        quiet: bool = False,
        json: bool = False,
        rebuild: bool = False,
        **given: Any,
    ) -> int:
        folder = Path(into or case)
        for kind in ("traces", "signals"):
            # a wrong name must not wait until everything is read
            for name in flags.options(given).get(kind, ()):
                registry.find(kind, name)
        with Terminal(quiet) as terminal:
            findings = proceed(
                folder, files, flags.options(given), until, terminal.progress, terminal.say, stages, rebuild
            )
        if findings is None:
            _show_stage(Case(folder), until, stages[until], json)
        else:
            _show_findings(findings, folder, json)
        return 0

    return run


def _show_findings(findings: Findings, folder: Path, json: bool) -> None:
    from concerted import privacy

    seen = privacy.redact(findings, handles=False)
    if json:
        Terminal.json(summary.in_figures(seen, folder))
    else:
        Terminal.result(summary.in_words(seen, folder))


def _show_stage(case: Case, name: str, stage: Stage, json: bool) -> None:
    rows = {table: len(case.table(table, [name])) for table in stage.WRITES}
    said = [row["says"] for row in case.table("made", [name]).rows() if row["says"]]
    if json:
        Terminal.json({"case": str(case.path), "stage": name, "rows": rows, "says": said})
        return
    counts = ", ".join(f"{table} {count:,}" for table, count in rows.items() if table != "made")
    Terminal.result("\n".join([f"{name}: rows of {counts}", *(f"  {line}" for line in said)]))


def export(
    case: str,
    targets: tuple[str, ...] = (),
    handles: bool = False,
    quiet: bool = False,
    json: bool = False,
) -> int:
    """Write the findings of a case, or of a findings.json, to files of any format."""
    from concerted import privacy

    if not targets:
        raise SettingError("no file to write is named: concerted export CASE report.html groups.gexf")
    path, opened = Path(case), None
    terminal = Terminal(quiet)
    if path.is_dir():
        opened = Case(path)
        path = path / "findings.json"
        if not path.exists():
            raise CaseError(f"{case} has no findings yet: concerted explain {case}")
        if not _current(opened):
            terminal.say(
                f"the case has changed since its findings were made: concerted explain {case} renews them"
            )
    elif not path.exists():
        raise CaseError(f"{case} is not there: name a case folder or a findings.json")
    try:
        findings = Findings.from_json(path)
        if opened is not None:
            findings = serving.with_history(opened, findings)
    except InputError as error:
        again = f"; concerted explain {case} makes it again once it is deleted" if Path(case).is_dir() else ""
        raise InputError(f"{error}{again}") from None
    written: list[str] = []
    seen = privacy.redact(findings, handles)
    for target in targets:
        if not Path(target).parent.is_dir():
            raise CaseError(f"{target}: the folder {Path(target).parent} is not there: make it first")
        if Path(target).is_dir():
            raise CaseError(f"{target} is a folder: name a file, such as {target}/report.html")
        for path in seen.export(Path(target), handles=handles):
            written.append(str(path))
            terminal.say(f"written: {path}")
    if json:
        Terminal.json({"written": written, "handles": handles})
    return 0


def _current(case: Case) -> bool:
    stamp = case.stamp("findings")
    if stamp is None:
        return False
    tables = stamp.about.get("tables", {})
    return all(
        [part.sha256 for _, part in case.parts(name)] == parts
        for name, parts in tables.items()
        # a verdict given since then goes with the export as it is
        if name != serving.VERDICTS
    )


def inspect(reader: Stage, flags: Flags) -> Callable[..., int]:
    """Show what files hold; 3 if one of them would be refused."""

    def run(
        files: tuple[str, ...] = (),
        left_out: bool = False,
        quiet: bool = False,
        json: bool = False,
        **given: Any,
    ) -> int:
        from concerted import look
        from concerted.settings import build

        if not files:
            raise SettingError("no file is named: concerted inspect FILES")
        config = build(reader.Config, flags.options(given))
        passed: list[str] = []
        with Terminal(quiet) as terminal:
            seen = look.inspect(list(files), config, terminal.progress, passed.append)
        if json:
            Terminal.json({"files": [one.to_dict(left_out) for one in seen], "not_read": passed})
        else:
            about = [one.to_text(left_out) for one in seen]
            Terminal.result("\n\n".join([*about, *(["\n".join(passed)] if passed else [])]))
        return REFUSED if any(one.refused for one in seen) else 0

    return run


def convert(reader: Stage, flags: Flags) -> Callable[..., int]:
    """Write what files hold in other layouts."""

    def run(
        files: tuple[str, ...] = (),
        to: str = "",
        layout: str = "",
        quiet: bool = False,
        json: bool = False,
        **given: Any,
    ) -> int:
        from concerted import convert as converting
        from concerted.settings import build

        if not files:
            raise SettingError("no file is named: concerted convert FILES --to posts.parquet")
        config = build(reader.Config, flags.options(given))
        with Terminal(quiet) as terminal:
            done = converting.convert(files, to, layout, config, terminal.progress, terminal.say)
        if json:
            Terminal.json({"written": done.rows, "says": list(done.says)})
        else:
            lines = [f"written: {name}, {rows:,} rows" for name, rows in done.rows.items()]
            Terminal.result("\n".join([*lines, *done.says]))
        return 0

    return run


def demo(stages: Mapping[str, Stage]) -> Callable[..., int]:
    """Simulate an export, read it like any other, and say where the report is."""

    def run(into: str = "", seed: int = 1, quiet: bool = False, json: bool = False) -> int:
        from concerted import simulate

        if seed < 0:
            raise SettingError(f"seed = {seed} cannot be used: give a whole number of at least 0")
        base = Path(into)
        case = base / "case"
        if base.exists() and (not base.is_dir() or any(base.iterdir())) and not (case / "case.json").exists():
            raise CaseError(f"{base} is not empty: name a folder that is empty or not there yet with --into")
        terminal = Terminal(quiet)
        source = base / "export" / f"seed-{seed}"
        source.mkdir(parents=True, exist_ok=True)
        posts = simulate.write_demo(source, seed)
        terminal.say(f"simulated export: {posts}")
        with terminal:
            findings = proceed(case, (posts,), {}, list(stages)[-1], terminal.progress, terminal.say, stages)
        assert findings is not None
        _show_findings(findings, case, json)
        return 0

    return run


def evaluate(data: str = "", seed: int = 1, quiet: bool = False, json: bool = False) -> int:
    """Run the labelled benchmark and show what was found, and what falsely."""
    from concerted import evaluating

    with Terminal(quiet) as terminal:
        rows = evaluating.evaluate(Path(data) if data else None, terminal.progress, seed=seed)
    if json:
        Terminal.json({"cases": rows})
    else:
        Terminal.result(evaluating.in_words(rows))
    return 0


def serve(
    case: str,
    port: int | None = None,
    handles: bool = False,
    largest: float = 4.0,
    browser: bool = False,
    quiet: bool = False,
    json: bool = False,
) -> int:
    """Show a case as a page on this machine until interrupted."""
    from concerted.web.serve import serve as listen

    if largest <= 0:
        raise SettingError(f"largest = {largest} cannot be used: give a number of gigabytes over 0")
    desk = serving.CaseDesk(Path(case), handles)
    terminal = Terminal(quiet)

    def ready(link: str) -> None:
        if json:
            Terminal.json({"case": case, "link": link})
        else:
            Terminal.result(link)
        sys.stdout.flush()
        terminal.say(
            "Open this link in a browser of this machine; whoever has it can read the case. End: Ctrl+C"
        )
        if browser:
            import webbrowser

            webbrowser.open(link)

    # Ctrl+C is how it is meant to end
    with contextlib.suppress(KeyboardInterrupt):
        listen(desk, ready, port, int(largest * 1e9))
    return 0


def show(kind: str, long: bool = False, json: bool = False) -> int:
    """List the members of a kind."""
    members = listing.members(kind)
    if json:
        Terminal.json(
            [{"name": name, "says": text.split("\n")[0], "text": text} for name, text in members.items()]
        )
    elif long:
        Terminal.result("\n\n".join(f"{name}\n{indent(text, '    ')}" for name, text in members.items()))
    else:
        width = max(map(len, members))
        Terminal.result(
            "\n".join(f"{name:<{width}}  {text.split(chr(10))[0]}" for name, text in members.items())
        )
    return 0
