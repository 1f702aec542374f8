"""Listens on the loopback address of this machine, and on no other."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from concerted.errors import MissingExtra, SettingError
from concerted.web.desk import Desk

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
PORT = 8737
MOST = 4_000_000_000


def serve(desk: Desk, ready: Callable[[str], None], port: int | None = None, most: int = MOST) -> None:
    """Serve a case until interrupted. `ready` is told the link that opens it, token included.

    Without a port the usual one is taken, or a free one where that is in use. `most` bounds the bytes of one
    dropped file. Raises SettingError where the port is in use, MissingExtra without the server.
    """
    server, listener, link = prepare(desk, port, most)
    with listener:
        ready(link)
        server.run(sockets=[listener])


def prepare(
    desk: Desk, port: int | None = None, most: int = MOST
) -> tuple[uvicorn.Server, socket.socket, str]:
    """The server of a case, the socket it is to run on, and the link that opens it; raises as `serve`."""
    for library in ("starlette", "uvicorn"):
        if find_spec(library) is None:
            raise MissingExtra(library, "web")
    import uvicorn

    from concerted.web.app import build

    listener = _listening(port)
    taken = int(listener.getsockname()[1])
    token = secrets.token_urlsafe(32)
    config = uvicorn.Config(
        build(desk, token, taken, most),
        lifespan="off",
        ws="none",
        # lines of an access log would hold the token
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=64,
    )
    return uvicorn.Server(config), listener, f"http://{HOST}:{taken}/?token={token}"


def _listening(port: int | None) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        # the same port again right after the last run, so that links go on leading somewhere
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, PORT if port is None else port))
    except (OSError, OverflowError):
        if port is not None:
            listener.close()
            raise SettingError(
                f"port {port} cannot be used: name another one, or --port 0 for any that is free"
            ) from None
        listener.bind((HOST, 0))
    # so that whoever opens the link at once waits, and is not turned away
    listener.listen()
    return listener
