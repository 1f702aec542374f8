"""Which address shows which page. Every page has a twin that ends in .json and holds the same values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import msgspec

from concerted.errors import ConcertedError, InputError
from concerted.exports import _show
from concerted.findings import Findings
from concerted.web import query as queries
from concerted.web.desk import Desk
from concerted.web.files import files
from concerted.web.guard import App, Guard
from concerted.web.show import Show
from concerted.web.steps import Steps
from concerted.web.task import Task
from concerted.web.views import Missing
from concerted.web.views.group import find, group, network, set_
from concerted.web.views.made import made
from concerted.web.views.outside import outside
from concerted.web.views.overview import overview
from concerted.web.views.pair import account, pair
from concerted.web.views.passages import passages
from concerted.web.views.search import Index
from concerted.web.views.targets import target, targets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

View = Callable[[Findings, queries.Query, Mapping[str, str]], dict[str, Any]]
NOTHING = "This case has no findings yet."


def build(desk: Desk, token: str, port: int, most: int) -> App:
    """The page of a case, guarded. `most` bounds the bytes of one file that may be dropped on it."""
    from starlette.applications import Starlette

    task, show = Task(desk), Show(desk.name)
    pages = _Pages(desk, show, task)
    routes = [*pages.routes(), *Steps(desk, task, most, pages.failed).routes()]
    return Guard(Starlette(routes=routes), token, port)


class _Pages:
    def __init__(self, desk: Desk, show: Show, task: Task) -> None:
        self._desk, self._show, self._task = desk, show, task
        self._files = files()
        self._index: tuple[Findings, Index] | None = None

    def routes(self) -> list[Any]:
        from starlette.routing import Route

        views: dict[str, tuple[str, View]] = {
            "/groups/{key}": ("group", lambda found, query, at: group(found, query, at["key"])),
            "/groups/{key}/ties/{a}/{b}": ("pair", _of_group),
            "/sets/{key}": ("set", lambda found, query, at: set_(found, query, at["key"])),
            "/sets/{key}/ties/{a}/{b}": ("pair", _of_set),
            "/outside": ("outside", lambda found, query, _: outside(found, query)),
            "/accounts/{name}": ("account", lambda found, query, at: account(found, query, at["name"])),
            "/targets": ("targets", lambda found, query, _: targets(found, query)),
            "/targets/{name}": ("target", lambda found, query, at: target(found, query, at["name"])),
            "/passages": ("passages", lambda found, query, _: passages(found, query)),
            "/search": ("search", lambda found, query, _: self._searched(found).search(query)),
            "/made": ("made", lambda found, *_: made(found)),
        }
        routes = [
            Route("/index.json", self._twin(_overview)),
            Route("/", self._page("overview", _overview)),
            Route("/groups/{key}/network.json", self._twin(lambda found, _, at: network(found, at["key"]))),
            Route("/run.json", self._state),
            Route("/run", self._run),
            Route("/leave", self._leave),
            Route("/assets/{name}", self._asset),
        ]
        for path, (template, view) in views.items():
            routes += [Route(f"{path}.json", self._twin(view)), Route(path, self._page(template, view))]
        return [*routes, Route("/{rest:path}", self._nowhere)]

    def failed(self, request: Request, status: int, says: str) -> Response:
        """An answer that says what went wrong, as a page or for a program."""
        from starlette.responses import HTMLResponse

        if request.url.path.endswith(".json") or "application/json" in request.headers.get("accept", ""):
            return _json({"error": says}, status)
        page = self._show.page("error", **{**self._common(request, None), "says": says, "status": status})
        return HTMLResponse(page, status)

    def _page(self, template: str, view: View) -> Callable[[Request], Response]:
        from starlette.responses import HTMLResponse

        def answer(request: Request) -> Response:
            def page(found: Findings, query: queries.Query, data: dict[str, Any]) -> Response:
                whole = find(found.groups, data["id"]) if template == "group" else None
                values = {**self._common(request, found), **data, "query": query, "group": whole}
                return HTMLResponse(self._show.page(template, **values))

            return self._answer(request, view, page)

        return answer

    def _twin(self, view: View) -> Callable[[Request], Response]:
        return lambda request: self._answer(request, view, lambda found, query, data: _json(data))

    def _answer(
        self,
        request: Request,
        view: View,
        form: Callable[[Findings, queries.Query, dict[str, Any]], Response],
    ) -> Response:
        try:
            found = self._desk.findings()
            if found is None:
                if request.url.path == "/":
                    return self._run(request)
                return self.failed(request, 404, NOTHING)
            query = queries.read(request.query_params)
            return form(found, query, view(found, query, request.path_params))
        except Missing as error:
            return self.failed(request, 404, str(error))
        except InputError as error:
            return self.failed(request, 400, str(error))
        except ConcertedError as error:
            return self.failed(request, 409, str(error))

    def _common(self, request: Request, found: Findings | None) -> dict[str, Any]:
        """What every page shows: where it is, where its twin is, whether handles are shown, what there is."""
        path = quote(request.scope["path"], safe="/", errors="replace")
        privacy = found.made.settings.get("privacy", {}) if found else {}
        twin = ("/index" if path == "/" else path) + ".json"
        return {
            "path": path,
            "twin": f"{twin}?{request.url.query}" if request.url.query else twin,
            "handles": bool(privacy.get("handles_of_group_members_shown", False)),
            "running": self._task.state()["state"] == "running",
            "query": queries.Query(),
            "addressed": bool(found and found.targets),
            "seen": bool(found and found.passages),
        }

    def _searched(self, found: Findings) -> Index:
        kept = self._index
        if kept is None or kept[0] is not found:
            kept = self._index = (found, Index(found))
        return kept[1]

    def _state(self, request: Request) -> Response:
        return _json(self._task.state())

    def _run(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse

        try:
            found = self._desk.findings()
        except ConcertedError as error:
            return self.failed(request, 409, str(error))
        values = {**self._common(request, found), "task": self._task.state(), "empty": found is None}
        return HTMLResponse(self._show.page("run", **values))

    def _leave(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse

        to = request.query_params.get("to", "")
        if not _show.safe(to):
            return self.failed(request, 400, "This is no address of the web.")
        values = {**self._common(request, None), "to": to, "plain": _plain(to)}
        return HTMLResponse(self._show.page("leave", **values))

    def _asset(self, request: Request) -> Response:
        from starlette.responses import Response

        known = self._files.get(request.path_params["name"])
        if known is None:
            return self.failed(request, 404, "There is no such file.")
        return Response(known[0].read_bytes(), media_type=known[1])

    def _nowhere(self, request: Request) -> Response:
        return self.failed(request, 404, "There is no such page.")


def _overview(found: Findings, query: queries.Query, _: Mapping[str, str]) -> dict[str, Any]:
    return overview(found, query)


def _of_group(found: Findings, query: queries.Query, at: Mapping[str, str]) -> dict[str, Any]:
    return pair(found, query, find(found.groups, at["key"]).id, at["a"], at["b"])


def _of_set(found: Findings, query: queries.Query, at: Mapping[str, str]) -> dict[str, Any]:
    return pair(found, query, find(found.sets, at["key"]).id, at["a"], at["b"])


def _plain(address: str) -> str:
    """The address with its host as computers write it, in which no letter looks like another."""
    parts = urlsplit(address)
    try:
        host = (parts.hostname or "").encode("idna").decode()
    except UnicodeError:
        return address
    return address.replace(parts.netloc, f"{host}:{parts.port}" if parts.port else host, 1)


def _json(value: Any, status: int = 200) -> Response:
    from starlette.responses import Response

    data = msgspec.json.format(msgspec.json.encode(value), indent=1)
    return Response(data, status, media_type="application/json")
