"""What a person may change from the page: verdicts, dropped files, a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from concerted.errors import ConcertedError, InputError
from concerted.web.desk import Desk
from concerted.web.inbox import keep, named
from concerted.web.show import path_of
from concerted.web.task import Task

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LARGEST = 1 << 16  # bytes of a form
ANSWER = "verdict"


class Steps:
    """The addresses that take POST. `failed` makes an answer of what went wrong."""

    def __init__(
        self, desk: Desk, task: Task, most: int, failed: Callable[[Request, int, str], Response]
    ) -> None:
        self._desk, self._task, self._most, self._failed = desk, task, most, failed

    def routes(self) -> list[Any]:
        from starlette.routing import Route

        return [
            Route(path, self._caught(step), methods=["POST"])
            for path, step in {
                "/groups/{key}/verdict": self._judge,
                "/run/files": self._drop,
                "/run/start": self._start,
                "/run/stop": self._stop,
            }.items()
        ]

    def _caught(self, step: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                done: Response = await step(request)
                return done
            except InputError as error:
                return self._failed(request, 400, str(error))
            except ConcertedError as error:
                return self._failed(request, 409, str(error))

        return answer

    async def _judge(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        form, key = await _form(request), request.path_params["key"]
        remark = form.get("remark", [""])[0].replace("\r\n", "\n")
        await run_in_threadpool(self._desk.judge, key, form.get(ANSWER, [""])[0], remark)
        return _back(f"{path_of('groups', key)}#verdict")

    async def _drop(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        length = request.headers.get("content-length", "")
        name = named(request.query_params.get("name", ""))
        folder = await run_in_threadpool(self._desk.inbox)
        size = int(length) if length.isdigit() else None
        path, written = await keep(folder, name, size, request.stream(), self._most)
        return JSONResponse({"file": path.name, "bytes": written})

    async def _start(self, request: Request) -> Response:
        form = await _form(request)
        folder = self._desk.inbox()
        paths = [folder / named(name) for name in form.get("file", [])]
        for path in paths:
            if not path.is_file():
                raise InputError(f"{path.name} was not dropped here: drop it first")
        if not paths and self._desk.findings() is None:
            raise InputError("no file is named: drop one first")
        options: dict[str, Any] = {}
        if form.get("timezone"):
            options["timezone"] = form["timezone"][0]
        if form.get("map"):
            options["map"] = _columns(form["map"][0])
        self._task.start(paths, options)
        return _back("/run")

    async def _stop(self, request: Request) -> Response:
        self._task.stop()
        return _back("/run")


def _columns(given: str) -> dict[str, str]:
    """Columns as they are given to --map: account=user,time=when."""
    parts = [part.partition("=") for part in given.split(",") if part.strip()]
    if any(not equals or not key.strip() for key, equals, _ in parts):
        raise InputError(f"{given!r} cannot be used: write it as account=user,time=when")
    return {key.strip(): column.strip() for key, _, column in parts}


async def _form(request: Request) -> dict[str, list[str]]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise InputError(f"this form is larger than {LARGEST:,} bytes: say less")
    try:
        return parse_qs(body.decode("utf-8"), max_num_fields=1000, strict_parsing=bool(body))
    except ValueError:
        raise InputError("this is no form: send fields as name=value in UTF-8") from None


def _back(path: str) -> Response:
    from starlette.responses import RedirectResponse

    return RedirectResponse(path, 303)
