"""Edited copies in words: the frame that all wordings share, and who is told about it."""

from __future__ import annotations

import pytest

from concerted.explaining.edits import frame, sentences


class Asked:
    """A context that gives these rows of evidence."""

    def __init__(self, *rows: tuple[str, str, str]) -> None:
        self.rows = [
            {"cluster": cluster, "trace": "text", "object": key, "text": text} for cluster, key, text in rows
        ]

    def ask(self, sql: str) -> list[dict[str, str]]:
        return self.rows


@pytest.mark.parametrize(
    ("wordings", "wanted"),
    [
        (["thank you anna for coming", "thank you boris for coming"], "thank you […] for coming"),
        (["we all want this now", "yes we all want this now please"], "[…] we all want this now […]"),
        (["a b c d e", "a x c d y", "a z c d q"], "a […] c d […]"),
        (["今日は東京で会いましょう", "今日は大阪で会いましょう"], "今日は[…]で会いましょう"),
        (["one two three", "four five six"], ""),
    ],
)
def test_a_frame_has_a_slot_where_wordings_differ(wordings: list[str], wanted: str) -> None:
    assert frame(wordings) == wanted
    assert frame(reversed(wordings)) == wanted


def test_long_frames_are_cut() -> None:
    long = [f"word {name} " + "and so on " * 40 for name in ("anna", "boris")]
    assert len(frame(long)) <= 160 and frame(long).endswith("…")


def test_only_real_differences_are_told() -> None:
    same = [("G1", "1", "Hello dear all of you"), ("G1", "1", "HELLO, dear all of you! https://e.org/x")]
    assert sentences(Asked(*same)) == {}  # type: ignore[arg-type]
    told = sentences(  # type: ignore[arg-type]
        Asked(
            *same,
            ("G1", "2", "thank you Anna for coming"),
            ("G1", "2", "thank you Boris for coming @somebody"),
            ("G1", "2", "thank you Carla for coming"),
            ("G2", "3", "we all want this now"),
            ("G2", "3", "we all want this today"),
            ("G2", "4", "and there it goes"),
            ("G2", "4", "and there he goes"),
            ("G2", "4", "and there she goes"),
        )
    )
    assert told == {
        "G1": [
            "One text came from them in 3 wordings, edited copies of one another, such as "
            "“thank you […] for coming”."
        ],
        "G2": [
            "2 texts came from them in 2 to 3 wordings each, edited copies of one another, such as "
            "“and there […] goes”."
        ],
    }
