"""The local page in a real browser: drilling down, filters, verdicts, dropped files, keyboard, dark, paper.

Screenshots go to the folder named by the environment variable CONCERTED_SHOTS, where it is set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from factory import findings
from hostile import LINKS, TEXTS
from serving import Shelf, Site, served

from concerted.case import Case
from concerted.findings import Findings, Line, Rhythm
from concerted.serving import CaseDesk

PAGES = [
    "/",
    "/groups/c-a",
    "/groups/c-a/ties/G1-01/G1-02",
    "/sets/set-1",
    "/outside",
    "/accounts/E01",
    "/targets",
    "/targets/T01",
    "/passages",
    "/search?text=read",
    "/made",
    "/run",
    "/leave?to=https://news.example/",
    "/nowhere",
]


def drawn(**given: Any) -> Findings:
    """The findings of the factory with lines and rhythms."""
    found = findings(**given)
    line = msgspec.structs.replace(found.timelines[0], subject="c-a")
    group = msgspec.structs.replace(
        found.groups[0],
        # the last pair met in the last step of the timeline only, the others in its first
        lines=[
            Line(0, 1, 12, ["link", "reshare"], "1"),
            Line(0, 2, 6, ["link"], "1"),
            Line(1, 2, 3, ["link"], "200"),
        ],
        rhythms=[Rhythm(member.account, [9, *range(23)]) for member in found.groups[0].accounts],
    )
    return msgspec.structs.replace(found, groups=[group, *found.groups[1:]], timelines=[line])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(Shelf(drawn(), tmp_path_factory.mktemp("inbox"))) as one:
        yield one


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Any:
    folder = os.environ.get("CONCERTED_SHOTS", "")

    def take(page: Any, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take


def entered(browser: Any, site: Site, **context: Any) -> Any:
    """A window that has followed the link; what it asks, says and refuses is in `page.seen`."""
    page = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context}).new_page()
    page.seen = []
    page.on("request", lambda one: page.seen.append(one.url))
    page.on("dialog", lambda one: page.seen.append(f"dialog {one.message}"))
    page.on("pageerror", lambda one: page.seen.append(f"error {one}"))
    page.on(
        "console",
        lambda one: one.type == "error" and "404" not in one.text and page.seen.append(f"error {one.text}"),
    )
    page.goto(site.link)
    page.wait_for_url(f"http://{site.host}/")
    return page


def go(page: Any, site: Site, path: str) -> None:
    page.goto(f"http://{site.host}{path}")


def follow(page: Any, name: str, *, role: str = "link", exact: bool = False) -> None:
    """Clicks what leads to another page, and waits for all of that: the address changes before."""
    page.get_by_role(role, name=name, exact=exact).first.click()
    page.wait_for_load_state()


def clean(page: Any, site: Site) -> None:
    """Nothing was asked of anybody else, and nothing went wrong."""
    assert [one for one in page.seen if not one.startswith(f"http://{site.host}/")] == []
    page.context.close()


def test_the_link_opens_the_page_and_the_address_forgets_the_token(
    browser: Any, site: Site, shot: Any
) -> None:
    page = entered(browser, site)
    assert site.token not in page.url
    assert page.locator("h1").inner_text() == "Who acted together more than chance explains"
    assert page.evaluate("document.cookie") == ""
    shot(page, "overview")
    stranger = browser.new_context().new_page()
    assert stranger.goto(f"http://{site.host}/groups/c-a").status == 403
    stranger.context.close()
    clean(page, site)


def test_from_the_overview_down_to_the_posts(browser: Any, site: Site, shot: Any) -> None:
    page = entered(browser, site)
    follow(page, "Group 1", exact=True)
    assert page.locator("h1").inner_text().startswith("Group 1: 3 accounts")
    assert page.get_by_role("heading", name="What speaks against").is_visible()
    page.locator(".network.drawn canvas").first.wait_for()
    shot(page, "group")
    follow(page, "G1-01 and G1-02")
    rows = page.locator("table.evidence tbody tr")
    assert rows.count() == 3
    assert rows.first.locator("time").all_inner_texts() == [
        "2020-03-01 09:30:00 UTC",
        "2020-03-01 09:30:04 UTC",
    ]
    shot(page, "posts")
    follow(page, "Group 1", exact=True)
    follow(page, "This page as JSON")
    assert '"G1-01"' in page.content()
    clean(page, site)


def test_from_a_group_to_whom_it_addressed_and_what_it_pushed(browser: Any, site: Site, shot: Any) -> None:
    page = entered(browser, site)
    go(page, site, "/groups/c-a")
    follow(page, "T01")
    assert page.locator("h1").inner_text() == "T01: 6 members, 8 posts"
    rows = page.locator("#results tbody tr")
    assert rows.count() == 7
    assert rows.first.locator("td").nth(2).inner_text() == "answers, first time"
    assert rows.first.locator("td").nth(3).inner_text().endswith("text 1, sent by several")
    assert "sent by several" not in rows.last.inner_text()
    shot(page, "addressed")
    page.get_by_label("Account").select_option("G1-01")
    page.get_by_text("2 of 7 posts.").wait_for()
    assert page.url.endswith("/targets/T01?account=G1-01")
    follow(page, "Set 1")
    assert page.locator("h1").inner_text().startswith("Set 1")
    follow(page, "First seen")
    things = page.locator("section.thing")
    assert things.count() == 2
    assert things.first.locator("figure rect.near").count() == 7  # a bar for each step with anybody
    assert things.first.locator("tbody th").all_inner_texts() == ["anybody", "members", "the list"]
    assert things.first.get_by_text("or up to 60 s later").is_visible()
    shot(page, "passages")
    page.get_by_label("Trace").select_option("media")
    page.get_by_text("1 of 2 things.").wait_for()
    clean(page, site)


def test_filters_work_at_once_and_have_a_link(browser: Any, site: Site) -> None:
    page = entered(browser, site)
    page.get_by_label("Accounts, at least").fill("3")
    page.get_by_text("1 of 2 groups.").wait_for()
    assert page.locator("table.groups tbody tr").count() == 1
    assert page.url.endswith("/?min=3")
    page.get_by_label("q at most").fill("much")
    page.get_by_role("alert").filter(has_text="q = 'much' cannot be used").wait_for()
    go(page, site, "/groups/c-a")
    page.get_by_label("Trace").select_option("reshare")
    page.get_by_text("1 of 4 ties.").wait_for()
    address = page.url
    assert "trace=reshare" in address
    page.goto(address)
    assert page.get_by_text("1 of 4 ties.").is_visible()
    follow(page, "Show all")
    assert page.get_by_text("4 ties.", exact=True).is_visible()
    page.seen = [one for one in page.seen if "400" not in one]
    clean(page, site)


def test_the_brush_narrows_ties_and_lines(browser: Any, site: Site, shot: Any) -> None:
    page = entered(browser, site)
    go(page, site, "/groups/c-a")
    page.locator(".network.drawn canvas").first.wait_for()
    box = page.locator(".brushed").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + 20, steps=4)
    page.mouse.up()
    page.get_by_text("2 of 4 ties.").wait_for()
    assert page.url.endswith("?from=2020-03-01T00%3A00&to=2020-03-02T23%3A59%3A59")
    assert page.get_by_label("From (UTC)").input_value() == "2020-03-01T00:00"
    shot(page, "brushed")
    # a click takes it away
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    page.get_by_text("4 ties.", exact=True).wait_for()
    assert "from" not in page.url
    clean(page, site)


def test_a_dot_chooses_a_member(browser: Any, site: Site) -> None:
    page = entered(browser, site)
    go(page, site, "/groups/c-a")
    page.locator(".network.drawn canvas").first.wait_for()
    left, top = page.evaluate("() => document.querySelector('[data-network]').network.seen('G1-03')")
    page.locator(".network canvas.canvas").click(position={"x": left, "y": top})
    page.get_by_text("2 of 4 ties.").wait_for()
    assert page.locator("select[name=account]").input_value() == "G1-03"
    clean(page, site)


def test_everything_by_keyboard(browser: Any, site: Site) -> None:
    page = entered(browser, site)

    def until(wanted: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                return
        raise AssertionError(f"{wanted} cannot be reached by Tab")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    until("table.groups a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/groups/c-a")
    page.locator(".network.drawn").wait_for()
    until(".stage")
    before = page.evaluate("() => document.querySelector('[data-network]').network.eye.centre()[0]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    eye = page.evaluate("() => document.querySelector('[data-network]').network.eye.centre()[0]")
    assert eye > before
    until(".handle")
    assert page.evaluate("document.activeElement.getAttribute('aria-valuetext')") == "2020-03-01 00:00:00 UTC"
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    page.get_by_text("0 of 4 ties.").wait_for()
    page.keyboard.press("Home")
    page.get_by_text("4 ties.", exact=True).wait_for()
    until("#results th a")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/ties/**")
    clean(page, site)


def test_a_verdict_given_on_the_page(browser: Any, tmp_path: Path, shot: Any) -> None:
    case = Case(tmp_path / "case", create=True)
    case.write("findings.json", drawn().to_json())
    with served(CaseDesk(case.path)) as own:
        page = entered(browser, own)
        go(page, own, "/groups/c-a")
        page.get_by_label("An innocent explanation fits").check()
        page.get_by_label("Remark").fill("<img src=x onerror=window.ran=1> one newsroom")
        page.get_by_role("button", name="Keep").click()
        page.wait_for_url("**/groups/c-a#verdict")
        assert page.get_by_label("Remark").input_value().startswith("<img src=x")
        assert page.locator("h1 .badge").inner_text() == "An innocent explanation fits"
        shot(page, "verdict")
        go(page, own, "/?verdict=explained")
        assert page.locator("table.groups tbody tr").count() == 1
        assert page.evaluate("() => window.ran === undefined")
        clean(page, own)
    assert [row["verdict"] for row in case.table("verdicts").rows()] == ["explained"]


def test_a_file_dropped_becomes_findings(browser: Any, tmp_path: Path, shot: Any) -> None:
    rows = ["account,time,url,post"]
    rows += [
        f"u{n % 7},2025-03-{1 + n % 20:02d}T10:{n % 60:02d}:{n % 59:02d}Z,https://a.example/{n % 9},p{n}"
        for n in range(200)
    ]
    export = tmp_path / "posts of March.csv"
    export.write_text("\n".join(rows), encoding="utf-8")
    with served(CaseDesk(tmp_path / "case")) as own:
        page = entered(browser, own)
        assert page.get_by_role("heading", name="Begin: drop an export here").is_visible()
        page.get_by_label("Choose files").set_input_files(export)
        page.get_by_role("button", name="Read and detect").click()
        page.get_by_text("Done.", exact=True).wait_for(timeout=120_000)
        assert "posts of March.csv" in page.locator(".lines").inner_text()
        shot(page, "run")
        follow(page, "See what was found")
        assert page.get_by_text("200 posts read").is_visible()
        # the same name with other content is refused, and said
        export.write_text("account,time\nx,2025-01-01T00:00:00Z", encoding="utf-8")
        go(page, own, "/run")
        page.get_by_label("Choose files").set_input_files(export)
        page.get_by_role("button", name="Read and detect").click()
        page.get_by_role("alert").filter(has_text="another file of the name").wait_for()
        page.seen = [one for one in page.seen if "400" not in one]
        clean(page, own)


def test_hostile_text_does_nothing(browser: Any, tmp_path: Path) -> None:
    names = [f"{text[:60]}{place}" for place, text in enumerate(TEXTS[:12])]
    for start in range(0, len(TEXTS), 8):
        texts = TEXTS[start : start + 8]
        found = drawn(texts=texts, links=LINKS, sentence=" ".join(texts), handles=names)
        with served(Shelf(found, tmp_path, handles=True)) as own:
            page = entered(browser, own)
            for path in PAGES[:11]:
                go(page, own, path)
                for each in page.locator("td").all()[:12]:
                    each.hover(force=True, timeout=2000)
                assert page.evaluate("() => window.ran === undefined")
                assert (
                    page.locator("iframe, img, object, embed, base, style, [onload], [onerror]").count() == 0
                )
                assert re.search("· shelf · concerted$", page.title())
            clean(page, own)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_accessibility(browser: Any, site: Site, scheme: str, shot: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = entered(browser, site, color_scheme=scheme)
    for path in PAGES:
        go(page, site, path)
        if path == "/groups/c-a":
            page.locator(".network.drawn").wait_for()
        found = axe.run(page).response["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert not serious, (path, serious)
        shot(page, f"{scheme}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-') or 'overview'}")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 27)")
    clean(page, site)


def test_narrow_windows_do_not_scroll_sideways(browser: Any, site: Site) -> None:
    page = entered(browser, site, viewport={"width": 360, "height": 800})
    for path in PAGES:
        go(page, site, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    clean(page, site)


def test_on_paper(browser: Any, site: Site, tmp_path: Path) -> None:
    page = entered(browser, site)
    go(page, site, "/groups/c-a")
    page.locator(".network.drawn").wait_for()
    page.emulate_media(media="print")
    assert page.locator(".network .still").is_visible()
    assert page.locator(".network .stage").is_hidden()
    for hidden in (".top nav", ".filters", "form.verdict", ".handle"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert page.pdf(path=tmp_path / "group.pdf")[:5] == b"%PDF-"
    clean(page, site)


def test_without_scripts_everything_can_be_read(browser: Any, site: Site) -> None:
    page = entered(browser, site, java_script_enabled=False)
    go(page, site, "/groups/c-a?trace=reshare")
    assert page.locator(".network .still").is_visible()
    assert page.get_by_text("1 of 4 ties.").is_visible()
    page.get_by_label("Trace").select_option("link")
    follow(page, "Filter", role="button")
    assert page.get_by_text("3 of 4 ties.").is_visible()
    clean(page, site)
