"""The report in a real browser: hostile text does nothing, nothing is asked of the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factory import findings

CHROMIUM = next(
    (path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None
)
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
EVIL = "https://evil.example"
HOSTILE = [
    f"<script>window.ran=1;document.title='ran'</script><img src='{EVIL}/a.png' onerror='window.ran=1'>",
    f"<svg onload=window.ran=1><style>@import '{EVIL}/b.css';</style><iframe src=//evil.example>",
    f"<a href='javascript:window.ran=1' id=short autofocus onfocus=window.ran=1>x</a><base href='{EVIL}'>",
    f"</style></svg></title><meta http-equiv=refresh content='0;url={EVIL}'><body onload=window.ran=1>",
    "\u202eevil\u202c \u2067right\u2069 \x00\ud800 مرحبا",
]
LINKS = [
    "javascript:window.ran=1",
    "https://news.example/?a='><script>window.ran=1</script>",
    "data:text/html,x",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium in /usr/bin: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


def test_hostile_text_is_inert_and_nothing_is_fetched(browser: Any, tmp_path: Path) -> None:
    path = findings(texts=HOSTILE, links=LINKS, sentence=HOSTILE[0]).export(tmp_path / "r.html", handles=True)
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.goto(path.as_uri(), wait_until="load")
    # opening every part and hovering would set off handlers that wait for a reader
    page.add_style_tag(content="details::details-content { content-visibility: visible; block-size: auto }")
    for place in range(0, page.locator("td").count(), 7):
        page.locator("td").nth(place).hover(force=True, timeout=2000)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.title() == "Who acted together: a report by concerted"
    assert page.evaluate("() => window.ran === undefined")
    assert page.locator("script, iframe, img, object, base, [onload], [onfocus], [onerror]").count() == 0
    links = page.locator("a[href]").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) <= {"file:", "https:"}
    page.close()


def test_right_to_left_posts_read_from_the_right(browser: Any, tmp_path: Path) -> None:
    path = findings(texts=["مرحبا بكم في هذا", "hello"]).export(tmp_path / "r.html")
    page = browser.new_page()
    page.goto(path.as_uri())
    directions = page.locator(".text bdi").evaluate_all(
        "all => all.map(one => getComputedStyle(one).direction)"
    )
    assert set(directions) == {"rtl", "ltr"}
    page.close()


@pytest.mark.parametrize("width", [360, 1200])
def test_page_is_never_wider_than_the_window(browser: Any, tmp_path: Path, width: int) -> None:
    long = ["https://news.example/" + "a" * 300, "word" * 90]
    path = findings(texts=long, links=long[:1]).export(tmp_path / "r.html", handles=True)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, tmp_path: Path, scheme: str) -> None:
    """Contrast of body text and of softer text is at least 4.5 to 1 (WCAG 2.2, AA)."""
    path = findings().export(tmp_path / "r.html")
    page = browser.new_page(color_scheme=scheme)
    page.goto(path.as_uri())
    ratios = page.evaluate(
        """() => {
          const light = c => { const [r, g, b] = c.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b; };
          const ground = e => { for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor;
            if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
          return ['p', '.soft', 'a', '.against h4', '.badge', '.where', '.lead td', 'figcaption'].map(s => {
            const e = document.querySelector(s);
            const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
            return [s, (a + .05) / (b + .05)]; });
        }"""
    )
    assert all(ratio >= 4.5 for _, ratio in ratios), ratios
    page.close()


def test_closed_parts_say_so_on_paper(browser: Any, tmp_path: Path) -> None:
    path = findings().export(tmp_path / "r.html")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    height = "one => one.getBoundingClientRect().height"
    assert page.locator("details.printed li").first.evaluate(height) > 5
    closed = page.locator("details:not(.printed)").first
    note = "one => getComputedStyle(one, '::after').content"
    assert "closed: open it on screen to print it" in closed.locator("summary").first.evaluate(note)
    closed.evaluate("one => one.open = true")
    assert closed.locator("table").first.evaluate(height) > 20
    assert closed.locator("summary").first.evaluate(note) == "none"
    assert page.pdf(path=str(tmp_path / "r.pdf"))[:5] == b"%PDF-"
    page.close()
