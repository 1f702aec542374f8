"""Public samples, as odd as they come, go from file to report without a fault that a user would see."""

from __future__ import annotations

import json
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import data_dir

from concerted.cli import main
from concerted.findings import Findings

# what is odd in each: as the folder's own list of samples has it
SAMPLES = {
    "F02_x_api_v2/tweets_compliance.jsonl": "no posts",
    "F03_x_io_archive/synthetic_io_tweets_damaged_nul.csv": "a NUL byte, minutes only",
    "F04_ira/synthetic_nbc_users.csv": "profiles only",
    "F05_crowdtangle/synthetic_ct_facebook_pages_damaged_cp1252.csv": "another encoding",
    "F08_zeeschuimer/synthetic_zeeschuimer_threads_damaged_truncated.ndjson": "cut off",
    "F09_youtube/comment_threads_all_to_me.json": "one thread",
    "F11_telegram_desktop/synthetic_messages.html": "HTML",
    "F13_bluesky/synthetic_jetstream.jsonl": "a clock that lies",
    "F14_mastodon/synthetic_statuses.ndjson": "boosts without a text",
    "F15_tiktok/research_api_comments_traktok.json": "no authors",
    "F16_openmeasures/truth_social_hits.json": "few posts, markup",
    "peers/mangotree_hashtag_test_input.csv": "no post ids, no zone",
}


class Words(HTMLParser):
    """The text of a page as a reader sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.seen = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.hidden = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.hidden:
            self.hidden = ""

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.seen += f" {data}"


@pytest.mark.parametrize("name", SAMPLES)
def test_from_sample_to_report(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, case = data_dir("export_samples") / name, tmp_path / "case"
    zone = ["--timezone", "UTC"] if "no zone" in SAMPLES[name] else []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["detect", str(source), "--into", str(case), *zone]) == 0, capsys.readouterr().err
        told = capsys.readouterr()
        page, document = tmp_path / "report.html", tmp_path / "findings.json"
        assert main(["export", str(case), str(page), str(document)]) == 0
    found = Findings.from_json(document)
    assert "Traceback" not in told.err and "Warning" not in told.err
    assert "Read 1 file" in told.out and str(case / "report.html") in told.out
    # a handful of posts holds no more than chance explains
    assert not found.groups and not found.sets and not found.alone
    assert found.limits or json.loads(document.read_text("utf-8"))["notes"]
    words = Words()
    words.feed(page.read_text("utf-8"))
    assert source.name in words.seen
    for slip in (" nan ", " NaN ", " inf ", "Undefined", "{{", "None,"):
        assert slip not in words.seen, slip
