"""Exports for other programs, opened by the libraries that people use them with."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import igraph
import msgspec
import networkx
import pytest
from factory import findings

from concerted import registry
from concerted.exports import _disarm
from concerted.findings import Findings, Line, Verdict

HOSTILE = ["\x00\x0b\ufffe\ud800 <b>&amp; ]]> \u202e {{x}}", '"; DROP TABLE x', "plain"]
NAMES = [f"Name_{place}x" for place in range(12)]
FOUND = NAMES[:5]


@pytest.fixture
def found() -> Findings:
    return findings(texts=HOSTILE, links=["https://news.example/a?id=1", "javascript:x"], sentence="<&>\x01")


def empty() -> Findings:
    return msgspec.structs.replace(
        findings(), groups=[], alone=[], sets=[], leads=[], explained=[], unresolved=[], timelines=[]
    )


def document(found: Findings, path: Path, handles: bool = False) -> Any:
    return json.loads(found.export(path, handles)[0].read_bytes())


def test_graphml_opens_in_networkx_and_igraph(found: Findings, tmp_path: Path) -> None:
    path = found.export(tmp_path / "g.graphml", handles=True)[0]
    graph = networkx.read_graphml(path)
    assert sorted(graph) == ["A01", "G1-01", "G1-02", "G1-03", "G2-01", "G2-02"]
    edge = graph.edges["G1-01", "G1-02"]
    assert edge["first_utc"] == "2020-03-01T09:30:00Z" and edge["last_utc"].endswith("Z")
    assert edge["evidence"].startswith("G1-01 2020-03-01 09:30:00 UTC (export.csv:2), then G1-02")
    assert edge["evidence"].endswith("7 further acts of these two in the case.")
    assert "link, within 60 s of each other: 12 occasions where chance explains 0.31" in edge["ties"]
    assert graph.nodes["G1-01"]["handle"] == "Name_0x" and "handle" not in graph.nodes["A01"]
    assert graph.graph["who_is_shown"].startswith("Handles of members of found groups are shown")
    other = igraph.Graph.Read_GraphML(str(path))
    assert (other.vcount(), other.ecount()) == (graph.number_of_nodes(), graph.number_of_edges())
    assert set(other.es["traces"]) == {"link", "link, reshare"}
    assert igraph.Graph.Read_GraphML(str(empty().export(tmp_path / "e.graphml")[0])).vcount() == 0


def test_gexf_has_times_that_a_timeline_shows(found: Findings, tmp_path: Path) -> None:
    path = found.export(tmp_path / "g.gexf")[0]
    edge = networkx.read_gexf(path).edges["G1-01", "G1-02"]
    assert edge["start"] == "2020-03-01T09:30:00Z" < edge["end"]
    text = path.read_text(encoding="utf-8")
    assert 'mode="dynamic"' in text and "All accounts have pseudonyms." in text
    assert "lastmodifieddate" not in text


def test_ties_that_are_not_listed_are_edges_too(tmp_path: Path) -> None:
    found = findings()
    group = found.groups[0]
    short = msgspec.structs.replace(
        group, ties=group.ties[:1], lines=[Line(0, 1, 12, ["link"], "1"), Line(1, 2, 5, ["link"], "1")]
    )
    path = msgspec.structs.replace(found, groups=[short]).export(tmp_path / "g.graphml")[0]
    graph = networkx.read_graphml(path)
    assert graph.number_of_edges() == 2
    assert graph.edges["G1-02", "G1-03"]["together"] == 5 and "q" not in graph.edges["G1-02", "G1-03"]


@pytest.mark.parametrize("handles", [False, True])
def test_stix_is_valid_and_points_nowhere_else(found: Findings, tmp_path: Path, handles: bool) -> None:
    import stix2

    path = found.export(tmp_path / "b.stix.json", handles)[0]
    bundle = stix2.parse(path.read_text(encoding="utf-8"), allow_custom=False)
    ids = [one["id"] for one in bundle.objects]
    assert len(set(ids)) == len(ids)
    for one in bundle.objects:
        refs = [one[name] for name in one if name.endswith("_ref")]
        refs += [ref for name in one if name.endswith("_refs") for ref in one[name]]
        assert set(refs) <= set(ids), one["id"]
    kinds = Counter(one["type"] for one in bundle.objects)
    assert not {"indicator", "threat-actor", "intrusion-set", "campaign", "url", "domain-name"} & set(kinds)
    assert (kinds["grouping"], kinds["user-account"], kinds["report"]) == (2, 6, 1)
    assert kinds["observed-data"] == 4 and kinds["note"] == 4 + 2 + 1
    logins = {one.get("account_login") for one in bundle.objects if one["type"] == "user-account"} - {None}
    assert logins == (set(FOUND) if handles else set())
    (report,) = (one for one in bundle.objects if one["type"] == "report")
    assert "Not found, and not in here: 1 set, 1 lead, 1 account explained" in report["description"]
    assert ("Handles of members" in report["description"]) is handles
    patterns = [one for one in bundle.objects if one["type"] == "attack-pattern"]
    assert [one["external_references"][0]["external_id"] for one in patterns] == ["T0118"]
    said = [one["description"] for one in bundle.objects if one["type"] == "relationship"]
    assert said and all("A person has to confirm it." in one for one in said)


def test_stix_accounts_of_two_cases_stay_apart(tmp_path: Path) -> None:
    one = document(findings(), tmp_path / "a.stix.json")
    other = document(findings(texts=["another case"]), tmp_path / "b.stix.json")
    ids = [{o["id"] for o in bundle["objects"] if o["type"] == "user-account"} for bundle in (one, other)]
    assert not ids[0] & ids[1], "G1-01 of one case is not G1-01 of another"
    fixed = [{o["id"] for o in bundle["objects"] if o["type"] == "attack-pattern"} for bundle in (one, other)]
    assert fixed[0] == fixed[1]


@pytest.mark.parametrize("handles", [False, True])
def test_misp_takes_the_event(found: Findings, tmp_path: Path, handles: bool) -> None:
    import pymisp

    path = found.export(tmp_path / "e.misp.json", handles)[0]
    event = pymisp.MISPEvent()
    event.load_file(str(path))
    assert (str(event.date), event.distribution, event.published) == ("2020-03-11", 0, False)
    assert {tag.name for tag in event.tags} == {"tlp:amber", 'workflow:todo="review-before-publication"'}
    made = json.loads(path.read_bytes())["Event"]
    known = {one["uuid"] for one in made["Object"]}
    assert len(known) == len(made["Object"]) and made["Attribute"] == []
    for one in made["Object"]:
        template = pymisp.MISPObject(one["name"], strict=True)
        assert template.template_uuid == one["template_uuid"]
        for attribute in one["Attribute"]:
            wanted = {name: attribute[name] for name in ("value", "type", "category", "to_ids")}
            template.add_attribute(attribute["object_relation"], **wanted)
            assert attribute["to_ids"] is False
        template.to_json()  # raises where something required is missing
        assert {ref["referenced_uuid"] for ref in one["ObjectReference"]} <= known
    names = {
        attribute["value"]: attribute["disable_correlation"]
        for one in made["Object"]
        if one["name"] == "user-account"
        for attribute in one["Attribute"]
        if attribute["object_relation"] == "username"
    }
    if handles:
        assert names == {**dict.fromkeys(FOUND, False), "A01": True}
    else:
        assert set(names) == {"G1-01", "G1-02", "G1-03", "G2-01", "G2-02", "A01"} and all(names.values())
    tags = {tag["name"] for one in made["Object"] for a in one["Attribute"] for tag in a.get("Tag", [])}
    assert tags == {'misp-galaxy:disarm-techniques="Amplify Existing Narrative"'}


def test_a_bundle_is_a_crate_that_can_be_checked(found: Findings, tmp_path: Path) -> None:
    from rocrate.rocrate import ROCrate

    path = found.export(tmp_path / "all.zip")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        crate = ROCrate(path)
    assert crate.name == "Accounts that acted together more than chance explains"
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    parts = {entity.id for entity in crate.data_entities}
    assert parts == set(files) - {"ro-crate-metadata.json", "SHA256SUMS"}
    for entity in crate.data_entities:
        assert entity["sha256"] == hashlib.sha256(files[entity.id]).hexdigest()
        assert entity["contentSize"] == str(len(files[entity.id]))
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {n: hashlib.sha256(data).hexdigest() for n, data in files.items() if n != "SHA256SUMS"}
    (read,) = (entity for entity in crate.contextual_entities if entity.id.startswith("#input"))
    assert read["sha256"] == "ab" * 32
    assert b"All accounts have pseudonyms." in files["README.txt"]
    again = Findings.from_json(files["findings.json"])
    assert again.export(tmp_path / "again.html")[0].read_bytes() == files["report.html"]


@pytest.mark.parametrize("name", sorted(registry.BUILTIN["exports"]))
def test_no_export_names_anybody_unasked(name: str, tmp_path: Path) -> None:
    """Neither handles nor ids of accounts or posts are in any file, packed or not."""
    ending = registry.find("exports", name).suffixes[0]
    plain, opened = tmp_path / "plain", tmp_path / "opened"
    for folder, handles in ((plain, False), (opened, True)):
        folder.mkdir()
        findings().export(folder / f"f{ending}", handles)
    secrets = [*NAMES, *(str(7_000_000_001 + 97 * place) for place in range(12)), "123450000000"]
    data = contents(plain)
    assert [secret for secret in secrets if secret.encode() in data] == []
    data = contents(opened)
    shown = [one for one in NAMES if one.encode() in data]
    assert shown == FOUND
    assert b"andles of members of found groups are shown" in data or b"handles_of_group_members_shown" in data


def contents(folder: Path) -> bytes:
    """All bytes of the files in a folder, unpacked."""
    import pyarrow.parquet as pq

    parts = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                parts += [archive.read(one) for one in archive.namelist()]
        elif path.suffix == ".parquet":
            table = pq.read_table(path)
            parts += [repr(table.to_pylist()).encode(), repr(table.schema.metadata).encode()]
        else:
            parts.append(path.read_bytes())
    return b"\n".join(parts)


@pytest.mark.parametrize("name", sorted(registry.BUILTIN["exports"]))
def test_nothing_found_can_be_written_too(name: str, tmp_path: Path) -> None:
    for path in empty().export(tmp_path / f"f{registry.find('exports', name).suffixes[0]}"):
        assert path.stat().st_size


def test_a_verdict_goes_along(tmp_path: Path) -> None:
    found = msgspec.structs.replace(findings(), verdicts=[Verdict("c-a", "unsure", "ask the newsroom", 2, 1)])
    for name in ("r.html", "b.stix.json", "e.misp.json"):
        assert "ask the newsroom" in found.export(tmp_path / name)[0].read_text(encoding="utf-8"), name


def test_no_candidate_says_who_acts_or_to_what_end() -> None:
    safe = {"T0049.005", "T0084.001", "T0118"}
    assert {one.id for one in _disarm.OF.values()} == safe


def test_writing_loads_no_client_library() -> None:
    code = (
        "import sys, pathlib, tempfile; sys.path.insert(0, 'tests'); from factory import findings\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        "for name in ('b.stix.json', 'e.misp.json', 'a.zip', 'g.graphml'): findings().export(folder / name)\n"
        "print({'stix2', 'pymisp', 'rocrate', 'igraph', 'requests'} & set(sys.modules))"
    )
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "set()"
