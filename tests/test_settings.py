"""Options: checked in one way, kept in a file that a person may edit."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import pytest
from toys.stages import Pair, Read, Weigh, toys

from concerted import settings
from concerted.detect import load_stages
from concerted.errors import SettingError
from concerted.plan import Settings


def test_build_fills_defaults_and_plain_shows_them() -> None:
    config = settings.build(Weigh, {"seed": 7})
    assert config == Weigh(seed=7)
    assert settings.plain(config) == {"fdr": 0.05, "seed": 7}
    assert settings.plain(settings.build(Read, {"files": ["a"]}))["files"] == ["a"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fdr": 1.5}, r"weigh: fdr = 1.5 cannot be used: expected a number under 1.0"),
        ({"fdr": "much"}, r"weigh: .*fdr"),
        ({"frd": 0.1}, "did you mean 'fdr'"),
    ],
)
def test_impossible_values_are_named(options: dict[str, object], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        settings.build(Weigh, options)


def test_save_keeps_comments_and_order(tmp_path: Path) -> None:
    path = tmp_path / "concerted.toml"
    path.write_text("# ours\nseed = 1 # chosen by dice\n\n[weigh]\n# strict\nfdr = 0.05 # as agreed\n")
    batch = {"files": ["a.csv"], "map": {"time": "when"}, "skip": False}
    values = {"seed": 2, "read": [batch], "weigh": {"fdr": 0.01}}
    says = {"read.map": "which column is which", "read.skip": "skip damaged rows"}
    assert settings.save(path, values, says)
    text = path.read_text()
    for kept in ("# ours", "seed = 2 # chosen by dice", "# strict", "fdr = 0.01 # as agreed"):
        assert kept in text
    assert "# which column is which" in text
    assert "skip = false # skip damaged rows" in text
    assert settings.load(path) == values
    before = path.read_bytes()
    assert not settings.save(path, values, {})
    assert path.read_bytes() == before


def test_save_drops_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "concerted.toml"
    settings.save(path, {"read": [{"files": ["a"]}, {"files": ["b"]}], "pair": {"lag": 3}}, {})
    settings.save(path, {"read": [{"files": ["b"]}], "pair": {"lag": None}}, {})
    assert settings.load(path) == {"read": [{"files": ["b"]}], "pair": {}}


def test_broken_file_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "concerted.toml"
    path.write_text("seed = 1\nfdr = = 2\n")
    with pytest.raises(SettingError, match=r"concerted\.toml.*line 2"):
        settings.load(path)


def test_options_find_their_stage() -> None:
    routed = Settings.route(toys(), {"fdr": 0.01, "seed": 3, "lag": 5, "map": {"time": "when"}})
    assert routed["weigh"] == {"fdr": 0.01, "seed": 3}
    assert routed["group"] == {"seed": 3}
    assert routed["pair"] == {"lag": 5}
    assert routed["read"] == {"map": {"time": "when"}}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lagg": 5}, "no option is called 'lagg': did you mean 'lag'"),
        ({"map": {"tmie": "when"}}, "no column of posts or accounts is called 'tmie': did you mean 'time'"),
        ({"lag": 0}, "pair: lag = 0 cannot be used: .* at least 1"),
        ({"files": ["x"]}, "no option is called 'files'"),
    ],
)
def test_options_without_a_home(options: dict[str, object], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Settings.route(toys(), options)


def test_traces_may_be_instances() -> None:
    @dataclasses.dataclass(frozen=True)
    class Text:
        name = "text"
        min_words: int = 4

    routed = Settings.route(toys(), {"traces": ["link", Text(min_words=6)]})
    assert routed["trace"] == {"traces": ["link", "text"], "options": {"text": {"min_words": 6}}}


def test_option_names_are_unique_over_stages() -> None:
    """A flag means one thing: only what is meant to be common stands in more than one config."""
    counts = Counter(
        field.name for stage in load_stages().values() for field in dataclasses.fields(stage.Config)
    )
    assert {name for name, count in counts.items() if count > 1} <= {"seed", "fdr"}


def test_every_option_says_what_it_does() -> None:
    for name, stage in load_stages().items():
        for field in dataclasses.fields(stage.Config):
            assert field.metadata.get("says"), f"option {field.name} of {name} has no line of help"
    assert settings.plain(Pair()) == {"lag": 60}
