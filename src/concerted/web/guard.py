"""Who may ask, and what every answer carries.

Other pages in the same browser, other programs on the machine and other machines must neither read the case
nor change it. So the page listens on the loopback address only, answers to its own name only (a foreign name
that resolves to this machine is refused), asks for a token that only the one who started it was told, and
takes changes only from its own pages.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # same-origin, not no-referrer: without a referrer browsers send Origin: null with forms
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=(), browsing-topics=()",
    "x-robots-tag": "noindex",
    "x-dns-prefetch-control": "off",
    "cache-control": "no-store",
}
METHODS = ("GET", "HEAD", "POST")
ASK = "Open the link that concerted serve printed. It holds the token without which nothing is shown."


class Guard:
    """An ASGI application around another: refuses whoever may not ask, and puts `HEADERS` on every answer."""

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app = app
        self._token = token
        # cookies know no ports: two cases served at once need two names
        self._cookie = f"concerted-{port}"
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._hosts |= {host.removesuffix(":80") for host in self._hosts if port == 80}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        refusal = self._refused(scope["method"], headers)
        if refusal:
            await _answer(send, *refusal)
        elif self._asked_with_token(scope):
            await self._let_in(scope, send)
        elif not self._known(headers):
            await _answer(send, 403, ASK)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _refused(self, method: str, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "This page answers to 127.0.0.1 only."
        if method not in METHODS:
            return 405, "Only GET, HEAD and POST are known here."
        if method == "POST" and headers.get("origin") != f"http://{host}":
            return 403, "Changes are taken from pages of this case only."
        return None

    def _known(self, headers: dict[str, str]) -> bool:
        # another service of this machine is the same site to a browser, whatever its port
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return False
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return self._cookie in cookies and self._same(cookies[self._cookie].value)

    def _asked_with_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return scope["method"] == "GET" and bool(given) and self._same(given)

    def _same(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def _let_in(self, scope: Scope, send: Send) -> None:
        """Keep the token in a cookie and go on without it in the address.

        By a page rather than by a redirect: after a redirect from a link in another window browsers hold
        back cookies that are strictly of the same site.
        """
        # one slash: two would name another host
        target = escape("/" + quote(scope["path"].lstrip("/\\")), quote=True)
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>concerted</title>'
            '<link rel="icon" href="/assets/icon.svg">'
            f'<meta http-equiv="refresh" content="0;url={target}"><p><a href="{target}">Go on</a></p></html>'
        )
        cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Strict; Path=/"
        await _answer(send, 200, page, "text/html; charset=utf-8", {"set-cookie": cookie})


async def _answer(
    send: Send,
    status: int,
    body: str,
    kind: str = "text/plain; charset=utf-8",
    more: dict[str, str] | None = None,
) -> None:
    data = body.encode()
    headers = {**HEADERS, **(more or {}), "content-type": kind, "content-length": str(len(data))}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": data})


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = [
                (name, value) for name, value in message["headers"] if name.decode().lower() not in HEADERS
            ]
            message["headers"] = own + [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        await send(message)

    return sending
