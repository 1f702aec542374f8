"""A page served for a test, and questions to it without a browser."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concerted import privacy
from concerted.findings import Findings
from concerted.web.serve import MOST, prepare


@dataclass
class Site:
    """Where a page is served. `ask` sends the cookie and the right Host unless told otherwise."""

    host: str
    token: str

    @property
    def link(self) -> str:
        return f"http://{self.host}/?token={self.token}"

    @property
    def cookie(self) -> str:
        return f"concerted-{self.host.partition(':')[2]}={self.token}"

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer; a header given as None is not sent."""
        sent: dict[str, str | None] = {"host": self.host, "cookie": self.cookie}
        if method == "POST":
            sent["origin"] = f"http://{self.host}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", int(self.host.partition(":")[2]), timeout=20)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        if body is not None and "content-length" not in sent:
            sent["content-length"] = str(len(body))
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data

    def json(self, path: str) -> Any:
        """The JSON twin at a path, which must be there."""
        status, _, body = self.ask(path)
        assert status == 200, (status, body)
        return json.loads(body)


@contextmanager
def served(desk: Any, most: int = MOST) -> Iterator[Site]:
    """A case served on a free port while the block runs."""
    server, listener, link = prepare(desk, 0, most)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    host, _, token = link.removeprefix("http://").partition("/?token=")
    try:
        yield Site(host, token)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
    assert not thread.is_alive()


class Shelf:
    """A case that is a document and a folder; `detect` does what the test says."""

    name = "shelf"

    def __init__(
        self, findings: Findings | None, folder: Path, handles: bool = False, detect: Any = None
    ) -> None:
        self._findings = None if findings is None else privacy.redact(findings, handles)
        self._folder, self._detect = folder, detect
        self.judged: list[tuple[str, str, str]] = []

    def findings(self) -> Findings | None:
        return self._findings

    def judge(self, group: str, verdict: str, remark: str) -> None:
        self.judged.append((group, verdict, remark))

    def inbox(self) -> Path:
        return self._folder

    def detect(self, files: Sequence[Path], options: Mapping[str, Any], progress: Any, say: Any) -> None:
        self._detect(files, options, progress, say)
