"""Who may ask the local page, and what every answer carries."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from factory import findings
from hostile import LINKS, TEXTS
from serving import Shelf, Site, served

from concerted.errors import MissingExtra

PAGES = [
    "/",
    "/groups/c-a",
    "/groups/c-a/ties/G1-01/G1-02",
    "/sets/set-1",
    "/sets/set-1/ties/S1-01/S1-02",
    "/outside",
    "/accounts/E01",
    "/targets",
    "/targets/T01",
    "/passages",
    "/search?text=a",
    "/made",
]
# what pages are made of; nothing a stranger wrote may add to it
TAGS = {
    *("a", "b", "bdi", "body", "br", "button", "caption", "circle", "code", "desc", "details", "div"),
    *("fieldset", "figcaption", "figure", "footer", "form", "g", "h1", "h2", "h3", "head", "header", "html"),
    *(
        "input",
        "label",
        "legend",
        "li",
        "line",
        "link",
        "main",
        "meta",
        "nav",
        "noscript",
        "ol",
        "option",
        "p",
    ),
    *("path", "progress", "rect", "script", "section", "select", "span", "strong", "summary", "svg", "table"),
    *("tbody", "td", "text", "textarea", "th", "thead", "time", "title", "tr", "ul"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(Shelf(findings(), tmp_path_factory.mktemp("inbox"))) as one:
        yield one


@pytest.mark.parametrize("path", [*PAGES, "/run", "/index.json", "/assets/page.js", "/nowhere", "/run.json"])
def test_nothing_without_the_token(site: Site, path: str) -> None:
    for cookie in (None, "", f"{site.cookie[:-1]}", site.cookie.upper(), "concerted-1=" + site.token, ";=;"):
        status, _, body = site.ask(path, cookie=cookie)
        assert status == 403
        assert b"concerted serve printed" in body


def test_the_link_lets_in_and_the_token_leaves_the_address(site: Site) -> None:
    status, headers, body = site.ask(f"/?token={site.token}", cookie=None)
    assert status == 200
    assert headers["set-cookie"] == f"{site.cookie}; HttpOnly; SameSite=Strict; Path=/"
    assert b'url=/"' in body
    assert site.token.encode() not in body
    assert site.ask("/?token=wrong", cookie=None)[0] == 403
    assert site.ask(f"/?token={site.token}", "POST", b"", cookie=None)[0] == 403


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/%5cevil.example", '/"><script>x</script>', "///evil.example"]
)
def test_the_way_in_leads_nowhere_else(site: Site, path: str) -> None:
    status, _, body = site.ask(f"{quote(path, safe='/%')}?token={site.token}", cookie=None)
    assert status == 200
    (target,) = re.findall(r'content="0;url=([^"]*)"', body.decode())
    assert re.match(r"/(?![/\\])", target)
    assert "<script>" not in body.decode()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "127.0.0.1.evil.example:{port}",
        "",
        "[::1]:{port}",
    ],
)
def test_foreign_names_are_refused(site: Site, host: str) -> None:
    port = site.host.partition(":")[2]
    for path in ("/", f"/?token={site.token}", "/assets/page.css"):
        assert site.ask(path, host=host.format(port=port))[0] == 421
    assert site.ask("/", host=f"localhost:{port}")[0] == 200


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "https://{host}",
        "http://127.0.0.1:1",
        "http://{host}.evil.example",
    ],
)
def test_changes_come_from_own_pages_only(site: Site, origin: str | None) -> None:
    given = origin and origin.format(host=site.host)
    for path in ("/groups/c-a/verdict", "/run/start", "/run/stop", "/run/files?name=a.csv"):
        assert site.ask(path, "POST", b"verdict=stands", origin=given)[0] == 403


def test_other_services_of_this_machine_cannot_ask(site: Site) -> None:
    """To a browser they are the same site, and it sends them the cookie."""
    for kind in ("cross-site", "same-site"):
        assert site.ask("/", sec_fetch_site=kind)[0] == 403
    for kind in ("same-origin", "none"):
        assert site.ask("/", sec_fetch_site=kind)[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"])
def test_other_methods_are_refused(site: Site, method: str) -> None:
    assert site.ask("/", method)[0] in (400, 405)


def test_get_changes_nothing(site: Site) -> None:
    for path in ("/groups/c-a/verdict", "/run/start", "/run/stop", "/run/files"):
        assert site.ask(f"{path}?verdict=stands&name=a")[0] in (404, 405)


@pytest.mark.parametrize("path", [*PAGES, "/run", "/run.json", "/assets/page.js", "/nowhere", "/groups/none"])
def test_every_answer_carries_the_policy(site: Site, path: str) -> None:
    for cookie in (site.cookie, None):
        _, headers, _ = site.ask(path, cookie=cookie)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy and "http" not in policy and "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/assets/%2e%2e/%2e%2e/case.py",
        "/assets/....//app.py",
        "/assets/%2Fetc%2Fpasswd",
        "/assets/..%5c..%5capp.py",
        "/assets/page.css%00.js",
        "/assets/",
        "/assets/__init__.py",
        "/../../etc/passwd",
        "/groups/..%2f..%2ffindings.json",
        "/accounts/%2e%2e%2ffindings",
        "/findings.json",
        "/case.json",
    ],
)
def test_no_file_can_be_asked_for(site: Site, path: str) -> None:
    status, _, body = site.ask(path)
    assert status == 404
    assert b"def " not in body and b"root:" not in body


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_who_is_meant(site: Site, path: str) -> None:
    """Neither ids nor handles nor addresses of posts, in HTML and in its twin."""
    name, _, query = path.partition("?")
    twin = f"{'/index' if name == '/' else name}.json?{query}"
    for one in (path, twin, "/groups/c-a/network.json"):
        status, _, body = site.ask(one)
        assert status == 200
        text = body.decode()
        for real in ("x:70000", "7000000001", "Name_0x", "status/12345"):
            assert real not in text, (one, real)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "srcset", "formaction", "autofocus"):
                self.bad.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "data") and not re.match(r"/(?!/)|#|https?://", value or ""):
                self.bad.append(f"{tag} {name}={value}")
            if tag == "script" and name == "src" and not (value or "").startswith("/assets/"):
                self.bad.append(f"{tag} {name}={value}")


@pytest.mark.parametrize("handles", [False, True])
def test_hostile_text_becomes_no_markup(tmp_path: Path, handles: bool) -> None:
    names = [f"{text[:40]}{place}" for place, text in enumerate(TEXTS[:12])]
    seen = 0
    for start in range(0, len(TEXTS), 3):
        texts = TEXTS[start : start + 3]
        found = findings(texts=texts, links=LINKS, sentence=texts[0], handles=names)
        with served(Shelf(found, tmp_path, handles)) as site:
            more = [
                f"/search?text={quote(texts[0].encode('utf-8', 'replace')[:60])}",
                f"/groups/{quote(texts[0].encode('utf-8', 'replace'), safe='')}",
            ]
            for path in [*PAGES, *more]:
                status, headers, body = site.ask(path)
                assert status in (200, 400, 404), (path, body[:300])
                page = Tags()
                page.feed(body.decode())
                assert page.tags <= TAGS, (path, page.tags - TAGS)
                assert not page.bad, (path, page.bad)
                assert headers["content-type"] == "text/html; charset=utf-8"
                odd = re.search("[\x00\u202e\u202c\u2067\u2069\u200b\ufeff]", body.decode())
                assert odd is None, (path, body.decode()[odd.start() - 200 : odd.start()])
                seen += 1
            for path in ("/index.json", "/groups/c-a.json"):
                assert site.ask(path)[1]["content-type"] == "application/json"
    assert seen >= 100


def test_letters_of_another_script_are_marked(tmp_path: Path) -> None:
    with served(Shelf(findings(texts=["visit p\u0430ypal now"]), tmp_path)) as site:
        body = site.ask("/groups/c-a/ties/G1-01/G1-02")[2].decode()
    assert '<span class="odd" title="cyrillic small letter a">\u0430</span>ypal' in body


def test_leaving_is_a_page_of_its_own(site: Site, tmp_path: Path) -> None:
    odd = quote("https://p\u0430ypal.com/a")
    body = site.ask(f"/leave?to={odd}")[2].decode()
    assert "xn--pypal-4ve.com" in body
    assert 'rel="noopener noreferrer nofollow"' in body
    for bad in ("javascript:window.ran=1", "//evil.example", "", "data:text/html,x"):
        assert site.ask(f"/leave?to={quote(bad)}")[0] == 400
    with served(Shelf(findings(links=["https://news.example/a"]), tmp_path, True)) as open_:
        page = open_.ask("/groups/c-a/ties/G1-01/G1-02")[2].decode()
    outward = [href for href in re.findall(r'href="([^"]*)"', page) if "news.example" in href]
    assert outward and all(href.startswith("/leave?to=") for href in outward)


def test_a_port_in_use_is_said(site: Site) -> None:
    from concerted.errors import SettingError
    from concerted.web.serve import prepare

    port = int(site.host.partition(":")[2])
    with pytest.raises(SettingError, match=f"port {port} cannot be used.*--port 0"):
        prepare(Shelf(None, Path()), port)
    with pytest.raises(SettingError):
        prepare(Shelf(None, Path()), 700_000)


def test_it_listens_on_this_machine_only(site: Site) -> None:
    from concerted.web.serve import prepare

    server, listener, link = prepare(Shelf(None, Path()), 0)
    assert listener.getsockname()[0] == "127.0.0.1"
    assert len(link.partition("token=")[2]) >= 40
    assert server.config.access_log is False
    listener.close()


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "concerted", "serve", str(tmp_path / "case"), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        said = "".join(iter(process.stdout.readline, "}\n")) + "}"
        link = json.loads(said)["link"]
        host, _, token = link.removeprefix("http://").partition("/?token=")
        assert Site(host, token).ask("/")[0] == 200
        assert Site(host, token[1:]).ask("/")[0] == 403
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert token not in process.stderr.read()
    assert not (tmp_path / "case").exists()


def test_without_the_server_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from concerted.web import serve

    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'concerted\[web\]'"):
        serve.prepare(Shelf(None, tmp_path))
