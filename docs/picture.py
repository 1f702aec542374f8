"""Takes the picture of the README from a report of the demo: `uv run python docs/picture.py`.

Needs Chromium. What is shown is simulated.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 960, 715
TARGET = Path(__file__).resolve().parent / "images" / "report.png"


def main() -> int:
    """Makes the demo, opens its report at the first group, and writes the picture. Returns the exit code."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        demo = [sys.executable, "-m", "concerted", "demo", "--quiet", "--into", folder]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
        report = Path(folder) / "case" / "report.html"
        with sync_playwright() as playwright:
            window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = window.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.goto(report.as_uri())
            page.locator("#groups").evaluate("section => section.scrollIntoView()")
            TARGET.parent.mkdir(exist_ok=True)
            page.screenshot(path=TARGET)
            window.close()
    print(f"wrote {TARGET.relative_to(Path.cwd())}: {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
