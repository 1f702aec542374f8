"""What the pages say, their twins, filters, search, verdicts, dropped files and runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from factory import START, findings
from serving import Shelf, Site, served

from concerted.case import Case
from concerted.errors import CaseError, InputError, SettingError, UnknownName
from concerted.explaining.verdicts import judged
from concerted.findings import Findings, Line, Rhythm
from concerted.serving import CaseDesk
from concerted.web import query

PAIR = "/groups/c-a/ties/G1-01/G1-02"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(Shelf(findings(), tmp_path_factory.mktemp("inbox"))) as one:
        yield one


def test_from_the_overview_to_the_posts(site: Site) -> None:
    groups = site.json("/index.json")["groups"]
    assert [one["accounts"] for one in groups] == [3, 2]
    group = site.json(f"/groups/{groups[0]['id']}.json")
    tie = group["ties"][0]
    both = site.json(f"/groups/{group['id']}/ties/{tie['a']}/{tie['b']}.json")
    assert (both["a"], both["b"]) == ("G1-01", "G1-02")
    row = both["acts"][0]
    assert (row["left"]["account"], row["right"]["account"]) == ("G1-01", "G1-02")
    assert row["left"]["time"] == "2020-03-01T09:30:00Z"
    assert row["right"]["time"] == "2020-03-01T09:30:04Z"
    page = site.ask(PAIR)[2].decode()
    assert "2020-03-01 09:30:00 UTC" in page and "2020-03-01 09:30:04 UTC" in page
    assert "export.csv:2" in page
    assert both["omitted"] == 7
    # the other way round it is the same page
    assert site.json("/groups/c-a/ties/G1-02/G1-01.json")["acts"] == both["acts"]


def test_why_and_against_stand_side_by_side(site: Site) -> None:
    page = site.ask("/groups/c-a")[2].decode()
    assert "96 occasions over 3 pairs" in page
    assert "openly declare automation" in page
    assert "openly declare automation" in site.ask(PAIR)[2].decode()


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("", ["c-a", "c-b"]),
        ("trace=link", ["c-a", "c-b"]),
        ("trace=text", []),
        ("min=3", ["c-a"]),
        ("max=2", ["c-b"]),
        ("min=2&max=3", ["c-a", "c-b"]),
        ("q=1e-4", ["c-a", "c-b"]),
        ("q=1e-5", []),
        ("q=0", []),
        ("from=2020-03-10", ["c-a", "c-b"]),
        ("from=2020-03-11", []),
        ("to=2020-03-01T09:29:59", []),
        ("to=2020-03-01", ["c-a", "c-b"]),
        ("verdict=none", ["c-a", "c-b"]),
        ("verdict=stands", []),
        ("skip=1", ["c-b"]),
        ("unknown=1", ["c-a", "c-b"]),
    ],
)
def test_groups_are_filtered(site: Site, asked: str, left: list[str]) -> None:
    assert [one["id"] for one in site.json(f"/index.json?{asked}")["groups"]] == left


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("", 4),
        ("trace=link", 3),
        ("trace=reshare", 1),
        ("account=G1-03", 2),
        ("account=G9", 0),
        ("q=1e-9", 0),
        ("from=2021-01-01", 0),
        ("to=2020-03-01", 2),
        ("trace=link&to=2020-03-01", 1),
        ("skip=3", 1),
    ],
)
def test_ties_are_filtered(site: Site, asked: str, left: int) -> None:
    assert len(site.json(f"/groups/c-a.json?{asked}")["ties"]) == left


def test_posts_are_filtered(site: Site) -> None:
    assert len(site.json(f"{PAIR}.json")["acts"]) == 3
    assert {act["trace"] for act in site.json(f"{PAIR}.json?trace=link")["acts"]} == {"link"}
    first = site.json(f"{PAIR}.json?to=2020-03-01T09:30:00")["acts"]
    assert [act["place"] for act in first] == [1, 2]
    late = site.json(f"{PAIR}.json?from=2020-03-02T09:30:04")["acts"]
    assert [act["place"] for act in late] == [2, 3]
    assert site.json(f"{PAIR}.json?from=2022-01-01")["acts"] == []


@pytest.mark.parametrize("asked", ["from=yesterday", "q=2", "q=much", "q=nan", "min=x", "text=" + "a" * 300])
def test_what_cannot_be_asked_is_said(site: Site, asked: str) -> None:
    status, _, body = site.ask(f"/index.json?{asked}")
    assert status == 400
    assert asked.partition("=")[0] in json.loads(body)["error"]
    assert site.ask(f"/?{asked}")[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/groups/none",
        "/sets/c-a",
        "/groups/set-1/ties/S1-01/S1-02",
        "/accounts/G1-01",
        "/groups/c-a/ties/G1-01/G2-01",
        "/targets/G1-01",
    ],
)
def test_what_is_not_there_is_said(site: Site, path: str) -> None:
    assert site.ask(path)[0] == 404
    status, _, body = site.ask(f"{path}.json")
    assert status == 404 and json.loads(body)["error"]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("", 7),
        ("account=G1-01", 2),
        ("account=E01", 0),
        ("to=2020-03-01T09:30:04", 0),
        ("from=2021-01-01", 0),
        ("skip=5", 2),
    ],
)
def test_posts_to_a_target_are_filtered(site: Site, asked: str, left: int) -> None:
    one = site.json(f"/targets/T01.json?{asked}")
    assert len(one["acts"]) == left
    assert (one["accounts"], one["posts"], one["listed"], one["omitted"]) == (6, 8, 7, 1)


def test_whom_members_addressed_is_a_pseudonym_and_who_else_did_is_not_told(tmp_path: Path) -> None:
    found = findings()
    real = found.targets[0].account.removeprefix("x:"), "Name_11x"
    assert all(name.encode() in found.to_json() for name in real)
    with served(Shelf(found, tmp_path, handles=True)) as site:
        for path in ("/targets", "/targets/T01", "/passages", "/groups/c-a"):
            for form in (path, f"{path}.json"):
                body = site.ask(form)[2].decode()
                assert not any(name in body for name in real), (form, real)
        (row,) = site.json("/targets.json")["targets"]
        assert row["account"] == "T01"
        assert [(one["of"], one["id"]) for one in row["by"]] == [
            ("groups", "c-a"),
            ("groups", "c-b"),
            ("sets", "set-1"),
        ]
        senders = site.json("/targets/T01.json")["senders"]
        assert senders == ["G1-01", "G1-02", "G1-03", "G2-01", "G2-02", "S1-01"]
        assert (site.json("/groups/c-a.json")["targets"], site.json("/sets/set-1.json")["things"]) == (
            ["T01"],
            0,
        )


def test_how_things_went_through_the_files(site: Site) -> None:
    told = site.json("/passages.json")
    assert [one["trace"] for one in told["things"]] == ["link", "media"]
    assert site.json("/passages.json?trace=media")["fitting"] == 1
    one = told["things"][0]
    assert (one["accounts"], one["members"], one["listed"]) == (34, 12, 2)
    assert [seen["by"] for seen in one["seen"]] == ["anybody", "members", "the list"]
    page = site.ask("/passages")[2].decode()
    assert "First means first in these files" in page
    assert "2 accounts of the list" in page


def test_pages_without_anything_to_show_are_not_offered(tmp_path: Path) -> None:
    import msgspec

    bare = msgspec.structs.replace(findings(), targets=[], passages=[])
    with served(Shelf(bare, tmp_path)) as site:
        assert 'href="/targets"' not in site.ask("/")[2].decode()
        assert 'href="/passages"' not in site.ask("/groups/c-a")[2].decode()
        assert "No account was addressed" in site.ask("/targets")[2].decode()
        assert "0 things." in site.ask("/passages")[2].decode()


def test_everything_noted_of_a_set_is_shown(tmp_path: Path) -> None:
    import msgspec

    found = findings()
    one = msgspec.structs.replace(
        found.sets[0], notes=[msgspec.structs.replace(found.notes[0], says="Noted so.")]
    )
    with served(Shelf(msgspec.structs.replace(found, sets=[one]), tmp_path)) as site:
        page = site.ask("/sets/set-1")[2].decode()
        assert "Everything noted" in page and "Noted so." in page
        assert site.json("/sets/set-1.json")["notes"][0]["says"] == "Noted so."


def test_profiles_alone_are_told_as_such(tmp_path: Path) -> None:
    import msgspec

    bare = Findings.from_json(findings().to_json())
    batch = msgspec.structs.replace(bare.notes[0], signal="births", says="Of 98 accounts 76.", leans="for")
    read = msgspec.structs.replace(bare.made.inputs[0], posts=0, accounts=98)
    made = msgspec.structs.replace(bare.made, inputs=[read])
    with served(Shelf(msgspec.structs.replace(bare, made=made, notes=[batch]), tmp_path)) as site:
        assert "Of 98 accounts 76." in site.ask("/")[2].decode()
    alone = msgspec.structs.replace(bare, made=made, notes=[batch], groups=[], alone=[], sets=[])
    with served(Shelf(alone, tmp_path)) as site:
        page = site.ask("/")[2].decode()
        assert "Profiles only." in page and "Of 98 accounts 76." in page and "Nothing here" not in page


def test_a_query_keeps_its_address() -> None:
    asked = {
        "trace": "link",
        "from": "2020-03-01T09:30:00",
        "to": "2020-03-02",
        "min": "2",
        "q": "0.0001",
        "account": "G1-01",
    }
    one = query.read(asked)
    again = query.read(dict(pair.split("=") for pair in one.address()[1:].replace("%3A", ":").split("&")))
    assert again == one
    assert query.read({}).address() == "" and not query.read({}).narrow
    assert query.read({"q": "0"}).address() == "?q=0"
    with pytest.raises(InputError, match="from = "):
        query.read({"from": "2020-13-01"})


def test_search_finds_words_in_texts_objects_and_places(tmp_path: Path) -> None:
    texts = ["The Ferry stops", "The ferry sails", "Ｆｅｒｒｙ at noon", "\u0130stanbul"]
    with served(Shelf(findings(texts=texts), tmp_path)) as site:
        hits = site.json("/search.json?text=ferry")
        assert {hit["text"] for hit in hits["hits"]} == set(texts[:3])
        assert all(hit["path"].partition("#")[0].count("/") >= 2 for hit in hits["hits"])
        assert {hit["text"] for hit in site.json("/search.json?text=FERRY+stops")["hits"]} == {texts[0]}
        assert site.json("/search.json?text=x.com")["fitting"] > 0
        assert [hit["row"] for hit in site.json("/search.json?text=export.csv:2&trace=reshare")["hits"]][
            :1
        ] == [2]
        assert site.json("/search.json?text=ferry+nowhere")["fitting"] == 0
        assert site.json("/search.json")["fitting"] == 0
        # where a hit leads, the post is
        hit = hits["hits"][0]
        path, _, anchor = hit["path"].partition("#")
        page = site.ask(path)[2].decode()
        assert hit["text"] in page
        assert not anchor or f'id="{anchor}"' in page


def test_network_and_rhythm(tmp_path: Path) -> None:
    import msgspec

    found = findings()
    one = msgspec.structs.replace(
        found.groups[0],
        lines=[Line(0, 1, 12, ["link"], "5"), Line(1, 2, 3, ["link"], "0")],
        rhythms=[Rhythm(found.groups[0].accounts[0].account, [9, *[1] * 23])],
    )
    found = msgspec.structs.replace(found, groups=[one, *found.groups[1:]])
    with served(Shelf(found, tmp_path)) as site:
        drawn = site.json("/groups/c-a/network.json")
        assert [member["account"] for member in drawn["members"]] == ["G1-01", "G1-02", "G1-03"]
        assert drawn["lines"][0] == {"a": 0, "b": 1, "together": 12, "traces": ["link"], "when": "5"}
        assert drawn["steps"] == 10
        assert site.json("/groups/c-a.json")["rhythms"][0]["account"] == "G1-01"
        page = site.ask("/groups/c-a")[2].decode()
        assert "32 posts; most of them in the hour of the group’s busiest" in page
        rhythm = page[page.index('id="rhythm"') : page.index('id="verdict"')]
        for word in ("UTC", ":00", "am", "Mon"):
            assert word not in rhythm.replace("same", "").replace("name", "").replace('class="near"', "")


def case_of(folder: Path, found: Findings) -> Case:
    case = Case(folder, create=True)
    case.write("findings.json", found.to_json())
    return case


def test_a_verdict_is_kept_and_goes_with_exports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from concerted.cli import main

    case = case_of(tmp_path / "case", findings())
    before = (case.path / "findings.json").read_bytes()
    with served(CaseDesk(case.path)) as site:
        form = urlencode(
            {"verdict": "explained", "remark": "One newsroom.\r\n<b>@Name_0x</b> says so."}
        ).encode()
        status, headers, _ = site.ask("/groups/c-a/verdict", "POST", form)
        assert (status, headers["location"]) == (303, "/groups/c-a#verdict")
        given = site.json("/groups/c-a.json")["verdict"]
        assert given["verdict"] == "explained"
        assert given["remark"] == "One newsroom.\n<b>[G1-01]</b> says so."
        assert "&lt;b&gt;[G1-01]" in site.ask("/groups/c-a")[2].decode()
        assert [one["id"] for one in site.json("/index.json?verdict=explained")["groups"]] == ["c-a"]
        assert site.json("/index.json")["judged"] == 1
        for bad, says in (("guilty", "no verdict"), ("", "no verdict")):
            status, _, body = site.ask(
                "/groups/c-a/verdict", "POST", f"verdict={bad}&x=1".encode(), accept="application/json"
            )
            assert status == 409 and says in json.loads(body)["error"]
        assert site.ask("/groups/none/verdict", "POST", b"verdict=stands")[0] == 409
        assert site.ask("/groups/c-a/verdict", "POST", b"remark=" + b"a" * 70_000)[0] == 400
        assert site.ask("/groups/c-a/verdict", "POST", b"\xff\xfe")[0] == 400
    assert (case.path / "findings.json").read_bytes() == before
    row = case.table("verdicts").rows()[0]
    assert row["accounts"] == [member.account for member in findings().groups[0].accounts]
    assert main(["export", str(case.path), str(tmp_path / "out.json"), "--quiet"]) == 0
    out = Findings.from_json(tmp_path / "out.json")
    assert [(one.subject, one.verdict) for one in out.verdicts] == [("c-a", "explained")]
    assert "Name_0x" not in (tmp_path / "out.json").read_text(encoding="utf-8")


def test_a_verdict_can_change_and_be_withdrawn(tmp_path: Path) -> None:
    desk = CaseDesk(case_of(tmp_path / "case", findings()).path)

    def now() -> list[tuple[str, str]]:
        found = desk.findings()
        assert found is not None
        return [(one.verdict, one.remark) for one in found.verdicts]

    assert now() == []
    desk.judge("c-a", "unsure", " look at March ")
    assert now() == [("unsure", "look at March")]
    desk.judge("c-a", "stands", "")
    assert now() == [("stands", "")]
    assert desk.findings() is desk.findings()
    desk.judge("c-a", "none", "")
    assert now() == []
    assert len(Case(tmp_path / "case").table("verdicts")) == 3
    with pytest.raises(UnknownName, match="no group is called"):
        desk.judge("c-x", "stands", "")
    with pytest.raises(SettingError, match="4,000"):
        desk.judge("c-a", "stands", "a" * 4001)


def test_a_verdict_waits_while_the_case_is_written(tmp_path: Path) -> None:
    case = case_of(tmp_path / "case", findings())
    with case.writing("detect"), pytest.raises(CaseError, match="in use"):
        CaseDesk(case.path).judge("c-a", "stands", "")


def test_a_verdict_follows_the_accounts() -> None:
    """Names of groups change with every file added; more than half of its accounts decide."""
    found = findings()
    a = [member.account for member in found.groups[0].accounts]
    b = [member.account for member in found.groups[1].accounts]

    def given(accounts: list[str]) -> list[tuple[str, int, int]]:
        row = {"subject": "old", "accounts": accounts, "verdict": "stands", "remark": None, "time": START}
        return [(one.subject, one.joined, one.left) for one in judged(found, [row]).verdicts]

    assert given(a) == [("c-a", 0, 0)]
    assert given(b) == [("c-b", 0, 0)]
    assert given([*a[:2], "x:gone"]) == [("c-a", 1, 1)]
    assert given([a[0], b[0]]) == []
    assert given([a[0], "x:gone"]) == []
    assert given([]) == []
    rows = [
        {"subject": "c-a", "accounts": a, "verdict": word, "remark": "", "time": START + timedelta(days=day)}
        for day, word in ((2, "explained"), (1, "stands"))
    ]
    assert [one.verdict for one in judged(found, rows).verdicts] == ["explained"]


def ended(site: Site, within_s: float = 60) -> dict[str, Any]:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        state: dict[str, Any] = site.json("/run.json")
        if state["state"] not in ("idle", "running"):
            return state
        time.sleep(0.05)
    raise AssertionError("the run did not end")


def test_files_are_taken_in_pieces_and_checked(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with served(Shelf(None, inbox), most=1000) as site:
        assert site.ask("/run/files?name=a.csv", "POST", b"x" * 1000)[0] == 200
        assert (inbox / "a.csv").read_bytes() == b"x" * 1000
        assert site.ask("/run/files?name=a.csv", "POST", b"x" * 1000)[0] == 200
        status, _, body = site.ask("/run/files?name=a.csv", "POST", b"y", accept="application/json")
        assert status == 400 and "another file of the name" in json.loads(body)["error"]
        status, _, body = site.ask("/run/files?name=b.csv", "POST", b"x" * 1001)
        assert status == 400 and b"larger than 1,000 bytes" in body
        # what is said of the length is not believed
        chunked = b"3E9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"
        assert (
            site.ask(
                "/run/files?name=c.csv", "POST", chunked, content_length=None, transfer_encoding="chunked"
            )[0]
            == 400
        )
        assert [path.name for path in inbox.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../a.csv", "..\\a.csv", "/etc/passwd", "C:\\a.csv", "a/b.csv", ".hidden", "a\x00.csv",
        "con", "CON.csv", "lpt1.txt", "a\u202ecsv.exe", " a.csv", "a.csv.", "a" * 200, "a\n.csv", "a:b",
    ],
)  # fmt: skip
def test_no_file_gets_out_of_its_folder(tmp_path: Path, name: str) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with served(Shelf(None, inbox)) as site:
        assert site.ask(f"/run/files?{urlencode({'name': name})}", "POST", b"x")[0] == 400
        assert site.ask("/run/start", "POST", urlencode({"file": name or "x"}).encode())[0] == 400
    assert [path.name for path in tmp_path.rglob("*")] == ["inbox"]


def test_a_run_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    seen: list[Any] = []
    going = threading.Event()

    def detect(files: Any, options: Any, progress: Any, say: Any) -> None:
        seen.append(([file.name for file in files], dict(options)))
        say("read: a.csv")
        for done in range(2000):
            progress("weigh: cells", done, 2000)
            going.set()
            time.sleep(0.01)

    (tmp_path / "a.csv").write_text("x", encoding="utf-8")
    with served(Shelf(findings(), tmp_path, detect=detect)) as site:
        assert site.json("/run.json")["state"] == "idle"
        form = urlencode({"file": "a.csv", "timezone": "UTC", "map": "account=user,time=when"}).encode()
        assert site.ask("/run/start", "POST", form)[0] == 303
        assert going.wait(10)
        state = site.json("/run.json")
        assert (state["state"], state["what"], state["total"]) == ("running", "weigh: cells", 2000)
        assert state["lines"] == ["read: a.csv"]
        assert "(running)" in site.ask("/")[2].decode()
        assert site.ask("/run/start", "POST", form)[0] == 409
        assert site.ask("/run/stop", "POST", b"")[0] == 303
        assert ended(site)["state"] == "stopped"
    assert seen == [(["a.csv"], {"timezone": "UTC", "map": {"account": "user", "time": "when"}})]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (InputError("a.csv:3: <b>no time</b>: name the zone"), "&lt;b&gt;no time&lt;/b&gt;"),
        (RuntimeError("x"), "RuntimeError"),
    ],
)
def test_a_run_that_fails_says_why(tmp_path: Path, error: Exception, says: str) -> None:
    def detect(*_: Any) -> None:
        raise error

    with served(Shelf(findings(), tmp_path, detect=detect)) as site:
        assert site.ask("/run/start", "POST", b"")[0] == 303
        assert ended(site)["state"] == "failed"
        assert says in site.ask("/run")[2].decode()


def test_an_export_dropped_on_an_empty_page_becomes_a_case(tmp_path: Path) -> None:
    rows = ["account,time,url,post"]
    rows += [
        f"u{n % 7},2025-03-{1 + n % 20:02d}T10:{n % 60:02d}:{n % 59:02d}Z,https://a.example/{n % 9},p{n}"
        for n in range(200)
    ]
    with served(CaseDesk(tmp_path / "case")) as site:
        assert "drop an export here" in site.ask("/")[2].decode()
        assert site.ask("/groups/G1.json")[0] == 404
        assert site.ask("/run/start", "POST", b"")[0] == 400
        assert site.ask("/run/files?name=posts.csv", "POST", "\n".join(rows).encode())[0] == 200
        assert site.ask("/run/start", "POST", b"file=posts.csv")[0] == 303
        state = ended(site)
        assert state["state"] == "done", state
        assert site.json("/index.json")["facts"]["posts"] == 200
        assert site.json("/made.json")["inputs"][0]["file"] == "posts.csv"
    assert (tmp_path / "case" / "exports" / "posts.csv").exists()


def test_a_folder_that_is_no_case_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(CaseError, match="not a case"):
        CaseDesk(tmp_path)
