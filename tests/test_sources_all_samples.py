"""Every public sample is read with no option given, and gives the counts that were made by other means.

Nothing is skipped in silence: each file of the folders is named in `expected.json`, in `RAW` or in `CUT`,
and where ours differs from a stated count `DIFFERS` says how and why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import data_dir
from reading import load

from concerted import registry
from concerted.errors import DamagedIds, InputError, MissingColumns
from concerted.look import inspect
from concerted.sources.described import ALWAYS, columns
from concerted.sources.opening import open_file

Counts = tuple[int, int] | type[InputError]

# the table of raw slices at the end of the samples' README: posts and records left out, or why it is refused
RAW: dict[str, Counts] = {
    "africa_ira_2019/raw/RNA_0621_tweets_csv_hashed_2017.csv": (5, 0),
    "africa_ira_2019/raw/RNA_0621_tweets_csv_hashed_2019_sample.csv": (220, 0),
    "africa_ira_2019/raw/RNA_0621_users_csv_hashed.csv": (0, 0),
    "africa_ira_2019/raw/RNA_tweets_hashed_2012_resaved.csv": (3, 0),
    "africa_ira_2019/raw/RNA_tweets_hashed_2013-2019_resaved_sample.csv": DamagedIds,
    "coortweet_german_elections/raw/german_elections_sample.csv": (300, 0),
    "coortweet_german_elections/raw/german_elections_sample.rda": (300, 0),
    "coortweet_russian/raw/russian_coord_tweets_legacy_names_sample.csv": (60, 0),
    "coortweet_russian/raw/russian_coord_tweets_sample.csv": (500, 0),
    "coortweet_russian/raw/russian_coord_tweets_sample.rda": (500, 0),
    "higgs_2012/raw/higgs-activity_time_head.txt": (500, 0),
    "ira_clemson/raw/IRAhandle_tweets_sample.csv": (100, 0),
    "reddit_ira_2018/raw/comments_sample.csv": (325, 5),
    "reddit_ira_2018/raw/users_sample.csv": (0, 0),
    "telegram_channels/raw/processed_part_255_sample.csv": (142, 0),
    "telegram_channels/raw/processed_part_452_sample.csv": (193, 0),
    "thailand_rta_2020/raw/thailand_092020_tweets_csv_hashed_sample.csv": (355, 0),
    "thailand_rta_2020/raw/thailand_092020_tweets_csv_hashed_sample.zip": (60, 0),
    "thailand_rta_2020/raw/thailand_092020_users_csv_hashed_sample.csv": (0, 0),
    "up_elections_2017/raw/akhileshtweets_tab_sample.txt": (60, 0),
    "up_elections_2017/raw/elections_tweets_spreadsheet_sample.csv": DamagedIds,
    "up_elections_2017/raw/kaamboltahai_sample.csv": (150, 0),
    "up_elections_2017/raw/tweetsbsp_spreadsheet_cp1252_sample.csv": DamagedIds,
    "up_elections_2017/raw/tweetssp_cp1252_sample.csv": (150, 0),
    "us_election_x_2024/raw/aug_chunk_63_sample.csv": (110, 0),
    "us_election_x_2024/raw/september_chunk_35_sample.csv": (70, 25),
}
# lists of accounts: how many records became accounts, none of them left out
ACCOUNTS = {
    "africa_ira_2019/raw/RNA_0621_users_csv_hashed.csv": 50,
    "reddit_ira_2018/raw/users_sample.csv": 150,
    "thailand_rta_2020/raw/thailand_092020_users_csv_hashed_sample.csv": 132,
    "export_samples/F04_ira/synthetic_nbc_users.csv": 5,
    "export_samples/peers/synthetic_coorsim_users.csv": 5,
}
# cut files, in the README but not in expected.json: "stop with an error that names the cut; or the readable
# part plus a loud warning, never silence"
CUT: dict[str, Counts] = {
    "export_samples/F10_reddit_pushshift/synthetic_RC_2023-03_damaged_truncated.zst": InputError,
    "export_samples/F11_telegram_desktop/synthetic_result_single_channel_damaged_truncated.json": (10, 2),
    "export_samples/F16_openmeasures/synthetic_content_gab_damaged_truncated.json": (3, 1),
}
_PEERS = "export_samples/peers"
_ACCOUNT = "export_samples/F11_telegram_desktop/synthetic_result_full_account.json"
DIFFERS: dict[str, Counts] = {
    # Stated: 17 and 7, but the README's own remark is "messages of private chats must never be loaded", and
    # the rule for this format is to read chats of type public_channel and public_supergroup and to count
    # every other chat as "private, not read". Six messages that the count takes for posts stand in chats of
    # type private_channel and private_supergroup.
    _ACCOUNT: (11, 13),
    # Stated: 10 and 0 "only after the user named columns and zone; else refuse".
    f"{_PEERS}/synthetic_generic_semicolon_latin1_local_times.csv": MissingColumns,
    # Stated: 1 and 0, "no post layout (dialect test only)". Its columns A, B and C make no post, and it has
    # two records, not one.
    f"{_PEERS}/mangotree_notes_with_commas.csv": MissingColumns,
}
TOLD: dict[str, dict[str, Any]] = {
    f"{_PEERS}/synthetic_generic_semicolon_latin1_local_times.csv": {
        "timezone": "Europe/Berlin",
        "map": {"account": "Konto", "time": "Zeit", "text": "Text"},
    },
}


def expected() -> dict[str, Any]:
    """The stated counts by file."""
    path = data_dir("export_samples") / "expected.json"
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]


def names() -> list[str]:
    """All files with stated counts; the raw slices alone where the samples are absent, to be skipped."""
    try:
        return sorted({*expected(), *RAW, *CUT})
    except pytest.skip.Exception:
        return sorted(RAW)


def place(name: str) -> Path:
    """Where a sample lies."""
    folder, _, rest = name.partition("/")
    return data_dir(folder) / rest


def wanted(name: str) -> list[Counts]:
    """The counts that are right for a file, or the error that refuses it."""
    if name in DIFFERS:
        return [DIFFERS[name]]
    if name in RAW or name in CUT:
        return [{**RAW, **CUT}[name]]
    stated = expected()[name]
    if stated.get("stop"):
        return [DamagedIds]
    return list(zip(stated["posts"], stated["left_out"], strict=True))


def test_no_sample_is_forgotten() -> None:
    top = data_dir("export_samples").parent
    there = [*top.glob("*/raw/*"), *top.glob("export_samples/*/*")]
    assert sorted(path.relative_to(top).as_posix() for path in there if path.is_file()) == names()


def test_tables_agree() -> None:
    """The counts written here are those of expected.json; the files that differ, differ."""
    stated = expected()
    for name, want in RAW.items():
        own = {"stop": True} if isinstance(want, type) else {"posts": [want[0]], "left_out": [want[1]]}
        assert stated[name] == own, name
    for name, ours in DIFFERS.items():
        assert ours not in list(zip(stated[name]["posts"], stated[name]["left_out"], strict=True)), name
    assert not set(CUT) & set(stated)


@pytest.mark.parametrize("name", names())
def test_counts_with_no_option_given(name: str) -> None:
    path, want = place(name), wanted(name)
    refusal = want[0]
    if isinstance(refusal, type):
        with pytest.raises(refusal) as told:
            load(path)
        assert path.name in str(told.value) and type(told.value) is refusal
        if refusal is DamagedIds:
            assert "rounded" in str(told.value)
        return
    tables = load(path)
    row = tables["inputs"][0]
    assert (row["posts"], row["left_out"]) in want, tables["ledger"]
    if name in ACCOUNTS:
        assert row["accounts"] == len(tables["accounts"]) == ACCOUNTS[name]


def test_sources_fill_no_more_than_the_page_on_them_says() -> None:
    """`covers` is what the table of sources shows; times of parents also come from the ids of X."""
    for name in names():
        if isinstance(wanted(name)[0], type):
            continue
        tables = load(place(name))
        covers = registry.find("sources", tables["inputs"][0]["source"]).covers
        for table, shown in zip(("posts", "accounts"), columns(covers), strict=True):
            filled = {key for row in tables[table] for key, value in row.items() if value not in (None, [])}
            always = {*ALWAYS, "parent_time", "kind", "platform", "account_id", "seen"}
            assert filled - always <= set(shown), name


def test_inspect_says_the_same() -> None:
    """What people are shown before anything is made of the files are the same counts."""
    paths = {name: place(name) for name in names()}
    for name, path in paths.items():
        (seen,) = inspect([str(path)])
        want = wanted(name)
        if isinstance(want[0], type):
            assert seen.refused and path.name in seen.refused, name
        else:
            assert not seen.refused and (seen.posts, seen.left_out) in want, name


@pytest.mark.parametrize("name", sorted(TOLD))
def test_counts_once_the_missing_word_is_given(name: str) -> None:
    row = load(place(name), **TOLD[name])["inputs"][0]
    stated = expected()[name]
    assert ([row["posts"]], [row["left_out"]]) == (stated["posts"], stated["left_out"])


@pytest.mark.parametrize("name", sorted(CUT))
def test_a_cut_is_named(name: str) -> None:
    if isinstance(CUT[name], type):
        with pytest.raises(InputError, match="cut or damaged"):
            load(place(name))
        return
    reasons = [lost["reason"] for lost in load(place(name))["ledger"]]
    assert any("cut or damaged from here on" in reason for reason in reasons)


def test_private_chats_are_the_whole_difference() -> None:
    tables = load(place(_ACCOUNT))
    private = [lost for lost in tables["ledger"] if lost["reason"] == "private, not read"]
    export = json.loads(place(_ACCOUNT).read_text("utf-8"))
    chats = [*export["chats"]["list"], *export["left_chats"]["list"]]
    public = {str(chat["id"]) for chat in chats if chat["type"] in ("public_channel", "public_supergroup")}
    closed = [
        message
        for chat in chats
        for message in chat["messages"]
        if chat["type"] in ("private_channel", "private_supergroup") and message["type"] == "message"
    ]
    assert len(closed) == expected()[_ACCOUNT]["posts"][0] - len(tables["posts"])
    assert {post["thread"] for post in tables["posts"]} <= public
    assert len(private) == sum(len(chat["messages"]) for chat in chats if str(chat["id"]) not in public)


def test_the_form_without_posts_is_still_taken_apart() -> None:
    opened = open_file(place(f"{_PEERS}/mangotree_notes_with_commas.csv"))
    assert opened.columns == ("A", "B", "C") and len(opened.sample) == 2
    assert [lost.reason for lost in opened.sample.spoiled] == ["line before the header"] * 2
