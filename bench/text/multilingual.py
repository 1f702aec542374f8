"""Posts in ten scripts made from known templates, and how many copies of a template come together.

    uv run python bench/text/multilingual.py --templates 40 --copies 8

Words are drawn at random and put together as the script does, with or without spaces; a template is a
sequence of them, and its copies are edited as people edit: another name, a link, emoji, a hashtag, other
numbers, words before and after, halves changed round, the end cut off. Between the copies lie other texts
of the same words. Recall is the share of pairs of a template's copies that share an object, precision the
share of pairs that share an object and are of one template.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from concerted.engines import open_engine
from concerted.schema import rows
from concerted.table import Table
from concerted.traces.text import Text

WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
UNSPACED = ("Thai", "Chinese", "Japanese")
EDITS = ("name", "link and emoji", "hashtag", "numbers", "around", "turned", "cut")
_NIGHT = datetime(2024, 3, 1, tzinfo=UTC)


class Post(NamedTuple):
    """A made post: `template` is -1 for texts of their own."""

    language: str
    template: int
    edit: str
    text: str


def posts(
    templates: int, copies: int, others: int, seed: int = 1, words: tuple[int, int] = (14, 19)
) -> Iterator[Post]:
    """Copies of templates, each edited in one way after the other, and other texts, per language; a text
    has between the first and the second number of `words`."""
    rng = np.random.default_rng(seed)
    number = 0
    for language, listed in WORDS.items():
        known = listed.split()
        gap = "" if language in UNSPACED else " "

        def some(count: int, known: list[str] = known) -> list[str]:
            return [known[at] for at in rng.integers(len(known), size=count)]

        for _ in range(templates):
            template = some(int(rng.integers(words[0], words[1] + 1)))
            for copy in range(copies):
                edit = EDITS[copy % len(EDITS)]
                yield Post(language, number, edit, _edited(template, edit, gap, copy, some(3)))
            number += 1
        for _ in range(others):
            yield Post(language, -1, "", gap.join(some(int(rng.integers(words[0], words[1] + 1)))))


def _edited(template: list[str], edit: str, gap: str, copy: int, fresh: list[str]) -> str:
    words = list(template)
    if edit == "name":
        words[3] = fresh[0]
    elif edit == "numbers":
        words.insert(5, str(10 + copy * 37))
    elif edit == "around":
        words = [*fresh[:1], *words, *fresh[1:2]]
    elif edit == "turned":
        words = words[len(words) // 2 :] + words[: len(words) // 2]
    elif edit == "cut":
        words = words[: round(len(words) * 0.75)]
    text = gap.join(words)
    if edit == "link and emoji":
        return f"{text} 🎉🔥 https://example.org/{copy} @somebody{copy}"
    return f"{text} #{fresh[0]}" if edit == "hashtag" else text


def table(made: list[Post]) -> Table:
    """The posts as a table, one account each, five seconds apart."""
    count = len(made)
    return Table(
        "posts",
        rows(
            "posts",
            post=[str(number) for number in range(count)],
            account=[f"x:{number}" for number in range(count)],
            time=pa.array([_NIGHT + timedelta(seconds=5 * number) for number in range(count)]),
            resolution_s=[1.0] * count,
            text=[one.text for one in made],
            kind=["original"] * count,
            platform=["x"] * count,
            file=["made.csv"] * count,
            row=list(range(count)),
        ),
    )


def measured(made: list[Post], objects: dict[int, str]) -> dict[str, tuple[int, int, int, dict[str, float]]]:
    """Per language: pairs of copies, those that share an object, pairs that share one and should not; and
    per edit the share of copies that share an object with the rest of their template."""
    found = {}
    for language in dict.fromkeys(one.language for one in made):
        mine = [
            (one.template, objects.get(at), one.edit)
            for at, one in enumerate(made)
            if one.language == language
        ]
        copies = [one for one in mine if one[0] >= 0]
        wanted = together = wrong = 0
        for at, (template, key, _) in enumerate(mine):
            for other, its, _ in mine[at + 1 :]:
                same = template == other >= 0
                wanted += same
                together += same and key is not None and key == its
                wrong += not same and key is not None and key == its
        most = {
            template: max(set(keys), key=keys.count)
            for template in {one[0] for one in copies}
            for keys in [[key or "" for other, key, _ in copies if other == template]]
        }
        share = {
            edit: float(
                np.mean([key == most[template] for template, key, kind in copies if kind == edit] or [0])
            )
            for edit in EDITS
        }
        found[language] = (wanted, together, wrong, share)
    return found


def objects(made: list[Post]) -> dict[int, str]:
    """The object of each post that has one."""
    events = Text().events(table(made), open_engine()).events
    return {int(row["post"]): row["object"] for row in events.to_pylist()}


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--templates", type=int, default=40)
    options.add_argument("--copies", type=int, default=14)
    options.add_argument("--others", type=int, default=1000)
    options.add_argument("--words", type=int, nargs=2, default=(14, 19), help="least and most of a text")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    made = list(posts(given.templates, given.copies, given.others, given.seed, tuple(given.words)))
    print(f"| script | pairs | recall | precision | {' | '.join(EDITS)} |")
    print(f"| {' | '.join(['---'] * (4 + len(EDITS)))} |")
    for language, (wanted, together, wrong, share) in measured(made, objects(made)).items():
        kept = " | ".join(f"{share[edit]:.2f}" for edit in EDITS)
        precise = together / max(1, together + wrong)
        print(f"| {language} | {wanted:,} | {together / wanted:.3f} | {precise:.3f} | {kept} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
