"""The report in a real browser: hostile text does nothing, nothing is asked of the network."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from factory import findings

EVIL = "https://evil.example"
HOSTILE = [
    f"<script>window.ran=1;document.title='ran'</script><img src='{EVIL}/a.png' onerror='window.ran=1'>",
    f"<svg onload=window.ran=1><style>@import '{EVIL}/b.css';</style><iframe src=//evil.example>",
    f"<a href='javascript:window.ran=1' id=short autofocus onfocus=window.ran=1>x</a><base href='{EVIL}'>",
    f"</style></svg></title><meta http-equiv=refresh content='0;url={EVIL}'><body onload=window.ran=1>",
    "\u202eevil\u202c \u2067right\u2069 \x00\ud800 مرحبا",
]
CORPUS = [
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg/onload=window.ran=1>",
    "<svg><style>*{display:none}</style><animate onbegin=window.ran=1 attributeName=x dur=1s>",
    "<math><mtext></table></mtext><mglyph><style><img src=x onerror=window.ran=1>",
    "</title></style></textarea></noscript></template><script>window.ran=1</script>",
    "--><script>window.ran=1</script><!--",
    "]]><script>window.ran=1</script>",
    "' onmouseover='window.ran=1' style='position:fixed;inset:0",
    '" autofocus onfocus="window.ran=1" x="',
    "`${window.ran=1}` {{ self }} {% include 'x' %}",
    "javascript:window.ran=1",
    "java\tscript:window.ran=1",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "<details open ontoggle=window.ran=1><summary>x",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<form action=https://evil.example><button autofocus>x",
    "<link rel=stylesheet href=//evil.example/a.css><meta http-equiv=refresh content=0;url=//evil.example>",
    "&lt;script&gt;window.ran=1&lt;/script&gt; &#60;script&#62;",
    "\u202e\u2066<b>\u2069\ufeff\x00\x1b]0;x\x07",
    "＜script＞window.ran=1＜/script＞",
]
LINKS = [
    "javascript:window.ran=1",
    "https://news.example/?a='><script>window.ran=1</script>",
    "data:text/html,x",
]


@pytest.mark.parametrize("hostile", CORPUS)
def test_no_markup_of_strangers_lives(browser: Any, tmp_path: Path, hostile: str) -> None:
    """Every text of the corpus in every place where strangers' text can stand."""
    ids = [f"{hostile}{place}" for place in range(12)]
    found = findings(accounts=ids, handles=ids, texts=[hostile], links=[hostile], sentence=hostile)
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.goto(found.export(tmp_path / "r.html", handles=True)[0].as_uri(), wait_until="load")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("() => window.ran === undefined")
    assert (
        page.locator("script, iframe, img, object, embed, base, form, input, audio, video, math").count() == 0
    )
    assert page.locator("style").count() == 1 and page.locator("[style]").count() == 0
    handlers = (
        "() => [...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => /^on/.test(a.name)))"
    )
    assert not page.evaluate(handlers)
    # everything strangers wrote stands inside the parts of ours
    assert page.evaluate("() => document.body.children.length") == 4
    page.close()


def test_hostile_text_is_inert_and_nothing_is_fetched(browser: Any, tmp_path: Path) -> None:
    path = findings(texts=HOSTILE, links=LINKS, sentence=HOSTILE[0]).export(
        tmp_path / "r.html", handles=True
    )[0]
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.goto(path.as_uri(), wait_until="load")
    # opening every part and hovering would set off handlers that wait for a reader
    page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
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
    path = findings(texts=["مرحبا بكم في هذا", "hello"]).export(tmp_path / "r.html")[0]
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
    path = findings(texts=long, links=long[:1]).export(tmp_path / "r.html", handles=True)[0]
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, tmp_path: Path, scheme: str) -> None:
    """Contrast of body text and of softer text is at least 4.5 to 1 (WCAG 2.2, AA)."""
    path = findings().export(tmp_path / "r.html")[0]
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
    path = findings().export(tmp_path / "r.html")[0]
    page = browser.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    height = "one => one.getBoundingClientRect().height"
    assert page.locator("details.printed li").first.evaluate(height) > 5
    closed = page.locator("#methods details")
    note = "one => getComputedStyle(one, '::after').content"
    assert "closed: open it on screen to print it" in closed.locator("summary").evaluate(note)
    closed.evaluate("one => one.open = true")
    assert closed.locator("summary").evaluate(note) == "none"
    pair = page.locator("#sets details.pair").first
    assert pair.evaluate(height) == 0 and page.locator("#sets .onpaper").first.evaluate(height) > 5
    assert "1 pair with posts folded on screen" in page.locator("#sets .onpaper").first.inner_text()
    pair.evaluate("one => one.open = true")
    assert pair.locator("table").evaluate(height) > 20
    assert page.pdf(path=str(tmp_path / "r.pdf"))[:5] == b"%PDF-"
    page.close()


def test_keyboard_reaches_everything(browser: Any, tmp_path: Path) -> None:
    path = findings().export(tmp_path / "r.html")[0]
    page = browser.new_page()
    page.goto(path.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("one => one.open")
    wide = page.locator(".wide").evaluate_all("all => all.map(e => [e.tabIndex, e.role, e.ariaLabel])")
    assert all(tab == 0 and role == "group" and label for tab, role, label in wide)
    for picture in page.locator("svg").all():
        for name in ("aria-labelledby", "aria-describedby"):
            for key in (picture.get_attribute(name) or "").split():
                assert len(page.locator(f"#{key}").text_content()) > 10
    page.close()


def test_marks_name_what_hides(browser: Any, tmp_path: Path) -> None:
    """Letters of other alphabets and characters without width are seen, heard and printed."""
    texts = ["p\u0430yp\u0430l a\u200bb \U000e0041 fa\u200dke zalgo" + "\u0301" * 60, "plain"]
    path = findings(texts=texts, links=["https://xn--pypal-4ve.example/a"]).export(tmp_path / "r.html")[0]
    page = browser.new_page()
    page.goto(path.as_uri())
    shown = page.locator(".text").filter(has_text="yp").first
    shown.scroll_into_view_if_needed()  # what is out of sight need not be laid out yet
    text = shown.inner_text()
    for mark in ("Cyrillic among other letters", "U+200B", "U+E0041", "U+200D"):
        assert mark in text
    assert page.get_by_text("reads p\u0430ypal.example").count()
    page.close()


def test_paper_has_headers_and_whole_rows(browser: Any, tmp_path: Path) -> None:
    path = findings().export(tmp_path / "r.html")[0]
    page = browser.new_page()
    page.goto(path.as_uri())
    data = page.pdf(path=str(tmp_path / "r.pdf"), format="A4", prefer_css_page_size=True)
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: apt-get install poppler-utils")
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "r.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    sheets = text.rstrip("\f").split("\f")
    assert len(data) > 10_000 and len(sheets) > 4
    for number, sheet in enumerate(sheets, 1):
        assert "Who acted together more than chance explains" in sheet
        assert "pseudonyms · times in UTC" in sheet
        assert "Acting together is no proof of deceit. Read what speaks against." in sheet
        assert f"{number} of {len(sheets)}" in sheet
    starts = [sheet for sheet in sheets if re.search(r"^ *Group \d:", sheet, re.MULTILINE)]
    assert len(starts) == 2, "a group to a page"
    page.close()


def test_a_hundred_groups_stay_readable(browser: Any, tmp_path: Path) -> None:
    """What is not listed is counted, and the file stays small."""
    one = findings()
    big = one.groups[0]
    many = msgspec.structs.replace(
        one,
        groups=[msgspec.structs.replace(big, id=f"c-{n}", evidence=big.evidence * 20) for n in range(130)],
        explained=one.explained * 300,
        timelines=[msgspec.structs.replace(one.timelines[0], subject=f"c-{n}") for n in range(130)],
    )
    path = many.export(tmp_path / "r.html")[0]
    assert path.stat().st_size < 6_000_000
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.locator("article.group").count() == 120
    text = page.locator("main").text_content()
    assert "10 further groups are not listed here" in text
    assert "200 further accounts are not listed here" in text
    assert text.count("58 further pairs with their posts are not listed here") == 120
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_accessibility(browser: Any, tmp_path: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = browser.new_page(color_scheme=scheme)
    page.goto(findings(texts=["مرحبا بكم", "hello"]).export(tmp_path / "r.html")[0].as_uri())
    page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.run(page).response["violations"]
    assert not [
        (one["id"], one["nodes"][0]["html"][:200])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    page.close()
