"""Near-duplicate text against brute force, in every script, and what must not change it."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from concerted.engines import open_engine
from concerted.traces.near import candidates, clusters
from concerted.traces.near.alike import Weights, likeness
from concerted.traces.near.shingles import Ints, distinct, shingles
from concerted.traces.near.surprise import surprise
from concerted.traces.skeleton import untagged
from concerted.traces.text import Text

sys.path.insert(0, str(ROOT / "bench" / "text"))
import multilingual

SENTENCE = "the mayor says that old bridges over our river stay closed until spring because of rust"
WORDS = SENTENCE.split()
SCRIPTS = [*WORDS, "мост", "สะพาน", "大桥", "다리", "जिला"]
texts = st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=14)


def pieces(text: str) -> set[str]:
    """The pieces of one text, the slow and plain way."""
    letters = text.replace(" ", "")
    dense = sum("\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7ff" for char in letters)
    size, text = (3, letters) if 2 * dense > len(letters) else (5, f" {text} ")
    return {text[at : at + size] for at in range(max(1, len(text) - size + 1))}


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=2, max_size=8))
def test_likeness_is_that_of_sets(made: list[list[str]]) -> None:
    joined = [" ".join(words) for words in made]
    pairs = list(itertools.combinations(range(len(joined)), 2))
    one, other = (np.array(side) for side in zip(*pairs, strict=True))
    column = pa.array(joined)
    found = likeness(column, one, other, Weights(column))
    back = likeness(column, other, one, Weights(column))
    for at, (a, b) in enumerate(pairs):
        first, second = pieces(joined[a]), pieces(joined[b])
        assert found.plain[at] == pytest.approx(len(first & second) / len(first | second))
    assert np.array_equal(found.plain, back.plain) and np.array_equal(found.weighted, back.weighted)


@given(st.lists(st.text(alphabet="ab 大다ก", max_size=12), min_size=1, max_size=6))
def test_pieces_do_not_depend_on_neighbours(made: list[str]) -> None:
    together = shingles(pa.array(made))
    for at, text in enumerate(made):
        alone = shingles(pa.array([text]))
        assert np.array_equal(alone.hashes, together.hashes[together.start[at] : together.start[at + 1]])
        assert len(set(alone.hashes.tolist())) == len(pieces(text))


def test_only_the_first_four_thousand_characters_count() -> None:
    long = "word " * 900
    assert shingles(pa.array([long + "one"])).sizes[0] == shingles(pa.array([long + "other"])).sizes[0]


def test_what_is_alike_shares_a_band() -> None:
    rng = np.random.default_rng(3)
    made = ["".join(chr(97 + one) for one in rng.integers(26, size=70)) for _ in range(200)]
    edited = [text[:60] + "zzzz" + text[64:] for text in made]
    column = pa.array(made + edited)
    for bands, rows in ((32, 4), (25, 5), (20, 6)):
        packed = candidates.pairs(candidates.band_keys(shingles(column), bands, rows))
        named = {(int(one) >> 32, int(one) & 0xFFFFFFFF) for one in packed}
        plain = likeness(column, np.arange(200), np.arange(200, 400), Weights(column)).plain
        expected = sum(candidates.caught(one, bands, rows) for one in plain)
        found = sum((at, at + 200) in named for at in range(200))
        assert abs(found - expected) < 12, "the share found is the one that the S-curve promises"
        assert len(packed) < 230, "unrelated texts hardly ever share a band"


def edges(*pairs: tuple[int, int]) -> clusters.Verify:
    allowed = {tuple(sorted(pair)) for pair in pairs}

    def verify(one: Ints, other: Ints) -> tuple[np.ndarray, np.ndarray]:
        same = [(a, b) in allowed for a, b in zip(one.tolist(), other.tolist(), strict=True)]
        return np.array(same, np.bool_), 1 / (2 + one.astype(float))

    return verify


def packed(*pairs: tuple[int, int]) -> np.ndarray:
    return distinct(np.array([a << 32 | b for a, b in pairs], np.uint64))


def test_chains_break_at_the_leader() -> None:
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert clusters.leaders(5, packed(*chain), edges(*chain)).tolist() == [0, 0, 2, 2, 4]


def test_a_text_meets_the_leader_of_its_bucket_mate() -> None:
    assert clusters.leaders(3, packed((0, 1), (1, 2)), edges((0, 1), (1, 2), (0, 2))).tolist() == [0, 0, 0]


def test_the_most_alike_leader_is_joined() -> None:
    named = [(0, 2), (1, 2)]
    assert clusters.leaders(3, packed(*named), edges(*named)).tolist() == [0, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda one: one[0] < one[1])))
def test_every_text_is_the_same_as_its_leader(pairs: set[tuple[int, int]]) -> None:
    found = clusters.leaders(12, packed(*pairs), edges(*pairs)) if pairs else np.arange(12)
    leading = set(found.tolist())
    for text, leader in enumerate(found.tolist()):
        assert found[leader] == leader
        assert text == leader or (leader, text) in pairs
        if text == leader:
            assert not any((other, text) in pairs for other in leading if other < text)


def test_surprise_leaves_out_what_the_cluster_wrote_itself() -> None:
    others = [f"{a} {b} {c}" for a, b, c in itertools.permutations(WORDS[:7], 3)]
    made = ["the mayor says", "zebra quartz vixen", *others]
    column = pa.array(made)
    uses = np.array([30, 30, *[1] * len(others)])
    usual, rare = surprise(column, uses, np.arange(len(made)), np.array([0, 1]))
    assert rare > usual + 30, "though both are written by as many"
    uses[1] = 3000
    again = surprise(column, uses, np.arange(len(made)), np.array([1]))[0]
    assert again == pytest.approx(rare - np.log2(uses.sum() / (60 + len(others))), abs=1e-6)


def test_a_common_beginning_does_not_make_a_text_common() -> None:
    opening = "check out this video on the channel of our town"
    endings = [" ".join(words) for words in itertools.permutations(WORDS[:6], 3)]
    column = pa.array(
        [f"{opening} {ending}" for ending in endings] + [opening, f"{opening} zebra quartz vixen"]
    )
    leader = np.arange(len(column))
    common, rare = surprise(column, np.ones(len(column), np.int64), leader, leader[-2:])
    assert rare > common + 60, "what comes after the beginning counts"


def test_surprise_grows_with_length_and_is_bounded() -> None:
    made = [" ".join(WORDS[at % 16] for at in range(start, start + 9)) for start in range(16)]
    column = pa.array([*made, "the mayor", "the mayor says that", "x" * 4000])
    leader = np.arange(len(column))
    bits = surprise(column, np.ones(len(column), np.int64), leader, leader[-3:])
    assert bits[0] < bits[1] < bits[2] < 141 * 10


def test_tags_are_taken_out_with_their_vowel_signs() -> None:
    assert untagged("वोट दो #UP_की जनता") == "वोट दो जनता"
    assert untagged("vote now https://e.org/#part") is None
    assert untagged("＃選挙 投票") == "投票"


def test_every_script_and_every_edit() -> None:
    made = list(multilingual.posts(templates=2, copies=7, others=25, seed=7))
    found = multilingual.measured(made, multilingual.objects(made))
    assert set(found) >= {"Chinese", "Korean", "Japanese", "Thai", "Arabic", "Hindi", "Russian"}
    for language, (wanted, together, wrong, _) in found.items():
        assert wrong == 0, language
        assert together >= 0.8 * wanted, language
    assert sum(row[1] for row in found.values()) > 0.97 * sum(row[0] for row in found.values())


def test_cut_off_copies_and_counters_are_the_same_text() -> None:
    whole = (
        "Breaking: the council has voted to close the harbour road for three weeks while the crane is mended"
    )
    written = [whole, f"1/7 {whole}", f"2/7 {whole} 🔥", whole[:80] + "…", f"Wow! {whole}"]
    post = [multilingual.Post("English", -1, "", text) for text in written]
    assert len(set(multilingual.objects(post).values())) == 1
    assert len(multilingual.objects(post)) == len(written)


def test_no_posts_and_one_post() -> None:
    for count in (0, 1):
        made = [multilingual.Post("English", -1, "", "A sentence long enough to count")] * count
        traced = Text().events(multilingual.table(made), open_engine())
        assert (len(traced.events), len(traced.objects)) == (0, 0)


def test_the_bench_lies_where_the_documentation_says() -> None:
    assert (Path(multilingual.__file__).parent / "words.toml").is_file()
