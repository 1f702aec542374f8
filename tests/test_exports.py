"""Exports: opened by what people open them with, the same bytes twice, and inert."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import networkx
import pandas
import pytest
from factory import findings

from concerted import registry, words
from concerted.errors import InputError, UnknownName
from concerted.exports import _figures, _show
from concerted.exports._lines import plain
from concerted.findings import Findings, Timeline

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "</bdi></td></table></style><style>*{display:none}</style>",
    '" onmouseover="alert(3) \' autofocus onfocus=alert(4)',
    "abc\u202egnp.exe\u2066x\u2069 \x00 \ud800 {{ 7 * 7 }} {% raw %}",
    '=HYPERLINK("https://evil.example";"x")',
]
LINKS = [
    "javascript:alert(5)",
    "https://news.example/a?b=1&c=<x>",
    "data:text/html,<script>alert(6)</script>",
]


class Page(HTMLParser):
    """Collects elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def page(found: Findings, path: Path, handles: bool = False) -> tuple[str, Page]:
    text = found.export(path / "report.html", handles)[0].read_text(encoding="utf-8")
    parsed = Page()
    parsed.feed(text)
    return text, parsed


@pytest.fixture
def hostile() -> Findings:
    return findings(texts=HOSTILE, links=LINKS, sentence="<b onclick=alert(7)>bold</b>")


def nothing() -> Findings:
    return msgspec.structs.replace(
        findings(), groups=[], alone=[], sets=[], leads=[], explained=[], unresolved=[], timelines=[]
    )


def test_report_is_one_inert_file(hostile: Findings, tmp_path: Path) -> None:
    text, parsed = page(hostile, tmp_path, handles=True)
    assert not parsed.wrong and not parsed.open, (parsed.wrong, parsed.open)
    names = {tag for tag, _ in parsed.tags}
    assert not names & {"script", "img", "iframe", "object", "form", "input", "b", "audio", "video"}
    assert sum(tag == "style" for tag, _ in parsed.tags) == 1
    for tag, attributes in parsed.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("href", "src"):
            target = attributes.get(name) or ""
            assert not target or target.startswith(("#", "https://", "data:,")), target
        if (attributes.get("href") or "").startswith("http"):
            assert attributes["rel"] == "noopener noreferrer nofollow"
    policy = next(a["content"] for t, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None and policy is not None and "unsafe" not in policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;")
    assert "{{ 7 * 7 }}" in text and "javascript:alert(5)" in text


def test_report_shows_what_turns_text_around(hostile: Findings, tmp_path: Path) -> None:
    text, _ = page(hostile, tmp_path)
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00")
    assert '<span class="ctl" title="right-to-left override">U+202E</span>gnp.exe' in text
    assert '<bdi dir="auto">abc' in text


def test_report_says_in_words_what_was_found(tmp_path: Path) -> None:
    text, parsed = page(findings(), tmp_path)
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    assert "6 accounts acted together with others more than chance explains, 5 of them in 2 groups." in plain
    assert "no more than 5 % are expected to be there by mistake" in plain
    assert "Leads are no findings and have no error rate." in plain
    assert "1,200 records read, 12 left out." in plain and "11: no time" in plain
    assert plain.index("What speaks against") < plain.index("The posts behind it")
    assert "2020-03-01 09:30:00 UTC" in plain and "export.csv:2" in plain
    assert "ab" * 32 in plain
    assert "Coordination is no proof of inauthenticity" in plain
    for word in ("bot ", "troll", "guilty", "fake"):
        assert word not in plain.lower(), word
    targets = {a["id"] for _, a in parsed.tags if a.get("id")}
    assert {a["href"][1:] for t, a in parsed.tags if (a.get("href") or "").startswith("#")} <= targets
    assert len(targets) == sum(bool(a.get("id")) for _, a in parsed.tags), "ids are unique"
    pictures = [a for t, a in parsed.tags if t == "svg"]
    assert len(pictures) == 4, "a network, a course and two passages; two accounts need no network"
    assert all(a["role"] == "img" and set((a["aria-labelledby"] or "").split()) <= targets for a in pictures)


def test_report_of_nothing_says_what_would_have_been_found(tmp_path: Path) -> None:
    text, _ = page(nothing(), tmp_path)
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    assert "Nothing here. No account acted together with others more than chance explains." in plain
    assert "does not show that nothing was there. A group of 5 accounts that share 12 links" in plain
    assert "No group was found." in plain


def test_handles_are_shown_only_when_asked(tmp_path: Path) -> None:
    closed, _ = page(findings(), tmp_path)
    assert "Name_0x" not in closed and "status/" not in closed.replace("/status/…", "")
    opened, _ = page(findings(), tmp_path, handles=True)
    assert "@Name_0x" in opened and "@Name_9x" not in opened
    assert 'class="named" href="https://x.com/Name_0x/status/' in opened
    assert "members of groups also show their handles" in opened


@pytest.mark.parametrize(
    "name", [f"r{suffix}" for one in registry.everything("exports").values() for suffix in one.suffixes[:1]]
)
def test_same_findings_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        written = findings().export(tmp_path / folder / name)
        assert sorted(written) == sorted((tmp_path / folder).iterdir()), "all files are named"
        assert written[0] == tmp_path / folder / name
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        assert str(datetime.now(UTC).year).encode() not in path.read_bytes()


def test_json_reads_again_and_names_nobody(tmp_path: Path) -> None:
    again = Findings.from_json(findings().export(tmp_path / "f.json")[0])
    assert again.groups[0].accounts[0].account == "G1-01"
    assert again.pseudonyms == {} and "Name_0x" not in again.to_json().decode()
    again.export(tmp_path / "again.html")


@pytest.mark.parametrize("shape", [{}, {"groups": {"a": 1}}, {"limits": 3, "made": None}])
def test_a_newer_document_is_refused_whatever_its_shape(shape: dict[str, object], tmp_path: Path) -> None:
    path = findings().export(tmp_path / "f.json")[0]
    newer = {**json.loads(path.read_bytes()), "format": 2, **shape}
    path.write_text(json.dumps(newer), encoding="utf-8")
    with pytest.raises(InputError, match=r"f\.json: findings of format 2, .* update concerted"):
        Findings.from_json(path)


def test_csv_opens_in_a_spreadsheet(hostile: Findings, tmp_path: Path) -> None:
    path = hostile.export(tmp_path / "found.csv")[0]
    accounts = pandas.read_csv(path)
    assert list(accounts["account"][:5]) == ["G1-01", "G1-02", "G1-03", "G2-01", "G2-02"]
    assert list(accounts["answer"].unique()) == ["found", "member of a set", "explained", "unresolved"]
    evidence = pandas.read_csv(tmp_path / "found.evidence.csv")
    assert len(evidence) == 21 and evidence["time_1_utc"][0] == "2020-03-01 09:30:00"
    ties = pandas.read_csv(tmp_path / "found.ties.csv")
    assert set(ties["window_s"]) == {0, 60} and ties["q"].max() < 1e-7
    assert list(ties.columns[:2]) == ["answer", "group"]
    assert set(ties["answer"][ties["group"].notna()]) == {"found"}
    assert set(ties["answer"][ties["group"].isna()]) <= {"found", "explained", "unresolved"}
    assert set(evidence["answer"][evidence["group"].str.startswith("around E")]) <= {"explained"}
    of_sets = evidence[evidence["group"].isin([one.id for one in hostile.sets])]
    assert set(of_sets["answer"]) <= {"a set", "an unresolved set"} and len(of_sets)
    said = pandas.read_csv(tmp_path / "found.said.csv")["about"]
    for one in hostile.sets:
        kind = "a set" if one.answer == "found" else "an unresolved set"
        assert f"{one.id} ({kind})" in set(said)


def test_gexf_opens_in_network_tools(tmp_path: Path) -> None:
    graph = networkx.read_gexf(findings().export(tmp_path / "g.gexf", handles=True)[0])
    assert sorted(graph) == ["A01", "G1-01", "G1-02", "G1-03", "G2-01", "G2-02"]
    assert graph.nodes["G1-01"]["handle"] == "Name_0x" and graph.nodes["G2-01"]["group"] == "c-b"
    edge = graph.edges["G1-01", "G1-02"]
    assert edge["traces"] == "link, reshare" and edge["together"] == 12 and edge["q"] == 2e-8
    assert graph.number_of_edges() == 4


def test_gexf_holds_what_xml_allows(tmp_path: Path) -> None:
    assert plain("a\x00b\x0b\ud800\ufffe\U0001f600\n") == "ab\U0001f600\n"
    path = findings(handles=[f"na\x01me\ufffe_{n}" for n in range(12)]).export(
        tmp_path / "g.gexf", handles=True
    )[0]
    assert networkx.read_gexf(path).nodes["G1-01"]["handle"] == "name_0"
    networkx.read_gexf(nothing().export(tmp_path / "none.gexf")[0])


def test_unknown_ending_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"there are: .*\.csv.*\.gexf.*\.html.*\.json"):
        findings().export(tmp_path / "report.docx")
    with pytest.raises(UnknownName, match=r"did you mean '\.html'"):
        findings().export(tmp_path / "report.htmll")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " https://a.example",
        "https://a.example/\u202e",
        "https://x.com/[T01]/status/…",
        "file:///etc/passwd",
        "//a.example",
        "https://",
        "http://[x",
        'https://a.example/"onclick=',
    ],
)
def test_odd_addresses_are_no_links(address: str) -> None:
    assert "<a" not in _show.linked(address)


def test_web_addresses_are_links() -> None:
    assert _show.linked("https://a.example/?q=1&b=<2>".replace("<2>", "2")).startswith(
        '<a href="https://a.example/?q=1&amp;b=2" rel="noopener noreferrer nofollow">'
    )


def test_figures_stay_inside_their_frames() -> None:
    group = findings().groups[0]
    net = _figures.network(group)
    assert len(net.lines) == 3 and len(net.dots) == 3
    assert all(0 < dot.x < _figures.WIDTH and 0 < dot.y < _figures.HEIGHT for dot in net.dots)
    line = Timeline("g", datetime(2020, 1, 1, tzinfo=UTC), 3600, [1, 0, 4], [0, 0, 9])
    bars = _figures.chart(line).bars
    assert len(bars) == 2 and all(bar.together <= bar.all for bar in bars)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2e-9, "2 × 10⁻⁹"),
        (0.0312, "0.0312"),
        (0.0, "0"),
        (1, "1"),
        (12345.6, "12,346"),
        (None, "not available"),
    ],
)
def test_numbers_are_readable(value: float | None, said: str) -> None:
    assert words.small(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (10, "10 s"),
        (60, "60 s"),
        (600, "10 min"),
        (3600, "1 h"),
        (21600, "6 h"),
        (86400, "1 day"),
        (4.5, "4.5 s"),
    ],
)
def test_lengths_of_time_are_readable(seconds: float, said: str) -> None:
    assert words.span(seconds) == said
