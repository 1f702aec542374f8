"""A file of profiles without posts, from reading to report."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import concerted as co
from concerted.case import Case
from concerted.cli import main
from concerted.summary import in_words

OPENED = datetime(2019, 1, 1, tzinfo=UTC)
SECRET = "berta.beispiel@mail.example"


def profiles(path: Path, batch: int) -> Path:
    """600 profiles opened over two years, and `batch` in two days with handles of one form."""
    rng = np.random.default_rng(3)
    forms = ("{w}{v}", "{w}_{v}", "{w}{n:02d}", "{w}{n:04d}", "{v}{w}{n:01d}")
    rows = []
    for place in range(600 + batch):
        w, v = ("".join(chr(97 + c) for c in rng.integers(0, 26, 5)) for _ in range(2))
        if place < 600:
            when = OPENED + timedelta(days=float(rng.uniform(0, 730)))
            handle = forms[rng.integers(len(forms))].format(w=w, v=v, n=int(rng.integers(1, 9)))
        else:
            when = OPENED + timedelta(days=400, hours=float(rng.uniform(0, 40)))
            handle = f"{w.capitalize()}{rng.integers(10**7, 10**8)}"
        rows.append((f"{10_000 + place}", handle, f"Berta {v}", f"mail me: {SECRET}", when, "Musterstadt"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("user_id", "screen_name", "name", "description", "account_created_at", "location"))
        writer.writerows((*row[:4], f"{row[4]:%Y-%m-%dT%H:%M:%SZ}", row[5]) for row in rows)
    return path


def test_profiles_alone_go_all_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case"
    assert main(["detect", str(profiles(tmp_path / "profiles.csv", 40)), "--into", str(case)]) == 0
    told = capsys.readouterr().out
    assert "no posts in these files" in told
    assert "40 have a handle of one form (a capitalised word, then eight digits)" in told
    tables = Case(case)
    assert len(tables.table("accounts")) == 640
    for name in ("posts", "events", "pairs", "ties", "standings", "groups", "sets", "leads", "evidence"):
        assert len(tables.table(name)) == 0, name
    findings = json.loads((case / "findings.json").read_text(encoding="utf-8"))
    (batch,) = [note for note in findings["notes"] if note["leans"] == "for"]
    assert batch["signal"] == "births" and batch["q"] <= 0.05 and batch["low"] > 0.5
    report = (case / "report.html").read_text(encoding="utf-8")
    assert "Profiles only." in report and "then eight digits" in report
    for text in (told, report, json.dumps(findings["notes"])):
        assert SECRET not in text and "Berta" not in text and "Musterstadt" not in text


def test_a_wave_of_newcomers_is_a_surge_and_no_batch(tmp_path: Path) -> None:
    path = profiles(tmp_path / "profiles.csv", 0)
    with path.open(encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    wave = [[f"9{row[0]}", f"x{row[1]}", *row[2:4], "2020-02-05T10:00:00Z", row[5]] for row in rows[:60]]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows, *wave])
    found = co.detect(path)
    assert not [note for note in found.notes if note.leans == "for"]
    assert any("accounts were opened on 2020-02-05" in note.says for note in found.notes)
    # whoever reads the last lines only must not take "no batch" for nothing to see
    told = in_words(found, tmp_path)
    assert "no batch of accounts" in told and "accounts were opened on 2020-02-05" in told
    assert not found.groups and not found.sets
    assert any("profiles without posts" in limit for limit in found.limits)


def test_profiles_alone_give_the_same_bytes(tmp_path: Path) -> None:
    path = profiles(tmp_path / "profiles.csv", 40)
    assert co.detect(path).to_json() == co.detect(path).to_json()


def test_profiles_as_json_are_read_too(tmp_path: Path) -> None:
    with profiles(tmp_path / "profiles.csv", 40).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    path = tmp_path / "profiles.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    assert any(note.leans == "for" for note in co.detect(path).notes)


def test_profiles_of_another_platform_are_said_to_be_others(tmp_path: Path) -> None:
    posts = ["account,time,text", *(f"{10_000 + n},2020-06-01 10:00:0{n},hello {n}" for n in range(9))]
    (tmp_path / "posts.csv").write_text("\n".join(posts), encoding="utf-8")
    path = profiles(tmp_path / "profiles.csv", 0)
    found = co.detect(tmp_path / "posts.csv", path, timezone="UTC")
    assert any("9 accounts of x with a profile and no post have the ids" in one for one in found.limits)
    found = co.detect(tmp_path / "posts.csv", path, timezone="UTC", platform="x")
    assert not any("have the ids" in one for one in found.limits)
