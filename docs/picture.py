"""Takes the pictures of the documents from the demo: `uv run python docs/picture.py`.

Needs Chromium and the extra `web`. What is shown is simulated.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 960, 715
FOLDER = Path(__file__).resolve().parent / "images"


def main() -> int:
    """Makes the demo, opens its report and its local page, and writes the pictures. Returns the exit code."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    from playwright.sync_api import Page, sync_playwright

    concerted = [sys.executable, "-m", "concerted"]

    def take(page: Page, name: str) -> None:
        FOLDER.mkdir(exist_ok=True)
        page.screenshot(path=FOLDER / name)
        print(f"docs/images/{name}: {(FOLDER / name).stat().st_size:,} bytes")

    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        demo = [*concerted, "demo", "--quiet", "--into", folder]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [*concerted, "serve", str(case), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert server.stdout is not None
            link = _first_answer(server)["link"]
            with sync_playwright() as playwright:
                window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
                page = window.new_page(
                    viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", reduced_motion="reduce"
                )
                page.goto((case / "report.html").as_uri())
                # the newsroom: found, and spoken for
                group = page.get_by_role("heading", name=re.compile("^Group 4: 5 accounts"))
                group.evaluate("title => { title.scrollIntoView(); scrollBy(0, -30) }")
                take(page, "report.png")
                page.goto(link)
                page.get_by_role("link", name=re.compile("^Group 2")).first.click()
                page.locator("canvas").first.evaluate("drawing => drawing.scrollIntoView({block: 'end'})")
                page.wait_for_load_state("networkidle")
                take(page, "page.png")
                page.locator("a[href*='/ties/']").first.click()
                take(page, "posts.png")
                window.close()
        finally:
            server.terminate()
            server.wait()
    return 0


def _first_answer(server: subprocess.Popen[str]) -> dict[str, str]:
    """What the page says of itself once it listens: JSON over several lines."""
    text = ""
    assert server.stdout is not None
    for line in server.stdout:
        text += line
        try:
            return dict(json.loads(text))
        except json.JSONDecodeError:
            continue
    raise SystemExit("the local page did not start")


if __name__ == "__main__":
    sys.exit(main())
