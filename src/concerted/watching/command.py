"""What `concerted watch` does once its flags are read."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from concerted.engines import resources_of
from concerted.errors import SettingError
from concerted.flags import Flags
from concerted.keeper import Keeper, opened
from concerted.plan import Settings
from concerted.stages import Stage
from concerted.terminal import Terminal
from concerted.watching.alerts import Look
from concerted.watching.watch import Watch, follow_folder, follow_stream


def watch(stages: Mapping[str, Stage], flags: Flags) -> Callable[..., int]:
    """Take what appears in a folder or comes down a pipe into a case, and tell of groups."""

    def run(
        origin: str,
        into: str,
        once: bool = False,
        every: float = 10.0,
        lines: int = 100_000,
        seconds: float = 900.0,
        quiet: bool = False,
        json: bool = False,
        **given: Any,
    ) -> int:
        for name, value in (("every", every), ("lines", lines), ("seconds", seconds)):
            if value <= 0:
                raise SettingError(f"{name} = {value} cannot be used: give a number over 0")
        resources, options = resources_of(flags.options(given))
        routed = Settings.route(stages, options)
        terminal = Terminal(quiet)

        def tell(look: Look) -> None:
            if json:
                Terminal.line(look.told_of())
            for alert in look.alerts:
                if not json:
                    Terminal.result(f"{look.day} {alert.says}")
            sys.stdout.flush()
            terminal.say(look.says())

        # Ctrl+C is how it is meant to end
        with contextlib.suppress(KeyboardInterrupt), opened(into, True, "watch", resources) as (case, engine):
            keeper = Keeper(case, stages, routed, engine, terminal.progress, terminal.say)
            one = Watch(keeper, terminal.say, tell, stream=origin == "-")
            if origin == "-":
                follow_stream(one, case, sys.stdin.buffer, lines, seconds)
            else:
                follow_folder(one, Path(origin), every, once)
        return 0

    return run
